// The Python that scripts run in, for tests that run some.
#pragma once

#include <filesystem>
#include <system_error>

namespace treesmith {

// build/python of the checkout that the test runs in; empty where there is
// none.
inline std::filesystem::path ScriptPython() {
  std::error_code error;
  for (auto folder = std::filesystem::current_path(error);
       folder.has_relative_path(); folder = folder.parent_path()) {
    for (const char* place : {"python/bin/python", "build/python/bin/python"}) {
      if (std::filesystem::exists(folder / place, error)) return folder / place;
    }
  }
  return {};
}

}  // namespace treesmith
