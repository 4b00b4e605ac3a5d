// Models of texts: linear ones on counts of words and characters.
#include <array>

#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

constexpr std::string_view kLogistic = R"py(
def fit_predict(x, y, x_test, seed):
    """Logistic regression on weighted word and character counts."""
    model = LogisticRegression(C=@strength@, max_iter=300)
    model.fit(x, y)
    return model.predict_proba(x_test)
)py";

constexpr std::string_view kRidge = R"py(
def fit_predict(x, y, x_test, seed):
    """Ridge regression on weighted word and character counts."""
    model = Ridge(10 / @strength@, solver="sparse_cg")
    model.fit(x, y)
    return model.predict(x_test)
)py";

constexpr std::string_view kBayes = R"py(
def fit_predict(x, y, x_test, seed):
    """Naive Bayes; its chances are too sure of themselves and are calibrated."""
    folds = StratifiedKFold(4, shuffle=True, random_state=seed).split(x, y)
    bayes = MultinomialNB(alpha=@alpha@)
    model = CalibratedClassifierCV(bayes, cv=list(folds), method="@calibration@")
    model.fit(x, y)
    return model.predict_proba(x_test)
)py";

constexpr std::string_view kWeighted = R"py(
def fit_predict(x, y, x_test, seed):
    """For each class, logistic regression on counts weighted by naive Bayes."""
    chances = []
    for k in range(y.max() + 1):
        own = y == k
        inside = np.asarray(x[own].sum(axis=0)).ravel() + @alpha@
        outside = np.asarray(x[~own].sum(axis=0)).ravel() + @alpha@
        ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        scale = sparse.diags(ratio)
        model = LogisticRegression(C=@strength@, max_iter=300)
        model.fit(x @ scale, own)
        chances.append(model.predict_proba(x_test @ scale)[:, 1])
    chances = np.column_stack(chances)
    return chances / chances.sum(axis=1, keepdims=True)
)py";

constexpr std::string_view kVectors = R"py(
def fit_predict(x, y, x_test, seed):
    """A linear support vector machine; folds within train calibrate it."""
    folds = StratifiedKFold(4, shuffle=True, random_state=seed).split(x, y)
    model = CalibratedClassifierCV(LinearSVC(C=@strength@), cv=list(folds))
    model.fit(x, y)
    return model.predict_proba(x_test)
)py";

const std::vector<KnobRange>& Knobs() {
  static const std::vector<KnobRange> knobs = {
      {"C", 0.02, 100, Scale::kLogarithmic},
      {"alpha", 0.003, 1, Scale::kLogarithmic}};
  return knobs;
}

constexpr std::string_view kLogisticImport =
    "from sklearn.linear_model import LogisticRegression";

std::vector<std::string> CalibrationImports() {
  return {"from sklearn.calibration import CalibratedClassifierCV",
          "from sklearn.model_selection import StratifiedKFold"};
}

std::vector<std::pair<std::string, std::string>> Values(const Recipe& recipe) {
  return {{"strength", PythonNumber(recipe.Knob("C", 1))},
          {"alpha", PythonNumber(recipe.Knob("alpha", 0.05))},
          {"calibration", recipe.Choice("calibration", "sigmoid")}};
}

ModelSource RenderLogistic(const TaskFacts& /*facts*/, const Recipe& recipe) {
  if (!FitsClasses(recipe)) {
    return {.imports = {"from sklearn.linear_model import Ridge"},
            .source = FillTemplate(kRidge, Values(recipe))};
  }
  return {.imports = {std::string(kLogisticImport)},
          .source = FillTemplate(kLogistic, Values(recipe))};
}

ModelSource RenderBayes(const TaskFacts& /*facts*/, const Recipe& recipe) {
  ModelSource model{.imports = CalibrationImports(),
                    .source = FillTemplate(kBayes, Values(recipe))};
  model.imports.emplace_back("from sklearn.naive_bayes import MultinomialNB");
  return model;
}

ModelSource RenderWeighted(const TaskFacts& /*facts*/, const Recipe& recipe) {
  return {.imports = {"from scipy import sparse", std::string(kLogisticImport)},
          .source = FillTemplate(kWeighted, Values(recipe))};
}

ModelSource RenderVectors(const TaskFacts& /*facts*/, const Recipe& recipe) {
  ModelSource model{.imports = CalibrationImports(),
                    .source = FillTemplate(kVectors, Values(recipe))};
  model.imports.emplace_back("from sklearn.svm import LinearSVC");
  return model;
}

Recipe TextDraft(const TaskFacts& facts, std::string family) {
  Recipe recipe{.family = std::move(family)};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  return recipe;
}

Recipe DraftLogistic(const TaskFacts& facts) {
  Recipe recipe = TextDraft(facts, "text-logistic");
  recipe.knobs = {{"C", FitsClasses(recipe) ? 10.0 : 5.0}};
  return recipe;
}

Recipe DraftBayes(const TaskFacts& facts) {
  Recipe recipe = TextDraft(facts, "text-bayes");
  recipe.knobs = {{"alpha", 0.02}};
  recipe.choices["characters"] = "none";
  return recipe;
}

Recipe DraftWeighted(const TaskFacts& facts) {
  Recipe recipe = TextDraft(facts, "text-weighted");
  recipe.knobs = {{"C", 1}, {"alpha", 0.1}};
  return recipe;
}

