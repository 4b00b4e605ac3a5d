#include "operators/builtin/render_main.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "operators/builtin/additive.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"
#include "operators/builtin/render_constants.h"
#include "operators/builtin/render_files.h"
#include "operators/builtin/render_held_out.h"
#include "operators/builtin/series.h"

namespace treesmith {
namespace {

bool NeedsDates(const Recipe& recipe) {
  return recipe.Has("feature.calendar") || StartsFromAdditive(recipe) ||
         FindFamily(recipe.family)->input == InputKind::kCalendar;
}

// With format="mixed" alone times of day take 0.1 ms each.
constexpr std::string_view kReadDates = R"py(
def read_dates(column):
    """A column of dates, however each cell is written."""
    how = {"errors": "coerce", "utc": True@day_first@}
    dates = pd.to_datetime(column, format="ISO8601", **how)
    # Most of the others are written like their first; "mixed" is slow.
    for form in (None, "mixed"):
        others = column[dates.isna() & column.notna()]
        dates = dates.fillna(pd.to_datetime(others, format=form, **how))
    return dates
)py";

std::string ReadDatesFunction(const TaskFacts& facts, const Recipe& recipe) {
  const bool day_first = !DaysFirst(facts, recipe).empty();
  return FillTemplate(
      kReadDates,
      {{"day_first",
        day_first ? ", \"dayfirst\": column.name in DAY_FIRST" : ""}});
}

std::string PrepareFunction(const TaskFacts& facts, const Recipe& recipe) {
  const bool numbers = !Kept(facts, recipe, ColumnRole::kNumber).empty();
  const bool categories = !Kept(facts, recipe, ColumnRole::kCategory).empty();
  std::vector<std::string> lists;
  if (numbers) lists.emplace_back("NUMBERS");
  if (categories) lists.emplace_back("CATEGORIES");
  if (NeedsDates(recipe)) lists.emplace_back("DATES");
  std::string sum;
  for (const std::string& list : lists) {
    sum += (sum.empty() ? "" : " + ") + list;
  }
  std::string text = fmt::format(
      "\ndef prepare(train, test):\n"
      "    \"\"\"Train above test: numbers as floats, categories as "
      "text.\"\"\"\n"
      "    table = pd.concat([train, test], ignore_index=True)[{}]\n",
      sum.empty() ? "[]" : sum);
  if (numbers) {
    text +=
        "    numbers = table[NUMBERS].apply(pd.to_numeric, errors=\"coerce\")\n"
        "    table[NUMBERS] = numbers.astype(float)\n";
  }
  if (categories) {
    text +=
        "    names = table[CATEGORIES].astype(object)\n"
        "    table[CATEGORIES] = names.fillna(\"missing\").astype(str)\n";
  }
  if (NumbersIds(recipe)) {
    text +=
        "    number = pd.concat([train[ID[0]], test[ID[0]]], "
        "ignore_index=True)\n"
        "    table[\"id_number\"] = pd.to_numeric(number, "
        "errors=\"coerce\")\n";
  }
  if (NeedsDates(recipe)) {
    text +=
        "    for column in DATES:\n"
        "        table[column] = read_dates(table[column])\n";
  }
  return text + "    return table\n";
}

bool NeedsInnerFolds(const Recipe& recipe) {
  return std::ranges::any_of(AllBlocks(), [&](const FeatureBlock& block) {
    return block.inner_folds > 0 && recipe.Has(block.name);
  });
}

// The folds that what is made of the target of other rows is made by.
std::string InnerFolds(const TaskFacts& facts) {
  if (!HasNewGroups(facts)) {
    return R"py(
def inner_folds(count, rows):
    """Parts of train, each after the rest of it."""
    return list(KFold(count, shuffle=True, random_state=1).split(rows))
)py";
  }
  return R"py(
def inner_folds(count, group):
    """Parts of train, each after the rest: whole groups, as test's are new too."""
    names = pd.factorize(group)[0]
    if names.max() == 0:
        names = np.arange(len(names))
    count = min(count, names.max() + 1)
    return list(GroupKFold(count).split(names, groups=names))
)py";
}

std::string Calls(const Recipe& recipe, BlockStage stage,
                  std::string_view variable, std::string_view arguments,
                  std::string_view fold_rows = "y") {
  std::string text;
  for (const FeatureBlock& block : AllBlocks()) {
    if (block.stage != stage || !recipe.Has(block.name)) continue;
    const std::string folds = block.inner_folds == 0
                                  ? ""
                                  : fmt::format(", inner_folds({}, {})",
                                                block.inner_folds, fold_rows);
    text += fmt::format("    {} = {}({}{})\n", variable, block.function,
                        arguments, folds);
  }
  return text;
}

// What the functions of a stage are given.
std::string_view ArgumentsOf(BlockStage stage) {
  switch (stage) {
    case BlockStage::kGroup:
      return "table, group";
    case BlockStage::kText:
      return "table, text";
    case BlockStage::kPast:
      return "table, date, series, past";
    case BlockStage::kTextSupervised:
      return "table, text, signal";
    case BlockStage::kCells:
    case BlockStage::kSupervised:
      return "table, signal";
    case BlockStage::kOthers:
      return "table, train, target";
    default:
      return "table";
  }
}

