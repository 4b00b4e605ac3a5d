#include "operators/builtin/feature_block.h"

#include <algorithm>
#include <functional>
#include <set>

#include "operators/builtin/model_family.h"

namespace treesmith {

namespace {

// Columns that part the rows, are left out, or are only read as a whole.
std::set<std::string> NotByThemselves(const TaskFacts& facts,
                                      const Recipe& recipe) {
  std::set<std::string> names(facts.series.begin(), facts.series.end());
  names.insert(recipe.dropped.begin(), recipe.dropped.end());
  names.insert({facts.time_column, facts.group_column});
  for (const auto& steps : facts.steps) {
    names.insert(steps.begin(), steps.end());
  }
  for (const auto& [latitude, longitude] : facts.coordinates) {
    names.insert({latitude, longitude});
  }
  return names;
}

}  // namespace

const std::vector<FeatureBlock>& AllBlocks() {
  static const std::vector<FeatureBlock> blocks = [] {
    std::vector<FeatureBlock> all;
    for (const auto rows :
         {CellBlocks(), CleaningBlocks(), GroupBlocks(), TextBlocks(),
          CalendarBlocks(), PanelBlocks(), GeoBlocks(), CategoryBlocks(),
          NumberBlocks(), ClosingBlocks(), SupervisedBlocks(),
          OtherTargetBlocks(), HeldOutBlocks(), PostBlocks()}) {
      all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
  }();
  return blocks;
}

const FeatureBlock* FindBlock(std::string_view name) {
  const auto& blocks = AllBlocks();
  const auto found = std::ranges::find(blocks, name, &FeatureBlock::name);
  return found == blocks.end() ? nullptr : &*found;
}

bool UsesTrees(const Recipe& recipe) {
  return FindFamily(recipe.family)->trees;
}

bool UsesDistances(const Recipe& recipe) { return !UsesTrees(recipe); }

bool HasNewGroups(const TaskFacts& facts) {
  return facts.new_groups && !facts.group_column.empty();
}

bool HasGaps(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return std::ranges::any_of(facts.columns, [](const FactColumn& column) {
    return column.role == ColumnRole::kNumber && column.missing > 0.001;
  });
}

std::vector<const FactColumn*> Drifting(const TaskFacts& facts,
                                        const Recipe& recipe) {
  constexpr double kClear = 0.25;
  const std::set<std::string> others = NotByThemselves(facts, recipe);
  std::vector<const FactColumn*> drifting;
  for (const FactColumn& column : facts.columns) {
    const bool cells = column.role == ColumnRole::kNumber ||
                       column.role == ColumnRole::kCategory;
    if (cells && column.drift > kClear && !others.contains(column.name)) {
      drifting.push_back(&column);
    }
  }
  std::ranges::stable_sort(drifting, std::greater{}, &FactColumn::drift);
  return drifting;
}

std::vector<std::string> DriftingNumbers(const TaskFacts& facts,
                                         const Recipe& recipe) {
  constexpr int64_t kManyValues = 20;
  std::vector<std::string> names;
  for (const FactColumn* column : Drifting(facts, recipe)) {
    if (RoleIn(*column, recipe) == ColumnRole::kNumber &&
        column->distinct > kManyValues) {
      names.push_back(column->name);
    }
  }
  return names;
}

std::vector<std::string> Amounts(const TaskFacts& facts, const Recipe& recipe) {
  constexpr int64_t kManyValues = 20;
  constexpr double kWide = 5;    // the largest over the least
  constexpr double kAlike = 10;  // the largest of one over another's
  constexpr size_t kFewest = 3;
  constexpr size_t kMost = 20;
  const std::set<std::string> others = NotByThemselves(facts, recipe);
  std::vector<const FactColumn*> amounts;
  for (const FactColumn& column : facts.columns) {
    if (RoleIn(column, recipe) == ColumnRole::kNumber && !column.key &&
        column.distinct > kManyValues && column.minimum >= 0 &&
        column.maximum > kWide * column.minimum &&
        !others.contains(column.name)) {
      amounts.push_back(&column);
    }
  }
  std::ranges::stable_sort(amounts, {}, &FactColumn::maximum);
  // The most columns of about one size.
  size_t first = 0;
  size_t count = 0;
  for (size_t from = 0, to = 0; to < amounts.size(); ++to) {
    while (amounts[to]->maximum > kAlike * amounts[from]->maximum) ++from;
    if (to + 1 - from > count) {
      first = from;
      count = to + 1 - from;
    }
  }
  std::vector<std::string> names;
  if (count < kFewest || count > kMost) return names;
  for (size_t i = first; i < first + count; ++i) {
    names.push_back(amounts[i]->name);
  }
  return names;
}

bool HasKeys(const TaskFacts& facts) {
  return std::ranges::any_of(facts.columns, &FactColumn::key);
}

bool NamesKeys(const Recipe& recipe) {
  return recipe.Choice("keys", "numbers") == "names";
}

bool NumbersIds(const Recipe& recipe) {
  return recipe.Choice("id", "") == "number";
}

std::vector<std::pair<std::string, std::string>> SkipPlaces(
    const TaskFacts& facts) {
  return {{"skip_places", facts.coordinates.empty()
                              ? ""
                              : "        if column in np.ravel(PLACES):\n"
                                "            continue\n"}};
}

std::vector<std::pair<std::string, std::string>> CountCharacters(
    const TaskFacts& facts) {
  constexpr std::string_view kLines =
      "        if column in UNPARTED:\n"
      "            # Nothing parts its words: characters stand for them.\n"
      "            words.set_params(analyzer=\"char\", ngram_range=(1, 3), "
      "token_pattern=None)\n";
  const bool any = std::ranges::any_of(facts.columns, &FactColumn::unparted);
  return {{"unparted", any ? std::string(kLines) : ""}};
}

ColumnRole RoleIn(const FactColumn& column, const Recipe& recipe) {
  return column.key && NamesKeys(recipe) ? ColumnRole::kCategory : column.role;
}

int64_t CountOf(const TaskFacts& facts, const Recipe& recipe, ColumnRole role) {
  return std::ranges::count_if(facts.columns, [&](const FactColumn& column) {
    return RoleIn(column, recipe) == role &&
           !recipe.dropped.contains(column.name);
  });
}

}  // namespace treesmith
