#include "search/selection.h"

#include "base/check.h"
#include "score/bootstrap.h"

namespace treesmith {
namespace {

constexpr double kTiedErrors = 0.25;

size_t BestScore(Direction direction,
                 std::span<const SelectionCandidate> candidates) {
  size_t best = 0;
  for (size_t i = 1; i < candidates.size(); ++i) {
    const MetricValue value(candidates[i].value, direction);
    if (value.BetterThan({candidates[best].value, direction})) best = i;
  }
  return best;
}

// The cheapest whose loss against `best` is under `errors` of its error.
size_t CheapestWithin(Direction direction,
                      std::span<const SelectionCandidate> candidates,
                      size_t best, double errors) {
  size_t chosen = best;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].cost >= candidates[chosen].cost) continue;
    const PairedGain loss = GainBetween(
        direction, candidates[best].value, candidates[best].replicates,
        candidates[i].value, candidates[i].replicates);
    if (loss.mean <= errors * loss.standard_error) chosen = i;
  }
  return chosen;
}

}  // namespace

size_t SelectSingle(SelectRule rule, Direction direction,
                    std::span<const SelectionCandidate> candidates) {
  CHECK(!candidates.empty());
  const size_t best = BestScore(direction, candidates);
  if (rule == SelectRule::kMax) return best;
  const double errors =
      rule == SelectRule::kOneStandardError ? 1.0 : kTiedErrors;
  return CheapestWithin(direction, candidates, best, errors);
}

}  // namespace treesmith
