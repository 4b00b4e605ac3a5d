#include "score/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/check.h"
#include "score/metric_row.h"
#include "score/rank_metrics.h"

namespace treesmith {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Beyond this many sums a block (some hundred classes), weighting rows is
// cheaper than weighting blocks.
constexpr size_t kMaxWidth = 512;

// Metrics that must sort for every draw see about this many rows; their
// deviations are scaled to the whole.
constexpr double kSortedRows = 8000;
constexpr uint32_t kMinSortedBlocks = 64;

int FoldCount(std::span<const int> folds) {
  return folds.empty() ? 1 : 1 + *std::ranges::max_element(folds);
}

// The rows of one fold, copied out.
struct FoldData {
  Truth truth;
  std::vector<float> prediction;
  int prediction_columns = 1;
  std::vector<uint16_t> blocks;

  [[nodiscard]] MetricInput Input(double parameter) const {
    return {truth, {prediction, prediction_columns}, parameter};
  }
};

class Splitter {
 public:
  Splitter(const HiddenRows& rows, PredictionView prediction)
      : rows_(rows), prediction_(prediction) {}

  // With the block of each row, where there is a plan.
  [[nodiscard]] FoldData Fold(int fold, const BootstrapPlan* plan) const {
    FoldData data;
    data.truth.columns = rows_.truth.columns;
    data.truth.classes = rows_.truth.classes;
    data.prediction_columns = prediction_.columns;
    for (size_t row = 0; row < rows_.truth.rows(); ++row) {
      if (!rows_.folds.empty() && rows_.folds[row] != fold) continue;
      Append(row, data);
      if (plan != nullptr) data.blocks.push_back(plan->BlockOf(UnitOf(row)));
    }
    return data;
  }

 private:
  [[nodiscard]] uint32_t UnitOf(size_t row) const {
    return rows_.units.empty() ? static_cast<uint32_t>(row) : rows_.units[row];
  }

  void Append(size_t row, FoldData& data) const {
    const auto truth_columns = static_cast<size_t>(rows_.truth.columns);
    const auto columns = static_cast<size_t>(prediction_.columns);
    const double* truth = rows_.truth.values.data() + row * truth_columns;
    data.truth.values.insert(data.truth.values.end(), truth,
                             truth + truth_columns);
    const float* prediction = prediction_.values.data() + row * columns;
    data.prediction.insert(data.prediction.end(), prediction,
                           prediction + columns);
  }

  const HiddenRows& rows_;
  PredictionView prediction_;
};

// Mean of the folds' values by rows, over those that have one.
class FoldMean {
 public:
  void Add(double value, size_t rows) {
    if (!std::isfinite(value)) return;
    sum_ += value * static_cast<double>(rows);
    rows_ += static_cast<double>(rows);
  }
  [[nodiscard]] double Value() const { return rows_ > 0 ? sum_ / rows_ : kNan; }

