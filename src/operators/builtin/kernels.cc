// Models of few rows that compare every row with every other: support vectors,
// Gaussian processes, kernel ridge and nearest neighbours.
#include <algorithm>

#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

constexpr std::string_view kSvr = R"py(
def fit_predict(x, y, x_test, seed):
    """Support vector regression with a Gaussian kernel, on a scaled target."""
    mean, spread = y.mean(), y.std() + 1e-9
    model = SVR(C=@strength@, epsilon=@epsilon@, gamma=@gamma@ / x.shape[1])
    model.fit(x, (y - mean) / spread)
    return model.predict(x_test) * spread + mean
)py";

constexpr std::string_view kSvc = R"py(
def fit_predict(x, y, x_test, seed):
    """Support vectors with a Gaussian kernel; folds within train calibrate them."""
    machine = SVC(C=@strength@, gamma=@gamma@ / x.shape[1])
    folds = StratifiedKFold(4, shuffle=True, random_state=seed).split(x, y)
    # A class of one row is missing from a fold: then each fold has its machine.
    lone = np.bincount(y).min() < 2
    model = CalibratedClassifierCV(machine, cv=list(folds), ensemble=lone)
    model.fit(x, y)
    return model.predict_proba(x_test)
)py";

constexpr std::string_view kProcess = R"py(
def fit_predict(x, y, x_test, seed):
    """A Gaussian process; its likelihood chooses length and noise."""
    mean, spread = y.mean(), y.std() + 1e-9
    kernel = @kernel@ + WhiteKernel(0.3)
    # The likelihood of a sample chooses, the whole of train is fitted.
    some = np.random.default_rng(seed).permutation(len(x))[:600]
    sketch = GaussianProcessRegressor(kernel, normalize_y=False, random_state=seed)
    sketch.fit(x[some], (y[some] - mean) / spread)
    model = GaussianProcessRegressor(sketch.kernel_, optimizer=None)
    model.fit(x, (y - mean) / spread)
    return model.predict(x_test) * spread + mean
)py";

constexpr std::string_view kChooseKernel = R"py(
def choose_kernel(x, y):
    """Width and penalty that err least on rows left out one by one; the errors."""
    best = (np.inf,)
    for gamma in np.array([0.01, 0.03, 0.1, 0.3, 1]) / x.shape[1]:
        values, vectors = np.linalg.eigh(@kernel@_kernel(x, gamma=gamma))
        turned = vectors.T @ y
        for alpha in np.logspace(-3, 1, 9):
            damped = 1 / (values.clip(0) + alpha)[:, None]
            errors = vectors @ (damped * turned) / (vectors**2 @ damped)
            if np.mean(errors**2) < best[0]:
                best = (np.mean(errors**2), gamma, alpha, errors)
    return best[1:]


def fit_kernel(x, y, x_test, some):
    """Kernel ridge; also what it says of the rows `some` without each of them."""
    # A sample chooses, the whole of train is fitted.
    gamma, alpha, errors = choose_kernel(x[some], y[some])
    model = KernelRidge(alpha=alpha, kernel="@kernel@", gamma=gamma).fit(x, y)
    # In parts, since the kernel of all rows may not fit into memory.
    parts = np.array_split(x_test, len(x_test) // 5000 + 1)
    prediction = np.concatenate([model.predict(part) for part in parts])
    return prediction, y[some] - errors


def sample(y):
    """Up to 800 rows, of each range of the target its share."""
    places = np.linspace(0, len(y) - 1, min(len(y), 800)).astype(int)
    return y.argsort(kind="stable")[places]
)py";

constexpr std::string_view kKernelRidge = R"py(


def fit_predict(x, y, x_test, seed):
    """Kernel ridge on a scaled target."""
    mean, spread = y.mean(), y.std() + 1e-9
    scaled = (y - mean).reshape(-1, 1) / spread
    prediction, _ = fit_kernel(x, scaled, x_test, sample(y))
    return prediction[:, 0] * spread + mean
)py";

constexpr std::string_view kKernelClasses = R"py(


def fit_predict(x, y, x_test, seed):
    """Kernel ridge on a column a class; a logistic model makes chances of them."""
    some = sample(y)
    scores = np.eye(y.max() + 1)[y] - np.bincount(y) / len(y)
    prediction, left_out = fit_kernel(x, scores, x_test, some)
    model = LogisticRegression(C=10, max_iter=1000).fit(left_out, y[some])
    chances = np.zeros(prediction.shape)
    chances[:, model.classes_] = model.predict_proba(prediction)
    return chances
)py";

constexpr std::string_view kNearest = R"py(
def fit_predict(x, y, x_test, seed):
    """Nearest neighbours; columns count by how much they tell of the target."""
    # Drawn, since rows may stand in the order of the target.
    some = np.random.default_rng(seed).permutation(len(x))[:4000]
    told = mutual_info_@kind@(x[some], y[some], random_state=seed)
    weight = np.sqrt(told / (told.max() + 1e-9))
    model = KNeighbors@estimator@(@neighbours@, weights="distance", n_jobs=THREADS)
    model.fit(x * weight, y)
    return model.@predict@(x_test * weight)
)py";

