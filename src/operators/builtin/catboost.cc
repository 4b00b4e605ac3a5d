// CatBoost: boosted symmetric trees that encode categories by ordered target
// statistics of their own.
#include <algorithm>
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
    """One CatBoost model; it encodes the categories itself."""
    names = [c for c in x if not pd.api.types.is_numeric_dtype(x[c])]
    model = @estimator@(
@arguments@        cat_features=names,
        thread_count=THREADS,
        random_seed=seed,
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(x, y@fit_arguments@)
    return model.@predict@(x_test)
)py";

const std::vector<KnobRange>& Knobs() {
  static const std::vector<KnobRange> knobs = {
      {"iterations", 50, 4000, Scale::kLogarithmic, true},
      {"learning_rate", 0.01, 0.3, Scale::kLogarithmic},
      {"depth", 2, 9, Scale::kLinear, true},
      {"l2_leaf_reg", 0.5, 50, Scale::kLogarithmic},
      {"rsm", 0.2, 1, Scale::kLinear, false, 1},
      {"random_strength", 0.1, 10, Scale::kLogarithmic, false, 1},
  };
  return knobs;
}

std::string ObjectiveName(const TaskFacts& facts, const Recipe& recipe) {
  static const std::map<std::string, std::string> names = {
      {"squared", "RMSE"},
      {"absolute", "MAE"},
      {"poisson", "Poisson"},
      {"tweedie", "Tweedie:variance_power=1.5"}};
  if (recipe.objective == "quantile") {
    return "Quantile:alpha=" + PythonNumber(facts.metric_parameter);
  }
  if (recipe.objective == "distribution") return "MultiClass";
  if (recipe.objective == "logloss") {
    return facts.target_facts.shape == TargetShape::kBinary ? "Logloss"
                                                            : "MultiClass";
  }
  return names.at(recipe.objective);
}

ModelSource Render(const TaskFacts& facts, const Recipe& recipe) {
  std::vector<std::pair<std::string, std::string>> arguments = {
      {"loss_function", PythonQuote(ObjectiveName(facts, recipe))}};
  for (auto& argument : KnobArguments(recipe, Knobs())) {
    arguments.push_back(std::move(argument));
  }
  // Plain boosting is several times faster; ordered pays on few rows only.
  arguments.emplace_back("boosting_type",
                         PythonQuote(recipe.Choice("boosting", "Plain")));
  if (recipe.Choice("combinations", "one") == "one") {
    arguments.emplace_back("max_ctr_complexity", "1");
  }
  const std::string estimator =
      FitsClasses(recipe) ? "CatBoostClassifier" : "CatBoostRegressor";
  std::string predict = FitsClasses(recipe) ? "predict_proba" : "predict";
  return {.imports = {"from catboost import " + estimator},
          .source = FillTemplate(
              kFit, {{"estimator", estimator},
                     {"predict", predict},
                     {"weight", WeightParameter(recipe)},
                     {"fit_arguments", WeightArgument(recipe)},
                     {"arguments", PythonArguments(arguments, 8)}})};
}

// Trees of depth two or three, strongly damped.
void HoldBack(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.knobs["iterations"] = 250;
  recipe.knobs["learning_rate"] = 0.05;
  recipe.knobs["depth"] = 3;
  recipe.knobs["l2_leaf_reg"] = 20;
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "catboost"};
  ChooseObjective(facts, Losses::kAny, recipe);
  const bool small = WantsSmallTrees(facts);
  const bool many_classes = facts.target_facts.shape == TargetShape::kClasses;
  recipe.knobs = {{"iterations", many_classes ? 250 : 500},
                  {"learning_rate", small ? 0.05 : 0.1},
                  {"depth", small ? 4 : 6},
                  {"l2_leaf_reg", 3}};
  AddUsualBlocks(facts, recipe);
  if (HasKeys(facts)) recipe.choices["keys"] = "names";
  // Trees cannot follow a trend beyond the last day.
  if (facts.future && AdditiveFits(facts)) StartFromAdditive(facts, recipe);
  return recipe;
}

double Cost(const TaskFacts& facts, const Recipe& recipe) {
  const double outputs = FitsClasses(recipe) && facts.target_facts.classes > 2
                             ? static_cast<double>(facts.target_facts.classes)
                             : 1;
  double names = static_cast<double>(facts.Count(ColumnRole::kCategory));
  if (NamesKeys(recipe)) {
    names += static_cast<double>(
        std::ranges::count(facts.columns, true, &FactColumn::key));
  }
  const double share =
      1 + 4 * names / (static_cast<double>(facts.columns.size()) + 1);
  return MegaCells(facts, recipe) * recipe.Knob("iterations", 500) * outputs *
         share * 0.03 * recipe.Knob("depth", 6);
}

void Slower(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("catboost"), "learning_rate", 0.5);
  ScaleKnob(recipe, *FindFamily("catboost"), "iterations", 2.2);
}

void MoreTrees(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("catboost"), "iterations", 2);
}

void Shallower(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("catboost"), "depth", 0.7);
  ScaleKnob(recipe, *FindFamily("catboost"), "l2_leaf_reg", 2);
}

void Deeper(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("catboost"), "depth", 1.34);
}

void Combine(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.choices["combinations"] = "many";
}

void Ordered(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.choices["boosting"] = "Ordered";
}

bool Combinable(const TaskFacts& facts, const Recipe& recipe) {
  return facts.Count(ColumnRole::kCategory) >= 2 || NamesKeys(recipe);
}

bool FewRows(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return facts.rows < 10'000 &&
         facts.target_facts.shape != TargetShape::kClasses;
}

}  // namespace

ModelFamily CatBoostFamily() {
  return {.name = "catboost",
          .title = "CatBoost",
          .input = InputKind::kNamed,
          .trees = true,
          .random = true,
          .fits = [](const TaskFacts& facts) { return !facts.columns.empty(); },
          .likely = NotMostlyText,
          .draft = Draft,
          .reason = "It encodes categories by itself and rarely overfits.",
          .render = Render,
          .cost = Cost,
          .knobs = Knobs(),
          .changes = {
              {"more-trees",
               "The boosting may not be done yet.",
               {.gain = 0.7, .cost = 2},
               nullptr,
               MoreTrees},
              {"slower",
               "A lower rate with more trees averages out noise.",
               {.gain = 0.7, .cost = 2.2},
               nullptr,
               Slower},
              {"shallower",
               "Shallow, damped trees follow less noise.",
               {.gain = 0.3, .cost = 0.7},
               nullptr,
               Shallower},
              {"deeper",
               "Deeper trees can follow finer structure.",
               {.gain = 0.4, .cost = 1.8},
               nullptr,
               Deeper},
              {"combinations",
               "Several categories at once tell more than one.",
               {.gain = 0.8, .cost = 2},
               Combinable,
               Combine},
              {"ordered",
               "Ordered boosting is less biased on few rows.",
               {.gain = 0.3, .cost = 2.5},
               FewRows,
               Ordered},
              {"held-back",
               "Where signal is weak, depth follows noise.",
               {.gain = 1.2, .cost = 0.4},
               WeakTogether,
               HoldBack},
          }};
}

}  // namespace treesmith
