#include "base/leftovers.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <sstream>
#include <system_error>

#include "base/file.h"

namespace treesmith {
namespace {

constexpr std::string_view kPrefix = "treesmith-";

// Field 22 of /proc/PID/stat, in ticks since boot: with the pid it names one
// process for good. 0: no such process.
uint64_t StartTime(uint64_t pid) {
  const auto stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  if (!stat.ok()) return 0;
  const size_t after_name = stat->rfind(')');
  if (after_name == std::string::npos) return 0;
  std::istringstream fields(stat->substr(after_name + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  uint64_t start = 0;
  fields >> start;
  return start;
}

uint64_t PidNamespace() {
  struct stat info{};
  if (::stat("/proc/self/ns/pid", &info) != 0) return 0;
  return info.st_ino;
}

// The numbers after the prefix: namespace, pid, start time, n. What follows a
// dot is for people.
std::optional<std::array<uint64_t, 4>> ParseName(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name = name.substr(kPrefix.size(), name.find('.') - kPrefix.size());
  std::array<uint64_t, 4> numbers{};
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto [end, code] =
        std::from_chars(name.data(), name.data() + name.size(), numbers[i]);
    if (code != std::errc()) return std::nullopt;
    name.remove_prefix(static_cast<size_t>(end - name.data()));
    const bool last = i + 1 == numbers.size();
    if (last != name.empty() || (!last && !name.starts_with('-'))) {
      return std::nullopt;
    }
    if (!last) name.remove_prefix(1);
  }
  return numbers;
}

}  // namespace

std::string LeftoverName() {
  static const std::string owner = [] {
    const auto pid = static_cast<uint64_t>(getpid());
    return std::string(kPrefix) + std::to_string(PidNamespace()) + "-" +
           std::to_string(pid) + "-" + std::to_string(StartTime(pid)) + "-";
  }();
  static std::atomic<uint64_t> next{0};
  return owner + std::to_string(next++);
}

bool IsLeftover(std::string_view name) {
  const auto numbers = ParseName(name);
  if (!numbers) return false;
  const auto [pid_namespace, pid, start, number] = *numbers;
  return pid_namespace == PidNamespace() && StartTime(pid) != start;
}

void SweepTemporaryFolders() {
  std::error_code ignored;
  const std::filesystem::path base =
      std::filesystem::temp_directory_path(ignored);
  for (const auto& entry : std::filesystem::directory_iterator(base, ignored)) {
    if (!IsLeftover(entry.path().filename().string())) continue;
    // Whether another user's process lives cannot always be seen.
    struct stat info{};
    if (::lstat(entry.path().c_str(), &info) != 0) continue;
    if (info.st_uid != ::geteuid()) continue;
    std::error_code failed;
    std::filesystem::remove_all(entry.path(), failed);
  }
}

}  // namespace treesmith
