#include "store/run_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>

#include "base/file.h"

namespace treesmith {
namespace {

std::string SafeName(std::string_view task) {
  std::string name(task);
  for (char& c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                       (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
                       c == '.';
    if (!plain) c = '-';
  }
  // A leading dot would hide the run or climb out of the folder.
  if (name.empty() || name.front() == '.') name.insert(0, "run");
  return name;
}

// The number of "<name>-<number>"; 0 for any other file name.
int64_t NumberOf(std::string_view file, std::string_view name) {
  if (!file.starts_with(name)) return 0;
  file.remove_prefix(name.size());
  if (file.size() < 2 || file.front() != '-') return 0;
  int64_t number = 0;
  const char* end = file.data() + file.size();
  const auto [stop, code] = std::from_chars(file.data() + 1, end, number);
  return code == std::errc() && stop == end ? std::max<int64_t>(number, 0) : 0;
}

Result<int64_t> HighestNumber(const std::filesystem::path& runs,
                              const std::string& name) {
  int64_t highest = 0;
  std::error_code code;
  std::filesystem::directory_iterator entry(runs, code);
  for (; !code && entry != std::filesystem::directory_iterator();
       entry.increment(code)) {
    highest =
        std::max(highest, NumberOf(entry->path().filename().string(), name));
  }
  if (code) return ErrnoError("list", runs.string(), code.value());
  return highest;
}

}  // namespace

Result<std::filesystem::path> MakeNextRunFolder(
    const std::filesystem::path& runs, std::string_view task) {
  TRY(MakeFolders(runs));
  const std::string name = SafeName(task);
  TRY_ASSIGN(int64_t number, HighestNumber(runs, name));
  while (true) {
    const std::filesystem::path folder =
        runs / (name + "-" + std::to_string(++number));
    if (::mkdir(folder.c_str(), 0755) == 0) return folder;
    // Another process was faster.
    if (errno != EEXIST) return ErrnoError("make folder", folder.string());
  }
}

}  // namespace treesmith
