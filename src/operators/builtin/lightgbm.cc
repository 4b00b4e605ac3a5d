// LightGBM: boosted trees that grow leaf by leaf on binned columns.
#include <algorithm>
#include <cmath>

#include "operators/builtin/additive.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

constexpr std::string_view kFit = R"py(
def fit_predict(x, y, x_test, seed@weight@):
    """One LightGBM model with a fixed number of trees."""
    model = lgb.@estimator@(
@arguments@        n_jobs=THREADS,
        random_state=seed,
        deterministic=True,
        force_col_wise=True,
        verbose=-1,
    )
    model.fit(x, y@fit_arguments@)
    return model.@predict@(x_test)
)py";

// A fifth of the rows says when to stop; all of them are worth some trees more.
constexpr std::string_view kFindRounds = R"py(
def fit_predict(x, y, x_test, seed@weight@):
    """LightGBM with as many trees as suit rows held out."""

    def model(trees):
        return lgb.@estimator@(
            n_estimators=trees,
@arguments@            n_jobs=THREADS,
            random_state=seed,
            deterministic=True,
            force_col_wise=True,
            verbose=-1,
        )

    held = np.random.default_rng(seed).permutation(len(y)) % 5 == 0
@classes@    rest = ~held
    sketch = model(@most@)
    sketch.fit(
        x[rest],
        y[rest],
        eval_set=[(x[held], y[held])],
        callbacks=[lgb.early_stopping(100, verbose=False)],
@sketch_arguments@    )
    best = model(int(1.1 * sketch.best_iteration_) + 1)
    best.fit(x, y@fit_arguments@)
    return best.@predict@(x_test)
)py";

constexpr std::string_view kKeepOfEachClass =
    "    # Each class must be among the rest.\n"
    "    held[np.unique(y, return_index=True)[1]] = False\n";

const std::vector<KnobRange>& Knobs() {
  static const std::vector<KnobRange> knobs = {
      {"n_estimators", 50, 5000, Scale::kLogarithmic, true},
      {"learning_rate", 0.005, 0.2, Scale::kLogarithmic},
      {"num_leaves", 4, 255, Scale::kLogarithmic, true},
      {"min_child_samples", 3, 300, Scale::kLogarithmic, true},
      {"colsample_bytree", 0.2, 1, Scale::kLinear},
      {"subsample", 0.4, 1, Scale::kLinear},
      {"reg_alpha", 0.1, 20, Scale::kLogarithmic, false, 0},
      {"reg_lambda", 0.001, 50, Scale::kLogarithmic},
  };
  return knobs;
}

std::string ObjectiveName(const Recipe& recipe) {
  static const std::map<std::string, std::string> names = {
      {"squared", "regression"}, {"absolute", "regression_l1"},
      {"poisson", "poisson"},    {"tweedie", "tweedie"},
      {"gamma", "gamma"},        {"fair", "fair"},
      {"quantile", "quantile"}};
  return names.at(recipe.objective);
}

bool FindsRounds(const Recipe& recipe) {
  return recipe.Choice("rounds", "fixed") == "found";
}

// What the sketch is fitted with beside rows: what all rows are, but in parts.
std::string SketchArguments(const Recipe& recipe, bool native) {
  std::string text;
  if (native) {
    text += "        categorical_feature=CATEGORY_POSITIONS,\n";
  }
  if (WeighsInversely(recipe)) {
    text +=
        "        sample_weight=weight[rest],\n"
        "        eval_sample_weight=[weight[held]],\n";
  }
  return text;
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
    arguments.emplace_back("alpha", PythonNumber(facts.metric_parameter));
  }
  if (recipe.objective == "fair") {
    // Errors beyond this scale count ever less.
    arguments.emplace_back("fair_c", "0.1 * np.std(y) + 1e-9");
  }
  const bool found = FindsRounds(recipe);
  for (auto& argument : KnobArguments(recipe, Knobs())) {
    if (found && argument.first == "n_estimators") continue;
    arguments.push_back(std::move(argument));
  }
  if (recipe.Knob("subsample", 1) < 1) {
    arguments.emplace_back("subsample_freq", "1");
  }
  const bool native = recipe.Choice("categories", "codes") == "native";
  return {.imports = {"import lightgbm as lgb"},
          .source = FillTemplate(
              found ? kFindRounds : kFit,
              {{"estimator", classes ? "LGBMClassifier" : "LGBMRegressor"},
               {"predict", classes ? "predict_proba" : "predict"},
               {"weight", WeightParameter(recipe)},
               {"most", PythonNumber(recipe.Knob("n_estimators", 1000))},
               {"classes", classes ? std::string(kKeepOfEachClass) : ""},
               {"sketch_arguments", SketchArguments(recipe, native)},
               {"fit_arguments",
                (native ? ", categorical_feature=CATEGORY_POSITIONS" : "") +
                    WeightArgument(recipe)},
               {"arguments", PythonArguments(arguments, found ? 12 : 8)}})};
}

