// Collecting what a script left, from a folder that it filled as it liked.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/sandbox.h"

namespace treesmith {

// Removes from the outbox what stands under the wanted names.
Status ClearOutbox(const std::vector<WantedFile>& wanted,
                   const std::filesystem::path& outbox);

// Copies each wanted file that is there from `folder` (a descriptor; names are
// resolved beneath it, never through a symbolic link or another mount) to the
// outbox, by rename. Returns a line for each that is there and was not taken:
// NotTaken(name) and why.
// Call it only when nothing that could still write lives.
Result<std::vector<std::string>> CollectFiles(
    int folder, const std::vector<WantedFile>& wanted,
    const std::filesystem::path& outbox);
std::string NotTaken(const std::string& name);

}  // namespace treesmith
