// ProfileText: what stands out in the data, for a model that cannot look.
#pragma once

#include <string>

#include "table/profile.h"

namespace treesmith {

inline constexpr size_t kProfileBytes = 2'500;

// A list of lines that begin with "- ", the most telling first; at most
// kProfileBytes however many columns there are. A line is never cut.
std::string ProfileText(const Profile& profile);

}  // namespace treesmith
