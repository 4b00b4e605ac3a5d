// Decision: how the host makes labels out of probabilities or scores.
//
// A script gives what it believes; which label pays best under the metric is
// the host's to say, and what that takes (thresholds, cut points, class
// weights) is fitted on hidden rows that are not the ones it is then scored
// on. A Decision is a plain value: stored as JSON, applied to the real test.
// Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "score/bootstrap.h"
#include "score/metric.h"

namespace treesmith {

enum class DecisionKind {
  kArgmax,          // the likeliest class
  kWeightedArgmax,  // the largest weight x probability
  kCutPoints,       // how many cut points the score reaches; two classes: the
                    // threshold. Of several columns: of the expected index
  kMedian,          // the median class value under the probabilities
  kMean,            // their mean
};

struct Decision {
  DecisionKind kind = DecisionKind::kArgmax;
  // Weights by class; rising cut points; the classes' values. Empty: argmax.
  std::vector<double> numbers = {};

  friend bool operator==(const Decision&, const Decision&) = default;
};

// {"kind": "cut-points", "numbers": [0.41]}
std::string DecisionJson(const Decision& decision);
// BadInput: not such a JSON.
Result<Decision> ParseDecision(std::string_view json);

// The decision that suits `metric` on these rows (an empty `weights` is ones).
// The prediction has one column (a probability or any score; of several
// classes: a score that rises with the class) or a column a class.
// `class_values`: only for a metric of numbers whose target has few values,
// predicted by a column each; else empty.
// BadInput: columns that fit no class, or values that are not finite.
Result<Decision> FitDecision(const Metric& metric, const Truth& truth,
                             PredictionView prediction,
                             std::span<const double> weights = {},
                             std::span<const double> class_values = {});

// One label (class index) or value a row. REQUIRES: the columns of the fit.
std::vector<float> ApplyDecision(const Decision& decision,
                                 PredictionView prediction);

struct Decided {
  std::vector<float> values;  // each row by a decision fitted without its fold
  Decision decision;          // fitted on all rows: for the real test
};

// Cross-fitted over the folds; a unit that several of them hide decides none of
// their labels. A single fold is fitted by halves.
Result<Decided> DecideByFold(const Metric& metric, const HiddenRows& rows,
                             PredictionView prediction,
                             std::span<const double> class_values = {});

}  // namespace treesmith
