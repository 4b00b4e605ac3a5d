#include "testing/edits/read_scripts.h"

#include <algorithm>

#include "base/check.h"
#include "base/file.h"

namespace treesmith {

std::vector<std::string> ReadScripts(
    const std::vector<std::filesystem::path>& folders) {
  std::vector<std::filesystem::path> paths;
  for (const std::filesystem::path& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".py") paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  std::vector<std::string> scripts;
  scripts.reserve(paths.size());
  for (const std::filesystem::path& path : paths) {
    Result<std::string> text = ReadFile(path);
    CHECK(text.ok());
    scripts.push_back(*std::move(text));
  }
  return scripts;
}

std::vector<std::string> RepositoryScripts(
    const std::filesystem::path& source) {
  return ReadScripts(
      {source / "examples/bikeshare/solutions", source / "src/code/testdata"});
}

}  // namespace treesmith
