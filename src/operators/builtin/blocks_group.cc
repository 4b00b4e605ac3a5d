// Features of groups of rows, where the test's groups are new, and of targets
// beside the one at hand.
#include "operators/builtin/feature_block.h"
#include "operators/builtin/objective.h"

namespace treesmith {
namespace {

constexpr std::string_view kScale = R"py(
def scale_within_groups(table, group):
    """Numbers against mean and spread of their group, which drift between groups."""
    table = table.copy()
    for column in NUMBERS:
@skip_places@        values = table[column].groupby(group)
        middle = table[column] - values.transform("mean")
        table[column] = middle / (values.transform("std").fillna(0) + 1e-9)
    return table
)py";

constexpr std::string_view kSize = R"py(
def add_group_size(table, group):
    """How many rows belong together, and the place of a row among them."""
    table = table.copy()
    table["group_size"] = group.map(group.value_counts()).astype(float)
    table["group_place"] = group.groupby(group).cumcount().astype(float)
    return table
)py";

constexpr std::string_view kLevels = R"py(
def add_group_levels(table, group):
    """Mean of each number over the rows that belong together."""
    levels = table[NUMBERS].groupby(group).transform("mean")
    return pd.concat([table, levels.add_suffix("_in_group")], axis=1)
)py";

constexpr std::string_view kSteps = R"py(
def add_steps(table, group):
    """What comes before and after a row within its group, in the file's order."""
    new = {}
    for column in TELLING:
        rows = table[column].groupby(group)
        before, after = rows.shift(1), rows.shift(-1)
        around = [before, after, rows.shift(2), rows.shift(-2), table[column]]
        new[f"{column}_before"] = before
        new[f"{column}_step"] = table[column] - before
        new[f"{column}_ahead"] = after - table[column]
        new[f"{column}_so_far"] = rows.cumsum()
        new[f"{column}_around"] = pd.concat(around, axis=1).mean(axis=1)
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kShape = R"py(
def add_group_shape(table, group):
    """Spread, extremes, trend and roughness of each number over its group."""
    place = group.groupby(group).cumcount().astype(float)
    place -= place.groupby(group).transform("mean")
    length = (place**2).groupby(group).transform("sum") + 1e-9
    new = {}
    for column in TELLING:
        rows = table[column].groupby(group)
        middle = table[column] - rows.transform("mean")
        rise = (middle * place).groupby(group).transform("sum")
        crossed = np.sign(middle) != np.sign(middle.groupby(group).shift(1))
        new[f"{column}_spread"] = rows.transform("std")
        new[f"{column}_low"] = rows.transform("min")
        new[f"{column}_high"] = rows.transform("max")
        new[f"{column}_trend"] = rise / length
        new[f"{column}_rough"] = rows.diff().abs().groupby(group).transform("mean")
        new[f"{column}_crossings"] = crossed.astype(float).groupby(group).transform("mean")
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kRhythm = R"py(
def add_group_rhythm(table, group):
    """Quantiles, echoes, rhythm and common moves of numbers over each group."""
    code = pd.factorize(group)[0]
    place = group.groupby(code).cumcount().to_numpy()
    early = place < 256  # the beginning tells the rhythm of a long sequence
    shape = code.max() + 1, place[early].max() + 1
    new, moves_of = {}, {}
    for column in TELLING:
        rows = table[column].groupby(code)
        for share in (0.1, 0.5, 0.9):
            new[f"{column}_quantile_{share}"] = rows.quantile(share)
        middle = (table[column] - rows.transform("mean")).fillna(0).to_numpy()
        moves = np.zeros(shape)
        moves[code[early], place[early]] = middle[early]
        moves /= np.sqrt((moves**2).sum(axis=1, keepdims=True)) + 1e-9
        for lag in (1, 2, 4, 8):
            echo = moves[:, lag:] * moves[:, : max(shape[1] - lag, 0)]
            new[f"{column}_echo_{lag}"] = echo.sum(axis=1)
        power = np.abs(np.fft.rfft(moves, axis=1)[:, 1:]) ** 2
        power /= power.sum(axis=1, keepdims=True) + 1e-9
        for number, band in enumerate(np.array_split(power, 8, axis=1)):
            new[f"{column}_band_{number}"] = band.sum(axis=1)
        moves_of[column] = moves
    for a, b in itertools.combinations(TELLING, 2):
        new[f"{a}_with_{b}"] = (moves_of[a] * moves_of[b]).sum(axis=1)
    new = pd.DataFrame(new, index=range(shape[0])).iloc[code].set_axis(table.index)
    return pd.concat([table, new], axis=1)
)py";

constexpr std::string_view kFill = R"py(
def fill_within_groups(table, group):
    """Gaps in numbers by the median of their group; flags keep where they were."""
    table = table.copy()
    numbers = table[NUMBERS].replace([np.inf, -np.inf], np.nan)
    gaps = numbers.isna()
    middles = numbers.groupby(group).transform("median")
    table[NUMBERS] = numbers.fillna(middles)
    flags = gaps.loc[:, gaps.any()].add_suffix("_was_missing").astype(float)
    return pd.concat([table, flags], axis=1)
)py";