ModelSource RenderVectors(const TaskFacts& /*facts*/, const Recipe& recipe) {
  const std::vector<std::pair<std::string, std::string>> values = {
      {"strength", PythonNumber(recipe.Knob("C", 1))},
      {"epsilon", PythonNumber(recipe.Knob("epsilon", 0.1))},
      {"gamma", PythonNumber(recipe.Knob("gamma", 1))}};
  if (FitsClasses(recipe)) {
    return {
        .imports = {"from sklearn.calibration import CalibratedClassifierCV",
                    "from sklearn.model_selection import StratifiedKFold",
                    "from sklearn.svm import SVC"},
        .source = FillTemplate(kSvc, values)};
  }
  return {.imports = {"from sklearn.svm import SVR"},
          .source = FillTemplate(kSvr, values)};
}

ModelSource RenderProcess(const TaskFacts& /*facts*/, const Recipe& recipe) {
  const bool rough = recipe.Choice("kernel", "smooth") == "rough";
  const std::string kernel = rough ? "Matern" : "RBF";
  return {
      .imports = {"from sklearn.gaussian_process import "
                  "GaussianProcessRegressor",
                  "from sklearn.gaussian_process.kernels import " + kernel,
                  "from sklearn.gaussian_process.kernels import "
                  "WhiteKernel"},
      .source = FillTemplate(
          kProcess, {{"kernel", rough ? "Matern(5.0, nu=1.5)" : "RBF(5.0)"}})};
}

ModelSource RenderKernelRidge(const TaskFacts& /*facts*/,
                              const Recipe& recipe) {
  const std::string kernel = recipe.Choice("kernel", "rbf");
  ModelSource model{
      .imports = {"from sklearn.kernel_ridge import KernelRidge",
                  "from sklearn.metrics.pairwise import " + kernel + "_kernel"},
      .source = FillTemplate(kChooseKernel, {{"kernel", kernel}})};
  model.source += FitsClasses(recipe) ? kKernelClasses : kKernelRidge;
  if (FitsClasses(recipe)) {
    model.imports.emplace_back(
        "from sklearn.linear_model import LogisticRegression");
  }
  return model;
}

ModelSource RenderNearest(const TaskFacts& /*facts*/, const Recipe& recipe) {
  const bool classes = FitsClasses(recipe);
  const std::string estimator = classes ? "Classifier" : "Regressor";
  const std::string kind = classes ? "classif" : "regression";
  return {
      .imports = {"from sklearn.feature_selection import mutual_info_" + kind,
                  "from sklearn.neighbors import KNeighbors" + estimator},
      .source = FillTemplate(
          kNearest,
          {{"kind", kind},
           {"estimator", estimator},
           {"neighbours", PythonNumber(recipe.Knob("neighbours", 20))},
           {"predict", classes ? "predict_proba" : "predict"}})};
}

void AddDistanceBlocks(const TaskFacts& facts, Recipe& recipe) {
  recipe.choices["scaler"] = "quantile";
  AddUsualBlocks(facts, recipe);
  for (const std::string_view name :
       {"feature.cycles", "clean.missing-flags", "encode.quality-words"}) {
    if (BlockFits(*FindBlock(name), facts, recipe)) recipe.blocks.emplace(name);
  }
}

Recipe DraftVectors(const TaskFacts& facts) {
  Recipe recipe{.family = "support-vectors"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  recipe.knobs = {{"C", 3}, {"gamma", 0.3}};
  if (!FitsClasses(recipe)) recipe.knobs["epsilon"] = 0.1;
  AddDistanceBlocks(facts, recipe);
  return recipe;
}

Recipe DraftProcess(const TaskFacts& facts) {
  Recipe recipe{.family = "gaussian-process"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  AddDistanceBlocks(facts, recipe);
  return recipe;
}

Recipe DraftKernelRidge(const TaskFacts& facts) {
  Recipe recipe{.family = "kernel-ridge"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  AddDistanceBlocks(facts, recipe);
  return recipe;
}

Recipe DraftNearest(const TaskFacts& facts) {
  Recipe recipe{.family = "neighbours"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  recipe.knobs = {{"neighbours", facts.rows < 2000 ? 15 : 30}};
  AddDistanceBlocks(facts, recipe);
  return recipe;
}

double Pairs(const TaskFacts& facts, const Recipe& recipe) {
  return MegaCells(facts, recipe) * MegaRows(facts, recipe) * 1e4 + 4;
}

// Measured: eigenvalues of a sample's kernels, then one system of all rows.
double RidgeCost(const TaskFacts& facts, const Recipe& recipe) {
  const double thousands = MegaRows(facts, recipe) * 1000;
  return Pairs(facts, recipe) + 0.1 * thousands * thousands * thousands;
}

void StandardScale(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.choices["scaler"] = "standard";
}

const FamilyChange kStandardScale = {"standard-scaler",
                                     "Distances as they are, not by rank.",
                                     {.gain = 0.4},
                                     nullptr,
                                     StandardScale};

template <int kPercent>
void ScaleStrength(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("support-vectors"), "C", kPercent / 100.0);
}

template <int kPercent>
void ScaleWidth(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("support-vectors"), "gamma", kPercent / 100.0);
}

template <int kPercent>
void ScaleNeighbours(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("neighbours"), "neighbours", kPercent / 100.0);
}

bool FewColumns(const TaskFacts& facts) {
  return !facts.columns.empty() && facts.columns.size() <= 200;
}

}  // namespace

