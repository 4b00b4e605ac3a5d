// MLP: a small neural network on quantile-scaled inputs.
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

constexpr std::string_view kWide = "(256, 128)";

constexpr std::string_view kRegression = R"py(
def fit_predict(x, y, x_test, seed):
    """A small neural network on @scaled@."""
    mean, spread = y.mean(@axis@), y.std(@axis@) + 1e-9
    model = MLPRegressor(
@arguments@@stop@        random_state=seed,
    )
    model.fit(x, (y - mean) / spread)
    return model.predict(x_test) * spread + mean
)py";

constexpr std::string_view kClasses = R"py(
def fit_predict(x, y, x_test, seed):
    """A small neural network."""
    model = MLPClassifier(
@arguments@@stop@        random_state=seed,
    )
    model.fit(x, y)
    return model.predict_proba(x_test)
)py";

const std::vector<KnobRange>& Knobs() {
  static const std::vector<KnobRange> knobs = {
      {"alpha", 1e-5, 10, Scale::kLogarithmic},
      {"learning_rate_init", 2e-4, 0.01, Scale::kLogarithmic},
      {"batch_size", 32, 1024, Scale::kLogarithmic, true},
      {"max_iter", 10, 200, Scale::kLogarithmic, true},
  };
  return knobs;
}

ModelSource Render(const TaskFacts& /*facts*/, const Recipe& recipe) {
  std::vector<std::pair<std::string, std::string>> arguments = {
      {"hidden_layer_sizes", recipe.Choice("layers", "(64, 32)")}};
  for (auto& argument : KnobArguments(recipe, Knobs())) {
    arguments.push_back(std::move(argument));
  }
  const bool classes = FitsClasses(recipe);
  const bool shared = SharesTargets(recipe);
  const bool early = recipe.Choice("stop", "early") == "early";
  return {
      .imports = {"import warnings",
                  "from sklearn.exceptions import ConvergenceWarning",
                  classes ? "from sklearn.neural_network import MLPClassifier"
                          : "from sklearn.neural_network import MLPRegressor"},
      .source = "\nwarnings.simplefilter(\"ignore\", ConvergenceWarning)\n\n" +
                FillTemplate(
                    classes ? kClasses : kRegression,
                    {{"arguments", PythonArguments(arguments, 8)},
                     {"scaled", shared ? "scaled targets" : "a scaled target"},
                     {"axis", shared ? "axis=0" : ""},
                     {"stop", early ? "        early_stopping=True,\n" : ""}})};
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "mlp"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  recipe.knobs = {{"alpha", facts.rows < 3000 ? 0.3 : 0.001},
                  {"learning_rate_init", 0.002},
                  {"batch_size", facts.rows < 20'000 ? 64 : 512},
                  {"max_iter", facts.rows < 20'000 ? 60 : 20}};
  recipe.choices["scaler"] = "quantile";
  recipe.choices["layers"] = "(64, 32)";
  recipe.seeds = facts.rows < 5000 ? 3 : 1;
  if (TargetsMayBeShared(facts, recipe)) ShareTargets(recipe);
  AddUsualBlocks(facts, recipe);
  for (const std::string_view name :
       {"feature.cycles", "clean.missing-flags"}) {
    if (BlockFits(*FindBlock(name), facts, recipe)) recipe.blocks.emplace(name);
  }
  return recipe;
}

// Measured: a row, a batch and a cell each take their time, and wide layers
// four times as long.
double Cost(const TaskFacts& facts, const Recipe& recipe) {
  const double batches = 1 / recipe.Knob("batch_size", 64);
  const double epoch = MegaRows(facts, recipe) * (12 + 1600 * batches) +
                       0.15 * MegaScaledCells(facts, recipe);
  const double wide = recipe.Choice("layers", "") == kWide ? 4 : 1;
  return epoch * recipe.Knob("max_iter", 40) * wide;
}

// A tenth of the rows decides when to stop.
bool SmallHoldOut(const TaskFacts& facts, const Recipe& recipe) {
  return facts.rows < 1500 && recipe.Choice("stop", "early") == "early";
}

void FixRounds(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.choices["stop"] = "fixed";
  ScaleKnob(recipe, *FindFamily("mlp"), "max_iter", 0.5);
}

bool Wider(const TaskFacts& facts, const Recipe& recipe) {
  return facts.rows > 2000 && recipe.Choice("layers", "") != kWide;
}

}  // namespace

ModelFamily MlpFamily() {
  return {
      .name = "mlp",
      .title = "Neural network",
      .input = InputKind::kScaled,
      .random = true,
      .many_targets = true,
      .fits =
          [](const TaskFacts& facts) {
            return !facts.columns.empty() && facts.rows >= 300;
          },
      .draft = Draft,
      .reason = "A smooth model errs unlike trees, so that both blend well.",
      .render = Render,
      .cost = Cost,
      .knobs = Knobs(),
      .changes = {
          {"wider",
           "More units can follow finer structure.",
           {.gain = 0.5, .cost = 3},
           Wider,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             recipe.choices["layers"] = kWide;
           }},
          {"damped",
           "Stronger decay follows less noise.",
           {.gain = 0.4},
           nullptr,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             ScaleKnob(recipe, *FindFamily("mlp"), "alpha", 10);
           }},
          {"longer",
           "The network may not be done learning.",
           {.gain = 0.4, .cost = 2},
           nullptr,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             ScaleKnob(recipe, *FindFamily("mlp"), "max_iter", 2);
           }},
          {"fixed-rounds",
           "So few rows held out tell chance, not when to stop.",
           {.gain = 0.3},
           SmallHoldOut,
           FixRounds},
          {"many-seeds",
           "Networks differ much from seed to seed.",
           {.gain = 0.3, .cost = 1.7},
           [](const TaskFacts& /*facts*/, const Recipe& recipe) {
             return recipe.seeds == 3;
           },
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             recipe.seeds = 5;
           }},
          {"standard-scaler",
           "Distances kept as they are instead of ranks.",
           {.gain = 0.1},
           nullptr,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             recipe.choices["scaler"] = "standard";
           }},
      }};
}

}  // namespace treesmith
