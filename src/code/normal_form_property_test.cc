// The normal form under changes made at random to real scripts: what does not
// matter leaves it equal, what matters does not.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "code/layout.h"
#include "code/normal_form.h"
#include "code/syntax_tree.h"
#include "testing/edits/read_scripts.h"

namespace treesmith {
namespace {

constexpr uint64_t kRounds = 150;

// A script, parsed, and one place of it after the other replaced.
class Changed {
 public:
  explicit Changed(const std::string& script)
      : script_(script), tree_(*SyntaxTree::Parse(script_)) {}

  [[nodiscard]] const SyntaxTree& tree() const { return tree_; }
  [[nodiscard]] std::string_view Text(uint32_t node) const {
    return tree_.Text(tree_.nodes()[node]);
  }
  // Nodes that `wanted` holds for.
  [[nodiscard]] std::vector<uint32_t> Nodes(auto wanted) const {
    std::vector<uint32_t> found;
    for (uint32_t i = 0; i < tree_.nodes().size(); ++i) {
      if (wanted(i, tree_.nodes()[i])) found.push_back(i);
    }
    return found;
  }
  // All of `nodes` read `text` instead.
  [[nodiscard]] std::string With(const std::vector<uint32_t>& nodes,
                                 std::string_view text) const {
    std::string result = script_;
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
      const SyntaxNode& at = tree_.nodes()[*node];
      result.replace(at.begin, at.end - at.begin, text);
    }
    return result;
  }
  [[nodiscard]] bool IsInDocstring(uint32_t node) const {
    while (node != 0 && tree_.nodes()[node].kind != "string") {
      node = tree_.nodes()[node].parent;
    }
    const uint32_t above = tree_.nodes()[node].parent;
    return node != 0 && tree_.nodes()[above].kind == "expression_statement";
  }
  // The names of a function's own that may be called anything: assigned there,
  // no parameter or keyword of anything, and in no string.
  [[nodiscard]] std::vector<std::string> LocalsOf(uint32_t function) const {
    std::set<std::string> names;
    std::set<std::string> spoken;
    const std::vector<SyntaxNode>& nodes = tree_.nodes();
    for (uint32_t i = 0; i < nodes.size(); ++i) {
      const SyntaxNode& parent = nodes[nodes[i].parent];
      const std::string text(Text(i));
      const bool parameter = parent.kind.ends_with("parameters") ||
                             parent.kind.ends_with("parameter");
      const bool keyword =
          parent.kind == "keyword_argument" && nodes[i].field == "name";
      if (parameter || keyword || nodes[i].kind == "string_content") {
        spoken.insert(text);
      }
      const bool inside = i > function && i < nodes[function].next;
      if (inside && parent.kind == "assignment" && nodes[i].field == "left" &&
          nodes[i].kind == "identifier") {
        names.insert(text);
      }
    }
    std::vector<std::string> locals;
    std::ranges::set_difference(names, spoken, std::back_inserter(locals));
    return locals;
  }