Recipe DraftVectors(const TaskFacts& facts) {
  Recipe recipe = TextDraft(facts, "text-vectors");
  recipe.knobs = {{"C", 0.5}};
  return recipe;
}

double Cost(const TaskFacts& facts, const Recipe& recipe) {
  const double characters =
      recipe.Choice("characters", "some") == "none" ? 1 : 6;
  const auto outputs = static_cast<double>(facts.target_facts.classes);
  return MegaWords(facts, recipe) * characters * 8 *
         (FitsClasses(recipe) ? outputs : 1);
}

bool HasText(const TaskFacts& facts) {
  return facts.Count(ColumnRole::kText) > 0;
}

bool HasTextClasses(const TaskFacts& facts) {
  return HasText(facts) && !facts.Regression();
}

// Of a text of characters the number of words to take together is no choice.
bool HasPartedText(const TaskFacts& facts, const Recipe& /*recipe*/) {
  for (const FactColumn& column : facts.columns) {
    if (column.role == ColumnRole::kText && !column.unparted) return true;
  }
  return false;
}

// Of few texts nearly every word is rare, and a vocabulary might stay empty.
bool HasManyTexts(const TaskFacts& facts, const Recipe& recipe) {
  return facts.rows >= 2000 && recipe.Choice("rare", "kept") == "kept";
}

bool HasStrength(const TaskFacts& /*facts*/, const Recipe& recipe) {
  return recipe.knobs.contains("C");
}

bool HasAlpha(const TaskFacts& /*facts*/, const Recipe& recipe) {
  return recipe.knobs.contains("alpha");
}

template <int kPercent>
void ScaleStrength(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily(recipe.family), "C", kPercent / 100.0);
}

template <int kPercent>
void ScaleAlpha(const TaskFacts& /*facts*/, Recipe& recipe) {
  ScaleKnob(recipe, *FindFamily(recipe.family), "alpha", kPercent / 100.0);
}

std::vector<FamilyChange> Changes() {
  return {
      {"weaker",
       "A weaker penalty lets rare words speak.",
       {.gain = 0.6, .cost = 1.3},
       HasStrength,
       ScaleStrength<300>},
      {"stronger",
       "A stronger penalty follows less noise.",
       {.gain = 0.5},
       HasStrength,
       ScaleStrength<30>},
      {"more-smoothing",
       "More smoothing trusts rare words less.",
       {.gain = 0.4},
       HasAlpha,
       ScaleAlpha<300>},
      {"less-smoothing",
       "Less smoothing trusts rare words more.",
       {.gain = 0.4},
       HasAlpha,
       ScaleAlpha<30>},
      {"words-only",
       "Whole words alone, without their characters.",
       {.gain = 0.2, .cost = 0.4},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["characters"] = "none";
       }},
      {"with-characters",
       "Parts of words carry endings, stems and habits of spelling.",
       {.gain = 0.5, .cost = 3},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices.erase("characters");
       }},
      {"long-characters",
       "Longer runs of characters reach across the ends of words.",
       {.gain = 0.4, .cost = 1.6},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["characters"] = "long";
       }},
      {"keep-case",
       "Capitals and punctuation are habits of a writer.",
       {.gain = 0.5},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["case"] = "kept";
       }},
      {"common-only",
       "Words of fewer than five texts are mostly chance.",
       {.gain = 0.1, .cost = 0.7},
       HasManyTexts,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["rare"] = "dropped";
       }},
      {"three-words",
       "Phrases of three words.",
       {.gain = 0.2, .cost = 1.3},
       HasPartedText,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["words"] = "3";
       }},
      {"single-words",
       "Single words only: phrases may be chance.",
       {.gain = 0.2, .cost = 0.8},
       HasPartedText,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["words"] = "1";
       }},
  };
}

ModelFamily TextFamily(std::string_view name, std::string_view title,
                       std::string_view reason) {
  return {.name = name,
          .title = title,
          .input = InputKind::kText,
          .fits = HasTextClasses,
          .likely = MostlyText,
          .reason = reason,
          .cost = Cost,
          .knobs = Knobs(),
          .changes = Changes()};
}

}  // namespace

ModelFamily TextLogisticFamily() {
  ModelFamily family =
      TextFamily("text-logistic", "Linear model of words",
                 "Weighted counts of words and characters, the first thing to "
                 "try on texts.");
  family.fits = HasText;
  family.draft = DraftLogistic;
  family.render = RenderLogistic;
  return family;
}

ModelFamily TextBayesFamily() {
  ModelFamily family =
      TextFamily("text-bayes", "Naive Bayes of words",
                 "Naive Bayes needs few texts and errs unlike linear models.");
  family.draft = DraftBayes;
  family.render = RenderBayes;
  return family;
}

ModelFamily TextWeightedFamily() {
  ModelFamily family =
      TextFamily("text-weighted", "Bayes-weighted linear model of words",
                 "Weights of naive Bayes tell the linear model where to look.");
  family.draft = DraftWeighted;
  family.render = RenderWeighted;
  return family;
}

ModelFamily TextVectorFamily() {
  ModelFamily family =
      TextFamily("text-vectors", "Linear support vectors of words",
                 "Support vectors care for the boundary only, and blend well.");
  family.draft = DraftVectors;
  family.render = RenderVectors;
  return family;
}

}  // namespace treesmith
