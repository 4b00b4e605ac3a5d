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

std::vector<double> Indexes(size_t classes) {
  std::vector<double> indexes(classes);
  std::iota(indexes.begin(), indexes.end(), 0.0);
  return indexes;
}

// What a score of each class is: its number, or its index where one has none.
std::vector<double> ScoresOf(const std::vector<std::string>& classes) {
  std::vector<double> scores;
  for (const std::string& name : classes) {
    const std::optional<double> number = ParseNumber(name);
    if (!number) return Indexes(classes.size());
    scores.push_back(*number);
  }
  return scores;
}

// The index of the class whose score is nearest. `scores`: ascending.
std::vector<float> Nearest(PredictionView view,
                           const std::vector<double>& scores) {
  std::vector<float> labels;
  labels.reserve(view.values.size());
  for (const float value : view.values) {
    const auto nearest = std::ranges::min_element(
        scores, {}, [value](double score) { return std::abs(score - value); });
    labels.push_back(static_cast<float>(nearest - scores.begin()));
  }
  return labels;
}

std::vector<float> Plainly(PredictionKind kind, PredictionView view,
                           int targets, const std::vector<double>& scores) {
  if (kind == PredictionKind::kProbability) return MostProbable(view, targets);
  if (kind == PredictionKind::kScore) return Nearest(view, scores);
  return {view.values.begin(), view.values.end()};
}

}  // namespace

bool NeedsDecision(const Metric& metric, PredictionKind kind) {
  return metric.needs() == Needs::kLabel && kind != PredictionKind::kLabel;
}

std::vector<float> DecidePlainly(const Target& target,
                                 const Predictions& predictions) {
  return Plainly(predictions.kind, {predictions.values, predictions.columns},
                 target.columns(), ScoresOf(target.classes));
}

Result<std::vector<float>> DecideAcrossFolds(const Metric& metric,
                                             const HiddenRows& rows,
                                             PredictionKind kind,
                                             PredictionView predictions) {
  if (rows.truth.columns > 1) {
    return Plainly(kind, predictions, rows.truth.columns,
                   Indexes(static_cast<size_t>(rows.truth.classes)));
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
                   : Plainly(test.kind, view, truth.columns,
                             Indexes(static_cast<size_t>(truth.classes)))};
}

}  // namespace treesmith
