#include "operators/builtin/change_bandit.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace treesmith {
namespace {

constexpr double kPriorWeight = 2;  // observations
constexpr double kGainLimit = 4;    // beyond it, a gain is simply large
constexpr double kBugGain = -1.5;
// No prediction is another one: the step is lost, and would be again.
constexpr double kIdleGain = -1.5;
// Of a doubling of the running time, in the arms' unit: half the budget is
// worth about as much as one small change.
constexpr double kDoublingPrice = 0.15;

// The run answers with an ensemble, so what that gains weighs more than what
// the node gains by itself.
constexpr double kEnsembleWeight = 2;

double InErrors(const PairedGain& gain) {
  if (gain.standard_error <= 0)
    return gain.mean > 0 ? 1 : gain.mean < 0 ? -1 : 0;
  return std::clamp(gain.mean / gain.standard_error, -kGainLimit, kGainLimit);
}

double GainOf(const Node& node) {
  if (node.buggy()) return kBugGain;
  if (!node.score || !node.score->over_parent) return 0;
  const PairedGain& gain = *node.score->over_parent;
  if (gain.mean == 0 && gain.standard_error == 0) return kIdleGain;
  const double own = InErrors(gain);
  if (!node.score->over_ensemble) return own;
  return (own + kEnsembleWeight * InErrors(*node.score->over_ensemble)) /
         (1 + kEnsembleWeight);
}

double Draw(const RecipeChange& change,
            const std::map<std::string, ArmRecord>& arms, Rng& rng) {
  ArmRecord record;
  if (const auto arm = arms.find(change.label); arm != arms.end()) {
    record = arm->second;
  }
  const double weight = kPriorWeight + static_cast<double>(record.tries);
  const double mean = (kPriorWeight * change.prior.gain + record.sum) / weight;
  return mean + rng.Normal() / std::sqrt(weight) -
         kDoublingPrice * std::log2(change.prior.cost);
}

}  // namespace

std::map<std::string, ArmRecord> ReadArms(const NodeSnapshot& nodes) {
  std::map<std::string, ArmRecord> arms;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    if (node.op != Operator::kImprove || node.change.empty() ||
        node.outcome.kind == OutcomeKind::kDuplicate) {
      continue;
    }
    ArmRecord& arm = arms[node.change];
    ++arm.tries;
    arm.sum += GainOf(node);
  }
  return arms;
}

std::vector<RecipeChange> OrderChanges(
    std::vector<RecipeChange> changes,
    const std::map<std::string, ArmRecord>& arms,
    const std::vector<std::string>& in_flight, Rng& rng) {
  std::vector<std::pair<double, size_t>> order;
  for (size_t i = 0; i < changes.size(); ++i) {
    double value = Draw(changes[i], arms, rng);
    if (std::ranges::find(in_flight, changes[i].label) != in_flight.end()) {
      value -= 100;
    }
    order.emplace_back(-value, i);
  }
  std::ranges::sort(order);
  std::vector<RecipeChange> sorted;
  sorted.reserve(order.size());
  for (const auto& [value, i] : order) sorted.push_back(std::move(changes[i]));
  return sorted;
}

}  // namespace treesmith
