// Files that a command is told to write.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace treesmith {

// BadInput where no file can be written there: no such folder, one that is not
// ours to write in, or a folder of that very name. To be asked before work is
// done for the file. Empty (stdout, or a place of our own) is well.
Status CheckOutFile(const std::filesystem::path& file);

}  // namespace treesmith
