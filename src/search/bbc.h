// BBC-CV: what the whole selection is worth, not only its winner.
//
// The winner's own score is too good: it was picked for it. Bootstrap bias
// correction (Tsamardinos, Greasidou, Borboudakis 2018) picks again on every
// draw of the units and scores the pick on the units that were not drawn; no
// script runs again. It sees through the choice among the candidates that it is
// given, not through how they came to be candidates: predictions that were
// fitted or listed by their scores have to be nested. Pure; any thread.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "score/bootstrap.h"

namespace treesmith {

struct BbcEstimate {
  double value = 0;           // expected score of what is picked
  double standard_error = 0;  // of the winner's score, hence of `value`
  double raw = 0;             // the winner's own score
};

// `candidates` are predictions in the form that the metric needs (labels
// decided). BadInput: a prediction is impossible, or no draw has a score on
// both sides.
Result<BbcEstimate> EstimateSelection(
    const Metric& metric, const HiddenRows& rows,
    std::span<const PredictionView> candidates, const BootstrapPlan& plan);

}  // namespace treesmith
