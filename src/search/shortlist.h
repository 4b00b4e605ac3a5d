// ShortList: the nodes among which the end of a run chooses.
//
// The surprise: the list is longer than any blend looks at. Whatever is chosen
// without a fold is scored on that fold (search/ensemble.h), and that score
// would be too good if the fold had had its say about who is on the list: the
// lists that are made without one fold each are part of it. A fold also has its
// say by who exists at all: a child takes over most of what its parent
// predicts, luck included, and the parent was chosen by all folds. So there are
// two lists for each fold: of everybody, and of those who would exist without
// it. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/metric_value.h"

namespace treesmith {

// As many nodes as are looked at together (design 5.6).
inline constexpr size_t kFinalists = 50;

struct Entrant {
  std::string_view family;
  MetricValue value;
  // The score of each fold, NaN where it has none; as many for every entrant.
  std::span<const double> fold_values = {};
  // Entrants that it was made from: earlier ones.
  std::vector<size_t> parents = {};
};

// At most kFinalists entrants, as indexes: the best of each family first, then
// by value. Ties keep the earliest.
std::vector<size_t> ShortList(std::span<const Entrant> entrants);

// By entrant, then by fold: whether it would exist if the fold had not been
// scored. Of its parents each must, and have had about the same place (the best
// must be the best; a lower place may be twice as low) among those who would
// have been there. `entrants`: in order of making. Empty with fewer than two
// folds. Quadratic.
std::vector<std::vector<uint8_t>> ExistWithout(
    std::span<const Entrant> entrants);

// ShortList, then those who would be on it if some fold had not been scored,
// whether or not that also unmakes some. At most kFinalists for all and twice
// for each fold; with fewer than two folds, whose scores cannot be taken apart,
// the best 2 x kFinalists. `exist`: as above, of the same entrants.
std::vector<size_t> NestedShortList(
    std::span<const Entrant> entrants,
    const std::vector<std::vector<uint8_t>>& exist);

}  // namespace treesmith