ModelFamily SupportVectorFamily() {
  return {.name = "support-vectors",
          .title = "Support vectors",
          .input = InputKind::kScaled,
          .fits =
              [](const TaskFacts& facts) {
                // Time and memory grow with the square of the rows.
                return FewColumns(facts) && facts.rows <= 8000;
              },
          .likely = FewRows,
          .draft = DraftVectors,
          .reason = "On few rows a smooth kernel often beats trees.",
          .render = RenderVectors,
          .cost = Pairs,
          .knobs = {{"C", 0.1, 100, Scale::kLogarithmic},
                    {"gamma", 0.02, 5, Scale::kLogarithmic},
                    {"epsilon", 0.01, 0.5, Scale::kLogarithmic}},
          .changes = {{"smoother",
                       "A wider kernel follows less noise.",
                       {.gain = 0.5},
                       nullptr,
                       ScaleWidth<30>},
                      {"sharper",
                       "A narrower kernel follows finer structure.",
                       {.gain = 0.3},
                       nullptr,
                       ScaleWidth<300>},
                      {"softer",
                       "More rows may lie beyond their margin.",
                       {.gain = 0.4},
                       nullptr,
                       ScaleStrength<30>},
                      {"harder",
                       "Fewer rows may lie beyond their margin.",
                       {.gain = 0.3, .cost = 1.3},
                       nullptr,
                       ScaleStrength<300>},
                      kStandardScale}};
}

ModelFamily GaussianProcessFamily() {
  return {.name = "gaussian-process",
          .title = "Gaussian process",
          .input = InputKind::kScaled,
          .fits =
              [](const TaskFacts& facts) {
                return FewColumns(facts) && facts.Regression() &&
                       facts.rows <= 3000;
              },
          .draft = DraftProcess,
          .reason = "On few rows it weighs noise against smoothness by itself.",
          .render = RenderProcess,
          .cost = Pairs,
          .changes = {{"rough",
                       "A kernel that allows for kinks.",
                       {.gain = 0.4},
                       nullptr,
                       [](const TaskFacts& /*facts*/, Recipe& recipe) {
                         recipe.choices["kernel"] = "rough";
                       }},
                      kStandardScale}};
}

ModelFamily KernelRidgeFamily() {
  return {.name = "kernel-ridge",
          .title = "Kernel ridge",
          .input = InputKind::kScaled,
          .fits =
              [](const TaskFacts& facts) {
                return FewColumns(facts) && facts.rows <= 5000 &&
                       (facts.Regression() || facts.target_facts.classes <= 50);
              },
          .draft = DraftKernelRidge,
          .reason =
              "A smooth kernel whose width and penalty are chosen by the "
              "errors on rows left out, so that nothing is left to tune.",
          .render = RenderKernelRidge,
          .cost = RidgeCost,
          .changes = {{"rough",
                       "A kernel that allows for kinks.",
                       {.gain = 0.4, .cost = 2},
                       nullptr,
                       [](const TaskFacts& /*facts*/, Recipe& recipe) {
                         recipe.choices["kernel"] = "laplacian";
                       }},
                      kStandardScale}};
}

ModelFamily NeighbourFamily() {
  return {.name = "neighbours",
          .title = "Nearest neighbours",
          .input = InputKind::kScaled,
          .fits =
              [](const TaskFacts& facts) {
                return FewColumns(facts) && facts.rows <= 30'000 &&
                       facts.columns.size() <= 60;
              },
          .draft = DraftNearest,
          .reason =
              "Rows that lie close have like targets; it errs unlike all "
              "others.",
          .render = RenderNearest,
          .cost = Pairs,
          .knobs = {{"neighbours", 3, 200, Scale::kLogarithmic, true}},
          .changes = {{"more",
                       "More neighbours average out more noise.",
                       {.gain = 0.4},
                       nullptr,
                       ScaleNeighbours<250>},
                      {"fewer",
                       "Fewer neighbours lie closer.",
                       {.gain = 0.3},
                       nullptr,
                       ScaleNeighbours<50>},
                      kStandardScale}};
}

}  // namespace treesmith
