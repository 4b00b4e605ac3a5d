#include "operators/builtin/diagnosis_hints.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace treesmith {
namespace {

struct Rule {
  bool (*when)(const DiagnosisHints&);
  std::string_view label;  // or how it begins
  double bonus;
};

// The newest fifth's error over the worst of the others.
constexpr double kGrown = 1.15;

bool TailTooLow(const DiagnosisHints& hints) { return hints.bias_high < -0.5; }
bool BottomTooHigh(const DiagnosisHints& hints) { return hints.bias_low > 0.5; }
bool FoldsDiffer(const DiagnosisHints& hints) {
  return hints.fold_spread > 0.15;
}
bool Unseen(const DiagnosisHints& hints) { return hints.unseen; }
bool InTime(const DiagnosisHints& hints) { return hints.time; }
bool InCategory(const DiagnosisHints& hints) { return hints.category; }
bool InNumber(const DiagnosisHints& hints) { return hints.number; }

constexpr Rule kRules[] = {
    // The largest targets come out too low: losses that weigh them.
    {TailTooLow, "target.raw", 0.4},
    {TailTooLow, "objective.tweedie", 0.4},
    {TailTooLow, "objective.squared", 0.3},
    {TailTooLow, "post.rescale", 0.3},
    {TailTooLow, "lightgbm.richer", 0.3},
    {TailTooLow, "xgboost.richer", 0.3},
    {TailTooLow, "catboost.deeper", 0.3},
    {TailTooLow, "clean.trim-target", -0.4},
    // The smallest come out too high: losses that weigh relative errors.
    {BottomTooHigh, "target.log1p", 0.4},
    {BottomTooHigh, "target.sqrt", 0.3},
    // Folds differ: what does not carry over should go.
    {FoldsDiffer, "columns.drop", 0.4},
    {FoldsDiffer, "clean.scale-in-groups", 0.5},
    {FoldsDiffer, "base.additive", 0.4},
    {FoldsDiffer, "base.level", 0.3},
    {FoldsDiffer, "seeds.more", 0.2},
    {FoldsDiffer, "clean.trim-target", 0.3},
    {Unseen, "columns.drop-unseen", 0.8},
    {Unseen, "feature.code-parts", 0.6},
    {Unseen, "clean.rare", 0.4},
    {Unseen, "encode.counts", 0.3},
    {InTime, "base.additive", 0.8},
    {InTime, "base.level", 0.6},
    {InTime, "feature.lags", 0.5},
    {InTime, "additive.recent", 0.6},
    {InTime, "shares.recent", 0.6},
    {InTime, "feature.holidays", 0.5},
    {InTime, "feature.hour-of-day-kind", 0.4},
    {InTime, "feature.cycles", 0.3},
    {InCategory, "encode.", 0.4},
    {InCategory, "feature.group-deviation", 0.3},
    {InNumber, "feature.ratios", 0.2},
    {InNumber, "feature.neighbours", 0.3},
    {InNumber, "encode.numbers-as-categories", 0.3},
};

// The numbers of the line that begins with `start`.
std::vector<double> NumbersOf(const std::string& text, std::string_view start) {
  std::vector<double> numbers;
  const size_t at = text.find(start);
  if (at == std::string::npos) return numbers;
  const char* here = text.c_str() + at + start.size();
  while (*here != '\0' && *here != '\n') {
    char* end = nullptr;
    const double value = std::strtod(here, &end);
    if (end == here) {
      ++here;
      continue;
    }
    numbers.push_back(value);
    here = end;
  }
  return numbers;
}

double Share(double error, double bias) {
  return error > 0 ? std::clamp(bias / error, -1.0, 1.0) : 0;
}

// The newest fifth of rows is foretold clearly worse than the older ones.
bool GrowsWithTime(const std::string& diagnosis) {
  const bool bias = diagnosis.find("oldest fifth first (mean error, bias):") !=
                    std::string::npos;
  std::vector<double> errors =
      NumbersOf(diagnosis, bias ? "oldest fifth first (mean error, bias):"
                                : "oldest fifth first (mean error):");
  if (bias) {
    for (size_t i = 0; 2 * i < errors.size(); ++i) errors[i] = errors[2 * i];
    errors.resize(errors.size() / 2);
  }
  if (errors.size() < 3) return false;
  const double newest = errors.back();
  errors.pop_back();
  return newest > kGrown * *std::ranges::max_element(errors);
}

}  // namespace

double DiagnosisHints::Bonus(std::string_view label) const {
  double bonus = 0;
  for (const Rule& rule : kRules) {
    if (label.starts_with(rule.label) && rule.when(*this)) bonus += rule.bonus;
  }
  return bonus;
}

DiagnosisHints ReadDiagnosis(const TaskFacts& facts,
                             const std::string& diagnosis) {
  DiagnosisHints hints;
  const std::vector<double> fifths = NumbersOf(
      diagnosis, "by true value, lowest fifth first (mean error, bias):");
  if (fifths.size() >= 4) {
    hints.bias_low = Share(fifths[0], fifths[1]);
    hints.bias_high = Share(fifths[fifths.size() - 2], fifths.back());
  }
  const std::vector<double> folds = NumbersOf(diagnosis, "by fold:");
  if (folds.size() >= 2) {
    const auto [low, high] = std::ranges::minmax(folds);
    const double middle = std::abs(low + high) / 2;
    if (middle > 0) hints.fold_spread = (high - low) / middle;
  }
  hints.unseen = diagnosis.find("unseen values of ") != std::string::npos;
  hints.time = GrowsWithTime(diagnosis);
  for (const FactColumn& column : facts.columns) {
    const bool named =
        diagnosis.find(" of " + column.name + ":") != std::string::npos;
    hints.category |= named && column.role == ColumnRole::kCategory;
    hints.number |= named && column.role == ColumnRole::kNumber;
  }
  return hints;
}

}  // namespace treesmith
