#include "search/racing.h"

#include <algorithm>
#include <cmath>

#include "score/bootstrap.h"

namespace treesmith {
namespace {

constexpr double kChanceAfterOneFold = 0.01;
constexpr double kChanceLater = 0.05;
constexpr double kSpreads = 2;

// What the mean over all folds may still move by: at least the noise of the
// rows seen, and what the folds not seen may differ.
double Uncertainty(const RaceState& state) {
  const double unseen = 1.0 / state.folds_done - 1.0 / state.folds;
  return std::max(state.gain.standard_error,
                  state.usual_spread * std::sqrt(unseen));
}

}  // namespace

RaceVerdict JudgeRace(const RaceState& state) {
  RaceVerdict verdict;
  if (state.folds_done == 0 || state.folds_done >= state.folds) return verdict;
  if (state.complete_nodes < kRaceRank) return verdict;
  verdict.chance = ChanceOfGain({state.gain.mean, Uncertainty(state)});
  if (state.best_of_family) return verdict;
  if (state.folds_done > 1) {
    verdict.stop = verdict.chance < kChanceLater;
    return verdict;
  }
  const bool clearly_worse = -state.gain.mean > kSpreads * state.usual_spread;
  verdict.stop = verdict.chance < kChanceAfterOneFold && clearly_worse;
  return verdict;
}

double UsualSpread(std::span<const std::vector<double>> differences) {
  double squares = 0;
  double freedom = 0;
  for (const std::vector<double>& pair : differences) {
    if (pair.size() < 2) continue;
    double mean = 0;
    for (const double value : pair) mean += value;
    mean /= static_cast<double>(pair.size());
    for (const double value : pair) squares += (value - mean) * (value - mean);
    freedom += static_cast<double>(pair.size() - 1);
  }
  return freedom > 0 ? std::sqrt(squares / freedom) : 0;
}

MetricValue PartialScore(const MetricValue& rival, const PairedGain& gain) {
  const double sign = rival.direction() == Direction::kMaximize ? 1 : -1;
  return {rival.value() + sign * gain.mean, rival.direction()};
}

}  // namespace treesmith
