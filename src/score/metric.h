// Metric: one way of scoring predictions, its direction and what it needs.
//
// A Metric is a small value (a row of a fixed table and a parameter such as the
// k of map@k); copy it freely. Evaluate answers a finite number or an Error,
// never NaN: a prediction that is not finite, a fold of one class for AUC or a
// negative value for RMSLE is an Error that says so. Everything here is pure
// and may be called from any thread. Values agree with scikit-learn's function
// of the same name; where there is none, the formula states the definition.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/metric_value.h"

namespace treesmith {

// What a prediction must carry for a metric.
enum class Needs {
  kValue,        // a number in the target's unit
  kLabel,        // a decided class: its index, one column
  kProbability,  // binary: P(class 1), one column; else a column a class
  kOrder,        // any real score; only the order matters. Columns as above
};

// How the folds of a node become one score (design 5.3).
enum class Pooling {
  kPooled,   // once, over the hidden rows of all folds
  kPerFold,  // by fold, then the mean weighted by rows
};

// What the target must be.
enum class TargetType {
  kNumber,
  kBinary,   // exactly two classes
  kClasses,  // two or more, unordered
  kOrdered,  // classes whose index is their rank
};

// The hidden truth, row-major.
struct Truth {
  // Numbers; or class indexes in [0, classes), NaN in a further column standing
  // for "no further label" (map@k).
  std::vector<double> values = {};
  int columns = 1;
  // 0: the target is a number. Two columns of binary labels have classes = 2.
  int classes = 0;

  [[nodiscard]] size_t rows() const {
    return columns > 0 ? values.size() / static_cast<size_t>(columns) : 0;
  }
};

// Borrowed predictions, row-major, in the truth's order of rows. A ranked list
// of labels (map@k) is given as scores: k, k - 1, ... and 0 for the unlisted.
struct PredictionView {
  std::span<const float> values = {};
  int columns = 1;
};

// A metric that is computed elsewhere, such as a user's script.
class ExternalMetric {
 public:
  virtual ~ExternalMetric() = default;

  // A score for each weighting of the rows (whole numbers: that often); of the
  // rows as they are where none is given. A draw without a score is NaN; the
  // rows as they are without one is an Error that says why. Any thread.
  virtual Result<std::vector<double>> Score(
      const Truth& truth, PredictionView prediction,
      std::span<const std::vector<double>> weightings) const = 0;
};

struct MetricRow;

class Metric {
 public:
  // Use FindMetric or CustomMetric. `row` must outlive the metric (rows are
  // constants), and so must `external`.
  Metric(const MetricRow* row, double parameter,
         const ExternalMetric* external = nullptr)
      : row_(row), parameter_(parameter), external_(external) {}

  // As scikit-learn spells it ("root_mean_squared_error"), with the parameter
  // ("map@3"); FindMetric(name()) is this metric.
  [[nodiscard]] std::string name() const;
  // What people say: "rmse", "map@3".
  [[nodiscard]] std::string short_name() const;
  // One line of plain text.
  [[nodiscard]] std::string_view formula() const;
  [[nodiscard]] Direction direction() const;
  [[nodiscard]] Needs needs() const;
  [[nodiscard]] Pooling pooling() const;
  [[nodiscard]] TargetType target() const;
  // The mean over several target columns, each scored by itself.
  [[nodiscard]] bool multi_column() const;
  // k, a quantile or beta; 0 where the metric has none.
  [[nodiscard]] double parameter() const { return parameter_; }
  [[nodiscard]] const MetricRow& row() const { return *row_; }
  // What computes it; null: the row does.
  [[nodiscard]] const ExternalMetric* external() const { return external_; }

  // The score of `prediction`. Weights are one per row (empty: all one) and
  // an integer weight means that often; a row of weight 0 is not looked at, so
  // a fold, too, is a choice of weights. BadInput: lengths or columns that do
  // not fit, a value that is not finite, or a score that is not defined here.
  [[nodiscard]] Result<double> Evaluate(
      const Truth& truth, PredictionView prediction,
      std::span<const double> weights = {}) const;

  // The same for values that Evaluate is known not to refuse: they are not
  // looked at again. BadInput: a score that is not defined here.
  [[nodiscard]] Result<double> EvaluateTrusted(
      const Truth& truth, PredictionView prediction,
      std::span<const double> weights = {}) const;

  // `value` with this metric's direction.
  [[nodiscard]] MetricValue Value(double value) const {
    return {value, direction()};
  }

  friend bool operator==(const Metric&, const Metric&) = default;

 private:
  const MetricRow* row_;
  double parameter_;
  const ExternalMetric* external_ = nullptr;
};

std::string_view NeedsName(Needs needs);  // "value", "label" ...
std::optional<Needs> ParseNeeds(std::string_view name);

// The metric "custom": what `external` says, which may be null for a metric
// that is asked for its properties only. Labels and probabilities are of
// classes; values and orders of numbers. Orders are scored by fold.
Metric CustomMetric(Direction direction, Needs needs,
                    const ExternalMetric* external = nullptr);

// The metric of that name: a scikit-learn name (with or without "neg_" and
// "_score"), a short name or a Kaggle phrase; case, spaces and punctuation do
// not matter. "map@5", "ndcg@10", "pinball@0.9" and "f_beta@2" carry their
// parameter.
// BadInput: unknown; the hint offers the nearest names.
Result<Metric> FindMetric(std::string_view name);

// The metric whose name is the longest phrase of `text` that is one (whole
// words only); of two equally long ones the first. nullopt: none is named.
std::optional<Metric> FindMetricInText(std::string_view text);

// All metrics, with the usual parameters.
std::vector<Metric> AllMetrics();

// At most three short names, nearest first.
std::vector<std::string> NearestMetricNames(std::string_view name);

}  // namespace treesmith
