// Orders of float values, in linear time: what rank metrics start from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace treesmith {

// Indexes by rising value; equal values keep their order. 0 and -0 are equal.
// REQUIRES: no NaN, fewer than 2^32 values
std::vector<uint32_t> AscendingOrder(std::span<const float> values);

// For a sorted order: where each run of equal values ends, ascending; the last
// is the number of values.
std::vector<uint32_t> TieEnds(std::span<const float> values,
                              std::span<const uint32_t> order);

// Places in [0, 1] by rising value, ties sharing the middle of theirs; all 0.5
// when there is one value.
std::vector<double> UnitRanks(std::span<const float> values);

}  // namespace treesmith
