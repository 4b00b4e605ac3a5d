// Features of categories that need no target.
#include <algorithm>

#include "operators/builtin/feature_block.h"

namespace treesmith {
namespace {

constexpr std::string_view kCodeParts = R"py(
def split_codes(table):
    """Parts of compound codes: leading letters, first number, length, last sign."""
    table = table.copy()
    for column in CODES:
        text = table[column].astype(str)
        table[f"{column}_letters"] = text.str.extract(r"^(\D*)", expand=False)
        number = text.str.extract(r"(\d+)", expand=False)
        table[f"{column}_number"] = pd.to_numeric(number, errors="coerce")
        table[f"{column}_length"] = text.str.len().astype(float)
        table[f"{column}_last"] = text.str.extract(r"(\W?\w)$", expand=False).fillna("")
        table[f"{column}_title"] = text.str.extract(r"(\w+)\.", expand=False).fillna("")
    return table
)py";

constexpr std::string_view kNumbersAsCategories = R"py(
def copy_codes(table):
    """Numbers with few values once more as names."""
    table = table.copy()
    for column in NUMBERS:
        values = table[column]
        count = values.nunique()
        # Names of fractions must repeat often.
        often = 20 * count <= len(table) or (values.dropna() % 1 == 0).all()
        if 2 < count <= 60 and often:
            table[f"{column}_name"] = values.astype(str)
    return table
)py";

constexpr std::string_view kQuality = R"py(
def rank_words(table):
    """Words that grade once more as numbers in their order."""
    scale = [
        ["po", "poor", "never", "no", "none", "missing"],
        ["fa", "fair", "low", "sometimes"],
        ["ta", "average", "medium", "normal", "often"],
        ["gd", "good", "high", "frequently"],
        ["ex", "excellent", "very good", "very high", "always"],
    ]
    ranks = {word: rank for rank, words in enumerate(scale) for word in words}
    new = {f"{c}_rank": table[c].str.lower().map(ranks) for c in GRADES}
    return pd.concat([table, pd.DataFrame(new, dtype=float)], axis=1)
)py";

constexpr std::string_view kPairs = R"py(
def pair_categories(table):
    """Pairs of categories as categories of their own."""
    names = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
    counts = table[names].nunique()
    few = counts[counts > 1].sort_values().index[:7]
    pairs = {
        f"{a}+{b}": table[a].astype(str) + "|" + table[b].astype(str)
        for a, b in itertools.combinations(few, 2)
    }
    return pd.concat([table, pd.DataFrame(pairs, index=table.index)], axis=1)
)py";

constexpr std::string_view kCounts = R"py(
def add_counts(table):
    """How often each category occurs in train and test together."""
    names = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
    counts = {f"{c}_count": table[c].map(table[c].value_counts()) for c in names}
    return pd.concat([table, pd.DataFrame(counts, dtype=float)], axis=1)
)py";

constexpr std::string_view kNumberCounts = R"py(
def add_number_counts(table):
    """How often each exact number occurs: rounded or copied values stand out."""
    counts = {f"{c}_repeats": table[c].map(table[c].value_counts()) for c in NUMBERS}
    return pd.concat([table, pd.DataFrame(counts, dtype=float)], axis=1)
)py";

constexpr std::string_view kDeviation = R"py(
def add_deviations(table):
    """Numbers against mean and spread of their category."""
    names = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
    names = [c for c in names if 2 < table[c].nunique() <= len(table) / 20][:4]
    numbers = [c for c in NUMBERS if table[c].nunique() > 10][:8]
    new = {}
    for name, number in itertools.product(names, numbers):
        group = table.groupby(name)[number]
        middle = table[number] - group.transform("mean")
        spread = group.transform("std").fillna(0) + 1e-9
        new[f"{number}-{name}"] = middle / spread
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kRare = R"py(
def merge_rare(table):
    """One common name for categories seen fewer than ten times."""
    table = table.copy()
    for column in CATEGORIES:
        often = table[column].map(table[column].value_counts()) >= 10
        table[column] = table[column].where(often, "rare")
    return table
)py";

bool HasCategories(const TaskFacts& facts, const Recipe& recipe) {
  return CountOf(facts, recipe, ColumnRole::kCategory) > 0 ||
         recipe.Has("encode.numbers-as-categories") || NamesKeys(recipe);
}

// Each day of a panel has a row of each series, so that all are as common.
bool HasUnlikeCounts(const TaskFacts& facts, const Recipe& recipe) {
  if (!HasCategories(facts, recipe)) return false;
  return facts.series.empty() ||
         std::ranges::any_of(facts.columns, [&](const FactColumn& column) {
           return RoleIn(column, recipe) == ColumnRole::kCategory &&
                  std::ranges::find(facts.series, column.name) ==
                      facts.series.end();
         });
}

