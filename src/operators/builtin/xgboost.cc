// XGBoost: boosted trees of a fixed depth on binned columns.
#include <map>

#include "operators/builtin/additive.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

constexpr std::string_view kFit = R"py(
def fit_predict(x, y, x_test, seed@weight@):
    """One XGBoost model with a fixed number of trees."""
    model = xgb.@estimator@(
@arguments@        tree_method="hist",
        n_jobs=THREADS,
        random_state=seed,
    )
    model.fit(x, y@fit_arguments@)
    return model.@predict@(x_test)
)py";

const std::vector<KnobRange>& Knobs() {
  static const std::vector<KnobRange> knobs = {
      {"n_estimators", 50, 5000, Scale::kLogarithmic, true},
      {"learning_rate", 0.005, 0.2, Scale::kLogarithmic},
      {"max_depth", 2, 10, Scale::kLinear, true},
      {"min_child_weight", 1, 100, Scale::kLogarithmic},
      {"colsample_bytree", 0.2, 1, Scale::kLinear},
      {"subsample", 0.4, 1, Scale::kLinear},
      {"reg_alpha", 0.1, 20, Scale::kLogarithmic, false, 0},
      {"reg_lambda", 0.1, 50, Scale::kLogarithmic},
  };
  return knobs;
}

std::string ObjectiveName(const Recipe& recipe) {
  static const std::map<std::string, std::string> names = {
      {"squared", "reg:squarederror"}, {"absolute", "reg:absoluteerror"},
      {"poisson", "count:poisson"},    {"tweedie", "reg:tweedie"},
      {"gamma", "reg:gamma"},          {"quantile", "reg:quantileerror"}};
  return names.at(recipe.objective);
}

ModelSource Render(const TaskFacts& facts, const Recipe& recipe) {
  const bool classes = FitsClasses(recipe);
  std::vector<std::pair<std::string, std::string>> arguments;
  // Of classes the estimator chooses it by how many it is shown, which may be
  // two of the table's three.
  if (!classes) {
    arguments.emplace_back("objective", PythonQuote(ObjectiveName(recipe)));
  }
  if (recipe.objective == "quantile") {
    arguments.emplace_back("quantile_alpha",
                           PythonNumber(facts.metric_parameter));
  }
  for (auto& argument : KnobArguments(recipe, Knobs())) {
    arguments.push_back(std::move(argument));
  }
  return {.imports = {"import xgboost as xgb"},
          .source = FillTemplate(
              kFit, {{"estimator", classes ? "XGBClassifier" : "XGBRegressor"},
                     {"predict", classes ? "predict_proba" : "predict"},
                     {"weight", WeightParameter(recipe)},
                     {"fit_arguments", WeightArgument(recipe)},
                     {"arguments", PythonArguments(arguments, 8)}})};
}

// Trees of depth two or three, strongly damped.
void HoldBack(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.knobs["n_estimators"] = 250;
  recipe.knobs["learning_rate"] = 0.03;
  recipe.knobs["max_depth"] = 2;
  recipe.knobs["min_child_weight"] = 20;
  recipe.knobs["colsample_bytree"] = 0.5;
  recipe.knobs["reg_lambda"] = 20;
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "xgboost"};
  ChooseObjective(facts, Losses::kAny, recipe);
  const bool small = WantsSmallTrees(facts);
  const bool many_classes = facts.target_facts.shape == TargetShape::kClasses;
  recipe.knobs = {{"n_estimators", small          ? 250
                                   : many_classes ? 200
                                                  : 400},
                  {"learning_rate", small ? 0.03 : 0.05},
                  {"max_depth", small ? 3 : 6},
                  {"min_child_weight", small ? 2 : 5},
                  {"colsample_bytree", 0.6},
                  {"subsample", 0.8},
                  {"reg_lambda", 3}};
  // One of the boosting families bets on noise, the others on what pairs of
  // columns tell: which is right cannot be seen in single columns.
  if (WeakTogether(facts, recipe)) HoldBack(facts, recipe);
  AddUsualBlocks(facts, recipe);
  // Trees cannot follow a trend beyond the last day.
  if (facts.future && AdditiveFits(facts)) StartFromAdditive(facts, recipe);
  // On more rows a guess of the other targets says nothing new, measured.
  const FeatureBlock& others = *FindBlock("feature.other-targets");
  if (FewRows(facts) && BlockFits(others, facts, recipe)) {
    recipe.blocks.emplace(others.name);
  }
  return recipe;
}

double Cost(const TaskFacts& facts, const Recipe& recipe) {
  const double outputs = FitsClasses(recipe) && facts.target_facts.classes > 2
                             ? static_cast<double>(facts.target_facts.classes)
                             : 1;
  return MegaCells(facts, recipe) * recipe.Knob("n_estimators", 100) * outputs *
         0.02 * recipe.Knob("max_depth", 6);
}

void Slower(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("xgboost"), "learning_rate", 0.5);
  ScaleKnob(recipe, *FindFamily("xgboost"), "n_estimators", 2.2);
}

void MoreTrees(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("xgboost"), "n_estimators", 2);
}

void FewerTrees(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("xgboost"), "n_estimators", 0.5);
}

void Simpler(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("xgboost"), "max_depth", 0.67);
  ScaleKnob(recipe, *FindFamily("xgboost"), "min_child_weight", 3);
}

void Richer(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("xgboost"), "max_depth", 1.35);
}

void FewerColumns(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("xgboost"), "colsample_bytree", 0.5);
}

}  // namespace

ModelFamily XgBoostFamily() {
  return {.name = "xgboost",
          .title = "XGBoost",
          .input = InputKind::kCodes,
          .trees = true,
          .random = true,
          .fits = [](const TaskFacts& facts) { return !facts.columns.empty(); },
          .likely = NotMostlyText,
          .draft = Draft,
          .reason = "A second boosting library errs elsewhere than the first.",
          .render = Render,
          .cost = Cost,
          .knobs = Knobs(),
          .changes = {
              {"more-trees",
               "The boosting may not be done yet.",
               {.gain = 0.8, .cost = 2},
               nullptr,
               MoreTrees},
              {"fewer-trees",
               "The boosting may have gone too far.",
               {.gain = 0.2, .cost = 0.5},
               nullptr,
               FewerTrees},
              {"slower",
               "A lower rate with more trees averages out noise.",
               {.gain = 0.7, .cost = 2.2},
               nullptr,
               Slower},
              {"simpler",
               "Shallower trees of more rows follow less noise.",
               {.gain = 0.5, .cost = 0.7},
               nullptr,
               Simpler},
              {"richer",
               "Deeper trees can follow finer structure.",
               {.gain = 0.2, .cost = 1.5},
               nullptr,
               Richer},
              {"fewer-columns",
               "Trees that see fewer columns differ more.",
               {.gain = 0.3, .cost = 0.8},
               nullptr,
               FewerColumns},
              {"held-back",
               "Where signal is weak, depth follows noise.",
               {.gain = 1.2, .cost = 0.4},
               WeakTogether,
               HoldBack},
          }};
}

}  // namespace treesmith
