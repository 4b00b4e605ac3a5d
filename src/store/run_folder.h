// The numbering of run folders: runs/<task>-1, runs/<task>-2 ...
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace treesmith {

// Makes and returns the next folder: one more than the highest number there is
// (gaps are not filled, so a later run always has the higher number). Two
// processes that ask at once get two folders. Characters of `task` that are
// awkward in a file name become '-'. Makes `runs` where it is missing.
Result<std::filesystem::path> MakeNextRunFolder(
    const std::filesystem::path& runs, std::string_view task);

}  // namespace treesmith
