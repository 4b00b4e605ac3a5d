// ShortList: the nodes among which the end of a run chooses.
//
// The surprise: the list is longer than any blend looks at. Whatever is chosen
// without a fold is scored on that fold (search/ensemble.h), and that score
// would be too good if the fold had had its say about who is on the list: the
// lists that are made without one fold each are part of it. Pure; any thread.
#pragma once

#include <cstddef>
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
};

// At most kFinalists entrants, as indexes: the best of each family first, then
// by value. Ties keep the earliest.
std::vector<size_t> ShortList(std::span<const Entrant> entrants);

// ShortList, then those who would be on it if some fold had not been scored.
// At most kFinalists for each fold and for all; with fewer than two folds,
// whose scores cannot be taken apart, the best 2 x kFinalists.
std::vector<size_t> NestedShortList(std::span<const Entrant> entrants);

}  // namespace treesmith
