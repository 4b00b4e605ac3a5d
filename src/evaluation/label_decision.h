// The host decides labels (design 5.3): from probabilities or scores to the
// labels that a metric compares.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "score/decide.h"
#include "score/metric.h"
#include "table/predictions.h"
#include "table/target.h"

namespace treesmith {

// Whether predictions of this kind must be decided before the metric can look.
bool NeedsDecision(const Metric& metric, PredictionKind kind);

// Without any fitting: the most probable class, the nearest class to a score.
// A column a target.
std::vector<float> DecidePlainly(const Target& target,
                                 const Predictions& predictions);

// Fitted on the other folds' rows and applied to each fold's own; where there
// is one fold only, by halves (score/decide.h). Several targets are decided
// plainly. A column a target.
Result<std::vector<float>> DecideAcrossFolds(const Metric& metric,
                                             const Target& target,
                                             const HiddenRows& rows,
                                             PredictionKind kind,
                                             PredictionView predictions);

// How the labels of the real test are decided, fitted on all hidden rows;
// nothing for several targets, which are decided plainly.
// REQUIRES: NeedsDecision(metric, hidden.kind)
Result<std::optional<Decision>> FitForTest(const Metric& metric,
                                           const Truth& truth,
                                           const Predictions& hidden);
// Labels by what FitForTest gave for the same target.
Predictions DecideForTest(const std::optional<Decision>& decision,
                          const Target& target, const Predictions& test);

}  // namespace treesmith