// Trees of depth two or three, strongly damped.
void HoldBack(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.knobs["n_estimators"] = 250;
  recipe.knobs["learning_rate"] = 0.03;
  recipe.knobs["num_leaves"] = 5;
  recipe.knobs["min_child_samples"] = 50;
  recipe.knobs["colsample_bytree"] = 0.5;
  recipe.knobs["reg_lambda"] = 20;
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "lightgbm"};
  ChooseObjective(facts, Losses::kAny, recipe);
  const bool small = WantsSmallTrees(facts);
  const bool many_classes = facts.target_facts.shape == TargetShape::kClasses;
  recipe.knobs = {{"n_estimators", small          ? 250
                                   : many_classes ? 200
                                                  : 400},
                  {"learning_rate", small ? 0.03 : 0.05},
                  {"num_leaves", small ? 8 : 31},
                  {"min_child_samples", small ? 10 : 20},
                  {"colsample_bytree", 0.7},
                  {"subsample", 0.8},
                  {"reg_lambda", 1}};
  AddUsualBlocks(facts, recipe);
  // Trees cannot follow a trend beyond the last day.
  if (facts.future && AdditiveFits(facts)) StartFromAdditive(facts, recipe);
  return recipe;
}

double Cost(const TaskFacts& facts, const Recipe& recipe) {
  const double outputs = FitsClasses(recipe) && facts.target_facts.classes > 2
                             ? static_cast<double>(facts.target_facts.classes)
                             : 1;
  // What is found is fitted twice, and seldom takes the most trees.
  const double fits = FindsRounds(recipe) ? 1.5 : 1;
  return MegaCells(facts, recipe) * recipe.Knob("n_estimators", 100) * outputs *
         fits * 0.02 * std::log2(recipe.Knob("num_leaves", 31));
}

void Slower(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("lightgbm"), "learning_rate", 0.5);
  ScaleKnob(recipe, *FindFamily("lightgbm"), "n_estimators", 2.2);
}

void MoreTrees(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("lightgbm"), "n_estimators", 2);
}

void FewerTrees(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("lightgbm"), "n_estimators", 0.5);
}

void Simpler(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("lightgbm"), "num_leaves", 0.4);
  ScaleKnob(recipe, *FindFamily("lightgbm"), "min_child_samples", 2.5);
  ScaleKnob(recipe, *FindFamily("lightgbm"), "reg_lambda", 4);
}

void Richer(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("lightgbm"), "num_leaves", 2.5);
}

void FewerColumns(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("lightgbm"), "colsample_bytree", 0.5);
}

bool FixesRounds(const TaskFacts& /*facts*/, const Recipe& recipe) {
  return !FindsRounds(recipe);
}

// Few rows held out say little of when to stop; and those drawn must be to
// train's as test's are.
bool RoundsMayBeFound(const TaskFacts& facts, const Recipe& recipe) {
  return facts.rows >= kFewRows && !facts.future && !facts.time_gaps &&
         !HasNewGroups(facts) && !FindsRounds(recipe);
}

void FindRounds(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.choices["rounds"] = "found";
  ScaleKnob(recipe, *FindFamily("lightgbm"), "n_estimators", 4);
}

void NativeCategories(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.choices["categories"] = "native";
}

bool HasCategories(const TaskFacts& facts, const Recipe& recipe) {
  return facts.Count(ColumnRole::kCategory) > 0 ||
         recipe.Has("encode.numbers-as-categories") || NamesKeys(recipe);
}

}  // namespace

ModelFamily LightGbmFamily() {
  return {.name = "lightgbm",
          .title = "LightGBM",
          .input = InputKind::kCodes,
          .trees = true,
          .random = true,
          .fits = [](const TaskFacts& facts) { return !facts.columns.empty(); },
          .likely = [](const TaskFacts& /*facts*/) { return true; },
          .draft = Draft,
          .reason = "Boosted trees are the first thing to try on any table.",
          .render = Render,
          .cost = Cost,
          .knobs = Knobs(),
          .changes =
              {
                  {"more-trees",
                   "The boosting may not be done yet.",
                   {.gain = 0.8, .cost = 2},
                   FixesRounds,
                   MoreTrees},
                  {"fewer-trees",
                   "The boosting may have gone too far.",
                   {.gain = 0.2, .cost = 0.5},
                   FixesRounds,
                   FewerTrees},
                  {"find-rounds",
                   "Rows held out tell at once where the boosting is done.",
                   {.gain = 0.8, .cost = 3},
                   RoundsMayBeFound,
                   FindRounds},
                  {"slower",
                   "A lower rate with more trees averages out noise.",
                   {.gain = 0.7, .cost = 2.2},
                   nullptr,
                   Slower},
                  {"simpler",
                   "Fewer leaves of more rows follow less noise.",
                   {.gain = 0.5, .cost = 0.7},
                   nullptr,
                   Simpler},
                  {"richer",
                   "More leaves can follow finer structure.",
                   {.gain = 0.3, .cost = 1.5},
                   nullptr,
                   Richer},
                  {"fewer-columns",
                   "Trees that see fewer columns differ more.",
                   {.gain = 0.3, .cost = 0.8},
                   nullptr,
                   FewerColumns},
                  {"held-back",
                   "Where signal is weak, shallow and damped trees follow less "
                   "noise.",
                   {.gain = 1.2, .cost = 0.4},
                   WeakTogether,
                   HoldBack},
                  {"native-categories",
                   "Splits on sets of categories need no order.",
                   {.gain = 0.3, .cost = 1.1},
                   HasCategories,
                   NativeCategories},
              }};
}

}  // namespace treesmith
