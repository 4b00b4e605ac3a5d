#include "operators/builtin/render_constants.h"

#include <fmt/format.h>

#include <algorithm>

#include "operators/builtin/additive.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

// Columns that pairwise features are made of: more would square into too many.
constexpr size_t kTelling = 6;

std::vector<std::string> Telling(const TaskFacts& facts, const Recipe& recipe) {
  std::vector<const FactColumn*> numbers;
  for (const FactColumn& column : facts.columns) {
    if (RoleIn(column, recipe) == ColumnRole::kNumber && column.distinct > 4 &&
        !recipe.dropped.contains(column.name)) {
      numbers.push_back(&column);
    }
  }
  std::ranges::stable_sort(numbers, std::greater{}, &FactColumn::signal);
  std::vector<std::string> names;
  for (const FactColumn* column : numbers) {
    if (names.size() < kTelling) names.push_back(column->name);
  }
  return names;
}

// Columns of one kind.
std::vector<std::string> Marked(const TaskFacts& facts, const Recipe& recipe,
                                bool FactColumn::* mark) {
  std::vector<std::string> names;
  for (const FactColumn& column : facts.columns) {
    if (column.*mark && !recipe.dropped.contains(column.name)) {
      names.push_back(column.name);
    }
  }
  return names;
}

// `CHANNELS["s"] = ["s0", "s1" ...]` for each sequence, but for the steps that
// the recipe drops.
std::string ChannelText(const TaskFacts& facts, const Recipe& recipe) {
  constexpr size_t kFewestSteps = 3;
  std::string text = "CHANNELS = {}\n";
  for (std::vector<std::string> steps : facts.steps) {
    std::string name = steps.front();
    name.resize(name.find_last_not_of("0123456789") + 1);
    if (name.empty()) name = "steps";
    std::erase_if(steps, [&](const std::string& step) {
      const FactColumn* column = facts.Find(step);
      return recipe.dropped.contains(step) || column == nullptr ||
             RoleIn(*column, recipe) != ColumnRole::kNumber;
    });
    if (steps.size() < kFewestSteps) continue;
    text += PythonList("CHANNELS[" + PythonQuote(name) + "]", steps);
  }
  return text;
}

// `PLACES = [["lat", "lon"], ...]`.
std::string PlaceList(const TaskFacts& facts) {
  std::string text = "PLACES = [\n";
  for (const auto& [latitude, longitude] : facts.coordinates) {
    text += fmt::format("    [{}, {}],\n", PythonQuote(latitude),
                        PythonQuote(longitude));
  }
  return text + "]\n";
}

bool Uses(const std::string& body, const std::string& name) {
  const auto word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (size_t at = body.find(name); at != std::string::npos;
       at = body.find(name, at + 1)) {
    const bool starts = at == 0 || !word(body[at - 1]);
    const size_t end = at + name.size();
    if (starts && (end == body.size() || !word(body[end]))) return true;
  }
  return false;
}

// `NAME = {"from": "to", ...}`.
std::string RenamingText(std::string_view name,
                         const std::vector<Renaming>& renamings) {
  std::string text = fmt::format("{} = {{\n", name);
  for (const Renaming& one : renamings) {
    text += fmt::format("    {}: {},\n", PythonQuote(one.from),
                        PythonQuote(one.to));
  }
  return text + "}\n";
}

std::string TextTypes(const TaskFacts& facts, const Recipe& recipe) {
  std::string text = fmt::format(
      "# Not as numbers: 007 is no 7.\n"
      "TEXTS_AS_WRITTEN = dict.fromkeys([{}], str)\n",
      TextColumns(facts, recipe));
  if (!facts.renamed_columns.empty()) {
    text +=
        "TEXTS_AS_WRITTEN |= {k: str for k, v in SPELLINGS.items() "
        "if v in TEXTS_AS_WRITTEN}\n";
  }
  return text;
}

