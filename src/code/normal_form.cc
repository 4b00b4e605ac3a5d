#include "code/normal_form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "code/name_table.h"
#include "code/syntax_tree.h"

namespace treesmith {
namespace {

using Kind = std::string_view;

// Lists whose kind and elements say all: brackets, commas and a comma after
// the last element are layout.
constexpr std::array kLists = {Kind("argument_list"),
                               Kind("parameters"),
                               Kind("lambda_parameters"),
                               Kind("list"),
                               Kind("dictionary"),
                               Kind("set"),
                               Kind("tuple"),
                               Kind("expression_list"),
                               Kind("pattern_list"),
                               Kind("tuple_pattern"),
                               Kind("list_pattern"),
                               Kind("import_from_statement"),
                               Kind("with_clause")};

bool IsOneOf(std::string_view text, const auto& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// One name for what is written in two ways.
std::string_view CanonicalKind(std::string_view kind) {
  if (kind == "expression_list") return "tuple";
  if (kind == "tuple_pattern" || kind == "list_pattern") return "pattern_list";
  return kind;
}

// The value of a number, not its notation: 1_000 is 1000, .5 is 0.50.
std::string CanonicalNumber(std::string_view text) {
  std::string number;
  number.reserve(text.size());
  for (const char c : text) {
    if (c == '_') continue;
    number += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  double value = 0;
  const bool real = number.find_first_of(".e") != std::string::npos &&
                    !number.starts_with("0x");
  const char* end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, value);
  if (!real || read.ec != std::errc() || read.ptr != end) return number;
  std::array<char, 32> shortest{};
  const auto written =
      std::to_chars(shortest.data(), shortest.data() + shortest.size(), value);
  // A letter that no integer has: 1e3 is not 1000 to Python.
  return 'r' + std::string(shortest.data(), written.ptr);
}

class Writer {
 public:
  explicit Writer(const SyntaxTree& tree)
      : tree_(tree), nodes_(tree.nodes()), names_(tree) {
    keeps_docstrings_ = tree.source().find("__doc__") != std::string_view::npos;
  }

  std::string Write() {
    std::vector<uint32_t> open;  // nodes whose ")" is due, innermost last
    for (uint32_t i = 0; i < nodes_.size();) {
      while (!open.empty() && nodes_[open.back()].next <= i) {
        open.pop_back();
        form_ += ')';
      }
      i = Enter(i, open);
    }
    form_.append(open.size(), ')');
    return std::move(form_);
  }

 private:
  // Writes what opens node `i`; the node to go on with.
  uint32_t Enter(uint32_t i, std::vector<uint32_t>& open) {
    const SyntaxNode& node = nodes_[i];
    if (IsLayout(i)) return node.next;
    if (node.kind == "parenthesized_expression") return i + 1;
    if (node.kind == "aliased_import") return i + 1;
    if (node.kind == "identifier") return WriteName(i);
    if (node.kind == "dotted_name") return WriteDottedName(i);
    if (node.kind == "integer" || node.kind == "float") {
      form_ += ' ' + CanonicalNumber(tree_.Text(node));
      return node.next;
    }
    if (node.kind == "concatenated_string" && WriteJoined(i)) return node.next;
    if (node.kind == "string_start") return WritePrefix(node);
    if (node.kind == "string_content") return WriteContent(tree_.Text(node), i);
    if (node.next == i + 1) {  // a leaf
      form_ += ' ';
      form_ += tree_.Text(node);
      return node.next;
    }
    form_ += '(';
    form_ += CanonicalKind(node.kind);
    if (node.kind == "format_specifier") WriteSpecifier(i);
    open.push_back(i);
    return i + 1;
  }

  [[nodiscard]] bool IsLayout(uint32_t i) const {
    const SyntaxNode& node = nodes_[i];
    if (node.extra || node.kind == "pass_statement") return true;
    const SyntaxNode& parent = nodes_[node.parent];
    if (!node.named) {
      if (node.kind == ";" || node.kind == "string_end") return true;
      const bool bracket = node.kind == "," || node.kind == "(" ||
                           node.kind == ")" || node.kind == "[" ||
                           node.kind == "]" || node.kind == "{" ||
                           node.kind == "}";
      return bracket && (IsOneOf(parent.kind, kLists) ||
                         parent.kind == "parenthesized_expression");
    }
    if (node.kind == "string_end") return true;
    return node.kind == "expression_statement" && IsDocstring(i);
  }

  // A string that stands as a statement; it does nothing.
  [[nodiscard]] bool IsDocstring(uint32_t i) const {
    const uint32_t string = i + 1;
    if (keeps_docstrings_ || nodes_[string].next != nodes_[i].next) {
      return false;
    }
    if (nodes_[string].kind != "string") return false;
    for (uint32_t j = string; j < nodes_[string].next; ++j) {
      if (nodes_[j].kind == "interpolation") return false;
    }
    return true;
  }

  // True if the identifier is a variable, not an attribute or a keyword.
  [[nodiscard]] bool IsVariable(uint32_t i) const {
    const SyntaxNode& node = nodes_[i];
    const SyntaxNode& parent = nodes_[node.parent];
    if (parent.kind == "attribute") return node.field != "attribute";
    return parent.kind != "keyword_argument" || node.field != "name";
  }

  uint32_t WriteName(uint32_t i) {
    const SyntaxNode& node = nodes_[i];
    form_ += ' ';
    const std::optional<uint32_t> binding =
        IsVariable(i) ? names_.BindingOf(i) : std::nullopt;
    if (!binding) {
      form_ += tree_.Text(node);
    } else {
      WriteNumber(*binding);
    }
    return node.next;
  }

  // A module or what is imported of one. Without an alias it binds itself, if
  // it is one name: "import numpy" is "import numpy as numpy".
  uint32_t WriteDottedName(uint32_t i) {
    const SyntaxNode& node = nodes_[i];
    form_ += ' ';
    for (uint32_t part = i + 1; part < node.next; ++part) {
      form_ += tree_.Text(nodes_[part]);
    }
    const bool binds = node.field == "name" && node.next == i + 2 &&
                       nodes_[node.parent].kind != "aliased_import";
    if (binds) {
      form_ += " as";
      WriteName(i + 1);
    }
    return node.next;
  }

  // Bindings are counted as they appear.
  void WriteNumber(uint32_t binding) {
    const auto next = static_cast<uint32_t>(numbers_.size());
    const uint32_t number = numbers_.emplace(binding, next).first->second;
    form_ += '$';
    form_ += std::to_string(number);
  }

  // Whatever quotes it has: a string is its prefix and its content.
  uint32_t WritePrefix(const SyntaxNode& node) {
    std::string prefix;
    for (const char c : tree_.Text(node)) {
      if (c == '\'' || c == '"') break;
      const char lower =
          c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      if (lower != 'u') prefix += lower;
    }
    std::sort(prefix.begin(), prefix.end());
    form_ += " '" + prefix;
    return node.next;
  }

  uint32_t WriteContent(std::string_view text, uint32_t i) {
    form_ += ' ' + std::to_string(text.size()) + ':';
    form_ += text;
    return nodes_[i].next;
  }

  // What stands between the expressions of a specifier such as ">{width}.3f"
  // is no node of the tree.
  void WriteSpecifier(uint32_t i) {
    std::string text;
    uint32_t at = nodes_[i].begin;
    for (const uint32_t child : tree_.Children(i)) {
      text += tree_.source().substr(at, nodes_[child].begin - at);
      text += "{}";
      at = nodes_[child].end;
    }
    text += tree_.source().substr(at, nodes_[i].end - at);
    WriteContent(text, i);
  }

  // "'a' 'b'" is "'ab'" where nothing but plain strings is joined.
  bool WriteJoined(uint32_t i) {
    std::string joined;
    for (const uint32_t string : tree_.Children(i)) {
      if (nodes_[string].extra) continue;
      const std::vector<uint32_t> parts = tree_.Children(string);
      if (parts.empty() || nodes_[parts[0]].kind != "string_start") {
        return false;
      }
      if (tree_.Text(nodes_[parts[0]]).find_first_not_of("'\"") !=
          std::string_view::npos) {
        return false;
      }
      for (const uint32_t part : parts) {
        if (nodes_[part].kind == "string_content") {
          joined += tree_.Text(nodes_[part]);
        }
      }
    }
    // An escape could end in one string and mean another thing in the next.
    if (joined.find('\\') != std::string::npos) return false;
    form_ += "(string '";
    if (!joined.empty()) WriteContent(joined, i);
    form_ += ')';
    return true;
  }

  const SyntaxTree& tree_;
  const std::vector<SyntaxNode>& nodes_;
  NameTable names_;
  bool keeps_docstrings_ = false;
  std::unordered_map<uint32_t, uint32_t> numbers_;
  std::string form_;
};

}  // namespace

std::string NormalForm(std::string_view script) {
  const std::optional<SyntaxTree> tree = SyntaxTree::Parse(script);
  if (!tree || tree->has_error()) return std::string(script);
  return Writer(*tree).Write();
}

Hash128 NormalHash(std::string_view script) {
  return HashBytes(NormalForm(script));
}

}  // namespace treesmith
