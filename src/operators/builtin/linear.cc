// Linear models on scaled numbers and one-hot categories.
#include <algorithm>

#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

// What a spline makes of one column.
constexpr double kSplineColumns = 8;

constexpr std::string_view kRidge = R"py(
def fit_predict(x, y, x_test, seed):
    """Ridge regression; generalised cross-validation chooses its strength."""
    model = RidgeCV(alphas=np.logspace(-2, 4, 25))
    model.fit(x, y)
    return model.predict(x_test)
)py";

// RidgeCV decomposes the whole table of rows: seven times as long, measured.
constexpr std::string_view kTallRidge = R"py(
def fit_predict(x, y, x_test, seed):
    """Ridge regression; the error on rows left out one by one sets its strength."""
    x_mean, y_mean = x.mean(axis=0), y.mean()
    x, y = x - x_mean, y - y_mean
    values, vectors = np.linalg.eigh(x.T @ x)
    turned = x @ vectors
    products, squares = turned.T @ y, turned**2

    def error(strength):
        damped = 1 / (values.clip(0) + strength)
        own = 1 / len(y) + squares @ damped
        return np.mean(((y - turned @ (products * damped)) / (1 - own)) ** 2)

    strength = min(np.logspace(-2, 4, 25), key=error)
    weights = vectors @ (products / (values.clip(0) + strength))
    return (x_test - x_mean) @ weights + y_mean
)py";

constexpr std::string_view kElastic = R"py(
def fit_predict(x, y, x_test, seed):
    """A sparse linear model; its strength comes from folds within train."""
    # Drawn, since rows may stand in the order of the target.
    folds = KFold(5, shuffle=True, random_state=seed)
    model = ElasticNetCV(
        l1_ratio=[0.1, 0.5, 0.9, 1.0], alphas=40, cv=folds, max_iter=3000, n_jobs=THREADS
    )
    model.fit(x, y)
    return model.predict(x_test)
)py";

// These two know no penalty that suits every unit of the target.
constexpr std::string_view kHuber = R"py(
def fit_predict(x, y, x_test, seed@weight@):
    """A linear model that large residuals do not pull, on a scaled target."""
    spread = y.std() + 1e-9
    model = HuberRegressor(epsilon=1.1, alpha=@alpha@, max_iter=500)
    model.fit(x, y / spread@fit_arguments@)
    return model.predict(x_test) * spread
)py";

// As sklearn's QuantileRegressor, whose linear program takes minutes of some
// thousand rows.
constexpr std::string_view kQuantile = R"py(
def fit_predict(x, y, x_test, seed):
    """A linear quantile of a scaled target: pinball loss with a rounded corner."""
    spread = y.std() + 1e-9
    y, width = y / spread, 0.02
    x, x_test = (np.column_stack([np.ones(len(t)), t]) for t in (x, x_test))
    penalty = @alpha@ / len(y) * (np.arange(x.shape[1]) > 0)

    def loss(weights):
        errors = y - x @ weights
        value = QUANTILE * errors + width * np.logaddexp(0, -errors / width)
        slope = QUANTILE - expit(-errors / width)
        return (
            value.mean() + penalty @ weights**2 / 2,
            penalty * weights - slope @ x / len(y),
        )

    start = np.zeros(x.shape[1])
    start[0] = np.quantile(y, QUANTILE)
    return x_test @ minimize(loss, start, jac=True, method="L-BFGS-B").x * spread
)py";

constexpr std::string_view kLogistic = R"py(
def fit_predict(x, y, x_test, seed):
    """Logistic regression."""
    model = LogisticRegression(C=@strength@, max_iter=1000)
    model.fit(x, y)
    return model.predict_proba(x_test)
)py";

constexpr std::string_view kLasso = R"py(
def fit_predict(x, y, x_test, seed):
    """Logistic regression that gives most columns no weight at all."""
    model = LogisticRegression(
        C=@strength@, l1_ratio=1, solver="saga", tol=1e-3, max_iter=300, random_state=seed
    )
    model.fit(x, y)
    return model.predict_proba(x_test)
)py";

const std::vector<KnobRange>& Knobs() {
  static const std::vector<KnobRange> knobs = {
      {"C", 0.001, 30, Scale::kLogarithmic},
      {"alpha", 0.001, 100, Scale::kLogarithmic},
  };
  return knobs;
}

