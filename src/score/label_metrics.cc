#include <algorithm>
#include <cmath>
#include <vector>

#include "score/additive_metrics.h"

namespace treesmith {
namespace {

// For K classes: hits by class, truths by class, predictions by class, and the
// sum of squared distances between the two class indexes. No confusion matrix
// is needed, so that many classes stay cheap.
size_t CountsWidth(const MetricInput& input) {
  return 3 * static_cast<size_t>(input.truth.classes) + 1;
}

struct Counts {
  std::span<const double> hits;
  std::span<const double> truths;
  std::span<const double> predictions;
  double squared_distance = 0;
  double total = 0;
};

Counts ReadCounts(std::span<const double> sums) {
  const size_t classes = (sums.size() - 1) / 3;
  Counts counts = {sums.subspan(0, classes), sums.subspan(classes, classes),
                   sums.subspan(2 * classes, classes), sums.back()};
  for (const double truth : counts.truths) counts.total += truth;
  return counts;
}

void AddCounts(const MetricInput& input, size_t row, double weight,
               double* sums) {
  const auto classes = static_cast<size_t>(input.truth.classes);
  const size_t truth = input.ClassAt(row);
  const auto prediction = static_cast<size_t>(input.PredictionAt(row));
  if (truth == prediction) sums[truth] += weight;
  sums[classes + truth] += weight;
  sums[2 * classes + prediction] += weight;
  const double distance =
      static_cast<double>(truth) - static_cast<double>(prediction);
  sums[3 * classes] += weight * distance * distance;
}

double SumOf(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

Result<double> FinishAccuracy(const MetricInput& /*input*/,
                              std::span<const double> sums) {
  const Counts counts = ReadCounts(sums);
  return SumOf(counts.hits) / counts.total;
}

Result<double> FinishBalanced(const MetricInput& /*input*/,
                              std::span<const double> sums) {
  const Counts counts = ReadCounts(sums);
  double recall = 0;
  double present = 0;
  for (size_t k = 0; k < counts.hits.size(); ++k) {
    if (counts.truths[k] <= 0) continue;
    recall += counts.hits[k] / counts.truths[k];
    present += 1;
  }
  return recall / present;
}

// (1 + b^2) hits / (b^2 truths + predictions), 0 where nothing is there.
double FBeta(double hits, double truths, double predictions, double beta) {
  const double below = beta * beta * truths + predictions;
  return below <= 0 ? 0 : (1 + beta * beta) * hits / below;
}

Result<double> FinishFBetaBinary(const MetricInput& input,
                                 std::span<const double> sums) {
  const Counts counts = ReadCounts(sums);
  return FBeta(counts.hits[1], counts.truths[1], counts.predictions[1],
               input.parameter);
}

Result<double> FinishFBetaMacro(const MetricInput& input,
                                std::span<const double> sums) {
  const Counts counts = ReadCounts(sums);
  double total = 0;
  double seen = 0;
  for (size_t k = 0; k < counts.hits.size(); ++k) {
    if (counts.truths[k] + counts.predictions[k] <= 0) continue;
    total += FBeta(counts.hits[k], counts.truths[k], counts.predictions[k],
                   input.parameter);
    seen += 1;
  }
  return total / seen;
}

Result<double> FinishFBetaMicro(const MetricInput& input,
                                std::span<const double> sums) {
  const Counts counts = ReadCounts(sums);
  return FBeta(SumOf(counts.hits), counts.total, counts.total, input.parameter);
}

Result<double> FinishFBetaWeighted(const MetricInput& input,
                                   std::span<const double> sums) {
  const Counts counts = ReadCounts(sums);
  double total = 0;
  for (size_t k = 0; k < counts.hits.size(); ++k) {
    total += counts.truths[k] * FBeta(counts.hits[k], counts.truths[k],
                                      counts.predictions[k], input.parameter);
  }
  return total / counts.total;
}

// The multiclass form of Gorodkin (2004); 0 where a side is constant.
Result<double> FinishMatthews(const MetricInput& /*input*/,
                              std::span<const double> sums) {
  const Counts counts = ReadCounts(sums);
  const double n = counts.total;
  double cross = SumOf(counts.hits) * n;
  double truth_spread = n * n;
  double prediction_spread = n * n;
  for (size_t k = 0; k < counts.hits.size(); ++k) {
    cross -= counts.truths[k] * counts.predictions[k];
    truth_spread -= counts.truths[k] * counts.truths[k];
    prediction_spread -= counts.predictions[k] * counts.predictions[k];
  }
  const double below = truth_spread * prediction_spread;
  return below <= 0 ? 0.0 : cross / std::sqrt(below);
}

// 1 - observed / expected squared distance of the class indexes. Expected, for
// independent margins: E[t^2] + E[p^2] - 2 E[t] E[p].
Result<double> FinishQuadraticKappa(const MetricInput& /*input*/,
                                    std::span<const double> sums) {
  const Counts counts = ReadCounts(sums);
  double truth = 0;
  double truth_squared = 0;
  double prediction = 0;
  double prediction_squared = 0;
  for (size_t k = 0; k < counts.hits.size(); ++k) {
    const auto index = static_cast<double>(k);
    truth += index * counts.truths[k];
    truth_squared += index * index * counts.truths[k];
    prediction += index * counts.predictions[k];
    prediction_squared += index * index * counts.predictions[k];
  }
  const double n = counts.total;
  const double expected =
      truth_squared + prediction_squared - 2 * truth * prediction / n;
  if (expected <= 0) {
    return BadInput(
        "score quadratic_weighted_kappa: truth and prediction are one class");
  }
  return 1 - counts.squared_distance / expected;
}

}  // namespace

const Additive kAccuracy = {CountsWidth, AddCounts, FinishAccuracy};
const Additive kBalancedAccuracy = {CountsWidth, AddCounts, FinishBalanced};
const Additive kFBetaBinary = {CountsWidth, AddCounts, FinishFBetaBinary};
const Additive kFBetaMacro = {CountsWidth, AddCounts, FinishFBetaMacro};
const Additive kFBetaMicro = {CountsWidth, AddCounts, FinishFBetaMicro};
const Additive kFBetaWeighted = {CountsWidth, AddCounts, FinishFBetaWeighted};
const Additive kMatthews = {CountsWidth, AddCounts, FinishMatthews};
const Additive kQuadraticKappa = {CountsWidth, AddCounts, FinishQuadraticKappa};

}  // namespace treesmith
