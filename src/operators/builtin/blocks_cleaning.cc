// Cleaning: what is done to cells and training rows before any feature.
#include <algorithm>
#include <cmath>

#include "operators/builtin/feature_block.h"

namespace treesmith {
namespace {

constexpr std::string_view kTrimTarget = R"py(
def trim_outliers(train, target):
    """Leave out training rows whose target lies far outside the bulk."""
    y = train[target].astype(float)
    low, high = y.quantile([0.002, 0.998])
    margin = high - low
    return train[y.between(low - margin, high + margin / 2)]
)py";

constexpr std::string_view kDropTwins = R"py(
def drop_twins(train, target):
    """Keep one of several training rows that agree in everything."""
    columns = [c for c in train.columns if c not in ID]
    return train.drop_duplicates(subset=columns)
)py";

constexpr std::string_view kMissingFlags = R"py(
def add_missing_flags(table):
    """One flag for each column with gaps, and their number in a row."""
    gaps = table[NUMBERS].isna() | (table[NUMBERS] == np.inf)
    gaps = gaps.loc[:, gaps.mean().between(0.001, 0.999)]
    flags = gaps.add_suffix("_missing").astype(float)
    flags["missing_in_row"] = gaps.sum(axis=1)
    return pd.concat([table, flags], axis=1)
)py";

constexpr std::string_view kRegressGaps = R"py(
def fill_by_other_numbers(table):
    """Gaps in numbers by what the other numbers of the row say."""
    table = table.copy()
    numbers = table[NUMBERS].replace([np.inf, -np.inf], np.nan)
    scaled = (numbers - numbers.mean()) / (numbers.std() + 1e-9)
    whole = scaled.fillna(0)
    for column in NUMBERS:
        gaps = numbers[column].isna().to_numpy()
        if not 10 < gaps.sum() < len(gaps) / 2:
            continue
        others = whole.drop(columns=column).to_numpy()
        model = Ridge(10).fit(others[~gaps], numbers.loc[~gaps, column])
        table.loc[gaps, column] = model.predict(others[gaps])
    return table
)py";

constexpr std::string_view kFillByKind = R"py(
def fill_by_kind(table):
    """Gaps in numbers by the median of rows of the kind that tells most of them."""
    numbers = table[NUMBERS].replace([np.inf, -np.inf], np.nan)
    numbers = numbers.loc[:, numbers.isna().any()]
    whole = [c for c in NUMBERS + CATEGORIES if c not in numbers]
    kinds = [c for c in whole if 1 < table[c].nunique() <= 20][:12]
    if numbers.empty or not kinds:
        return table
    table = table.copy()
    told = {k: numbers.groupby(table[k]).transform("mean").var() for k in kinds}
    best = pd.DataFrame(told).fillna(0).idxmax(axis=1)
    for column, kind in best.items():
        middles = numbers[column].groupby(table[kind]).transform("median")
        table[column] = numbers[column].fillna(middles)
    return table
)py";

constexpr std::string_view kZeroAsMissing = R"py(
def blank_zeros(table):
    """Zeros that stand far below all other values are gaps in disguise."""
    table = table.copy()
    for column in NUMBERS:
        values = table[column]
        positive = values[values > 0]
        few = 0 < (values == 0).mean() < 0.5
        if few and values.min() == 0 and positive.quantile(0.01) > positive.std():
            table[column] = values.where(values != 0)
    return table
)py";

constexpr std::string_view kFill = R"py(
def fill_gaps(table):
    """Medians for gaps and infinities, so that any model can take the table."""
    table = table.replace([np.inf, -np.inf], np.nan)
    numbers = table.select_dtypes("number")
    return table.fillna(numbers.median()).fillna(0)
)py";

constexpr std::string_view kUnskew = R"py(
def unskew(table):
    """Logarithms of numbers with a long right tail."""
    table = table.copy()
    for column in table.select_dtypes("number"):
@skip_places@        values = table[column]
        if values.nunique() > 10 and values.min() >= 0 and values.skew() > 1:
            table[column] = np.log1p(values)
    return table
)py";

bool HasKinForGaps(const TaskFacts& facts, const Recipe& recipe) {
  return HasGaps(facts, recipe) &&
         CountOf(facts, recipe, ColumnRole::kNumber) >= 4;
}