 private:
  double sum_ = 0;
  double rows_ = 0;
};

using Draws = std::vector<double>;

// Sums of every block, weighted by each draw.
Draws AdditiveDraws(const Additive& additive, const MetricInput& input,
                    std::span<const uint16_t> blocks,
                    const BootstrapPlan& plan) {
  const size_t width = additive.width(input);
  std::vector<double> sums(width * plan.blocks(), 0.0);
  for (size_t row = 0; row < blocks.size(); ++row) {
    additive.add(input, row, 1, sums.data() + blocks[row] * width);
  }
  Draws draws(static_cast<size_t>(plan.resamples()), kNan);
  std::vector<double> drawn(width);
  for (int b = 0; b < plan.resamples(); ++b) {
    std::ranges::fill(drawn, 0.0);
    const std::span<const uint8_t> weights = plan.Draw(b);
    for (size_t block = 0; block < weights.size(); ++block) {
      const double weight = weights[block];
      const double* from = sums.data() + block * width;
      for (size_t s = 0; s < width; ++s) drawn[s] += weight * from[s];
    }
    // A draw of no row at all has no score; counts would make it 0.
    const bool empty =
        std::ranges::all_of(drawn, [](double s) { return s == 0; });
    const Result<double> value = additive.finish(input, drawn);
    if (value.ok() && !empty) draws[static_cast<size_t>(b)] = *value;
  }
  return draws;
}

// The curves are sorted once; a draw is one pass.
Draws AreaDraws(const MetricInput& input, std::span<const uint16_t> blocks,
                const BootstrapPlan& plan) {
  Draws draws(static_cast<size_t>(plan.resamples()), 0.0);
  const std::vector<SortedCurve> curves = CurvesOf(input);
  std::vector<uint16_t> block_of_place(blocks.size());
  for (const SortedCurve& curve : curves) {
    for (size_t i = 0; i < blocks.size(); ++i) {
      block_of_place[i] = blocks[curve.order()[i]];
    }
    for (int b = 0; b < plan.resamples(); ++b) {
      draws[static_cast<size_t>(b)] +=
          curve.Area(block_of_place, plan.Draw(b)) /
          static_cast<double>(curves.size());
    }
  }
  return draws;
}

// Weights of a fold's rows in one draw; blocks from `kept` on count nothing.
std::vector<double> RowWeights(const FoldData& fold, uint32_t kept,
                               std::span<const uint8_t> drawn) {
  std::vector<double> weights(fold.blocks.size());
  for (size_t row = 0; row < weights.size(); ++row) {
    weights[row] = fold.blocks[row] < kept ? drawn[fold.blocks[row]] : 0;
  }
  return weights;
}

// A script is asked once for all draws, and for fewer of them: enough for a
// standard error within a tenth.
Draws ExternalDraws(const Metric& metric, const FoldData& fold, uint32_t kept,
                    const BootstrapPlan& plan) {
  constexpr int kExternalDraws = 60;
  Draws draws(static_cast<size_t>(plan.resamples()), kNan);
  std::vector<std::vector<double>> weightings;
  for (int b = 0; b < std::min(plan.resamples(), kExternalDraws); ++b) {
    weightings.push_back(RowWeights(fold, kept, plan.Draw(b)));
  }
  const Result<std::vector<double>> scores = metric.external()->Score(
      fold.truth, {fold.prediction, fold.prediction_columns}, weightings);
  if (scores.ok()) std::ranges::copy(*scores, draws.begin());
  return draws;
}

// Any metric, row by row; `kept` blocks stand for all.
Draws WeightedDraws(const Metric& metric, const FoldData& fold, uint32_t kept,
                    const BootstrapPlan& plan) {
  if (metric.external() != nullptr) {
    return ExternalDraws(metric, fold, kept, plan);
  }
  Draws draws(static_cast<size_t>(plan.resamples()), kNan);
  const PredictionView prediction = {fold.prediction, fold.prediction_columns};
  for (int b = 0; b < plan.resamples(); ++b) {
    const Result<double> value = metric.Evaluate(
        fold.truth, prediction, RowWeights(fold, kept, plan.Draw(b)));
    if (value.ok()) draws[static_cast<size_t>(b)] = *value;
  }
  return draws;
}

// The rows of the first `kept` blocks.
FoldData FirstBlocks(const FoldData& fold, uint32_t kept) {
  FoldData part;
  part.truth.columns = fold.truth.columns;
  part.truth.classes = fold.truth.classes;
  part.prediction_columns = fold.prediction_columns;
  const auto truth_columns = static_cast<size_t>(fold.truth.columns);
  const auto columns = static_cast<size_t>(fold.prediction_columns);
  for (size_t row = 0; row < fold.blocks.size(); ++row) {
    if (fold.blocks[row] >= kept) continue;
    part.blocks.push_back(fold.blocks[row]);
    for (size_t c = 0; c < truth_columns; ++c) {
      part.truth.values.push_back(fold.truth.values[row * truth_columns + c]);
    }
    for (size_t c = 0; c < columns; ++c) {
      part.prediction.push_back(fold.prediction[row * columns + c]);
    }
  }
  return part;
}

// What must be sorted for every draw is drawn from part of a large fold; the
// deviations shrink as those of the whole would.
Draws SortingDraws(const Metric& metric, const FoldData& fold,
                   const BootstrapPlan& plan) {
  const double share = kSortedRows / static_cast<double>(fold.blocks.size());
  const auto kept =
      std::max(kMinSortedBlocks,
               static_cast<uint32_t>(std::ceil(share * plan.blocks())));
  if (kept >= plan.blocks()) {
    return WeightedDraws(metric, fold, plan.blocks(), plan);
  }
  const FoldData part = FirstBlocks(fold, kept);
  const Result<double> value =
      metric.Evaluate(fold.truth, {fold.prediction, fold.prediction_columns});
  const Result<double> part_value =
      metric.Evaluate(part.truth, {part.prediction, part.prediction_columns});
  if (!value.ok() || !part_value.ok()) {
    return WeightedDraws(metric, fold, plan.blocks(), plan);
  }
  Draws draws = WeightedDraws(metric, part, kept, plan);
  const double shrink = std::sqrt(static_cast<double>(kept) / plan.blocks());
  for (double& draw : draws) draw = *value + (draw - *part_value) * shrink;
  return draws;
}

Draws FoldDraws(const Metric& metric, const FoldData& fold,
                const BootstrapPlan& plan) {
  const MetricRow& row = metric.row();
  const MetricInput input = fold.Input(metric.parameter());
  if (row.additive != nullptr) {
    return row.additive->width(input) <= kMaxWidth
               ? AdditiveDraws(*row.additive, input, fold.blocks, plan)
               : WeightedDraws(metric, fold, plan.blocks(), plan);
  }
  if (row.whole == AreaUnderCurve) return AreaDraws(input, fold.blocks, plan);
  if (row.whole == NormalizedGini && fold.truth.classes == 2) {
    Draws draws = AreaDraws(input, fold.blocks, plan);
    for (double& draw : draws) draw = 2 * draw - 1;
    return draws;
  }
  return SortingDraws(metric, fold, plan);
}

// Additive metrics by fold are means over rows, so pooling is the same and
// cheaper.
bool DrawsPooled(const Metric& metric) {
  return metric.pooling() == Pooling::kPooled ||
         metric.row().additive != nullptr;
}

Status CheckRows(const Metric& metric, const HiddenRows& rows,
                 PredictionView prediction) {
  const size_t count = rows.truth.rows();
  CHECK(rows.folds.empty() || rows.folds.size() == count);
  CHECK(rows.units.empty() || rows.units.size() == count);
  return CheckMetricInput(metric.row(),
                          {rows.truth, prediction, metric.parameter()}, {});
}

}  // namespace

