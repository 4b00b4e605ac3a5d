#include <algorithm>
#include <cmath>
#include <vector>

#include "score/additive_metrics.h"

namespace treesmith {
namespace {

size_t MeanWidth(const MetricInput& /*input*/) { return 2; }

Result<double> FinishMean(const MetricInput& /*input*/,
                          std::span<const double> sums) {
  return sums[1] / sums[0];
}

// Columns of one row by falling score, ties by column; NaN columns are not
// ranked.
std::vector<int> RankedColumns(const MetricInput& input, size_t row) {
  std::vector<int> ranked;
  for (int c = 0; c < input.prediction.columns; ++c) {
    if (!std::isnan(input.PredictionAt(row, c))) ranked.push_back(c);
  }
  std::ranges::stable_sort(ranked, [&](int a, int b) {
    return input.PredictionAt(row, a) > input.PredictionAt(row, b);
  });
  return ranked;
}

// Whether class `column` is one of the row's true labels.
bool IsTrueLabel(const MetricInput& input, size_t row, int column) {
  for (int c = 0; c < input.truth.columns; ++c) {
    if (input.TruthAt(row, c) == column) return true;
  }
  return false;
}

// Sum over hits among the first k of their precision, over min(k, labels).
void AddAveragePrecision(const MetricInput& input, size_t row, double weight,
                         double* sums) {
  const auto k = static_cast<size_t>(input.parameter);
  const std::vector<int> ranked = RankedColumns(input, row);
  double hits = 0;
  double precision = 0;
  for (size_t i = 0; i < std::min(k, ranked.size()); ++i) {
    if (!IsTrueLabel(input, row, ranked[i])) continue;
    hits += 1;
    precision += hits / static_cast<double>(i + 1);
  }
  double labels = 0;
  for (int c = 0; c < input.truth.columns; ++c) {
    if (!std::isnan(input.TruthAt(row, c))) labels += 1;
  }
  sums[0] += weight;
  if (labels > 0)
    sums[1] += weight * precision / std::min(labels, input.parameter);
}

// The gain of column `column`: its relevance, or 1 for the true class.
double Relevance(const MetricInput& input, size_t row, int column) {
  if (input.truth.classes == 0) return input.TruthAt(row, column);
  return input.TruthAt(row) == column ? 1 : 0;
}

double Discount(size_t place) {
  return 1 / std::log2(static_cast<double>(place) + 2);
}

// Gains in the order of `ranked`; equal scores share their places' discounts,
// as in scikit-learn.
double DiscountedSum(const MetricInput& input, size_t row,
                     const std::vector<int>& ranked, size_t k) {
  double total = 0;
  for (size_t begin = 0; begin < ranked.size();) {
    const double score = input.PredictionAt(row, ranked[begin]);
    size_t end = begin;
    double gain = 0;
    double discounts = 0;
    while (end < ranked.size() &&
           input.PredictionAt(row, ranked[end]) == score) {
      gain += Relevance(input, row, ranked[end]);
      if (end < k) discounts += Discount(end);
      ++end;
    }
    total += gain * discounts / static_cast<double>(end - begin);
    begin = end;
  }
  return total;
}

double IdealSum(const MetricInput& input, size_t row, size_t k) {
  std::vector<double> gains;
  gains.reserve(static_cast<size_t>(input.prediction.columns));
  for (int c = 0; c < input.prediction.columns; ++c) {
    gains.push_back(Relevance(input, row, c));
  }
  std::ranges::sort(gains, std::greater<>());
  double total = 0;
  for (size_t i = 0; i < std::min(k, gains.size()); ++i) {
    total += gains[i] * Discount(i);
  }
  return total;
}

void AddDiscountedGain(const MetricInput& input, size_t row, double weight,
                       double* sums) {
  const auto k = input.parameter > 0
                     ? static_cast<size_t>(input.parameter)
                     : static_cast<size_t>(input.prediction.columns);
  const double ideal = IdealSum(input, row, k);
  sums[0] += weight;
  if (ideal <= 0) return;  // nothing relevant in this row: 0
  sums[1] +=
      weight * DiscountedSum(input, row, RankedColumns(input, row), k) / ideal;
}

}  // namespace

const Additive kMeanAveragePrecision = {MeanWidth, AddAveragePrecision,
                                        FinishMean};
const Additive kDiscountedGain = {MeanWidth, AddDiscountedGain, FinishMean};

}  // namespace treesmith
