// Names of files below some folder, as people and scripts may write them.
#pragma once

#include <string>

namespace treesmith {

// True for a relative path to a file that stays below its folder: not empty, no
// "." or ".." in it, not ending in "/".
bool IsPlainName(const std::string& name);

}  // namespace treesmith
