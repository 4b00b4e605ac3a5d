#include "search/words.h"

#include <array>
#include <cstdio>

namespace treesmith {

std::string Short(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string Describe(const Tree& tree, NodeId id) {
  const Node& node = tree.at(id);
  std::string inside = node.family;
  if (node.score && node.score->value.present()) {
    inside += (inside.empty() ? "" : ", ") + Short(node.score->value.value());
  }
  return "node " + std::to_string(id.value) +
         (inside.empty() ? "" : " (" + inside + ")");
}

std::string Count(size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) +
         (count == 1 ? "" : "s");
}

}  // namespace treesmith
