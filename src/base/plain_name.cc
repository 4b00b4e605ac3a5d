#include "base/plain_name.h"

#include <algorithm>
#include <filesystem>

namespace treesmith {

bool IsPlainName(const std::string& name) {
  const std::filesystem::path path(name);
  return !name.empty() && path.is_relative() && path.has_filename() &&
         std::ranges::none_of(path, [](const std::filesystem::path& part) {
           return part == "." || part == ".." || part.empty();
         });
}

}  // namespace treesmith
