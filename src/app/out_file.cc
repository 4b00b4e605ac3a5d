#include "app/out_file.h"

#include <unistd.h>

#include <system_error>

namespace treesmith {

Status CheckOutFile(const std::filesystem::path& file) {
  if (file.empty()) return {};
  std::error_code ignored;
  const auto folder = std::filesystem::absolute(file, ignored).parent_path();
  if (!std::filesystem::is_directory(folder, ignored)) {
    return BadInput("write " + file.string() + ": no such folder");
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    return BadInput(ErrnoError("write", file.string()).message);
  }
  if (std::filesystem::is_directory(file, ignored)) {
    return BadInput("write " + file.string() + ": is a folder");
  }
  return {};
}

}  // namespace treesmith