std::vector<uint8_t> InSeveralFolds(const HiddenRows& rows) {
  if (rows.units.empty()) return {};
  constexpr int kNone = -1;
  constexpr int kSeveral = -2;
  std::vector<int> fold_of(1 + *std::ranges::max_element(rows.units), kNone);
  for (size_t row = 0; row < rows.folds.size(); ++row) {
    int& fold = fold_of[rows.units[row]];
    if (fold == kNone) fold = rows.folds[row];
    if (fold != rows.folds[row]) fold = kSeveral;
  }
  std::vector<uint8_t> several(rows.folds.size());
  for (size_t row = 0; row < several.size(); ++row) {
    several[row] = fold_of[rows.units[row]] == kSeveral ? 1 : 0;
  }
  if (std::ranges::count(several, 1) == 0) several.clear();
  return several;
}

BootstrapPlan::BootstrapPlan(uint32_t units, Rng& rng, int resamples)
    : resamples_(resamples),
      blocks_(std::min(units, kMaxBlocks)),
      block_of_(units),
      draws_(static_cast<size_t>(resamples) * blocks_, 0) {
  CHECK(units > 0);
  CHECK(resamples > 1);
  for (uint32_t i = 0; i < units; ++i) {
    block_of_[i] = static_cast<uint16_t>(i % blocks_);
  }
  rng.Shuffle(std::span(block_of_));
  for (int b = 0; b < resamples; ++b) {
    uint8_t* draw = draws_.data() + static_cast<size_t>(b) * blocks_;
    for (uint32_t i = 0; i < blocks_; ++i) ++draw[rng.Below(blocks_)];
  }
}

