// The small words of "why" sentences.
#pragma once

#include <string>
#include <string_view>

#include "model/tree.h"

namespace treesmith {

// Four significant digits: "0.4321", "1.235e+05".
std::string Short(double value);
// "node 12 (lightgbm, 0.4321)"; the family and the score where there are any.
std::string Describe(const Tree& tree, NodeId id);
// "1 draft", "2 drafts".
std::string Count(size_t count, std::string_view noun);

}  // namespace treesmith
