#include "evaluation/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "evaluation/row_errors.h"

namespace treesmith {
namespace {

// Fewer rows would let a coder read hidden labels off an aggregate.
constexpr size_t kFewestRows = 50;
constexpr size_t kBins = 5;

std::string Number(double value) { return fmt::format("{:.4g}", value); }

std::string GainLine(const std::string& whom, const PairedGain& gain) {
  return (gain.mean >= 0 ? "better than " : "worse than ") + whom + " by " +
         Number(std::abs(gain.mean)) + " (error " +
         Number(gain.standard_error) + ")\n";
}

// Mean error and bias by fifths of the true value: where a regression goes
// wrong.
std::string ByTarget(const Truth& truth, const std::vector<float>& predicted) {
  const size_t rows = truth.rows();
  if (truth.classes != 0 || truth.columns != 1 || rows < kBins * kFewestRows ||
      predicted.size() != rows) {
    return "";
  }
  std::vector<size_t> order(rows);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {},
                           [&](size_t i) { return truth.values[i]; });
  std::string text = "by true value, lowest fifth first (mean error, bias):";
  for (size_t bin = 0; bin < kBins; ++bin) {
    double error = 0;
    double bias = 0;
    const size_t begin = bin * rows / kBins;
    const size_t end = (bin + 1) * rows / kBins;
    for (size_t i = begin; i < end; ++i) {
      const double d =
          static_cast<double>(predicted[order[i]]) - truth.values[order[i]];
      error += std::abs(d);
      bias += d;
    }
    const auto n = static_cast<double>(end - begin);
    text += " " + Number(error / n) + " / " + Number(bias / n) + ";";
  }
  return text + "\n";
}

// How often each class is taken for another; classes of enough rows only.
std::string Confusion(const Target& target, const Truth& truth,
                      const std::vector<float>& labels) {
  const auto classes = static_cast<size_t>(truth.classes);
  if (classes == 0 || truth.columns != 1 || labels.size() != truth.rows() ||
      classes > 10) {
    return "";
  }
  std::vector<std::vector<size_t>> counts(classes,
                                          std::vector<size_t>(classes));
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto real = static_cast<size_t>(truth.values[i]);
    const auto said = static_cast<size_t>(labels[i]);
    if (real < classes && said < classes) ++counts[real][said];
  }
  std::string text;
  for (size_t c = 0; c < classes; ++c) {
    const size_t all =
        std::accumulate(counts[c].begin(), counts[c].end(), size_t{0});
    if (all < kFewestRows) continue;
    text += "class " + target.classes[c] + ": " +
            Number(100.0 * static_cast<double>(counts[c][c]) /
                   static_cast<double>(all)) +
            " % right of " + std::to_string(all) + "\n";
  }
  return text;
}

}  // namespace

Result<std::string> Diagnose(const Scorer& scorer, const ScoreJob& job,
                             const NodeScore& score, const ErrorMap* map) {
  std::string text = "score " + Number(score.value.value()) + " (error " +
                     Number(score.standard_error) + "), by fold:";
  for (const double value : score.unit_values) text += " " + Number(value);
  text += "\n";
  if (score.over_parent) text += GainLine("its parent", *score.over_parent);
  if (score.over_best) text += GainLine("the best", *score.over_best);
  text += "took " + Number(static_cast<double>(job.seconds.count()) / 1000) +
          " s for " + std::to_string(job.own.size()) + " runs; the limit is " +
          Number(static_cast<double>(job.limit.count()) / 1000) + " s a run\n";
  TRY_ASSIGN(const std::vector<Predictions> units, DecodeUnits(job.own));
  // A row told twice would make 25 rows pass for 50.
  const int folds = scorer.plan().distinct_folds();
  TRY_ASSIGN(const std::vector<float> terms,
             scorer.InMetricTerms(units, 0, folds));
  const HiddenStack stack = scorer.Stack(0, folds);
  text += ByTarget(stack.truth, terms);
  if (scorer.metric().needs() == Needs::kLabel) {
    text += Confusion(scorer.target(), stack.truth, terms);
  }
  if (map != nullptr) {
    const PredictionView view{terms, scorer.TermColumns(units.front())};
    text += map->Describe(stack.rows,
                          ErrorsOfRows(scorer.metric(), stack.truth, view));
  }
  if (text.size() > kDiagnosisChars) {
    text.resize(text.rfind('\n', kDiagnosisChars - 1) + 1);
  }
  return text;
}

}  // namespace treesmith
