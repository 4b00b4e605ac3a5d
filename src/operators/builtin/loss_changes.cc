// Changes of the scale of the target, of the loss and of the weights of rows.
#include <cmath>
#include <set>

#include "operators/builtin/general_change.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/series.h"

namespace treesmith {
namespace {

bool AnyLoss(const Recipe& recipe) {
  return recipe.family == "lightgbm" || recipe.family == "xgboost" ||
         recipe.family == "catboost";
}

bool Positive(const TaskFacts& facts, const Recipe& recipe) {
  return NumberModel(facts, recipe) && LogsFit(facts);
}

// Losses of counts and amounts are fitted through a logarithm of their own.
bool CountLoss(const TaskFacts& facts, const Recipe& recipe) {
  return AnyLoss(recipe) && Positive(facts, recipe) && !HasBase(recipe) &&
         facts.target_facts.skew > 0.7;
}

// Losses that no target of zero or less may have.
bool GammaLoss(const TaskFacts& facts, const Recipe& recipe) {
  return CountLoss(facts, recipe) && recipe.family != "catboost" &&
         facts.target_facts.minimum > 0 && !SumsParts(recipe);
}

// Small errors count as in squares, large ones ever less, so that boosting
// learns faster than by signs: measured, a gain for few small trees only. On a
// skewed target itself the scale of its errors would be that of its tail.
bool RobustLoss(const TaskFacts& facts, const Recipe& recipe) {
  static const std::set<std::string> metrics = {"mae", "mcmae", "medae", "mape",
                                                "smape"};
  const bool even = recipe.target_transform == "log1p" ||
                    recipe.target_transform == "log" ||
                    std::abs(facts.target_facts.skew) < 1;
  return NumberModel(facts, recipe) && recipe.family == "lightgbm" &&
         facts.rows < kFewRows && facts.answer == AnswerKind::kValue &&
         metrics.contains(facts.metric) && even;
}

bool LogsMayHelp(const TaskFacts& facts, const Recipe& recipe) {
  return Positive(facts, recipe) && facts.target_facts.skew > 0.7 &&
         recipe.target_transform != LogOf(facts);
}

void TakeLogs(const TaskFacts& facts, Recipe& recipe) {
  if (recipe.objective == "poisson" || recipe.objective == "tweedie" ||
      recipe.objective == "gamma") {
    recipe.objective = "squared";
  }
  FitLogs(facts, recipe);
}

bool FewValues(const TaskFacts& facts, const Recipe& recipe) {
  const int64_t values = facts.target_facts.classes;
  return facts.Regression() && !facts.MultiTarget() &&
         facts.target_facts.integer && values > 2 && values <= 60 &&
         facts.rows >= 20 * values && recipe.family != "linear" &&
         recipe.family != "gaussian-process" && recipe.family != "additive" &&
         recipe.family != "shares" && !HasBase(recipe) && !FitsClasses(recipe);
}

void Losses(std::string_view objective, std::string_view transform,
            Recipe& recipe) {
  recipe.objective = objective;
  recipe.target_transform = transform;
}

std::vector<GeneralChange> ScaleChanges() {
  return {
      {"target.log1p",
       "Errors of a long-tailed target even out on a log scale.",
       {.gain = 0.6},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return LogsMayHelp(facts, recipe) && !LogsWantFactor(facts, recipe);
       },
       TakeLogs},
      {"target.log1p",
       "Errors of a long-tailed target even out on a log scale; a factor puts "
       "right what its mean lacks.",
       {.gain = 0.6, .cost = 1.8},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return LogsMayHelp(facts, recipe) && LogsWantFactor(facts, recipe);
       },
       TakeLogs},
      {"target.sqrt",
       "Square roots tame a tail less harshly than logarithms.",
       {.gain = 0.3},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return Positive(facts, recipe) && facts.target_facts.skew > 0.5 &&
                recipe.target_transform != "sqrt";
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         const bool of_ranks =
             recipe.objective == "absolute" || recipe.objective == "quantile";
         Losses(of_ranks ? recipe.objective : "squared", "sqrt", recipe);
       }},
      {"target.raw",
       "The target as it is, since the metric does not ask for logs.",
       {.gain = 0.0},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return NumberModel(facts, recipe) && recipe.target_transform != "raw";
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.target_transform = "raw";
       }},
  };
}

std::vector<GeneralChange> ObjectiveChanges() {
  return {
      {"objective.squared",
       "Squared errors use every row fully.",
       {.gain = 0.1},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return NumberModel(facts, recipe) && recipe.objective != "squared";
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.objective = "squared";
       }},
      {"objective.absolute",
       "Absolute errors are not pulled by outliers.",
       {.gain = 0.2},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return NumberModel(facts, recipe) && AnyLoss(recipe) &&
                recipe.objective != "absolute" &&
                facts.answer == AnswerKind::kValue && facts.metric != "r2" &&
                facts.metric != "rmse" && facts.metric != "mse";
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.objective = "absolute";
       }},
      {"objective.poisson",
       "A Poisson loss fits counts whose spread grows with their mean.",
       {.gain = 0.4},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return CountLoss(facts, recipe) && recipe.objective != "poisson";
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         Losses("poisson", "raw", recipe);
       }},
      {"objective.tweedie",
       "A Tweedie loss fits amounts with many small values and a long tail.",
       {.gain = 0.4},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return CountLoss(facts, recipe) && recipe.objective != "tweedie";
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         Losses("tweedie", "raw", recipe);
       }},
      {"objective.gamma",
       "A gamma loss fits amounts whose errors grow with their size.",
       {.gain = 0.5},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return GammaLoss(facts, recipe) && recipe.objective != "gamma";
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         Losses("gamma", "raw", recipe);
       }},
      {"objective.fair",
       "Large errors pull little, yet trees learn faster than by signs alone.",
       {.gain = 0.4},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return RobustLoss(facts, recipe) && recipe.objective != "fair";
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.objective = "fair";
       }},
      {"objective.distribution",
       "Few integer targets: model the chance of each and decode for the "
       "metric.",
       {.gain = 0.6, .cost = 6},
       FewValues,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         Losses("distribution", "raw", recipe);
         recipe.choices.erase("target");
         recipe.blocks.erase("post.clip");
         recipe.blocks.erase("post.snap");
       }},
  };
}

std::vector<GeneralChange> WeightChanges() {
  return {
      {"weights.inverse",
       "Relative errors of small targets are large: those rows count more.",
       {.gain = 1},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return InverseWeightsFit(facts, recipe) && !WeighsInversely(recipe);
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["weights"] = "inverse";
       }},
      {"weights.equal",
       "Weights may leave too few rows that count.",
       {.gain = -0.3},
       [](const TaskFacts& /*facts*/, const Recipe& recipe) {
         return WeighsInversely(recipe);
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices.erase("weights");
       }},
  };
}

}  // namespace

std::vector<GeneralChange> LossChanges() {
  std::vector<GeneralChange> all = ScaleChanges();
  for (const auto& more : {ObjectiveChanges(), WeightChanges()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace treesmith
