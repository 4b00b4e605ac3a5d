// MetricRow: how one metric is computed. For score/ alone; others use Metric.
//
// A metric is either additive (a function of sums over rows: errors, losses,
// confusion counts) or whole (needs all rows at once: ranks, medians). Additive
// ones are what makes the bootstrap cheap: sums of a unit are made once and
// then only weighted.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "score/metric.h"

namespace treesmith {

// Validated: lengths fit, and rows that count are finite.
struct MetricInput {
  const Truth& truth;
  PredictionView prediction;
  double parameter = 0;

  [[nodiscard]] double TruthAt(size_t row, int column = 0) const {
    return truth
        .values[row * static_cast<size_t>(truth.columns) + IndexOf(column)];
  }
  [[nodiscard]] double PredictionAt(size_t row, int column = 0) const {
    return static_cast<double>(
        prediction.values[row * static_cast<size_t>(prediction.columns) +
                          IndexOf(column)]);
  }
  [[nodiscard]] size_t ClassAt(size_t row) const {
    return static_cast<size_t>(TruthAt(row));
  }

 private:
  static size_t IndexOf(int column) { return static_cast<size_t>(column); }
};

// Which columns a prediction has, given the truth.
enum class Columns {
  kOne,      // one, of one column of truth
  kSame,     // as the truth; the score is the mean over columns
  kClasses,  // binary: as the truth; more classes: one a class
  kPerClass  // one a class, also for two; or as a truth of several columns
};

using WidthFunction = size_t (*)(const MetricInput&);
using AddFunction = void (*)(const MetricInput&, size_t row, double weight,
                             double* sums);
using FinishFunction = Result<double> (*)(const MetricInput&,
                                          std::span<const double> sums);
using WholeFunction = Result<double> (*)(const MetricInput&,
                                         std::span<const double> weights);

struct Additive {
  WidthFunction width = nullptr;  // number of sums
  // Adds one row to `sums`, each of which starts at 0 and is linear in the
  // weight.
  AddFunction add = nullptr;
  FinishFunction finish = nullptr;
};

// What values may be, checked before anything is computed.
enum class Domain { kAny, kNotNegative, kPositive };

struct MetricRow {
  std::string_view name;
  std::string_view short_name;
  // More names and phrases, separated by '|'.
  std::string_view aliases;
  std::string_view formula;
  Direction direction = Direction::kMinimize;
  Needs needs = Needs::kValue;
  Pooling pooling = Pooling::kPooled;
  TargetType target = TargetType::kNumber;
  Columns columns = Columns::kSame;
  const Additive* additive = nullptr;
  WholeFunction whole = nullptr;
  Domain domain = Domain::kAny;
  double default_parameter = 0;
};

std::span<const MetricRow> MetricTable();

// Checks `input` against the metric's row; rows of weight 0 are not looked at.
Status CheckMetricInput(const MetricRow& row, const MetricInput& input,
                        std::span<const double> weights);

// Weight of a row where an empty span means one each.
inline double WeightAt(std::span<const double> weights, size_t row) {
  return weights.empty() ? 1.0 : weights[row];
}

}  // namespace treesmith
