#include "search/bbc.h"

#include <cmath>
#include <optional>

namespace treesmith {
namespace {

struct Scored {
  double value = 0;
  std::vector<double> drawn;  // on what each draw drew
  std::vector<double> left;   // on what it left out
};

Result<std::vector<Scored>> ScoreAll(const Metric& metric,
                                     const HiddenRows& rows,
                                     std::span<const PredictionView> candidates,
                                     const BootstrapPlan& plan) {
  const BootstrapPlan left_out = plan.LeftOut();
  std::vector<Scored> all;
  for (const PredictionView& candidate : candidates) {
    Scored scored;
    TRY_ASSIGN(const FoldedScore score, ScoreFolds(metric, rows, candidate));
    scored.value = score.value;
    TRY_ASSIGN(scored.drawn, Replicates(metric, rows, candidate, plan));
    TRY_ASSIGN(scored.left, Replicates(metric, rows, candidate, left_out));
    all.push_back(std::move(scored));
  }
  return all;
}

// The candidate with the best number; none where all are absent.
template <typename NumberOf>
std::optional<size_t> BestBy(const std::vector<Scored>& all,
                             Direction direction, NumberOf number_of) {
  std::optional<size_t> best;
  MetricValue best_value = MetricValue::Absent(direction);
  for (size_t i = 0; i < all.size(); ++i) {
    const MetricValue value(number_of(all[i]), direction);
    if (!value.BetterThan(best_value)) continue;
    best = i;
    best_value = value;
  }
  return best;
}

}  // namespace

Result<BbcEstimate> EstimateSelection(
    const Metric& metric, const HiddenRows& rows,
    std::span<const PredictionView> candidates, const BootstrapPlan& plan) {
  TRY_ASSIGN(const std::vector<Scored> all,
             ScoreAll(metric, rows, candidates, plan));
  const Direction direction = metric.direction();
  const std::optional<size_t> winner =
      BestBy(all, direction, [](const Scored& s) { return s.value; });
  if (!winner) return BadInput("estimate selection: nothing has a score");
  // Against the winner on the same draws: what they have in common, the chance
  // of 200 draws and a metric's bias on few rows, falls out.
  double lost = 0;
  double count = 0;
  for (size_t b = 0; b < static_cast<size_t>(plan.resamples()); ++b) {
    const std::optional<size_t> pick =
        BestBy(all, direction, [b](const Scored& s) { return s.drawn[b]; });
    if (!pick) continue;
    const double difference = all[*pick].left[b] - all[*winner].left[b];
    if (!std::isfinite(difference)) continue;
    lost += difference;
    count += 1;
  }
  if (count == 0) {
    return BadInput("estimate selection: too few units to draw from");
  }
  return BbcEstimate{all[*winner].value + lost / count,
                     StandardError(all[*winner].drawn), all[*winner].value};
}

}  // namespace treesmith
