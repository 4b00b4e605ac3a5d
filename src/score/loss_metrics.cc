#include <algorithm>
#include <cmath>
#include <limits>

#include "score/additive_metrics.h"

namespace treesmith {
namespace {

using Loss = double (*)(double truth, double prediction, double parameter);

double Squared(double truth, double prediction, double /*parameter*/) {
  return (truth - prediction) * (truth - prediction);
}

double SquaredLog1p(double truth, double prediction, double parameter) {
  return Squared(std::log1p(truth), std::log1p(prediction), parameter);
}

double SquaredLog(double truth, double prediction, double parameter) {
  return Squared(std::log(truth), std::log(prediction), parameter);
}

double Absolute(double truth, double prediction, double /*parameter*/) {
  return std::abs(truth - prediction);
}

double Percentage(double truth, double prediction, double /*parameter*/) {
  // scikit-learn's floor, so that a truth of 0 costs much, not infinity.
  constexpr double kFloor = std::numeric_limits<double>::epsilon();
  return std::abs(truth - prediction) / std::max(kFloor, std::abs(truth));
}

double SymmetricPercentage(double truth, double prediction,
                           double /*parameter*/) {
  const double scale = std::abs(truth) + std::abs(prediction);
  return scale == 0 ? 0 : 200 * std::abs(truth - prediction) / scale;
}

double PinballLoss(double truth, double prediction, double quantile) {
  const double over = truth - prediction;
  return over >= 0 ? quantile * over : (quantile - 1) * over;
}

// The weight, then the sum of the loss by column.
size_t LossWidth(const MetricInput& input) {
  return 1 + static_cast<size_t>(input.truth.columns);
}

template <Loss kLoss>
void AddLoss(const MetricInput& input, size_t row, double weight,
             double* sums) {
  sums[0] += weight;
  for (int c = 0; c < input.truth.columns; ++c) {
    sums[1 + c] += weight * kLoss(input.TruthAt(row, c),
                                  input.PredictionAt(row, c), input.parameter);
  }
}

Result<double> MeanOfColumns(const MetricInput& /*input*/,
                             std::span<const double> sums) {
  double total = 0;
  for (const double sum : sums.subspan(1)) total += sum / sums[0];
  return total / static_cast<double>(sums.size() - 1);
}

Result<double> MeanOfRoots(const MetricInput& /*input*/,
                           std::span<const double> sums) {
  double total = 0;
  for (const double sum : sums.subspan(1)) total += std::sqrt(sum / sums[0]);
  return total / static_cast<double>(sums.size() - 1);
}

// The weight, then by column: truth, its square, squared error. The truth is
// taken from its first value, so that a large mean does not cancel.
constexpr size_t kRSquaredSums = 3;

size_t RSquaredWidth(const MetricInput& input) {
  return 1 + kRSquaredSums * static_cast<size_t>(input.truth.columns);
}

void AddRSquared(const MetricInput& input, size_t row, double weight,
                 double* sums) {
  sums[0] += weight;
  for (int c = 0; c < input.truth.columns; ++c) {
    double* column = sums + 1 + kRSquaredSums * static_cast<size_t>(c);
    const double truth = input.TruthAt(row, c);
    const double centred = truth - input.TruthAt(0, c);
    column[0] += weight * centred;
    column[1] += weight * centred * centred;
    column[2] += weight * Squared(truth, input.PredictionAt(row, c), 0);
  }
}

Result<double> FinishRSquared(const MetricInput& /*input*/,
                              std::span<const double> sums) {
  if (sums[0] < 2) return BadInput("score r2: fewer than two rows");
  // Below this share of the sum of squares, what is left is rounding.
  constexpr double kRounding = 1e-13;
  double total = 0;
  for (size_t at = 1; at < sums.size(); at += kRSquaredSums) {
    const double spread = sums[at + 1] - sums[at] * sums[at] / sums[0];
    const double error = sums[at + 2];
    if (spread > kRounding * sums[at + 1]) {
      total += 1 - error / spread;
    } else if (error == 0) {
      total += 1;  // scikit-learn's convention for a constant truth
    }
  }
  return total / (static_cast<double>(sums.size() - 1) / kRSquaredSums);
}

// scikit-learn's clipping of doubles.
double ClippedLog(double probability) {
  constexpr double kFloor = std::numeric_limits<double>::epsilon();
  return std::log(std::clamp(probability, kFloor, 1 - kFloor));
}

// Several classes in one column of truth have a column of prediction each; two
// classes have one column a column of truth.
bool IsMulticlass(const MetricInput& input) { return input.truth.classes > 2; }

size_t ProbabilityWidth(const MetricInput& input) {
  return IsMulticlass(input) ? 2 : LossWidth(input);
}

double BinaryLogLoss(double truth, double prediction, double /*parameter*/) {
  return -ClippedLog(truth == 1 ? prediction : 1 - prediction);
}

void AddLogLoss(const MetricInput& input, size_t row, double weight,
                double* sums) {
  if (!IsMulticlass(input))
    return AddLoss<BinaryLogLoss>(input, row, weight, sums);
  const int truth = static_cast<int>(input.ClassAt(row));
  sums[0] += weight;
  sums[1] -= weight * ClippedLog(input.PredictionAt(row, truth));
}

void AddBrier(const MetricInput& input, size_t row, double weight,
              double* sums) {
  if (!IsMulticlass(input)) return AddLoss<Squared>(input, row, weight, sums);
  const int truth = static_cast<int>(input.ClassAt(row));
  sums[0] += weight;
  for (int c = 0; c < input.prediction.columns; ++c) {
    sums[1] +=
        weight * Squared(c == truth ? 1 : 0, input.PredictionAt(row, c), 0);
  }
}

}  // namespace

const Additive kSquaredError = {LossWidth, AddLoss<Squared>, MeanOfRoots};
const Additive kMeanSquaredError = {LossWidth, AddLoss<Squared>, MeanOfColumns};
const Additive kSquaredLogError = {LossWidth, AddLoss<SquaredLog1p>,
                                   MeanOfRoots};
const Additive kSquaredPureLog = {LossWidth, AddLoss<SquaredLog>, MeanOfRoots};
const Additive kAbsoluteError = {LossWidth, AddLoss<Absolute>, MeanOfColumns};
const Additive kPercentageError = {LossWidth, AddLoss<Percentage>,
                                   MeanOfColumns};
const Additive kSymmetricPercentageError = {
    LossWidth, AddLoss<SymmetricPercentage>, MeanOfColumns};
const Additive kPinball = {LossWidth, AddLoss<PinballLoss>, MeanOfColumns};
const Additive kRSquared = {RSquaredWidth, AddRSquared, FinishRSquared};
const Additive kLogLoss = {ProbabilityWidth, AddLogLoss, MeanOfColumns};
const Additive kBrier = {ProbabilityWidth, AddBrier, MeanOfColumns};

}  // namespace treesmith
