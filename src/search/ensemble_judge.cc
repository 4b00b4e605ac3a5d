#include "search/ensemble_judge.h"

#include <algorithm>
#include <utility>

namespace treesmith {
namespace {

bool OutsideUnit(const EnsembleInput& input) {
  return std::ranges::any_of(
      input.candidates, [](const EnsembleCandidate& candidate) {
        return std::ranges::any_of(candidate.predictions,
                                   [](float v) { return v < 0 || v > 1; });
      });
}

Truth OneHot(const EnsembleInput& input) {
  Truth truth;
  truth.columns = input.columns;
  for (const double value : input.rows.truth.values) {
    for (int c = 0; c < input.columns; ++c) {
      const double own = input.class_values.empty()
                             ? c
                             : input.class_values[static_cast<size_t>(c)];
      truth.values.push_back(value == own ? 1 : 0);
    }
  }
  return truth;
}

}  // namespace

bool Decides(const EnsembleInput& input) {
  if (!input.class_values.empty()) return true;
  return input.metric.needs() == Needs::kLabel && !input.labels_only;
}

Result<Judged> Judge(const EnsembleInput& input, std::vector<float> predicted) {
  Judged judged;
  if (Decides(input)) {
    TRY_ASSIGN(Decided decided,
               DecideByFold(input.metric, input.rows,
                            {predicted, input.columns}, input.class_values));
    judged.values = std::move(decided.values);
    judged.decision = std::move(decided.decision);
  } else {
    judged.values = std::move(predicted);
    judged.columns = input.columns;
  }
  TRY_ASSIGN(judged.score, ScoreFolds(input.metric, input.rows, judged.View()));
  return judged;
}

Result<Drawn> Draw(const EnsembleInput& input, Judged judged) {
  TRY_ASSIGN(std::vector<double> draws,
             Replicates(input.metric, input.rows, judged.View(), input.plan));
  return Drawn{std::move(judged), std::move(draws)};
}

FitTarget TargetOf(const EnsembleInput& input) {
  const Metric squared = *FindMetric("mse");
  if (!Decides(input)) {
    const Metric& metric = input.metric;
    // Weights take thousands of scores, too many to ask a script for.
    if (metric.external() == nullptr) {
      return {BlendSpaceOf(metric), metric, input.rows.truth};
    }
    const bool classes = metric.needs() == Needs::kProbability;
    return {BlendSpaceOf(metric), classes ? *FindMetric("log_loss") : squared,
            input.rows.truth};
  }
  if (input.columns > 1) return {BlendSpace::kPlain, squared, OneHot(input)};
  if (input.rows.truth.classes == 2 && OutsideUnit(input)) {
    return {BlendSpace::kRank, *FindMetric("auc"), input.rows.truth};
  }
  Truth indexes = input.rows.truth;
  indexes.classes = 0;
  return {BlendSpace::kPlain, squared, std::move(indexes)};
}

}  // namespace treesmith