constexpr std::string_view kOthers = R"py(
def add_other_targets(table, train, target, folds):
    """What the other targets seem to be, out of fold."""
    n = len(train)
    x = table.copy()
    for column in x:
        if not pd.api.types.is_numeric_dtype(x[column]):
            x[column] = pd.factorize(x[column], sort=True)[0]
    x = x.to_numpy(np.float32)
    new = {}
    for other in OTHERS:
        if other == target:
            continue
        y = pd.to_numeric(train[other], errors="coerce").astype(float)
        y = y.fillna(y.median()).to_numpy()
        model = lgb.LGBMRegressor(
            n_estimators=80,
            learning_rate=0.06,
            num_leaves=12,
            colsample_bytree=0.7,
            n_jobs=THREADS,
            random_state=1,
            verbose=-1,
        )
        guess = np.empty(len(table))
        guess[n:] = model.fit(x[:n], y).predict(x[n:])
        for rest, part in folds:
            guess[part] = model.fit(x[rest], y[rest]).predict(x[part])
        new[f"guess of {other}"] = guess
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

bool HasGroups(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return HasNewGroups(facts);
}

bool NumbersInGroups(const TaskFacts& facts, const Recipe& recipe) {
  return HasGroups(facts, recipe) &&
         CountOf(facts, recipe, ColumnRole::kNumber) > 0;
}

// Only groups that are large have a level of their own.
bool LargeGroups(const TaskFacts& facts, const Recipe& recipe) {
  return NumbersInGroups(facts, recipe) && facts.group_separator.empty();
}

bool GapsInGroups(const TaskFacts& facts, const Recipe& recipe) {
  return LargeGroups(facts, recipe) && HasGaps(facts, recipe);
}

// So many rows of a group may be the steps of a sequence.
bool HasSequences(const TaskFacts& facts, const Recipe& recipe) {
  constexpr double kFewestRows = 8;
  return LargeGroups(facts, recipe) && facts.group_rows >= kFewestRows;
}

// A matrix of 256 steps of each group, a number of them at a time.
bool HasRhythm(const TaskFacts& facts, const Recipe& recipe) {
  constexpr double kMostGroups = 50'000;
  return HasSequences(facts, recipe) &&
         static_cast<double>(facts.rows + facts.test_rows) <=
             kMostGroups * facts.group_rows;
}

bool HasOthers(const TaskFacts& facts, const Recipe& recipe) {
  return !facts.OtherTargets().empty() && facts.rows >= 200 &&
         !SumsParts(recipe) && !SharesTargets(recipe);
}

}  // namespace

std::span<const FeatureBlock> GroupBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "clean.fill-in-groups",
       .stage = BlockStage::kGroup,
       .function = "fill_within_groups",
       .reason = "What a group's other rows have stands for what is missing.",
       .source = kFill,
       .fits = GapsInGroups,
       .prior = {.gain = 0.2, .cost = 1.1}},
      {.name = "feature.group-size",
       .stage = BlockStage::kGroup,
       .function = "add_group_size",
       .reason = "Rows that belong together share a fate.",
       .source = kSize,
       .fits = HasGroups,
       .prior = {.gain = 0.7, .cost = 1.1}},
      {.name = "feature.group-levels",
       .stage = BlockStage::kGroup,
       .function = "add_group_levels",
       .reason = "What the others of a group are like tells about the row.",
       .source = kLevels,
       .fits = NumbersInGroups,
       .prior = {.gain = 0.5, .cost = 1.4}},
      {.name = "feature.group-shape",
       .stage = BlockStage::kGroup,
       .function = "add_group_shape",
       .reason = "How a sequence moves tells more than its level.",
       .source = kShape,
       .fits = HasSequences,
       .prior = {.gain = 0.6, .cost = 2}},
      {.name = "feature.group-rhythm",
       .stage = BlockStage::kGroup,
       .function = "add_group_rhythm",
       .reason = "Rhythm, echoes and common moves tell one sequence from "
                 "another.",
       .imports = {"import itertools"},
       .source = kRhythm,
       .fits = HasRhythm,
       .prior = {.gain = 0.7, .cost = 2.5}},
      // After what is made of a group's levels, which it takes away.
      {.name = "clean.scale-in-groups",
       .stage = BlockStage::kGroup,
       .function = "scale_within_groups",
       .reason = "Levels differ from group to group, and the test's are new.",
       .source = kScale,
       .bind = SkipPlaces,
       .fits = LargeGroups,
       .prior = {.gain = 0.8}},
      {.name = "feature.steps",
       .stage = BlockStage::kGroup,
       .function = "add_steps",
       .reason = "In a sequence the rows before and after tell about a row.",
       .source = kSteps,
       .fits = HasSequences,
       .prior = {.gain = 0.9, .cost = 1.8}},
  };
  return blocks;
}

std::span<const FeatureBlock> OtherTargetBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "feature.other-targets",
       .stage = BlockStage::kOthers,
       .function = "add_other_targets",
       .reason = "Targets that only train has may tell what hides behind this "
                 "one.",
       .imports = {"import lightgbm as lgb"},
       .inner_folds = 4,
       .source = kOthers,
       .fits = HasOthers,
       .prior = {.gain = 0.5, .cost = 2}},
  };
  return blocks;
}

}  // namespace treesmith
