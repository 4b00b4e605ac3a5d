#include "evaluation/label_decision.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "table/value.h"

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

// What a score of each class is: its number, or its index where one has none.
std::vector<double> ScoresOf(const std::vector<std::string>& classes) {
  std::vector<double> scores;
  for (const std::string& name : classes) {
    const std::optional<double> number = ParseNumber(name);
    if (!number) {
      scores.resize(classes.size());
      std::iota(scores.begin(), scores.end(), 0.0);
      return scores;
    }
    scores.push_back(*number);
  }
  return scores;
}

// The index of the class whose score is nearest, of two the lower one.
std::vector<float> Nearest(const Target& target, PredictionView view) {
  const std::vector<double> scores = ScoresOf(target.classes);
  std::vector<float> labels;
  labels.reserve(view.values.size());
  for (const float value : view.values) {
    const auto nearest = std::ranges::min_element(
        scores, {}, [value](double score) { return std::abs(score - value); });
    labels.push_back(static_cast<float>(nearest - scores.begin()));
  }
  return labels;
}

std::vector<float> Plainly(const Target& target, PredictionKind kind,
                           PredictionView view) {
  if (kind == PredictionKind::kProbability) {
    return MostProbable(view, target.columns());
  }
  if (kind == PredictionKind::kScore) return Nearest(target, view);
  return {view.values.begin(), view.values.end()};
}

}  // namespace

bool NeedsDecision(const Metric& metric, PredictionKind kind) {
  return metric.needs() == Needs::kLabel && kind != PredictionKind::kLabel;
}

std::vector<float> DecidePlainly(const Target& target,
                                 const Predictions& predictions) {
  return Plainly(target, predictions.kind,
                 {predictions.values, predictions.columns});
}

Result<std::vector<float>> DecideAcrossFolds(const Metric& metric,
                                             const Target& target,
                                             const HiddenRows& rows,
                                             PredictionKind kind,
                                             PredictionView predictions) {
  if (target.columns() > 1) return Plainly(target, kind, predictions);
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
                          const Target& target, const Predictions& test) {
  return {PredictionKind::kLabel, target.columns(),
          decision ? ApplyDecision(*decision, {test.values, test.columns})
                   : DecidePlainly(target, test)};
}

}  // namespace treesmith
