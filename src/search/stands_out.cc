#include "search/stands_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace treesmith {
namespace {

constexpr size_t kFewestOthers = 5;
constexpr double kNoise = 10;
constexpr double kErrorLeft = 1.0 / 3;

const Node* BestOther(const Tree& tree, const std::set<NodeId>& left_out) {
  const Node* best = nullptr;
  size_t others = 0;
  for (const NodeId id : tree.complete()) {
    if (left_out.contains(id)) continue;
    ++others;
    const Node& node = tree.at(id);
    if (best == nullptr || node.score->value.BetterThan(best->score->value)) {
      best = &node;
    }
  }
  return others < kFewestOthers ? nullptr : best;
}

double Square(double value) { return std::isfinite(value) ? value * value : 0; }

}  // namespace

std::optional<Check> StandsOut(const Tree& tree, const NodeScore& score,
                               double ideal, const std::set<NodeId>& left_out) {
  const Node* other = BestOther(tree, left_out);
  if (other == nullptr || !score.value.present()) return std::nullopt;
  const double left = std::abs(score.value.value() - ideal);
  const double others = std::abs(other->score->value.value() - ideal);
  const double noise = std::sqrt(Square(score.standard_error) +
                                 Square(other->score->standard_error));
  if (!score.value.BetterThan(other->score->value) ||
      left >= kErrorLeft * others || others - left <= kNoise * noise) {
    return std::nullopt;
  }
  return Check{
      "too-good", CheckVerdict::kSuspect,
      fmt::format(
          "it leaves {:.2g} % of the error of the best other node ({}), "
          "{:.0f} times the noise of the difference: look at what it "
          "uses that the others do not",
          100 * left / others, other->id.value,
          noise > 0 ? (others - left) / noise : HUGE_VAL)};
}

std::set<NodeId> WithDescendants(const Tree& tree, NodeId node) {
  std::set<NodeId> all = {node};
  // Children come after their parents.
  const NodeSnapshot nodes = tree.Nodes();
  for (size_t i = node.index() + 1; i < nodes.size(); ++i) {
    const Node& later = nodes[i];
    if (std::ranges::any_of(later.parents, [&](NodeId parent) {
          return all.contains(parent);
        })) {
      all.insert(later.id);
    }
  }
  return all;
}

}  // namespace treesmith
