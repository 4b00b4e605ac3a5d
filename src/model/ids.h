// Ids are types, so that a step's number cannot pass for a node's.
#pragma once

#include <compare>
#include <cstdint>

namespace treesmith {

template <typename Tag>
struct Id {
  int64_t value = -1;
  auto operator<=>(const Id&) const = default;
  [[nodiscard]] bool valid() const { return value >= 0; }
  [[nodiscard]] size_t index() const { return static_cast<size_t>(value); }
};

// Position of a node in its tree: 0, 1, 2 ... in the order they were added.
using NodeId = Id<struct NodeTag>;
// Position of an expansion: 0, 1, 2 ... in the order they were proposed. Each
// step ends as exactly one node, but with several workers in another order.
using StepId = Id<struct StepTag>;

}  // namespace treesmith
