// How much of a score, and of a difference of two, is chance.
//
// The units of the split (rows, groups, days, series) are drawn again with
// replacement, the same draws for every node of a run: a node keeps its
// replicates, and the noise of a difference between two nodes is that of the
// difference of their replicates, whatever rows have in common. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "base/result.h"
#include "base/rng.h"
#include "model/score.h"
#include "score/metric.h"

namespace treesmith {

// The draws of a run. Many units are put together at random in blocks that are
// drawn as one: the error keeps its size (to 1 / sqrt(2 blocks) of it), and the
// cost of a draw no longer grows with the data.
class BootstrapPlan {
 public:
  static constexpr uint32_t kMaxBlocks = 4096;
  // Enough for a standard error within 5 %.
  static constexpr int kResamples = 200;

  // REQUIRES: units > 0, resamples > 1
  BootstrapPlan(uint32_t units, Rng& rng, int resamples = kResamples);

  [[nodiscard]] int resamples() const { return resamples_; }
  [[nodiscard]] uint32_t blocks() const { return blocks_; }
  // REQUIRES: unit < units
  [[nodiscard]] uint16_t BlockOf(uint32_t unit) const {
    CHECK(unit < block_of_.size());
    return block_of_[unit];
  }
  // How often each block was drawn.
  [[nodiscard]] std::span<const uint8_t> Draw(int resample) const {
    return std::span(draws_).subspan(static_cast<size_t>(resample) * blocks_,
                                     blocks_);
  }

  // The plan that draws, once each, the blocks that this one leaves out.
  [[nodiscard]] BootstrapPlan LeftOut() const;

 private:
  int resamples_;
  uint32_t blocks_;
  std::vector<uint16_t> block_of_;
  std::vector<uint8_t> draws_;  // resamples x blocks
};

// The hidden rows that a node was scored on, borrowed.
struct HiddenRows {
  const Truth& truth;
  // The fold of each row, from 0; empty: all are one fold.
  std::span<const int> folds = {};
  // The unit of each row in the plan; empty: the row's place.
  std::span<const uint32_t> units = {};
};

// By row: whether its unit is hidden in several folds, as days of periods that
// overlap are. What is fitted without one of those folds must not learn from
// it. Empty where there is no such row.
std::vector<uint8_t> InSeveralFolds(const HiddenRows& rows);

struct FoldedScore {
  // Pooled or the mean over folds, as the metric wants (design 5.3). A fold
  // whose truth allows no score (one class for AUC) does not count.
  double value = 0;
  // By fold, NaN where there is none.
  std::vector<double> fold_values;
};

// BadInput: the prediction is impossible, or no fold has a score.
Result<FoldedScore> ScoreFolds(const Metric& metric, const HiddenRows& rows,
                               PredictionView prediction);

// The score of each draw of the plan, NaN where it has none. An unknown unit is
// our mistake.
Result<std::vector<double>> Replicates(const Metric& metric,
                                       const HiddenRows& rows,
                                       PredictionView prediction,
                                       const BootstrapPlan& plan);

// The standard deviation of replicates, over those that are finite; 0 for fewer
// than two.
double StandardError(std::span<const double> replicates);

// How much better `value` is than `other`, with its noise. REQUIRES: replicates
// of the same plan on the same rows.
PairedGain GainBetween(Direction direction, double value,
                       std::span<const double> replicates, double other,
                       std::span<const double> other_replicates);

// Chance that the true gain is positive, taking it for normal; without noise 0,
// 0.5 or 1.
double ChanceOfGain(const PairedGain& gain);

}  // namespace treesmith
