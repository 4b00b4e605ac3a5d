// What predictions are worth to a blend, and what its weights are fitted to.
// For search/ensemble.cc alone.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "score/bootstrap.h"
#include "score/decide.h"
#include "search/ensemble.h"

namespace treesmith {

// Predictions in the metric's form, with what they scored.
struct Judged {
  std::vector<float> values;
  int columns = 1;
  FoldedScore score;
  std::optional<Decision> decision = {};

  [[nodiscard]] PredictionView View() const { return {values, columns}; }
};

// What was judged, with its draws under the plan: what can be compared.
struct Drawn {
  Judged judged;
  std::vector<double> draws;
};

// Whether the host decides the labels of these candidates.
bool Decides(const EnsembleInput& input);
// `predicted`: of all rows, `input.columns` a row. BadInput: impossible for the
// metric.
Result<Judged> Judge(const EnsembleInput& input, std::vector<float> predicted);
Result<Drawn> Draw(const EnsembleInput& input, Judged judged);

// What weights are fitted to. Of labels: the squared error of probabilities
// (or scores), since a blend has to be good before it is cut; of scores in no
// unit: their order.
struct FitTarget {
  BlendSpace space;
  Metric loss;
  Truth truth;
};

FitTarget TargetOf(const EnsembleInput& input);

}  // namespace treesmith
