#include "search/families.h"

#include <algorithm>
#include <utility>

#include "search/repairs.h"

namespace treesmith {
namespace {

// A try of 14 tries ago weighs half.
constexpr double kFade = 0.95;
constexpr size_t kLeaders = 3;

// A difference of two standard errors is taken as it is, a smaller one in
// proportion: what is within the noise has paid little.
double Certainty(const std::optional<PairedGain>& gain) {
  if (!gain || gain->standard_error <= 0) return 1;
  return std::clamp(gain->mean / (2 * gain->standard_error), 0.1, 1.0);
}

std::pair<NodeId, NodeId> Ordered(NodeId a, NodeId b) {
  return {std::min(a, b), std::max(a, b)};
}

}  // namespace

void Families::CatchUp(const Tree& tree) {
  for (; seen_ < tree.size(); ++seen_) {
    File(tree, tree.at(NodeId{static_cast<int64_t>(seen_)}));
  }
}

int Families::dead_ends(NodeId id) const {
  const auto found = dead_ends_.find(id);
  return found == dead_ends_.end() ? 0 : found->second;
}

bool Families::Crossed(NodeId a, NodeId b) const {
  return crossed_.contains(Ordered(a, b));
}

size_t Families::IndexOf(const std::string& name) {
  const auto [entry, is_new] = index_.emplace(name, families_.size());
  if (is_new) families_.emplace_back().name = name;
  return entry->second;
}

void Families::File(const Tree& tree, const Node& node) {
  if (node.op == Operator::kImprove) CountTry(tree, node);
  if (node.op == Operator::kCrossover && node.parents.size() == 2) {
    ++crossed_[Ordered(node.parents[0], node.parents[1])];
  }
  if (node.complete() && node.score->value.present()) {
    FileComplete(tree, node);
  }
}

void Families::CountTry(const Tree& tree, const Node& node) {
  const NodeId parent = node.parents.front();
  if (node.outcome.kind == OutcomeKind::kDuplicate) {
    ++dead_ends_[parent];
  } else {
    dead_ends_.erase(parent);
  }
  Family& family = families_[IndexOf(tree.at(parent).family)];
  const double paid = PaidBy(node, family);
  family.paid = family.paid * kFade + paid;
  family.tries = family.tries * kFade + 1;
  ++family.tries_ever;
  if (paid > 0) ++family.paid_ever;
}

double Families::PaidBy(const Node& node, const Family& family) const {
  if (!node.complete() || !node.score->value.present()) return 0;
  const NodeScore& score = *node.score;
  if (!best_ || score.value.BetterThan(*best_)) {
    return Certainty(score.over_best);
  }
  if (!family.best || score.value.BetterThan(*family.best)) {
    return 0.5 * Certainty(score.over_parent);
  }
  return 0;
}

void Families::FileComplete(const Tree& tree, const Node& node) {
  const MetricValue& value = node.score->value;
  if (!best_ || value.BetterThan(*best_)) best_ = value;
  Family& family = families_[IndexOf(node.family)];
  if (!family.best || value.BetterThan(*family.best)) family.best = value;
  if (node.nominal_cost > 0) {
    family.cost = family.cost == 0
                      ? node.nominal_cost
                      : family.cost + (node.nominal_cost - family.cost) / 4;
  }
  const auto place = std::ranges::find_if(family.leaders, [&](NodeId other) {
    return value.BetterThan(tree.at(other).score->value);
  });
  const bool full = family.leaders.size() == kLeaders;
  if (full && place == family.leaders.end()) return;
  if (!Accepts(settings_, Operator::kImprove, {node.id})) return;
  family.leaders.insert(place, node.id);
  if (full) family.leaders.pop_back();
}

}  // namespace treesmith
