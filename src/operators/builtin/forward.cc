// Few-column linear model: forward selection, for signal too weak for trees.
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

constexpr std::string_view kChoose = R"py(
def choose_columns(x, y):
    """Columns that, one after another, help least squares on held-out rows."""
    x = np.column_stack([np.ones(len(x)), x])
    y = y - y.mean()
    order = np.random.default_rng(SEED).permutation(len(y))
    folds = [(x[f].T @ x[f], x[f].T @ y[f]) for f in np.array_split(order, 10)]
    gram, moment = (sum(part) for part in zip(*folds))

    def error(columns):
        grid, total = np.ix_(columns, columns), 0
        for own_gram, own_moment in folds:
            rest = (gram - own_gram)[grid] + 1e-3 * np.eye(len(columns))
            beta = np.linalg.solve(rest, (moment - own_moment)[columns])
            # The squared error but for the constant part.
            total += beta @ own_gram[grid] @ beta - 2 * beta @ own_moment[columns]
        return total

    chosen, best = [0], error([0])
    left = set(range(1, x.shape[1]))
    while left and len(chosen) <= MOST_COLUMNS:
        errors = {k: error([*chosen, k]) for k in sorted(left)}
        column = min(errors, key=errors.get)
        if errors[column] >= best:
            break
        best = errors[column]
        chosen.append(column)
        left.remove(column)
    return [k - 1 for k in chosen[1:]] or [0]


def fit_predict(x, y, x_test, seed):
    """@title@ on the few columns that help."""
    columns = choose_columns(x, y)
    model = @model@
    model.fit(x[:, columns], y)
    return model.@predict@(x_test[:, columns])
)py";

const std::vector<KnobRange>& Knobs() {
  static const std::vector<KnobRange> knobs = {
      {"most_columns", 1, 40, Scale::kLogarithmic, true},
      {"C", 0.001, 30, Scale::kLogarithmic},
  };
  return knobs;
}

ModelSource Render(const TaskFacts& /*facts*/, const Recipe& recipe) {
  const bool classes = FitsClasses(recipe);
  const std::string strength = PythonNumber(recipe.Knob("C", 1));
  return {
      .imports = {classes
                      ? "from sklearn.linear_model import LogisticRegression"
                      : "from sklearn.linear_model import Ridge"},
      .source = FillTemplate(
          kChoose, {{"title", classes ? "Logistic regression" : "Ridge"},
                    {"model", classes ? "LogisticRegression(C=" + strength + ")"
                                      : "Ridge(1 / " + strength + ")"},
                    {"predict", classes ? "predict_proba" : "predict"}})};
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "forward-linear"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  recipe.knobs = {{"most_columns", 8}, {"C", 1}};
  AddUsualBlocks(facts, recipe);
  for (const std::string_view name :
       {"feature.cycles", "clean.unskew", "clean.missing-flags",
        "clean.scale-in-groups"}) {
    if (BlockFits(*FindBlock(name), facts, recipe)) recipe.blocks.emplace(name);
  }
  return recipe;
}

double Cost(const TaskFacts& facts, const Recipe& recipe) {
  return MegaCells(facts, recipe) * 20 + 3;
}

}  // namespace

ModelFamily ForwardFamily() {
  return {.name = "forward-linear",
          .title = "Linear model of few columns",
          .input = InputKind::kScaled,
          .fits = WeakSignal,
          .likely = WeakSignal,
          .draft = Draft,
          .reason =
              "Where signal is weak, few columns beat many and linear "
              "beats trees.",
          .render = Render,
          .cost = Cost,
          .knobs = Knobs(),
          .changes = {
              {"more-columns",
               "A few more columns may help a little.",
               {.gain = 0.5, .cost = 1.3},
               nullptr,
               [](const TaskFacts& /*facts*/, Recipe& recipe) {
                 ScaleKnob(recipe, *FindFamily("forward-linear"),
                           "most_columns", 2);
               }},
              {"fewer-columns",
               "The last columns chosen may be chance.",
               {.gain = 0.6, .cost = 0.8},
               nullptr,
               [](const TaskFacts& /*facts*/, Recipe& recipe) {
                 ScaleKnob(recipe, *FindFamily("forward-linear"),
                           "most_columns", 0.5);
               }},
              {"stronger",
               "A stronger penalty follows less noise.",
               {.gain = 0.3},
               nullptr,
               [](const TaskFacts& /*facts*/, Recipe& recipe) {
                 ScaleKnob(recipe, *FindFamily("forward-linear"), "C", 0.05);
               }},
          }};
}

}  // namespace treesmith