 private:
  std::string script_;
  SyntaxTree tree_;
};

template <typename Value>
const Value& Pick(const std::vector<Value>& values, Rng& rng) {
  return values[rng.Below(values.size())];
}

// Words by which a script may look up names: it is not renamed then.
bool LooksUpNames(const std::string& script) {
  return std::ranges::any_of(
      std::to_array<std::string_view>({"query", "eval", "locals", "globals",
                                       "vars", "exec", "dir", "modules"}),
      [&](std::string_view word) { return script.contains(word); });
}

TEST(NormalFormPropertyTest, LocalsMayBeCalledAnything) {
  const std::vector<std::string> scripts =
      RepositoryScripts(TREESMITH_SOURCE_DIR);
  int renamed = 0;
  for (uint64_t round = 0; round < kRounds; ++round) {
    Rng rng(5, round, "rename");
    const std::string& script = Pick(scripts, rng);
    const Changed changed(script);
    const auto functions = changed.Nodes([](uint32_t, const SyntaxNode& node) {
      return node.named && node.kind == "function_definition";
    });
    if (functions.empty() || LooksUpNames(script)) continue;
    const uint32_t function = Pick(functions, rng);
    const std::vector<std::string> locals = changed.LocalsOf(function);
    if (locals.empty()) continue;
    const std::string& name = Pick(locals, rng);
    const uint32_t end = changed.tree().nodes()[function].next;
    const std::string result =
        changed.With(changed.Nodes([&](uint32_t i, const SyntaxNode& node) {
          const bool attribute = node.field == "attribute";
          return i > function && i < end && node.kind == "identifier" &&
                 !attribute && changed.Text(i) == name;
        }),
                     "fresh_" + std::to_string(rng.Below(1000)));
    ASSERT_NE(result, script);
    EXPECT_EQ(NormalForm(result), NormalForm(script)) << name << " in\n"
                                                      << result;
    ++renamed;
  }
  EXPECT_GT(renamed, 50);
}

// Comments, blank lines and trailing space after a line that ends a statement,
// and more lines between brackets.
std::string Reformatted(const std::string& script, Rng& rng) {
  const Layout layout = ReadLayout(script);
  const Changed changed(script);
  std::set<size_t> closed;  // offsets of line ends within strings
  for (const uint32_t i : changed.Nodes([](uint32_t, const SyntaxNode& node) {
         return node.kind == "string";
       })) {
    const SyntaxNode& node = changed.tree().nodes()[i];
    for (size_t at = node.begin; at < node.end; ++at) closed.insert(at);
  }
  std::string result;
  for (size_t at = 0; at < script.size(); ++at) {
    const bool ends_line = script[at] == '\n' && !closed.contains(at);
    const bool joined =
        ends_line && std::ranges::any_of(layout.joints, [&](const auto& joint) {
          return at >= joint.begin && at < joint.end;
        });
    const bool continued = at > 0 && script[at - 1] == '\\';
    if (ends_line && !continued && rng.Below(4) == 0) {
      result += rng.Below(2) == 0 ? "  # a remark" : "   ";
    }
    result += script[at];
    if (ends_line && !joined && !continued && rng.Below(6) == 0) {
      result += rng.Below(2) == 0 ? "\n" : "# why it is so\n\n";
    }
    // A comma between brackets may end its line.
    if (script[at] == '(' && !closed.contains(at) && rng.Below(5) == 0) {
      result += "\n        ";
    }
  }
  return result;
}

TEST(NormalFormPropertyTest, LayoutAndCommentsDoNotCount) {
  const std::vector<std::string> scripts =
      RepositoryScripts(TREESMITH_SOURCE_DIR);
  for (uint64_t round = 0; round < kRounds; ++round) {
    Rng rng(6, round, "layout");
    const std::string& script = Pick(scripts, rng);
    const std::string result = Reformatted(script, rng);
    EXPECT_NE(result, script);
    EXPECT_EQ(NormalForm(result), NormalForm(script)) << result;
  }
}

// One literal, operator, call or keyword reads otherwise; nothing where luck
// found none.
std::optional<std::string> Altered(const std::string& script, Rng& rng) {
  const Changed changed(script);
  const auto& nodes = changed.tree().nodes();
  const uint64_t what = rng.Below(4);
  const auto places = changed.Nodes([&](uint32_t i, const SyntaxNode& node) {
    const std::string_view above = nodes[node.parent].kind;
    switch (what) {
      case 0:
        return node.kind == "integer" || node.kind == "float";
      case 1:
        return node.kind == "string_content" && !changed.IsInDocstring(i);
      case 2:
        return !node.named &&
               (above == "binary_operator" || above == "comparison_operator") &&
               (node.kind == "+" || node.kind == "*" || node.kind == "-" ||
                node.kind == "/" || node.kind == "<" || node.kind == ">");
      default:
        return node.kind == "identifier" && node.field == "attribute";
    }
  });
  if (places.empty()) return std::nullopt;
  const uint32_t place = Pick(places, rng);
  const std::string before(changed.Text(place));
  std::string after;
  if (what == 0) {
    after = "7" + before;
  } else if (what == 2) {
    after = before == "+" ? "-" : before == "<" ? "<=" : "+";
    if (before == ">") after = ">=";
  } else {
    after = before + "x";
  }
  return changed.With({place}, after);
}

TEST(NormalFormPropertyTest, LiteralsOperatorsAndCallsCount) {
  const std::vector<std::string> scripts =
      RepositoryScripts(TREESMITH_SOURCE_DIR);
  int altered = 0;
  for (uint64_t round = 0; round < 2 * kRounds; ++round) {
    Rng rng(7, round, "alter");
    const std::string& script = Pick(scripts, rng);
    const std::optional<std::string> result = Altered(script, rng);
    if (!result) continue;
    EXPECT_NE(NormalForm(*result), NormalForm(script)) << *result;
    ++altered;
  }
  EXPECT_GT(altered, 200);
}

}  // namespace
}  // namespace treesmith
