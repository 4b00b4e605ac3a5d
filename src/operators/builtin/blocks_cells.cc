// What is told by cells as they were read, before any other block has changed
// them: whether rows agree in all of them, how test's differ from train's.
#include "operators/builtin/feature_block.h"

namespace treesmith {
namespace {

constexpr std::string_view kTwins = R"py(
def add_twins(table, signal, folds):
    """Number and mean target of the other rows that agree with a row in all cells."""
    n, overall = len(signal), signal.mean(axis=0)
    cells = table.drop(columns="id_number", errors="ignore")
    kind = pd.factorize(pd.util.hash_pandas_object(cells, index=False))[0]

    def told(rows, wanted):
        count = np.bincount(kind[rows], minlength=kind.max() + 1)
        new = [count]
        for values, middle in zip(signal[rows].T, overall):
            total = np.bincount(kind[rows], values, minlength=kind.max() + 1)
            new.append((total + 2 * middle) / (count + 2))
        return np.column_stack(new)[kind[wanted]]

    names = ["twins", *(f"twins_target{k}" for k in range(signal.shape[1]))]
    new = pd.DataFrame(0.0, columns=names, index=table.index)
    new.iloc[n:] = told(np.arange(n), np.arange(n, len(table)))
    # Of all but a row itself would tell its own label: what is left of the whole.
    for rest, part in folds:
        new.iloc[part] = told(rest, part)
    return pd.concat([table, new], axis=1)
)py";

constexpr std::string_view kCoarsen = R"py(
def rank_drifting(table, signal):
    """Drifting numbers as ranks, within train and within test."""
    table = table.copy()
    in_train = np.arange(len(table)) < len(signal)
    # Ranks among few rows are no scale to learn from.
    if min(in_train.sum(), (~in_train).sum()) >= 100:
        for column in DRIFTING:
            table[column] = table[column].groupby(in_train).rank(pct=True)
    return table
)py";

// Rows that agree are common, in test too, and do not agree in what is asked.
bool HasUnlikeTwins(const TaskFacts& facts, const Recipe& recipe) {
  constexpr double kSome = 0.03;
  constexpr double kFew = 0.01;
  return facts.twins >= kSome && facts.test_twins >= kSome &&
         facts.unlike_twins >= kFew &&
         CountOf(facts, recipe, ColumnRole::kNumber) +
                 CountOf(facts, recipe, ColumnRole::kCategory) >
             0;
}

bool HasDriftingNumbers(const TaskFacts& facts, const Recipe& recipe) {
  return !DriftingNumbers(facts, recipe).empty();
}

}  // namespace

std::span<const FeatureBlock> CellBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "feature.twins",
       .stage = BlockStage::kCells,
       .function = "add_twins",
       .reason = "Rows that agree in everything have unlike targets: their "
                 "mean is what can be known.",
       .inner_folds = 5,
       .source = kTwins,
       .fits = HasUnlikeTwins,
       .prior = {.gain = 0.5, .cost = 1.2}},
      // After twins, which ranks would part.
      {.name = "clean.coarsen-drift",
       .stage = BlockStage::kCells,
       .function = "rank_drifting",
       .reason = "Where a number drifts, its rank may mean what its value "
                 "meant.",
       .source = kCoarsen,
       .fits = HasDriftingNumbers,
       .prior = {.gain = 0.1}},
  };
  return blocks;
}

}  // namespace treesmith
