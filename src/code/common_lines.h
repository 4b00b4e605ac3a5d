// Lines that two texts have in common (longest common subsequence).
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace treesmith {

// Pairs (index in a, index in b) of equal lines, both ascending, as many as
// there can be. Equal beginnings and ends are always paired; where what lies
// between is too large to compare line by line (about 2,000 by 2,000 lines),
// none of it is.
std::vector<std::pair<size_t, size_t>> CommonLines(
    const std::vector<std::string_view>& a,
    const std::vector<std::string_view>& b);

}  // namespace treesmith
