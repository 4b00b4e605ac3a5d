#include "code/syntax_tree.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "base/check.h"
#include "code/layout.h"
#include "code/source_lines.h"

// Of third_party/tree-sitter-python.
extern "C" const TSLanguage* tree_sitter_python();

namespace treesmith {
namespace {

// libtree-sitter 0.20.7 corrupts its heap when one node gets 65,536 children
// ("(" or "# a" so many times), and every child is a token or holds one.
constexpr size_t kMostTokens = 60'000;
// Scripts take a millisecond a 15 kB; error recovery on rubbish is quadratic
// (10,000 lines of "\\": 3 s), and that is given up.
constexpr std::chrono::microseconds kMostTime = std::chrono::seconds(2);

struct Deleter {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};

class Cursor {
 public:
  explicit Cursor(const TSTree* tree)
      : cursor_(ts_tree_cursor_new(ts_tree_root_node(tree))) {}
  ~Cursor() { ts_tree_cursor_delete(&cursor_); }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  [[nodiscard]] SyntaxNode Node() const {
    const TSNode node = ts_tree_cursor_current_node(&cursor_);
    const char* field = ts_tree_cursor_current_field_name(&cursor_);
    SyntaxNode mine;
    mine.kind = ts_node_type(node);
    if (field != nullptr) mine.field = field;
    mine.begin = ts_node_start_byte(node);
    mine.end = ts_node_end_byte(node);
    mine.named = ts_node_is_named(node);
    mine.missing = ts_node_is_missing(node);
    mine.extra = ts_node_is_extra(node);
    return mine;
  }
  bool ToChild() { return ts_tree_cursor_goto_first_child(&cursor_); }
  bool ToSibling() { return ts_tree_cursor_goto_next_sibling(&cursor_); }
  bool ToParent() { return ts_tree_cursor_goto_parent(&cursor_); }

 private:
  TSTreeCursor cursor_;
};

// No fewer tokens than the parser can see in the source, whatever it is.
size_t TokenBound(std::string_view source) {
  size_t bound = 0;
  bool in_word = false;
  for (const char c : source) {
    const bool word = IsWord(c);
    if (c == '\n') {
      bound += 3;  // the line's end, an indentation, the end of another
    } else if (c == '\'' || c == '"') {
      bound += 2;  // a quote, and blank content
    } else if (c != ' ' && !(word && in_word)) {
      ++bound;
    }
    in_word = word;
  }
  return bound;
}

// The source with each statement on one line, at the same bytes. The grammar's
// scanner does not know that it is within brackets after an operator, and takes
// a line that is indented less for the end of a block; and after thousands of
// backslashes it is slow.
std::string OneLineStatements(std::string_view source) {
  std::string text(source);
  const Layout layout = ReadLayout(source);
  if (layout.problem) return text;
  for (const Layout::Span span : layout.joints) {
    const bool indents = span.begin == 0 || text[span.begin - 1] == '\n';
    if (text[span.begin] == '\\' && indents) continue;  // would move the line
    std::fill(text.begin() + span.begin, text.begin() + span.end, ' ');
  }
  return text;
}

// Sets the lines of nodes, which are in the order of the source.
void CountLines(std::string_view source, std::vector<SyntaxNode>& nodes) {
  uint32_t line = 1;
  size_t at = 0;
  for (SyntaxNode& node : nodes) {
    for (; at < node.begin; ++at) line += source[at] == '\n' ? 1 : 0;
    node.line = line;
  }
}

// All nodes below and with the root, without recursion.
std::vector<SyntaxNode> Flatten(const TSTree* tree) {
  std::vector<SyntaxNode> nodes;
  Cursor cursor(tree);
  nodes.push_back(cursor.Node());
  uint32_t at = 0;  // where the cursor is
  while (true) {
    if (cursor.ToChild()) {
      const uint32_t parent = at;
      at = static_cast<uint32_t>(nodes.size());
      nodes.push_back(cursor.Node());
      nodes[at].parent = parent;
      continue;
    }
    while (true) {
      nodes[at].next = static_cast<uint32_t>(nodes.size());
      const uint32_t parent = nodes[at].parent;
      if (cursor.ToSibling()) {
        at = static_cast<uint32_t>(nodes.size());
        nodes.push_back(cursor.Node());
        nodes[at].parent = parent;
        break;
      }
      if (!cursor.ToParent()) return nodes;
      at = parent;
    }
  }
}

}  // namespace

std::optional<SyntaxTree> SyntaxTree::Parse(std::string_view source) {
  if (TokenBound(source) > kMostTokens) return std::nullopt;
  const std::unique_ptr<TSParser, Deleter> parser(ts_parser_new());
  CHECK(ts_parser_set_language(parser.get(), tree_sitter_python()));
  ts_parser_set_timeout_micros(parser.get(),
                               static_cast<uint64_t>(kMostTime.count()));
  const std::string text = OneLineStatements(source);
  const std::unique_ptr<TSTree, Deleter> tree(ts_parser_parse_string(
      parser.get(), nullptr, text.data(), static_cast<uint32_t>(text.size())));
  if (tree == nullptr) return std::nullopt;
  SyntaxTree mine;
  mine.source_ = source;
  mine.has_error_ = ts_node_has_error(ts_tree_root_node(tree.get()));
  mine.nodes_ = Flatten(tree.get());
  CountLines(source, mine.nodes_);
  return mine;
}

std::vector<uint32_t> SyntaxTree::Children(uint32_t index) const {
  std::vector<uint32_t> children;
  for (uint32_t i = index + 1; i < nodes_[index].next; i = nodes_[i].next) {
    children.push_back(i);
  }
  return children;
}

std::optional<uint32_t> SyntaxTree::ChildByField(uint32_t index,
                                                 std::string_view field) const {
  for (uint32_t i = index + 1; i < nodes_[index].next; i = nodes_[i].next) {
    if (nodes_[i].field == field) return i;
  }
  return std::nullopt;
}

std::optional<uint32_t> SyntaxTree::ChildByKind(uint32_t index,
                                                std::string_view kind) const {
  for (uint32_t i = index + 1; i < nodes_[index].next; i = nodes_[i].next) {
    if (nodes_[i].kind == kind) return i;
  }
  return std::nullopt;
}

}  // namespace treesmith
