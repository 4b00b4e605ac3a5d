#include "code/syntax_check.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "base/text.h"
#include "code/layout.h"
#include "code/source_lines.h"
#include "code/syntax_tree.h"

namespace treesmith {
namespace {

constexpr size_t kMostText = 100;

std::string LineText(std::string_view script, int line) {
  size_t at = 0;
  for (int i = 1; i < line && at < script.size(); ++i) {
    const size_t newline = script.find('\n', at);
    at = newline == std::string_view::npos ? script.size() : newline + 1;
  }
  const std::string_view text =
      Trimmed(script.substr(at, script.find('\n', at) - at));
  return std::string(text.substr(0, kMostText));
}

SyntaxProblem ProblemAt(const SyntaxTree& tree, uint32_t index,
                        std::string cause) {
  const auto line = static_cast<int>(tree.nodes()[index].line);
  return {line, std::move(cause), LineText(tree.source(), line)};
}

// Of an error that spans lines, its first part that is no whole statement; the
// error itself if there is none.
uint32_t FirstUnplaced(const SyntaxTree& tree, uint32_t error) {
  const std::vector<SyntaxNode>& nodes = tree.nodes();
  const std::string_view text = tree.Text(nodes[error]);
  if (text.find('\n') == std::string_view::npos) return error;
  for (const uint32_t child : tree.Children(error)) {
    const std::string_view kind = nodes[child].kind;
    const bool whole =
        kind.ends_with("_statement") || kind.ends_with("_definition");
    if (!nodes[child].extra && !whole) return child;
  }
  return error;
}

// The parser wraps all that it could not place in nodes; the smallest is
// nearest to what is wrong.
SyntaxProblem FirstError(const SyntaxTree& tree) {
  const std::vector<SyntaxNode>& nodes = tree.nodes();
  std::optional<uint32_t> found;
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].missing) {
      return ProblemAt(tree, i,
                       "expected '" + std::string(nodes[i].kind) + "'");
    }
    if (nodes[i].kind != "ERROR") continue;
    const auto size = [&](uint32_t j) { return nodes[j].end - nodes[j].begin; };
    if (!found || size(i) < size(*found)) found = i;
  }
  const uint32_t error = FirstUnplaced(tree, found.value_or(0));
  const std::string_view text = Trimmed(tree.Text(nodes[error]));
  const std::string_view first = text.substr(0, text.find('\n'));
  std::string cause = "invalid syntax";
  if (!first.empty() && first.size() < kMostText) {
    cause += " at '" + std::string(first) + "'";
  }
  return ProblemAt(tree, error, std::move(cause));
}

// What the grammar allows and Python's compiler does not.
class RuleChecker {
 public:
  explicit RuleChecker(const SyntaxTree& tree) : tree_(tree) {}

  std::optional<SyntaxProblem> Check() {
    const std::vector<SyntaxNode>& nodes = tree_.nodes();
    for (uint32_t i = 0; i < nodes.size(); ++i) {
      const std::string cause = nodes[i].named ? WhyWrong(i) : std::string();
      if (!cause.empty()) return ProblemAt(tree_, i, cause);
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::string WhyWrong(uint32_t i) const {
    const std::string_view kind = tree_.nodes()[i].kind;
    if (kind == "print_statement" || kind == "exec_statement") {
      const std::string name(kind.substr(0, kind.find('_')));
      return "missing parentheses in call to '" + name + "'";
    }
    if (kind == "return_statement" && !IsInFunction(i)) {
      return "'return' outside function";
    }
    if (kind == "break_statement" && !IsInLoop(i))
      return "'break' outside loop";
    if (kind == "continue_statement" && !IsInLoop(i)) {
      return "'continue' not properly in loop";
    }
    if (kind == "argument_list") return WhyWrongArguments(i);
    return {};
  }

  // The kind of the nearest node around `i` that is one of a function or
  // class, or, where they are asked for, a loop.
  [[nodiscard]] std::string_view Around(uint32_t i, bool loops) const {
    const std::vector<SyntaxNode>& nodes = tree_.nodes();
    while (i > 0) {
      const std::string_view field = nodes[i].field;
      i = nodes[i].parent;
      const std::string_view kind = nodes[i].kind;
      if (kind == "function_definition" || kind == "class_definition" ||
          kind == "lambda") {
        return kind;
      }
      const bool loop = kind == "for_statement" || kind == "while_statement";
      // An else clause is no longer in the loop.
      if (loops && loop && field == "body") return kind;
    }
    return {};
  }
  [[nodiscard]] bool IsInFunction(uint32_t i) const {
    return Around(i, false) == "function_definition";
  }
  [[nodiscard]] bool IsInLoop(uint32_t i) const {
    const std::string_view around = Around(i, true);
    return around == "for_statement" || around == "while_statement";
  }

  [[nodiscard]] std::string WhyWrongArguments(uint32_t i) const {
    const std::vector<SyntaxNode>& nodes = tree_.nodes();
    std::set<std::string_view> keywords;
    bool unpacked = false;
    for (const uint32_t child : tree_.Children(i)) {
      const std::string_view kind = nodes[child].kind;
      if (kind == "keyword_argument") {
        const auto name = tree_.ChildByField(child, "name");
        const std::string_view text = name ? tree_.Text(nodes[*name]) : "";
        if (!keywords.insert(text).second) {
          return "keyword argument repeated: " + std::string(text);
        }
      } else if (kind == "dictionary_splat") {
        unpacked = true;
      } else if (nodes[child].named && !nodes[child].extra &&
                 kind != "list_splat") {
        if (unpacked) {
          return "positional argument follows keyword argument unpacking";
        }
        if (!keywords.empty()) {
          return "positional argument follows keyword argument";
        }
      }
    }
    return {};
  }

  const SyntaxTree& tree_;
};

}  // namespace

std::optional<SyntaxProblem> CheckSyntax(std::string_view script) {
  if (auto layout = ReadLayout(script).problem) {
    std::string text = LineText(script, layout->line);
    return SyntaxProblem{layout->line, std::move(layout->cause),
                         std::move(text)};
  }
  const std::optional<SyntaxTree> tree = SyntaxTree::Parse(script);
  if (!tree) return std::nullopt;
  if (tree->has_error()) return FirstError(*tree);
  return RuleChecker(*tree).Check();
}

std::string Describe(const SyntaxProblem& problem) {
  std::string text = "line " + std::to_string(problem.line);
  text += ": " + problem.cause;
  if (!problem.text.empty()) text += ": `" + problem.text + "`";
  return text;
}

}  // namespace treesmith
