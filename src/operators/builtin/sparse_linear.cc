// Sparse linear model: one column for every value and combination of values
// that repeats, for tables of categories.
#include <algorithm>

#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

// A column of so many values cannot be one-hot without sparse matrices.
constexpr int64_t kManyValues = 60;

constexpr std::string_view kLogistic = R"py(
def fit_predict(x, y, x_test, seed):
    """Logistic regression on sparse columns."""
    model = LogisticRegression(C=@strength@, max_iter=300)
    model.fit(x, y)
    return model.predict_proba(x_test)
)py";

constexpr std::string_view kRidge = R"py(
def fit_predict(x, y, x_test, seed):
    """Ridge regression on sparse columns."""
    model = Ridge(1 / @strength@, solver="sparse_cg")
    model.fit(x, y)
    return model.predict(x_test)
)py";

ModelSource Render(const TaskFacts& /*facts*/, const Recipe& recipe) {
  const std::string strength = PythonNumber(recipe.Knob("C", 1));
  if (FitsClasses(recipe)) {
    return {.imports = {"from sklearn.linear_model import LogisticRegression"},
            .source = FillTemplate(kLogistic, {{"strength", strength}})};
  }
  return {.imports = {"from sklearn.linear_model import Ridge"},
          .source = FillTemplate(kRidge, {{"strength", strength}})};
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "sparse-linear"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  recipe.knobs = {{"C", FitsClasses(recipe) ? 0.3 : 0.1}, {"least", 3}};
  recipe.choices["crosses"] = "pairs";
  AddUsualBlocks(facts, recipe);
  if (HasKeys(facts)) recipe.choices["keys"] = "names";
  return recipe;
}

double Cost(const TaskFacts& facts, const Recipe& recipe) {
  const auto columns = static_cast<double>(facts.columns.size());
  const std::string crosses = recipe.Choice("crosses", "none");
  double sets = columns;
  if (crosses != "none") sets += columns * columns / 2;
  if (crosses == "triples") sets += 84;
  const double outputs = facts.target_facts.shape == TargetShape::kClasses
                             ? static_cast<double>(facts.target_facts.classes)
                             : 1;
  return MegaRows(facts, recipe) * std::min(sets, 160.0) * 30 * outputs;
}

// Categories, above all such of many values, or a table of small integers.
bool Fits(const TaskFacts& facts) {
  int64_t names = 0;
  bool many = false;
  for (const FactColumn& column : facts.columns) {
    const bool name =
        column.role == ColumnRole::kCategory || column.code || column.key;
    names += name ? 1 : 0;
    many |= name && column.distinct > kManyValues;
  }
  const auto columns = static_cast<int64_t>(facts.columns.size());
  return facts.rows >= 1000 && (many || (names >= 4 && names * 2 > columns));
}

template <int kPercent>
void ScaleStrength(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily("sparse-linear"), "C", kPercent / 100.0);
}

template <char kKind>
void SetCrosses(const TaskFacts& /*facts*/, Recipe& recipe) {
  recipe.choices["crosses"] = kKind == '1'   ? "none"
                              : kKind == '2' ? "pairs"
                                             : "triples";
}

}  // namespace

ModelFamily SparseLinearFamily() {
  return {.name = "sparse-linear",
          .title = "Linear model of crossed categories",
          .input = InputKind::kSparse,
          .fits = Fits,
          .likely = Fits,
          .draft = Draft,
          .reason =
              "Every value and pair of values that repeats has a weight "
              "of its own.",
          .render = Render,
          .cost = Cost,
          .knobs = {{"C", 0.003, 30, Scale::kLogarithmic},
                    {"least", 2, 30, Scale::kLogarithmic, true}},
          .changes = {{"triples",
                       "Three categories together may mean more than two.",
                       {.gain = 0.7, .cost = 2.5},
                       nullptr,
                       SetCrosses<'3'>},
                      {"pairs",
                       "Two categories together may mean more than each.",
                       {.gain = 0.6, .cost = 2},
                       nullptr,
                       SetCrosses<'2'>},
                      {"singles",
                       "Combinations may be too rare to learn from.",
                       {.gain = 0.3, .cost = 0.3},
                       nullptr,
                       SetCrosses<'1'>},
                      {"stronger",
                       "A stronger penalty trusts rare values less.",
                       {.gain = 0.5},
                       nullptr,
                       ScaleStrength<30>},
                      {"weaker",
                       "A weaker penalty trusts rare values more.",
                       {.gain = 0.5, .cost = 1.3},
                       nullptr,
                       ScaleStrength<300>},
                      {"rarer",
                       "Values that occur twice may tell something too.",
                       {.gain = 0.3, .cost = 1.3},
                       nullptr,
                       [](const TaskFacts& /*facts*/, Recipe& recipe) {
                         recipe.knobs["least"] = 2;
                       }}}};
}

}  // namespace treesmith