BootstrapPlan BootstrapPlan::LeftOut() const {
  BootstrapPlan plan = *this;
  for (uint8_t& drawn : plan.draws_) drawn = drawn == 0 ? 1 : 0;
  return plan;
}

Result<FoldedScore> ScoreFolds(const Metric& metric, const HiddenRows& rows,
                               PredictionView prediction) {
  TRY(CheckRows(metric, rows, prediction));
  FoldedScore score;
  FoldMean mean;
  Error last = BadInput("score " + metric.short_name() + ": no rows");
  const Splitter splitter(rows, prediction);
  for (int fold = 0; fold < FoldCount(rows.folds); ++fold) {
    const FoldData data = splitter.Fold(fold, nullptr);
    const Result<double> value =
        metric.Evaluate(data.truth, {data.prediction, data.prediction_columns});
    score.fold_values.push_back(value.ok() ? *value : kNan);
    if (!value.ok() && data.truth.rows() > 0) last = value.error();
    mean.Add(score.fold_values.back(), data.truth.rows());
  }
  score.value = mean.Value();
  if (metric.pooling() == Pooling::kPooled) {
    TRY_ASSIGN(score.value, metric.Evaluate(rows.truth, prediction));
  }
  if (std::isnan(score.value)) return last;
  return score;
}

Result<std::vector<double>> Replicates(const Metric& metric,
                                       const HiddenRows& rows,
                                       PredictionView prediction,
                                       const BootstrapPlan& plan) {
  TRY(CheckRows(metric, rows, prediction));
  const bool pooled = DrawsPooled(metric);
  const HiddenRows read = {
      rows.truth, pooled ? std::span<const int>() : rows.folds, rows.units};
  std::vector<FoldMean> means(static_cast<size_t>(plan.resamples()));
  const Splitter splitter(read, prediction);
  for (int fold = 0; fold < FoldCount(read.folds); ++fold) {
    const FoldData data = splitter.Fold(fold, &plan);
    if (data.blocks.empty()) continue;
    const Draws draws = FoldDraws(metric, data, plan);
    for (size_t b = 0; b < draws.size(); ++b) {
      means[b].Add(draws[b], data.blocks.size());
    }
  }
  std::vector<double> replicates;
  replicates.reserve(means.size());
  for (const FoldMean& mean : means) replicates.push_back(mean.Value());
  return replicates;
}

double StandardError(std::span<const double> replicates) {
  double sum = 0;
  double count = 0;
  for (const double value : replicates) {
    if (!std::isfinite(value)) continue;
    sum += value;
    count += 1;
  }
  if (count < 2) return 0;
  double squares = 0;
  for (const double value : replicates) {
    if (!std::isfinite(value)) continue;
    squares += (value - sum / count) * (value - sum / count);
  }
  return std::sqrt(squares / (count - 1));
}

PairedGain GainBetween(Direction direction, double value,
                       std::span<const double> replicates, double other,
                       std::span<const double> other_replicates) {
  CHECK(replicates.size() == other_replicates.size());
  std::vector<double> differences(replicates.size());
  for (size_t i = 0; i < replicates.size(); ++i) {
    differences[i] = replicates[i] - other_replicates[i];
  }
  const double difference = value - other;
  return {direction == Direction::kMaximize ? difference : -difference,
          StandardError(differences)};
}

double ChanceOfGain(const PairedGain& gain) {
  if (gain.standard_error <= 0) {
    if (gain.mean == 0) return 0.5;
    return gain.mean > 0 ? 1 : 0;
  }
  return 0.5 *
         std::erfc(-gain.mean / gain.standard_error / std::numbers::sqrt2);
}

}  // namespace treesmith
