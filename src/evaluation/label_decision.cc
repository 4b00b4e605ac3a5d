#include "evaluation/label_decision.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace treesmith {
namespace {

// The most probable class of each row; one column is P(class 1).
std::vector<float> MostProbable(PredictionView view, int targets) {
  if (view.columns == targets) {
    std::vector<float> labels(view.values.begin(), view.values.end());
    for (float& value : labels) value = value > 0.5F ? 1.0F : 0.0F;
    return labels;
  }
  const auto columns = static_cast<size_t>(view.columns);
  std::vector<float> labels;
  labels.reserve(view.values.size() / columns);
  for (size_t i = 0; i + columns <= view.values.size(); i += columns) {
    const auto row = view.values.subspan(i, columns);
    labels.push_back(
        static_cast<float>(std::ranges::max_element(row) - row.begin()));
  }
  return labels;
}

// The class whose index is nearest.
std::vector<float> Nearest(PredictionView view, int classes) {
  std::vector<float> labels(view.values.begin(), view.values.end());
  for (float& value : labels) {
    value = std::clamp(std::round(value), 0.0F,
                       static_cast<float>(std::max(classes - 1, 0)));
  }
  return labels;
}

std::vector<float> Plainly(PredictionKind kind, PredictionView view,
                           int targets, int classes) {
  if (kind == PredictionKind::kProbability) return MostProbable(view, targets);
  if (kind == PredictionKind::kScore) return Nearest(view, classes);
  return {view.values.begin(), view.values.end()};
}

}  // namespace

bool NeedsDecision(const Metric& metric, PredictionKind kind) {
  return metric.needs() == Needs::kLabel && kind != PredictionKind::kLabel;
}

std::vector<float> DecidePlainly(const Target& target,
                                 const Predictions& predictions) {
  return Plainly(predictions.kind, {predictions.values, predictions.columns},
                 target.columns(), static_cast<int>(target.classes.size()));
}

Result<std::vector<float>> DecideAcrossFolds(const Metric& metric,
                                             const HiddenRows& rows,
                                             PredictionKind kind,
                                             PredictionView predictions) {
  if (rows.truth.columns > 1) {
    return Plainly(kind, predictions, rows.truth.columns, rows.truth.classes);
  }
  TRY_ASSIGN(Decided decided, DecideByFold(metric, rows, predictions));
  return std::move(decided.values);
}

Result<std::optional<Decision>> FitForTest(const Metric& metric,
                                           const Truth& truth,
                                           const Predictions& hidden) {
  if (truth.columns > 1) return std::optional<Decision>();
  TRY_ASSIGN(Decision decision,
             FitDecision(metric, truth, {hidden.values, hidden.columns}));
  return std::optional(std::move(decision));
}

Predictions DecideForTest(const std::optional<Decision>& decision,
                          const Truth& truth, const Predictions& test) {
  const PredictionView view{test.values, test.columns};
  return {PredictionKind::kLabel, truth.columns,
          decision ? ApplyDecision(*decision, view)
                   : Plainly(test.kind, view, truth.columns, truth.classes)};
}

}  // namespace treesmith
