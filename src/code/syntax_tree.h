// A script as Python's grammar sees it (tree-sitter): every node, flat.
//
// Parsing never fails: what is no Python becomes nodes of kind "ERROR", and
// what must be there and is not becomes nodes that are `missing`. The grammar
// is a little wider than Python's (it knows print statements, say), so a tree
// without errors is no proof that Python takes the script.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace treesmith {

struct SyntaxNode {
  std::string_view kind;   // the grammar's name, such as "call" or "("
  std::string_view field;  // what it is to its parent, such as "left"; or ""
  uint32_t begin = 0;      // bytes of the source
  uint32_t end = 0;
  uint32_t line = 0;    // of `begin`, from 1
  uint32_t parent = 0;  // its index; the root is its own
  uint32_t next = 0;    // the index after the last node below this one
  bool named = false;   // false for what is spelled out in the grammar
  bool missing = false;
  bool extra = false;  // comments; those within brackets are left out
};

class SyntaxTree {
 public:
  // Nothing if the source cannot be parsed within bounds: more than about
  // 60,000 tokens (140 kB of ordinary code), or rubbish that takes more than
  // two seconds. The source must outlive the tree. Any thread.
  static std::optional<SyntaxTree> Parse(std::string_view source);

  // In the order of the source, each before what is below it. Never empty.
  [[nodiscard]] const std::vector<SyntaxNode>& nodes() const { return nodes_; }
  [[nodiscard]] std::string_view source() const { return source_; }
  [[nodiscard]] std::string_view Text(const SyntaxNode& node) const {
    return source_.substr(node.begin, node.end - node.begin);
  }
  // True if a node is an error or missing.
  [[nodiscard]] bool has_error() const { return has_error_; }

  // The children of node `index`, as indexes.
  [[nodiscard]] std::vector<uint32_t> Children(uint32_t index) const;
  // The first child with this field or kind; nothing if there is none.
  [[nodiscard]] std::optional<uint32_t> ChildByField(
      uint32_t index, std::string_view field) const;
  [[nodiscard]] std::optional<uint32_t> ChildByKind(
      uint32_t index, std::string_view kind) const;

 private:
  SyntaxTree() = default;

  std::string_view source_;
  std::vector<SyntaxNode> nodes_;
  bool has_error_ = false;
};

}  // namespace treesmith
