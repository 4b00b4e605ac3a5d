// Scripts to edit, rename and damage.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace treesmith {

// The *.py files of these folders, not of those below, in order of their paths.
// CHECKs that they can be read.
std::vector<std::string> ReadScripts(
    const std::vector<std::filesystem::path>& folders);

// Those of the repository at `source`.
std::vector<std::string> RepositoryScripts(const std::filesystem::path& source);

}  // namespace treesmith
