#include "code/own_code.h"

#include <algorithm>

#include "code/syntax_tree.h"

namespace treesmith {
namespace {

// Of a script too large to be parsed whole this much is.
constexpr size_t kHeadBytes = 64 << 10;

bool IsText(const SyntaxTree& tree, uint32_t statement) {
  if (tree.nodes()[statement].kind != "expression_statement") return false;
  return tree.ChildByKind(statement, "string").has_value() ||
         tree.ChildByKind(statement, "concatenated_string").has_value();
}

}  // namespace

size_t OwnCodeBegin(std::string_view script) {
  const auto tree = SyntaxTree::Parse(script.substr(0, kHeadBytes));
  if (!tree) return 0;
  size_t begin = 0;
  bool first = true;
  for (const uint32_t child : tree->Children(0)) {
    const SyntaxNode& node = tree->nodes()[child];
    if (node.extra) continue;
    const bool early = node.kind == "future_import_statement" ||
                       (first && IsText(*tree, child)) ||
                       (begin > 0 && node.kind == ";");
    if (!early) break;
    first = false;
    begin = node.end;
  }
  if (begin == 0) return 0;
  return std::min(script.find_first_not_of(" \t", begin), script.size());
}

}  // namespace treesmith