ModelSource Render(const TaskFacts& facts, const Recipe& recipe) {
  const std::string penalty = recipe.Choice("penalty", "ridge");
  if (FitsClasses(recipe)) {
    return {.imports = {"from sklearn.linear_model import LogisticRegression"},
            .source = FillTemplate(
                penalty == "lasso" ? kLasso : kLogistic,
                {{"strength", PythonNumber(recipe.Knob("C", 1))}})};
  }
  if (recipe.objective == "absolute") {
    return {.imports = {"from sklearn.linear_model import HuberRegressor"},
            .source = FillTemplate(
                kHuber, {{"alpha", PythonNumber(recipe.Knob("alpha", 1))},
                         {"weight", WeightParameter(recipe)},
                         {"fit_arguments", WeightArgument(recipe)}})};
  }
  if (recipe.objective == "quantile") {
    return {.imports = {"from scipy.optimize import minimize",
                        "from scipy.special import expit"},
            .source = FillTemplate(
                kQuantile, {{"alpha", PythonNumber(recipe.Knob("alpha", 1))}})};
  }
  if (penalty == "elastic") {
    return {.imports = {"from sklearn.linear_model import ElasticNetCV",
                        "from sklearn.model_selection import KFold"},
            .source = std::string(kElastic)};
  }
  if (facts.rows >= kFewRows) return {.source = std::string(kTallRidge)};
  return {.imports = {"from sklearn.linear_model import RidgeCV"},
          .source = std::string(kRidge)};
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "linear"};
  ChooseObjective(facts, Losses::kAny, recipe);
  if (FitsClasses(recipe)) {
    recipe.knobs = {{"C", facts.rows < 3000 ? 0.1 : 1.0}};
  } else if (recipe.objective == "absolute") {
    recipe.knobs = {{"alpha", 0.1}};
  } else if (recipe.objective == "quantile") {
    recipe.knobs = {{"alpha", 1}};
  }
  AddUsualBlocks(facts, recipe);
  for (const std::string_view name :
       {"feature.cycles", "clean.unskew", "clean.missing-flags"}) {
    if (BlockFits(*FindBlock(name), facts, recipe)) recipe.blocks.emplace(name);
  }
  return recipe;
}

// Visits of a cell, scaling included; measured with up to 400 columns.
double Cost(const TaskFacts& facts, const Recipe& recipe) {
  const double curves =
      recipe.Choice("scaler", "") == "splines" ? kSplineColumns : 1;
  const double cells = MegaScaledCells(facts, recipe) * curves;
  if (FitsClasses(recipe)) {
    const double outputs = facts.target_facts.shape == TargetShape::kClasses
                               ? static_cast<double>(facts.target_facts.classes)
                               : 1;
    const double lasso = recipe.Choice("penalty", "") == "lasso" ? 4 : 1;
    return cells * (1 + 3 * outputs) * lasso;
  }
  if (recipe.objective == "absolute" || recipe.objective == "quantile") {
    return cells * 6;
  }
  return cells * (recipe.Choice("penalty", "") == "elastic" ? 40 : 3);
}

bool Squares(const TaskFacts& facts, const Recipe& recipe) {
  return recipe.objective == "squared" && facts.rows < 30'000;
}

bool Classes(const TaskFacts& /*facts*/, const Recipe& recipe) {
  return FitsClasses(recipe);
}

// With few rows for each column most weights are chance.
bool FewRowsOfColumns(const TaskFacts& facts, const Recipe& recipe) {
  constexpr size_t kFewestColumns = 10;
  constexpr int64_t kRowsOfColumn = 100;
  const size_t columns = facts.columns.size() - recipe.dropped.size();
  return FitsClasses(recipe) && columns >= kFewestColumns &&
         facts.rows < kRowsOfColumn * static_cast<int64_t>(columns) &&
         facts.rows < 30'000;
}

bool Moderate(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return facts.Count(ColumnRole::kNumber) <= 60;
}

}  // namespace

ModelFamily LinearFamily() {
  return {
      .name = "linear",
      .title = "Linear model",
      .input = InputKind::kScaled,
      .fits = [](const TaskFacts& facts) { return !facts.columns.empty(); },
      .likely = FewRows,
      .draft = Draft,
      .reason = "A regularised linear model is cheap, and errs unlike trees.",
      .render = Render,
      .cost = Cost,
      .knobs = Knobs(),
      .changes = {
          {"elastic",
           "Many coefficients may be better at exactly zero.",
           {.gain = 0.4, .cost = 3},
           Squares,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             recipe.choices["penalty"] = "elastic";
           }},
          {"lasso",
           "With few rows for each column most weights should be zero.",
           {.gain = 0.5, .cost = 3},
           FewRowsOfColumns,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             recipe.choices["penalty"] = "lasso";
             recipe.knobs["C"] = std::min(recipe.Knob("C", 1), 0.1);
           }},
          {"stronger",
           "A stronger penalty follows less noise.",
           {.gain = 0.4},
           Classes,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             ScaleKnob(recipe, *FindFamily("linear"), "C", 0.2);
           }},
          {"weaker",
           "A weaker penalty follows finer structure.",
           {.gain = 0.2, .cost = 1.5},
           Classes,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             ScaleKnob(recipe, *FindFamily("linear"), "C", 5);
           }},
          {"splines",
           "Smooth curves instead of straight lines.",
           {.gain = 1.5, .cost = 4},
           Moderate,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             recipe.choices["scaler"] = "splines";
           }},
          {"quantiles",
           "Ranks instead of values tame any distribution.",
           {.gain = 0.5, .cost = 1.2},
           nullptr,
           [](const TaskFacts& /*facts*/, Recipe& recipe) {
             recipe.choices["scaler"] = "quantile";
           }},
      }};
}

}  // namespace treesmith