// Some name of few values tells enough rows of a kind from others. What the
// other numbers say has filled the gaps already.
bool HasKindsForGaps(const TaskFacts& facts, const Recipe& recipe) {
  constexpr int64_t kMostKinds = 20;
  constexpr int64_t kRowsOfKind = 20;
  return HasGaps(facts, recipe) && !recipe.Has("clean.regress-gaps") &&
         std::ranges::any_of(facts.columns, [&](const FactColumn& column) {
           return (column.role == ColumnRole::kCategory || column.code) &&
                  column.distinct > 1 && column.distinct <= kMostKinds &&
                  facts.rows >= kRowsOfKind * column.distinct &&
                  !recipe.dropped.contains(column.name);
         });
}

bool HasSkew(const TaskFacts& facts, const Recipe& recipe) {
  if (!UsesDistances(recipe)) return false;
  for (const FactColumn& column : facts.columns) {
    if (column.role == ColumnRole::kNumber && column.skew > 1 &&
        column.minimum >= 0 && column.distinct > 10) {
      return true;
    }
  }
  return false;
}

bool HasZeros(const TaskFacts& facts, const Recipe& /*recipe*/) {
  for (const FactColumn& column : facts.columns) {
    if (column.role == ColumnRole::kNumber && column.minimum == 0 &&
        column.zeros > 0 && column.zeros < 0.5 && column.distinct > 20) {
      return true;
    }
  }
  return false;
}

bool WildTarget(const TaskFacts& facts, const Recipe& recipe) {
  return facts.Regression() && recipe.objective != "distribution" &&
         !facts.MultiTarget() &&
         (facts.target_facts.heavy_tail ||
          std::abs(facts.target_facts.skew) > 2);
}

bool HasTwins(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return facts.twins > 0.01 && facts.id.size() == 1 && !facts.MultiTarget();
}

bool OnlyRepair(const TaskFacts& /*facts*/, const Recipe& /*recipe*/) {
  return false;
}

}  // namespace

std::span<const FeatureBlock> CleaningBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "clean.trim-target",
       .stage = BlockStage::kRows,
       .function = "trim_outliers",
       .reason = "A few extreme targets would pull the whole fit.",
       .source = kTrimTarget,
       .fits = WildTarget,
       .prior = {.gain = 0.3}},
      {.name = "clean.drop-twins",
       .stage = BlockStage::kRows,
       .function = "drop_twins",
       .reason = "Repeated training rows count more than they should.",
       .source = kDropTwins,
       .fits = HasTwins,
       .prior = {.gain = -0.1}},
      {.name = "clean.zero-as-missing",
       .function = "blank_zeros",
       .reason = "Zeros may stand for values that were never measured.",
       .source = kZeroAsMissing,
       .fits = HasZeros,
       .prior = {.gain = 0.1}},
      {.name = "clean.missing-flags",
       .function = "add_missing_flags",
       .reason = "That a value is missing may itself tell about the target.",
       .source = kMissingFlags,
       .fits = HasGaps,
       .prior = {.gain = 0.4, .cost = 1.1}},
      {.name = "clean.regress-gaps",
       .function = "fill_by_other_numbers",
       .reason = "The other numbers of a row often tell what is missing.",
       .imports = {"from sklearn.linear_model import Ridge"},
       .source = kRegressGaps,
       .fits = HasKinForGaps,
       .prior = {.gain = 0.3, .cost = 1.2}},
      {.name = "clean.fill-by-kind",
       .function = "fill_by_kind",
       .reason = "Rows of one kind are more alike than all: their median fills "
                 "a gap better.",
       .source = kFillByKind,
       .fits = HasKindsForGaps,
       .prior = {.gain = 0.3}},
      {.name = "clean.fill",
       .function = "fill_gaps",
       .reason = "The model could not take gaps or infinities.",
       .source = kFill,
       .fits = OnlyRepair,
       .prior = {.gain = -1}},
  };
  return blocks;
}

std::span<const FeatureBlock> ClosingBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "clean.unskew",
       .function = "unskew",
       .reason = "Models of scaled numbers suffer from long tails.",
       .source = kUnskew,
       .bind = SkipPlaces,
       .fits = HasSkew,
       .prior = {.gain = 1.2}},
  };
  return blocks;
}

}  // namespace treesmith