// Lines that gather what is kept beside the table of features.
std::string BesideLines(const ModelFamily& family, const Recipe& recipe,
                        const TaskFacts& facts) {
  std::string text;
  if (NeedsText(family, recipe)) {
    text +=
        "    text = pd.concat([train, test], ignore_index=True)[WORDS]\n"
        "    text = text.fillna(\"\").astype(str)\n";
  }
  if (HasStage(recipe, BlockStage::kGroup) ||
      (HasNewGroups(facts) && NeedsInnerFolds(recipe))) {
    text +=
        "    group = pd.concat([train[GROUP], test[GROUP]], "
        "ignore_index=True)\n"
        "    group = group.astype(str)" +
        GroupOfName(facts) + "\n";
  }
  if (NeedsSeries(recipe)) text += SeriesLines(facts);
  if (HasStage(recipe, BlockStage::kPast)) {
    text += "    past = y.astype(float)\n";
  }
  return text;
}

// Lines that leave at most MOST_ROWS rows of train; of groups whole ones, since
// what is made of a group's rows would be another thing in a part of them.
std::string FewerRowsLines(const Recipe& recipe, const TaskFacts& facts) {
  if (recipe.max_rows == 0) return "";
  const std::string rows =
      HasStage(recipe, BlockStage::kGroup)
          ? "        name = train[GROUP].astype(str)" + GroupOfName(facts) +
                "\n"
                "        names = name.drop_duplicates()\n"
                "        count = max(1, len(names) * MOST_ROWS // len(train))\n"
                "        some = names.sample(count, random_state=1)\n"
                "        train = train[name.isin(some)]\n"
          : "        train = train.sample(MOST_ROWS, "
            "random_state=1).sort_index()\n";
  return "    if len(train) > MOST_ROWS:\n" + rows;
}

// Lines that turn train's target column into `y`, what the model is fitted on.
std::string TargetLines(const Recipe& recipe) {
  if (FitsClasses(recipe)) {
    return "    classes, y = np.unique(train[target], return_inverse=True)\n";
  }
  std::string text = "    known = train[target].to_numpy(float)\n";
  if (recipe.target_transform == "log1p") {
    text += "    y = np.log1p(known)\n";
  } else if (recipe.target_transform == "log") {
    text += "    y = np.log(known.clip(1e-9))\n";
  } else if (recipe.target_transform == "sqrt") {
    text += "    y = np.sqrt(known)\n";
  } else if (recipe.target_transform == "rank") {
    const std::string_view kind =
        SharesTargets(recipe) ? "DataFrame" : "Series";
    text +=
        fmt::format("    y = pd.{}(known).rank(pct=True).to_numpy()\n", kind);
  } else {
    text += "    y = known\n";
  }
  if (WeighsInversely(recipe)) {
    text +=
        "    # Errors count in relation to the target.\n"
        "    weight = 1 / known.clip(known[known > 0].min())\n"
        "    weight = weight / weight.mean()\n";
  }
  return text;
}

std::string SignalLine(const Recipe& recipe, const TaskFacts& facts) {
  if (!HasStage(recipe, BlockStage::kCells) &&
      !HasStage(recipe, BlockStage::kSupervised) &&
      !HasStage(recipe, BlockStage::kTextSupervised)) {
    return "";
  }
  if (FitsClasses(recipe) && facts.target_facts.shape != TargetShape::kBinary) {
    return "    signal = np.eye(len(classes))[y]\n";
  }
  if (SharesTargets(recipe)) return "    signal = y.astype(float)\n";
  return "    signal = y.reshape(-1, 1).astype(float)\n";
}

// Rows that blocks drop; of several targets for the sake of each.
std::string RowsLines(const Recipe& recipe) {
  if (SharesTargets(recipe)) {
    return PythonBlock("    for one in target",
                       Calls(recipe, BlockStage::kRows, "train", "train, one"));
  }
  return Calls(recipe, BlockStage::kRows, "train", "train, target");
}

// What is done to predictions; of several targets to each by itself.
std::string PostLines(const Recipe& recipe) {
  if (SharesTargets(recipe)) {
    return PythonBlock("    for k in range(known.shape[1])",
                       Calls(recipe, BlockStage::kPost, "prediction[:, k]",
                             "prediction[:, k], known[:, k]"));
  }
  return Calls(recipe, BlockStage::kPost, "prediction", "prediction, known");
}