// Also fractions: what was measured in steps, or made up by a model of rows.
int64_t FewValued(const TaskFacts& facts) {
  constexpr int64_t kMostValues = 60;
  constexpr int64_t kRowsOfValue = 20;
  int64_t count = 0;
  for (const FactColumn& column : facts.columns) {
    const bool few = column.distinct > 2 && column.distinct <= kMostValues &&
                     facts.rows >= kRowsOfValue * column.distinct;
    count += column.role == ColumnRole::kNumber && (column.code || few) ? 1 : 0;
  }
  return count;
}

bool HasGrades(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return std::ranges::any_of(facts.columns, &FactColumn::grades);
}

bool HasCodes(const TaskFacts& facts, const Recipe& /*recipe*/) {
  for (const FactColumn& column : facts.columns) {
    if (column.compound) return true;
  }
  return false;
}

bool HasFewValued(const TaskFacts& facts, const Recipe& recipe) {
  // One-hot columns would explode on wide tables.
  return FewValued(facts) > 0 && (UsesTrees(recipe) || FewValued(facts) <= 60);
}

bool HasPairs(const TaskFacts& facts, const Recipe& recipe) {
  if (NamesKeys(recipe)) return facts.rows >= 1000;
  const int64_t names =
      CountOf(facts, recipe, ColumnRole::kCategory) +
      (recipe.Has("encode.numbers-as-categories") ? FewValued(facts) : 0);
  return names >= 2 && facts.rows >= 1000;
}

bool HasRepeats(const TaskFacts& facts, const Recipe& recipe) {
  return UsesTrees(recipe) && facts.rows >= 2000 &&
         CountOf(facts, recipe, ColumnRole::kNumber) > 0 &&
         CountOf(facts, recipe, ColumnRole::kNumber) <= 60;
}

bool HasGroupsOfNumbers(const TaskFacts& facts, const Recipe& recipe) {
  return HasCategories(facts, recipe) &&
         CountOf(facts, recipe, ColumnRole::kNumber) > 1;
}

bool HasRare(const TaskFacts& facts, const Recipe& /*recipe*/) {
  for (const FactColumn& column : facts.columns) {
    if (column.role == ColumnRole::kCategory && column.distinct > 30) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::span<const FeatureBlock> CategoryBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "feature.code-parts",
       .function = "split_codes",
       .reason = "Compound codes carry several facts in one cell.",
       .source = kCodeParts,
       .fits = HasCodes,
       .prior = {.gain = 1.5, .cost = 1.2}},
      {.name = "encode.quality-words",
       .function = "rank_words",
       .reason = "Grades have an order, which names hide.",
       .source = kQuality,
       .fits = HasGrades,
       .prior = {.gain = 0.5, .cost = 1.1}},
      {.name = "clean.rare",
       .function = "merge_rare",
       .reason = "Rare categories are too few to learn from one by one.",
       .source = kRare,
       .fits = HasRare,
       .prior = {.gain = 0.2}},
      {.name = "encode.numbers-as-categories",
       .function = "copy_codes",
       .reason = "Numbers with few values may be names in disguise.",
       .source = kNumbersAsCategories,
       .fits = HasFewValued,
       .prior = {.gain = 0.5, .cost = 1.3}},
      {.name = "encode.pairs",
       .function = "pair_categories",
       .reason = "Two categories together may mean more than each alone.",
       .imports = {"import itertools"},
       .source = kPairs,
       .fits = HasPairs,
       .prior = {.gain = 0.4, .cost = 1.6}},
      {.name = "encode.counts",
       .function = "add_counts",
       .reason = "How common a category is often says what it is.",
       .source = kCounts,
       .fits = HasUnlikeCounts,
       .prior = {.gain = 0.4, .cost = 1.1}},
      {.name = "encode.number-counts",
       .function = "add_number_counts",
       .reason = "Repeated exact values betray how a number was made.",
       .source = kNumberCounts,
       .fits = HasRepeats,
       .prior = {.gain = 0.2, .cost = 1.4}},
      {.name = "feature.group-deviation",
       .function = "add_deviations",
       .reason = "A number is large or small for its kind.",
       .imports = {"import itertools"},
       .source = kDeviation,
       .fits = HasGroupsOfNumbers,
       .prior = {.gain = 0.3, .cost = 1.5}},
  };
  return blocks;
}

}  // namespace treesmith