// What single blocks read beside the columns.
std::vector<std::pair<std::string, std::string>> BlockConstants(
    const TaskFacts& facts, const Recipe& recipe) {
  return {
      {"GROUP", "GROUP = " + PythonQuote(facts.group_column) + "\n"},
      {"OTHERS", PythonList("OTHERS", facts.OtherTargets())},
      {"PLACES", PlaceList(facts)},
      {"CHANNELS", ChannelText(facts, recipe)},
      {"DRIFTING", PythonList("DRIFTING", DriftingNumbers(facts, recipe))},
      {"AMOUNTS", PythonList("AMOUNTS", Amounts(facts, recipe))},
      {"SMOOTHING", fmt::format("SMOOTHING = {}\n",
                                PythonNumber(recipe.Knob("smoothing", 20)))},
      {"TELLING", PythonList("TELLING", Telling(facts, recipe))},
      {"GRADES",
       PythonList("GRADES", Marked(facts, recipe, &FactColumn::grades))},
      {"UNPARTED",
       PythonList("UNPARTED", Marked(facts, recipe, &FactColumn::unparted))},
      {"CODES",
       PythonList("CODES", Marked(facts, recipe, &FactColumn::compound))},
  };
}

}  // namespace

std::vector<std::string> Kept(const TaskFacts& facts, const Recipe& recipe,
                              ColumnRole role) {
  std::vector<std::string> names;
  for (const FactColumn& column : facts.columns) {
    if (RoleIn(column, recipe) == role &&
        !recipe.dropped.contains(column.name)) {
      names.push_back(column.name);
    }
  }
  return names;
}

bool HasStage(const Recipe& recipe, BlockStage stage) {
  return std::ranges::any_of(AllBlocks(), [&](const FeatureBlock& block) {
    return block.stage == stage && recipe.Has(block.name);
  });
}

bool NeedsText(const ModelFamily& family, const Recipe& recipe) {
  return family.input == InputKind::kText ||
         HasStage(recipe, BlockStage::kText) ||
         HasStage(recipe, BlockStage::kTextSupervised);
}

std::string TextColumns(const TaskFacts& facts, const Recipe& recipe) {
  const ModelFamily& family = *FindFamily(recipe.family);
  std::vector<std::string> lists;
  if (!facts.id.empty()) lists.emplace_back("*ID");
  if (!facts.Regression()) {
    lists.emplace_back(facts.MultiTarget() ? "*TARGETS" : "TARGET");
  }
  // Keys are numbers in both files, with a point where one of them has gaps.
  if (family.input != InputKind::kText && !NamesKeys(recipe) &&
      !Kept(facts, recipe, ColumnRole::kCategory).empty()) {
    lists.emplace_back("*CATEGORIES");
  }
  if (NeedsText(family, recipe)) lists.emplace_back("*WORDS");
  return fmt::format("{}", fmt::join(lists, ", "));
}

std::vector<std::string> Measured(const TaskFacts& facts,
                                  const Recipe& recipe) {
  std::vector<std::string> names = Kept(facts, recipe, ColumnRole::kNumber);
  std::erase_if(names, [&](const std::string& name) {
    return std::ranges::find(facts.series, name) != facts.series.end();
  });
  return names;
}

std::vector<std::string> DaysFirst(const TaskFacts& facts,
                                   const Recipe& recipe) {
  std::vector<std::string> names = Kept(facts, recipe, ColumnRole::kDate);
  std::erase_if(names, [&](const std::string& name) {
    return !facts.Find(name)->day_first;
  });
  return names;
}

std::string GroupOfName(const TaskFacts& facts) {
  if (facts.group_separator.empty()) return "";
  return fmt::format(".str.split({}).str[0]",
                     PythonQuote(facts.group_separator));
}