// From the models' mean output to the answer.
std::string AnswerLines(const Recipe& recipe, const TaskFacts& facts) {
  if (recipe.objective == "distribution") {
    if (facts.metric == "mae" || facts.metric == "mcmae" ||
        facts.metric == "medae") {
      return "    # The median of the distribution is best for absolute "
             "errors.\n"
             "    middle = (prediction.cumsum(axis=1) < 0.5).sum(axis=1)\n"
             "    return classes[middle.clip(max=len(classes) - 1)]\n";
    }
    return "    # The mean of the distribution.\n"
           "    return prediction @ classes.astype(float)\n";
  }
  if (FitsClasses(recipe)) {
    return "    return pd.DataFrame(prediction, columns=classes.astype(str))\n";
  }
  std::string text;
  if (recipe.target_transform == "log1p") {
    text += "    prediction = np.expm1(prediction)\n";
  } else if (recipe.target_transform == "log") {
    text += "    prediction = np.exp(prediction)\n";
  } else if (recipe.target_transform == "sqrt") {
    text += "    prediction = np.maximum(prediction, 0) ** 2\n";
  }
  if (!HoldsOut(recipe)) text += PostLines(recipe);
  return text + "    return prediction\n";
}

std::string FitLines(const Recipe& recipe) {
  const std::string weight = WeightParameter(recipe);
  if (recipe.seeds == 1) {
    return fmt::format("    prediction = fit_predict(x, y, x_test, SEED{})\n",
                       weight);
  }
  return fmt::format(
      "    fits = [fit_predict(x, y, x_test, seed{}) for seed in SEEDS]\n"
      "    prediction = np.mean(fits, axis=0)\n",
      weight);
}

std::string PredictFunction(const ModelFamily& family, const Recipe& recipe,
                            const TaskFacts& facts) {
  std::string text = fmt::format(
      "\ndef {}(train, test, target):\n"
      "    \"\"\"Predictions of {} for every row of test.\"\"\"\n",
      HoldsOut(recipe) ? "fitted" : "predict",
      SharesTargets(recipe) ? "all targets, a column each," : "one target");
  if (facts.target_facts.missing) {
    text += "    train = train.dropna(subset=[target])\n";
  }
  text += FewerRowsLines(recipe, facts);
  text += RowsLines(recipe);
  text += TargetLines(recipe);
  text += SignalLine(recipe, facts);
  text += BesideLines(family, recipe, facts);
  if (family.input == InputKind::kText) {
    text +=
        "    x = encode(text, len(y))\n"
        "    x, x_test = x[: len(y)], x[len(y) :]\n";
    return text + FitLines(recipe) + AnswerLines(recipe, facts);
  }
  text += "    table = prepare(train, test)\n";
  if (StartsFromAdditive(recipe)) {
    text +=
        "    # The model learns what calendar, series and trend leave over.\n"
        "    base = fit_additive(table, y)\n"
        "    y = y - base[: len(y)]\n";
    if (!recipe.Has("feature.calendar")) {
      text +=
          "    # To the model they are names.\n"
          "    table[DATES] = table[DATES].astype(str)\n";
    }
  }
  if (StartsFromLevel(recipe)) {
    text +=
        "    # The model learns how rows differ from the level of their "
        "series.\n"
        "    base = fit_level(date, series, y)\n"
        "    y = y - base[: len(y)]\n";
  }
  for (const BlockStage stage : kFeatureStages) {
    text += Calls(recipe, stage, "table", ArgumentsOf(stage),
                  HasNewGroups(facts) ? "group[: len(y)]" : "y");
  }
  if (family.input == InputKind::kCalendar) {
    const std::string_view fit = recipe.family == "shares"
                                     ? "fit_shares(table, date, series, y)"
                                     : "fit_additive(table, y)";
    return text + fmt::format("    prediction = {}[len(y) :]\n", fit) +
           AnswerLines(recipe, facts);
  }
  if (family.input == InputKind::kNamed) {
    text += "    x, x_test = table.iloc[: len(y)], table.iloc[len(y) :]\n";
  } else {
    text +=
        "    x = encode(table, len(y))\n"
        "    x, x_test = x[: len(y)], x[len(y) :]\n";
  }
  text += FitLines(recipe);
  if (HasBase(recipe)) {
    text += "    prediction = prediction + base[len(y) :]\n";
  }
  return text + AnswerLines(recipe, facts);
}

}  // namespace

std::vector<std::string> RenderMain(const ModelFamily& family,
                                    const Recipe& recipe,
                                    const TaskFacts& facts) {
  const bool table = family.input != InputKind::kText;
  std::vector<std::string> parts;
  const auto add = [&](bool wanted, std::string part) {
    if (wanted) parts.push_back(std::move(part));
  };
  add(table && NeedsInnerFolds(recipe), InnerFolds(facts));
  add(true, ReadFunction(facts, recipe));
  add((table && NeedsDates(recipe)) || ReadsDates(recipe),
      ReadDatesFunction(facts, recipe));
  add(table, PrepareFunction(facts, recipe));
  add(true, PredictFunction(family, recipe, facts));
  if (HoldsOut(recipe)) {
    for (std::string& part : RenderHeldOut(recipe, facts, PostLines(recipe))) {
      parts.push_back(std::move(part));
    }
  }
  parts.push_back(MainFunction(recipe, facts));
  return parts;
}

}  // namespace treesmith
