// Features of numbers that need no target.
#include <algorithm>

#include "operators/builtin/feature_block.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

constexpr std::string_view kRatios = R"py(
def add_ratios(table):
    """Quotients of the most telling numbers."""
    new = {}
    for a, b in itertools.permutations(TELLING, 2):
        divisor = table[b].where(table[b] != 0)
        new[f"{a}/{b}"] = (table[a] / divisor).fillna(0)
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kDifferences = R"py(
def add_differences(table):
    """Differences and sums of the most telling numbers."""
    new = {}
    for a, b in itertools.combinations(TELLING, 2):
        new[f"{a}-{b}"] = table[a] - table[b]
        new[f"{a}+{b}"] = table[a] + table[b]
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kProducts = R"py(
def add_products(table):
    """Products and squares of the most telling numbers."""
    new = {}
    for a, b in itertools.combinations_with_replacement(TELLING, 2):
        new[f"{a}*{b}"] = table[a] * table[b]
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kTotals = R"py(
def add_totals(table):
    """Sum of amounts of like size, how many there are, and the share of each."""
    amounts = table[AMOUNTS].fillna(0)
    total = amounts.sum(axis=1)
    shares = amounts.div(total.where(total > 0), axis=0).fillna(0)
    some = (amounts > 0).sum(axis=1).astype(float)
    counts = pd.DataFrame({"amounts_total": total, "amounts_some": some})
    return pd.concat([table, counts, shares.add_suffix(" of total")], axis=1)
)py";

constexpr std::string_view kRowStatistics = R"py(
def add_row_statistics(table):
    """Mean, spread, extremes and zeros of a row, on a common scale."""
    numbers = table[NUMBERS]
    scaled = (numbers - numbers.mean()) / (numbers.std() + 1e-9)
    new = pd.DataFrame(
        {
            "row_mean": scaled.mean(axis=1),
            "row_spread": scaled.std(axis=1),
            "row_low": scaled.min(axis=1),
            "row_high": scaled.max(axis=1),
            "row_zeros": (numbers == 0).sum(axis=1).astype(float),
        }
    )
    return pd.concat([table, new], axis=1)
)py";

constexpr std::string_view kSequence = R"py(
def add_sequences(table):
    """Level, trend, roughness and rhythm of numbers that are steps of a sequence."""
    new, moves_of = {}, {}
    for name, columns in CHANNELS.items():
        steps = table[columns].to_numpy(float)
        level = np.nan_to_num(np.nanmean(steps, axis=1, keepdims=True))
        steps = np.where(np.isnan(steps), level, steps)
        middle = steps - level
        place = np.arange(steps.shape[1]) - (steps.shape[1] - 1) / 2
        moves = np.diff(steps, axis=1)
        new[f"{name} mean"] = level[:, 0]
        new[f"{name} spread"] = steps.std(axis=1)
        new[f"{name} trend"] = middle @ place / (place @ place)
        new[f"{name} rough"] = np.abs(moves).mean(axis=1)
        new[f"{name} largest move"] = np.abs(moves).max(axis=1)
        crossed = np.diff(np.sign(middle), axis=1) != 0
        new[f"{name} crossings"] = crossed.mean(axis=1)
        for share in (0.05, 0.25, 0.5, 0.75, 0.95):
            new[f"{name} quantile {share}"] = np.quantile(steps, share, axis=1)
        power = np.abs(np.fft.rfft(middle, axis=1)[:, 1:]) ** 2
        for number, band in enumerate(np.array_split(power, 6, axis=1)):
            new[f"{name} band {number}"] = np.log1p(band.sum(axis=1))
        middle /= np.sqrt((middle**2).sum(axis=1, keepdims=True)) + 1e-9
        for lag in (1, 2, 4, 8):
            echo = middle[:, lag:] * middle[:, :-lag]
            new[f"{name} echo {lag}"] = echo.sum(axis=1)
        moves_of[name] = middle
    for a, b in itertools.combinations(moves_of, 2):
        if moves_of[a].shape == moves_of[b].shape:
            new[f"{a} with {b}"] = (moves_of[a] * moves_of[b]).sum(axis=1)
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

bool HasSequence(const TaskFacts& facts, const Recipe& /*recipe*/) {
  // Arrays of eight bytes a cell: one a channel is kept, six more are at work.
  constexpr size_t kAtWork = 6;
  constexpr double kMostCells = 3.5e8;
  size_t cells = 0;
  size_t longest = 0;
  for (const auto& steps : facts.steps) {
    cells += steps.size();
    longest = std::max(longest, steps.size());
  }
  const auto rows = static_cast<double>(facts.rows + facts.test_rows);
  return !facts.steps.empty() &&
         rows * static_cast<double>(cells + kAtWork * longest) <= kMostCells;
}

