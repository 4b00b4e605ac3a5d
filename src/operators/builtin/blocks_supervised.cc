// Features made from the target of training rows, always out of fold: what a
// training row is told never comes from its own label.
#include "operators/builtin/feature_block.h"

namespace treesmith {
namespace {

constexpr std::string_view kTargetMeans = R"py(
def add_target_means(table, signal, folds):
    """Mean target of each category, smoothed, from the other rows only."""
    n, overall = len(signal), signal.mean(axis=0)
    names = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
    names = [c for c in names if table[c].nunique() > 2]

    def means(categories, target, wanted):
        groups = pd.DataFrame(target).groupby(categories, sort=False)
        count = groups[0].transform("size").groupby(categories).first()
        total = groups.sum()
        smooth = total + SMOOTHING * overall
        smooth = smooth.div(count + SMOOTHING, axis=0)
        return smooth.reindex(wanted).fillna(dict(enumerate(overall))).to_numpy()

    new = {}
    for name in names:
        cells = table[name].to_numpy()
        known = cells[:n]
        encoded = np.empty((len(table), signal.shape[1]))
        encoded[n:] = means(known, signal, cells[n:])
        for rest, part in folds:
            encoded[part] = means(known[rest], signal[rest], known[part])
        for k in range(signal.shape[1]):
            new[f"{name}_target{k}"] = encoded[:, k]
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kNeighbours = R"py(
def add_neighbours(table, signal):
    """Mean target of the nearest other rows."""
    n = len(signal)
    numbers = table[NUMBERS]
    numbers = numbers.fillna(numbers.median()).fillna(0)
    scaler = QuantileTransformer(n_quantiles=200, random_state=1)
    scaled = scaler.fit_transform(numbers)
    count = min(25, n - 1)
    model = NearestNeighbors(n_neighbors=count, n_jobs=THREADS).fit(scaled[:n])
    # Asked without rows, it leaves each training row itself out, twins or not.
    parts = [model.kneighbors(), model.kneighbors(scaled[n:])]
    distance, near = (np.vstack(part) for part in zip(*parts))
    new = {"near_distance": distance.mean(axis=1)}
    for k in range(signal.shape[1]):
        new[f"near_target{k}"] = signal[near, k].mean(axis=1)
        new[f"nearest_target{k}"] = signal[near[:, :5], k].mean(axis=1)
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

bool HasCategories(const TaskFacts& facts, const Recipe& recipe) {
  if (recipe.Has("encode.numbers-as-categories") || NamesKeys(recipe) ||
      recipe.Has("encode.pairs")) {
    return true;
  }
  for (const FactColumn& column : facts.columns) {
    if (column.role == ColumnRole::kCategory && column.distinct > 2) {
      return true;
    }
  }
  return false;
}

bool HasNumbers(const TaskFacts& facts, const Recipe& recipe) {
  // The nearest rows of train are a row's own group, which test's never are.
  if (HasNewGroups(facts)) return false;
  // Nearest rows in many columns are not near, and cost rows times columns.
  const int64_t numbers = CountOf(facts, recipe, ColumnRole::kNumber);
  return numbers >= 2 && numbers <= 40 && facts.rows <= 60'000;
}

}  // namespace

std::span<const FeatureBlock> SupervisedBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "encode.target-oof",
       .stage = BlockStage::kSupervised,
       .function = "add_target_means",
       .reason = "The mean target of a category says in one number what it is.",
       .inner_folds = 5,
       .source = kTargetMeans,
       .fits = HasCategories,
       .prior = {.gain = 0.6, .cost = 1.3}},
      {.name = "feature.neighbours",
       .stage = BlockStage::kSupervised,
       .function = "add_neighbours",
       .reason = "Rows that lie close in all numbers at once share a target.",
       .imports = {"from sklearn.neighbors import NearestNeighbors",
                   "from sklearn.preprocessing import QuantileTransformer"},
       .source = kNeighbours,
       .fits = HasNumbers,
       .prior = {.gain = 0.3, .cost = 1.8}},
  };
  return blocks;
}

}  // namespace treesmith
