#include "score/metric.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "score/metric_row.h"

namespace treesmith {
namespace {

Error Impossible(const MetricRow& row, const std::string& cause) {
  return BadInput("score " + std::string(row.short_name) + ": " + cause);
}

std::string RowText(size_t row) { return "row " + std::to_string(row + 1); }

int ExpectedColumns(const MetricRow& row, const Truth& truth) {
  switch (row.columns) {
    case Columns::kOne:
      return 1;
    case Columns::kSame:
      return truth.columns;
    case Columns::kClasses:
      return truth.classes > 2 ? truth.classes : truth.columns;
    case Columns::kPerClass:
      return truth.classes > 0 ? truth.classes : truth.columns;
  }
  return 1;
}

// Only here may a truth have a second column that is no further target.
bool HasEventColumn(const MetricRow& row) {
  return row.short_name == "c_index";
}

bool IsRankedList(const MetricRow& row) { return row.short_name == "map"; }

Status CheckTruthShape(const MetricRow& row, const Truth& truth) {
  const bool wants_classes =
      row.target != TargetType::kNumber && row.short_name != "ndcg";
  if (wants_classes && truth.classes < 2) {
    return Impossible(row, "the target has fewer than two classes");
  }
  if (row.target == TargetType::kBinary && truth.classes != 2) {
    return Impossible(row, "the target must have two classes, it has " +
                               std::to_string(truth.classes));
  }
  const bool one_column =
      (row.columns == Columns::kOne &&
       !(HasEventColumn(row) && truth.columns == 2)) ||
      (row.columns == Columns::kClasses && truth.classes > 2);
  if (one_column && truth.columns != 1) {
    return Impossible(row, "the target must be one column, it has " +
                               std::to_string(truth.columns));
  }
  return {};
}

Status CheckShape(const MetricRow& row, const MetricInput& input,
                  std::span<const double> weights) {
  const size_t rows = input.truth.rows();
  if (rows == 0) return Impossible(row, "no rows");
  TRY(CheckTruthShape(row, input.truth));
  const int columns = ExpectedColumns(row, input.truth);
  if (input.prediction.columns != columns) {
    return Impossible(row, "the prediction has " +
                               std::to_string(input.prediction.columns) +
                               " columns, it needs " + std::to_string(columns));
  }
  const size_t predicted =
      input.prediction.values.size() / static_cast<size_t>(columns);
  if (predicted != rows) {
    return Impossible(row, std::to_string(predicted) + " predictions for " +
                               std::to_string(rows) + " rows");
  }
  if (!weights.empty() && weights.size() != rows) {
    return Impossible(row, std::to_string(weights.size()) + " weights for " +
                               std::to_string(rows) + " rows");
  }
  return {};
}

// The cause why `value` is outside the domain, or nothing.
std::string_view DomainFault(Domain domain, double value) {
  if (domain == Domain::kNotNegative && value < 0) return "is negative";
  if (domain == Domain::kPositive && value <= 0) return "is not positive";
  return {};
}

Status CheckTruthValue(const MetricRow& row, const Truth& truth, size_t at,
                       double value) {
  const size_t place = at / static_cast<size_t>(truth.columns);
  const bool may_be_absent = IsRankedList(row) && truth.columns > 1;
  if (std::isnan(value) && may_be_absent) return {};
  if (!std::isfinite(value)) {
    return Impossible(row, "the truth of " + RowText(place) + " is no number");
  }
  if (truth.classes > 0 &&
      (value < 0 || value >= truth.classes || value != std::floor(value))) {
    return Impossible(row, "the truth of " + RowText(place) + " is no class");
  }
  const std::string_view fault = DomainFault(row.domain, value);
  if (fault.empty()) return {};
  return Impossible(
      row, "the truth of " + RowText(place) + " " + std::string(fault));
}

Status CheckPredictionValue(const MetricRow& row, const Truth& truth,
                            size_t place, double value) {
  if (std::isnan(value) && IsRankedList(row)) return {};
  const auto fault = [&](const std::string& cause) {
    return Impossible(row, "the prediction of " + RowText(place) + " " + cause);
  };
  if (!std::isfinite(value)) return fault("is not a finite number");
  if (row.needs == Needs::kProbability && (value < 0 || value > 1)) {
    return fault("is no probability");
  }
  if (row.needs == Needs::kLabel &&
      (value < 0 || value >= truth.classes || value != std::floor(value))) {
    return fault("is no class");
  }
  const std::string_view domain_fault = DomainFault(row.domain, value);
  if (!domain_fault.empty()) return fault(std::string(domain_fault));
  return {};
}

Status CheckWeights(const MetricRow& row, std::span<const double> weights) {
  if (weights.empty()) return {};
  double total = 0;
  for (const double weight : weights) {
    if (!(weight >= 0)) return Impossible(row, "a weight is negative");
    total += weight;
  }
  if (total <= 0) return Impossible(row, "no row has a weight");
  return {};
}

Result<double> EvaluateAdditive(const MetricRow& row, const MetricInput& input,
                                std::span<const double> weights) {
  const size_t width = row.additive->width(input);
  std::vector<double> sums(width, 0.0);
  for (size_t i = 0; i < input.truth.rows(); ++i) {
    const double weight = WeightAt(weights, i);
    if (weight != 0) row.additive->add(input, i, weight, sums.data());
  }
  return row.additive->finish(input, sums);
}

// "0.9", "3": without trailing zeros.
std::string ParameterText(double parameter) {
  char buffer[32];
  const auto [end, code] =
      std::to_chars(buffer, buffer + sizeof(buffer), parameter);
  return {buffer, end};
}

std::string WithParameter(const MetricRow& row, std::string_view name,
                          double parameter) {
  // f1 and its kin are plain names although beta = 1 stands in the row.
  const bool fixed = row.default_parameter == 0 || row.default_parameter == 1;
  return std::string(name) + (fixed ? "" : "@" + ParameterText(parameter));
}

}  // namespace

Status CheckMetricInput(const MetricRow& row, const MetricInput& input,
                        std::span<const double> weights) {
  TRY(CheckShape(row, input, weights));
  TRY(CheckWeights(row, weights));
  for (size_t i = 0; i < input.truth.values.size(); ++i) {
    TRY(CheckTruthValue(row, input.truth, i, input.truth.values[i]));
  }
  const auto columns = static_cast<size_t>(input.prediction.columns);
  for (size_t i = 0; i < input.prediction.values.size(); ++i) {
    if (WeightAt(weights, i / columns) == 0) continue;
    TRY(CheckPredictionValue(row, input.truth, i / columns,
                             static_cast<double>(input.prediction.values[i])));
  }
  return {};
}

std::string Metric::name() const {
  return WithParameter(*row_, row_->name, parameter_);
}

std::string Metric::short_name() const {
  return WithParameter(*row_, row_->short_name, parameter_);
}

std::string_view Metric::formula() const { return row_->formula; }
Direction Metric::direction() const { return row_->direction; }
Needs Metric::needs() const { return row_->needs; }
Pooling Metric::pooling() const { return row_->pooling; }
TargetType Metric::target() const { return row_->target; }

bool Metric::multi_column() const {
  return row_->columns == Columns::kSame || row_->columns == Columns::kClasses;
}

Result<double> Metric::Evaluate(const Truth& truth, PredictionView prediction,
                                std::span<const double> weights) const {
  TRY(CheckMetricInput(*row_, {truth, prediction, parameter_}, weights));
  return EvaluateTrusted(truth, prediction, weights);
}

Result<double> Metric::EvaluateTrusted(const Truth& truth,
                                       PredictionView prediction,
                                       std::span<const double> weights) const {
  const MetricInput input = {truth, prediction, parameter_};
  if (external_ != nullptr) {
    const std::vector<double> weighting(weights.begin(), weights.end());
    TRY_ASSIGN(const std::vector<double> scores,
               external_->Score(truth, prediction,
                                {&weighting, weights.empty() ? 0U : 1U}));
    if (std::isfinite(scores.front())) return scores.front();
    return Impossible(*row_, "these rows have no score");
  }
  CHECK(row_->additive != nullptr || row_->whole != nullptr);
  TRY_ASSIGN(const double value, row_->whole != nullptr
                                     ? row_->whole(input, weights)
                                     : EvaluateAdditive(*row_, input, weights));
  if (!std::isfinite(value)) {
    return Impossible(*row_, "the score is not a finite number");
  }
  return value;
}

}  // namespace treesmith
