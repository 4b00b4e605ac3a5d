#include "operators/builtin/objective.h"

namespace treesmith {
namespace {

bool OneOf(std::string_view name,
           std::initializer_list<std::string_view> names) {
  for (const std::string_view candidate : names) {
    if (candidate == name) return true;
  }
  return false;
}

}  // namespace

bool LogMetric(const TaskFacts& facts) {
  return OneOf(facts.metric, {"rmsle", "rmse_log", "mcrmsle"});
}

bool LogsFit(const TaskFacts& facts) {
  return facts.Regression() && facts.answer == AnswerKind::kValue &&
         facts.target_facts.minimum >= 0;
}

std::string LogOf(const TaskFacts& facts) {
  const bool relative = OneOf(facts.metric, {"rmse_log", "smape", "mape"});
  const double least = facts.target_facts.minimum;
  // Parts of the target may be zero where their sum is not.
  const bool small = least > 0 && least < 1 && !PartsFit(facts);
  return relative && small ? "log" : "log1p";
}

bool LogsWantFactor(const TaskFacts& facts, const Recipe& recipe) {
  // It is learnt for one target at a time.
  return MeanMetric(facts) && !SharesTargets(recipe);
}

void FitLogs(const TaskFacts& facts, Recipe& recipe) {
  recipe.target_transform = LogOf(facts);
  if (LogsWantFactor(facts, recipe)) recipe.blocks.insert("post.rescale");
}

bool MeanMetric(const TaskFacts& facts) {
  return OneOf(facts.metric, {"rmse", "mse", "r2", "mcrmse"});
}

bool InverseWeightsFit(const TaskFacts& facts, const Recipe& recipe) {
  const bool takes =
      OneOf(recipe.family,
            {"lightgbm", "xgboost", "catboost", "extra-trees"}) ||
      (recipe.family == "linear" && recipe.objective == "absolute");
  return takes && facts.metric == "mape" && LogsFit(facts) &&
         !FitsClasses(recipe) && !SumsParts(recipe) && !SharesTargets(recipe) &&
         facts.target_facts.minimum > 0;
}

bool WeighsInversely(const Recipe& recipe) {
  return recipe.Choice("weights", "") == "inverse";
}

std::string WeightParameter(const Recipe& recipe) {
  return WeighsInversely(recipe) ? ", weight" : "";
}

std::string WeightArgument(const Recipe& recipe) {
  return WeighsInversely(recipe) ? ", sample_weight=weight" : "";
}

bool FewWholeValues(const TaskFacts& facts) {
  const int64_t values = facts.target_facts.classes;
  return facts.target_facts.integer && facts.answer == AnswerKind::kValue &&
         values > 2 && values <= 60 && facts.rows >= 20 * values;
}

bool PartsFit(const TaskFacts& facts) {
  return facts.parts.size() >= 2 && !facts.MultiTarget() &&
         facts.answer == AnswerKind::kValue;
}

bool SumsParts(const Recipe& recipe) {
  return recipe.Choice("target", "") == "parts";
}

bool SharesTargets(const Recipe& recipe) {
  return recipe.Choice("targets", "each") == "shared";
}

bool FitsClasses(const Recipe& recipe) {
  return recipe.objective == "logloss" || recipe.objective == "distribution";
}

bool NumberModel(const TaskFacts& facts, const Recipe& recipe) {
  // Shares are of amounts, whatever the metric.
  return facts.Regression() && !FitsClasses(recipe) &&
         recipe.family != "shares";
}

void ChooseObjective(const TaskFacts& facts, Losses losses, Recipe& recipe) {
  if (!facts.Regression()) {
    recipe.objective = "logloss";
    return;
  }
  recipe.objective = "squared";
  const std::string& metric = facts.metric;
  const bool any = losses == Losses::kAny;
  if (LogMetric(facts) && LogsFit(facts)) {
    recipe.target_transform = LogOf(facts);
  } else if (OneOf(metric, {"smape", "mape"}) && LogsFit(facts)) {
    recipe.target_transform = LogOf(facts);
    if (any) recipe.objective = "absolute";
  } else if (OneOf(metric, {"mae", "medae", "mcmae"})) {
    if (any) recipe.objective = "absolute";
    const bool tail = facts.target_facts.skew > 1.5 && LogsFit(facts);
    if (!any && tail) recipe.target_transform = "log1p";
    if (FewWholeValues(facts)) recipe.blocks.insert("post.snap");
  } else if (metric.starts_with("pinball")) {
    if (any) recipe.objective = "quantile";
    if (!any) recipe.blocks.insert("post.shift");
  } else if (OneOf(metric, {"spearman", "c_index", "gini"})) {
    recipe.target_transform = "rank";
  }
  if (PartsFit(facts) && recipe.target_transform != "rank") {
    recipe.choices["target"] = "parts";
    recipe.blocks.erase("post.shift");
    recipe.blocks.erase("post.snap");
  }
  if (InverseWeightsFit(facts, recipe)) {
    recipe.choices["weights"] = "inverse";
    // Measured: so weighed, squares of logarithms do better than signs of
    // errors, of which boosting learns slowly.
    if (recipe.family != "linear") recipe.objective = "squared";
  }
  if (facts.answer == AnswerKind::kValue && recipe.target_transform != "rank") {
    recipe.blocks.insert("post.clip");
  }
}

}  // namespace treesmith