constexpr std::string_view kClusters = R"py(
def add_clusters(table):
    """Distances to the centres of groups of like rows."""
    numbers = table[NUMBERS]
    numbers = numbers.fillna(numbers.median()).fillna(0)
    scaled = StandardScaler().fit_transform(numbers)
    model = MiniBatchKMeans(12, random_state=1, n_init=3, batch_size=4096)
    distances = model.fit_transform(scaled)
    names = [f"centre_{i}" for i in range(distances.shape[1])]
    new = pd.DataFrame(distances, columns=names, index=table.index)
    new["cluster"] = model.labels_.astype(str)
    return pd.concat([table, new], axis=1)
)py";

constexpr std::string_view kComponents = R"py(
def add_components(table):
    """The first principal components of the numbers."""
    numbers = table[NUMBERS]
    numbers = numbers.fillna(numbers.median()).fillna(0)
    scaled = StandardScaler().fit_transform(numbers)
    count = min(8, scaled.shape[1] - 1)
    parts = PCA(count, random_state=1).fit_transform(scaled)
    names = [f"component_{i}" for i in range(count)]
    return pd.concat(
        [table, pd.DataFrame(parts, columns=names, index=table.index)], axis=1
    )
)py";

constexpr std::string_view kDigits = R"py(
def add_fractions(table):
    """The part after the point, which tells how a number came about."""
    new = {}
    for column in TELLING:
        if (table[column].dropna() % 1 != 0).any():
            new[f"{column}_fraction"] = (table[column] % 1).round(4)
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

bool HasTelling(const TaskFacts& facts, const Recipe& recipe) {
  return CountOf(facts, recipe, ColumnRole::kNumber) >= 2;
}

bool HasThree(const TaskFacts& facts, const Recipe& recipe) {
  return CountOf(facts, recipe, ColumnRole::kNumber) >= 3;
}

bool HasAmounts(const TaskFacts& facts, const Recipe& recipe) {
  return !Amounts(facts, recipe).empty();
}

bool ProductsFit(const TaskFacts& facts, const Recipe& recipe) {
  return UsesDistances(recipe) &&
         CountOf(facts, recipe, ColumnRole::kNumber) >= 2;
}

bool HasFractions(const TaskFacts& facts, const Recipe& recipe) {
  if (!UsesTrees(recipe) || facts.rows < 2000) return false;
  for (const FactColumn& column : facts.columns) {
    if (column.role == ColumnRole::kNumber && !column.integer) return true;
  }
  return false;
}

}  // namespace

std::span<const FeatureBlock> NumberBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "feature.ratios",
       .function = "add_ratios",
       .reason = "Trees cannot divide; quotients of like units often decide.",
       .imports = {"import itertools"},
       .source = kRatios,
       .fits = HasTelling,
       .prior = {.gain = 0.8, .cost = 1.7}},
      {.name = "feature.differences",
       .function = "add_differences",
       .reason = "Differences and sums of like units save trees many splits.",
       .imports = {"import itertools"},
       .source = kDifferences,
       .fits = HasTelling,
       .prior = {.gain = 0.6, .cost = 1.7}},
      {.name = "feature.products",
       .function = "add_products",
       .reason = "A linear model needs products to see interactions.",
       .imports = {"import itertools"},
       .source = kProducts,
       .fits = ProductsFit,
       .prior = {.gain = 1.0, .cost = 1.5}},
      {.name = "feature.totals",
       .function = "add_totals",
       .reason = "Amounts of like size may be parts of a whole: how much it is "
                 "and what it is made of.",
       .source = kTotals,
       .fits = HasAmounts,
       .prior = {.gain = 0.4, .cost = 1.4}},
      {.name = "feature.row-statistics",
       .function = "add_row_statistics",
       .reason = "Overall level and spread of a row may tell more than cells.",
       .source = kRowStatistics,
       .fits = HasThree,
       .prior = {.gain = 0.2, .cost = 1.2}},
      {.name = "feature.sequence",
       .function = "add_sequences",
       .reason = "Numbers in a row may be a signal: how it moves tells most.",
       .imports = {"import itertools"},
       .source = kSequence,
       .fits = HasSequence,
       .prior = {.gain = 0.4, .cost = 1.3}},
      {.name = "feature.clusters",
       .function = "add_clusters",
       .reason = "Groups of like rows may behave alike.",
       .imports = {"from sklearn.cluster import MiniBatchKMeans",
                   "from sklearn.preprocessing import StandardScaler"},
       .source = kClusters,
       .fits = HasThree,
       .prior = {.gain = 0.1, .cost = 1.5}},
      {.name = "feature.components",
       .function = "add_components",
       .reason = "Directions across columns that single splits cannot follow.",
       .imports = {"from sklearn.decomposition import PCA",
                   "from sklearn.preprocessing import StandardScaler"},
       .source = kComponents,
       .fits = HasThree,
       .prior = {.gain = 0.1, .cost = 1.5}},
      {.name = "feature.fractions",
       .function = "add_fractions",
       .reason = "Digits after the point betray how a number was made.",
       .source = kDigits,
       .fits = HasFractions,
       .prior = {.gain = 0.0, .cost = 1.2}},
  };
  return blocks;
}

}  // namespace treesmith
