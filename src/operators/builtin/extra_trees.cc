// Extra trees: an average of trees with random thresholds.
#include "operators/builtin/additive.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

constexpr std::string_view kFit = R"py(
def fit_predict(x, y, x_test, seed@weight@):
    """Many independent random trees, averaged."""
    model = @estimator@(
@arguments@        n_jobs=THREADS,
        random_state=seed,
    )
    model.fit(x, y@fit_arguments@)
    return model.@predict@(x_test)
)py";

// Unscaled, the target of the largest numbers alone would choose the splits.
constexpr std::string_view kFitShared = R"py(
def fit_predict(x, y, x_test, seed):
    """Many independent random trees of all scaled targets at once, averaged."""
    mean, spread = y.mean(axis=0), y.std(axis=0) + 1e-9
    model = @estimator@(
@arguments@        n_jobs=THREADS,
        random_state=seed,
    )
    model.fit(x, (y - mean) / spread)
    return model.predict(x_test) * spread + mean
)py";

const std::vector<KnobRange>& Knobs() {
  static const std::vector<KnobRange> knobs = {
      {"n_estimators", 50, 1000, Scale::kLogarithmic, true},
      {"min_samples_leaf", 1, 50, Scale::kLogarithmic, true},
      {"max_features", 0.05, 1, Scale::kLinear},
  };
  return knobs;
}

ModelSource Render(const TaskFacts& /*facts*/, const Recipe& recipe) {
  const bool random = recipe.Choice("thresholds", "random") == "random";
  const std::string estimator =
      std::string(random ? "ExtraTrees" : "RandomForest") +
      (FitsClasses(recipe) ? "Classifier" : "Regressor");
  return {
      .imports = {"from sklearn.ensemble import " + estimator},
      .source = FillTemplate(
          SharesTargets(recipe) ? kFitShared : kFit,
          {{"estimator", estimator},
           {"predict", FitsClasses(recipe) ? "predict_proba" : "predict"},
           {"weight", WeightParameter(recipe)},
           {"fit_arguments", WeightArgument(recipe)},
           {"arguments", PythonArguments(KnobArguments(recipe, Knobs()), 8)}})};
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "extra-trees"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  const bool classes = FitsClasses(recipe);
  recipe.knobs = {{"n_estimators", facts.rows < 20'000 ? 300 : 100},
                  {"min_samples_leaf", facts.rows < 2000 ? 2 : 4},
                  {"max_features", classes ? 0.3 : 0.6}};
  AddUsualBlocks(facts, recipe);
  // Trees cannot follow a trend beyond the last day.
  if (facts.future && AdditiveFits(facts)) StartFromAdditive(facts, recipe);
  if (TargetsMayBeShared(facts, recipe)) ShareTargets(recipe);
  return recipe;
}

double Cost(const TaskFacts& facts, const Recipe& recipe) {
  return MegaCells(facts, recipe) * recipe.Knob("n_estimators", 300) *
         recipe.Knob("max_features", 0.5) * 3;
}

void SmallerLeaves(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("extra-trees"), "min_samples_leaf", 0.5);
}

void LargerLeaves(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("extra-trees"), "min_samples_leaf", 2.5);
}

void AllColumns(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.knobs["max_features"] = 1;
}

void FewerColumns(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("extra-trees"), "max_features", 0.5);
}

void BestThresholds(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.choices["thresholds"] = "best";
}

}  // namespace

ModelFamily ExtraTreesFamily() {
  return {.name = "extra-trees",
          .title = "Extra trees",
          .input = InputKind::kCodes,
          .trees = true,
          .random = true,
          .many_targets = true,
          .fits =
              [](const TaskFacts& facts) {
                return !facts.columns.empty() && facts.rows <= 300'000;
              },
          .draft = Draft,
          .reason = "Independent trees err in other ways than boosted ones.",
          .render = Render,
          .cost = Cost,
          .knobs = Knobs(),
          .changes = {
              {"smaller-leaves",
               "Smaller leaves can follow finer structure.",
               {.gain = 0.4, .cost = 1.3},
               nullptr,
               SmallerLeaves},
              {"larger-leaves",
               "Larger leaves average out more noise.",
               {.gain = 0.4, .cost = 0.8},
               nullptr,
               LargerLeaves},
              {"all-columns",
               "Each split may choose among all columns.",
               {.gain = 0.4, .cost = 1.6},
               nullptr,
               AllColumns},
              {"fewer-columns",
               "Trees that see fewer columns differ more.",
               {.gain = 0.2, .cost = 0.6},
               nullptr,
               FewerColumns},
              {"best-thresholds",
               "Thresholds that are sought, not drawn.",
               {.gain = 0.1, .cost = 2},
               nullptr,
               BestThresholds},
          }};
}

}  // namespace treesmith
