// Corrections of the answer that are learnt on training rows held out from a
// first fit. Residuals of rows fitted on would say too little: boosted trees
// follow those.
#include <map>
#include <string>

#include "operators/builtin/feature_block.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

// Of the two fits one is on three quarters of the rows.
constexpr double kCost = 1.8;

constexpr std::string_view kRescale = R"py(
def rescale(answer, foretold, known):
    """Times the factor that would have suited rows held out."""
@best@    # Few rows tell little of it.
    trust = len(known) / (len(known) + 100)
    return answer * (1 + trust * (best - 1))
)py";

// The exponential of one wild answer would outweigh all others.
constexpr std::string_view kBestOfMeans =
    R"py(    # The mean of logarithms or roots falls short of the target's mean.
    tame = foretold.clip(0, known.max())
    best = np.clip(known.sum() / max(tame.sum(), 1e-9), 0.5, 2)
)py";

constexpr std::string_view kBestOfErrors = R"py(
    def error(factor):
        errors = np.abs(factor * foretold - known)
        return @error@

    best = min(np.linspace(0.7, 1.3, 61), key=error)
)py";

constexpr std::string_view kShift = R"py(
def shift(answer, foretold, known):
    """Moved until the right share of rows held out lies below."""
    return answer + np.quantile(known - foretold, QUANTILE)
)py";

// No chance is nothing: a single wrong one would outweigh all others.
constexpr std::string_view kTemper = R"py(
def temper(answer, foretold, known):
    """Chances to the power that would have suited rows held out."""
    column = foretold.columns.get_indexer(known)
    seen = column >= 0
    column, logs = column[seen], np.log(foretold[seen].clip(lower=1e-6).to_numpy())

    def loss(power):
        total = np.exp(power * logs).sum(axis=1)
        return np.mean(np.log(total) - power * logs[np.arange(len(logs)), column])

    best = min(np.geomspace(0.25, 4, 81), key=loss)
    # Few rows tell little of it.
    best **= len(known) / (len(known) + 100)
    chances = answer.clip(lower=1e-6) ** best
    return chances.div(chances.sum(axis=1), axis=0)
)py";

// What the metric makes of the absolute errors of all rows.
const std::map<std::string, std::string>& MeansOfErrors() {
  static const std::map<std::string, std::string> means = {
      {"mae", "errors.mean()"},
      {"mcmae", "errors.mean()"},
      {"medae", "np.median(errors)"},
      {"mape", "np.mean(errors / known.clip(1e-9))"},
      {"smape", "np.mean(errors / (np.abs(factor * foretold) + known + 1e-9))"},
  };
  return means;
}

std::vector<std::pair<std::string, std::string>> BestFactor(
    const TaskFacts& facts) {
  if (MeanMetric(facts)) return {{"best", std::string(kBestOfMeans)}};
  const auto error = MeansOfErrors().find(facts.metric);
  if (error == MeansOfErrors().end()) return {{"best", "    best = 1.0\n"}};
  return {{"best", FillTemplate(kBestOfErrors, {{"error", error->second}})}};
}

bool OfNumbers(const TaskFacts& facts, const Recipe& recipe) {
  return facts.answer == AnswerKind::kValue && !FitsClasses(recipe) &&
         !SharesTargets(recipe) && recipe.target_transform != "rank";
}

// Models that foretell the mean or the median of something else than the metric
// asks for.
bool MissesByAFactor(const TaskFacts& facts, const Recipe& recipe) {
  if (!OfNumbers(facts, recipe) || !LogsFit(facts)) return false;
  const bool curved = recipe.target_transform != "raw";
  if (MeanMetric(facts)) return curved;
  // Of a sum a factor for each part would suit the parts.
  if (SumsParts(recipe) || !MeansOfErrors().contains(facts.metric)) {
    return false;
  }
  if (facts.metric == "smape") return true;
  if (facts.metric == "mape") return facts.target_facts.minimum > 0;
  if (facts.target_facts.skew < 0.7) return false;
  return facts.metric == "medae" || (curved && recipe.objective == "squared");
}

bool AsksForAQuantile(const TaskFacts& facts, const Recipe& recipe) {
  return OfNumbers(facts, recipe) && facts.metric.starts_with("pinball") &&
         !SumsParts(recipe);
}

// Of models that do not minimise the log loss themselves: measured, those that
// do are hardly ever off.
bool CountsChances(const TaskFacts& facts, const Recipe& recipe) {
  const bool counts =
      recipe.family == "extra-trees" || recipe.family == "neighbours";
  return counts && facts.answer == AnswerKind::kProbability &&
         FitsClasses(recipe) &&
         (facts.metric == "logloss" || facts.metric == "mclogloss");
}

}  // namespace

std::span<const FeatureBlock> HeldOutBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "post.rescale",
       .stage = BlockStage::kHeldOut,
       .function = "rescale",
       .reason = "What the model foretells is off by a factor for this metric.",
       .source = kRescale,
       .bind = BestFactor,
       .fits = MissesByAFactor,
       .prior = {.gain = 0.5, .cost = kCost}},
      {.name = "post.shift",
       .stage = BlockStage::kHeldOut,
       .function = "shift",
       .reason = "The right share of rows should lie below the answer.",
       .source = kShift,
       .fits = AsksForAQuantile,
       .prior = {.gain = 0.5, .cost = kCost}},
      {.name = "post.temper",
       .stage = BlockStage::kHeldOut,
       .function = "temper",
       .reason = "Chances may be too sure of themselves, or too shy.",
       .source = kTemper,
       .fits = CountsChances,
       .prior = {.gain = 0.5, .cost = kCost}},
  };
  return blocks;
}

}  // namespace treesmith