std::string RenderConstants(const Recipe& recipe, const TaskFacts& facts,
                            const std::string& body) {
  std::string text;
  const std::string types = TextTypes(facts, recipe);
  const bool typed = Uses(body, "TEXTS_AS_WRITTEN");
  const auto add = [&](const std::string& name, const std::string& line) {
    if (Uses(body, name) || (typed && Uses(types, name))) text += line;
  };
  add("THREADS",
      "THREADS = int(os.environ.get(\"OMP_NUM_THREADS\") or "
      "len(os.sched_getaffinity(0)))\n");
  add("SEED", "SEED = 1\n");
  add("SEEDS", fmt::format("SEEDS = range(1, {})\n", recipe.seeds + 1));
  add("MOST_ROWS", fmt::format("MOST_ROWS = {}\n", recipe.max_rows));
  add("ID", PythonList("ID", facts.id));
  if (!facts.target.empty()) {
    add("TARGET", "TARGET = " + PythonQuote(facts.target[0]) + "\n");
  }
  add("PARTS", PythonList("PARTS", facts.parts));
  add("TARGETS", PythonList("TARGETS", facts.target));
  add("COLUMN_OF_CLASS",
      RenamingText("COLUMN_OF_CLASS", facts.renamed_classes));
  // As pandas has them (table/value.cc).
  add("GAPS", "# Not \"None\": that is a class.\n" +
                  PythonList("GAPS", {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND",
                                      "-1.#QNAN", "-NaN", "-nan", "1.#IND",
                                      "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
                                      "NaN", "n/a", "nan", "null"}));
  add("NUMBERS",
      PythonList("NUMBERS", Kept(facts, recipe, ColumnRole::kNumber)));
  add("MEASURED", PythonList("MEASURED", Measured(facts, recipe)));
  add("CATEGORIES",
      PythonList("CATEGORIES", Kept(facts, recipe, ColumnRole::kCategory)));
  add("DATES", PythonList("DATES", Kept(facts, recipe, ColumnRole::kDate)));
  add("DAY_FIRST", PythonList("DAY_FIRST", DaysFirst(facts, recipe)));
  add("TIME", "TIME = " + PythonQuote(facts.time_column) + "\n");
  add("WORDS", PythonList("WORDS", Kept(facts, recipe, ColumnRole::kText)));
  add("SPELLINGS", "# How test spells them, and how train does.\n" +
                       RenamingText("SPELLINGS", facts.renamed_columns));
  add("TEXTS_AS_WRITTEN", types);
  const AdditiveNames names = NamesInAdditive(facts, recipe);
  add("GROUPS", PythonList("GROUPS", names.groups));
  add("LEVELS", PythonList("LEVELS", names.levels));
  add("SERIES", PythonList("SERIES", names.series));
  add("PANEL", PythonList("PANEL", facts.series));
  if (const FactColumn* country = CountryColumn(facts); country != nullptr) {
    add("COUNTRY", "COUNTRY = " + PythonQuote(country->name) + "\n");
  }
  for (const auto& [name, knob] :
       {std::pair("STRENGTH", "strength"), std::pair("WAVES", "waves"),
        std::pair("DAMPING", "damping"), std::pair("RECENCY", "recency")}) {
    add(name,
        fmt::format("{} = {}\n", name, PythonNumber(recipe.Knob(knob, 1))));
  }
  if (recipe.knobs.contains("least")) {
    add("LEAST",
        fmt::format("LEAST = {}\n", PythonNumber(recipe.Knob("least", 3))));
  }
  if (recipe.knobs.contains("most_columns")) {
    add("MOST_COLUMNS",
        fmt::format("MOST_COLUMNS = {}\n",
                    PythonNumber(recipe.Knob("most_columns", 8))));
  }
  add("QUANTILE", "QUANTILE = " + PythonNumber(facts.metric_parameter) + "\n");
  for (const auto& [name, line] : BlockConstants(facts, recipe)) {
    add(name, line);
  }
  return text;
}

}  // namespace treesmith
