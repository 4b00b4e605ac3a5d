#include "sandbox/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <sstream>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/leftovers.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// A group stays busy for a moment after its last process has ended.
constexpr int kRemoveTries = 20;
constexpr std::chrono::milliseconds kRemovePause{5};

// Control files take one write and no rename.
Status WriteControl(const fs::path& file, std::string_view value) {
  const UniqueFd fd(open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return ErrnoError("write", file.string());
  if (write(fd.get(), value.data(), value.size()) !=
      static_cast<ssize_t>(value.size())) {
    return ErrnoError("write", file.string());
  }
  return {};
}

std::string ReadControl(const fs::path& file) {
  auto text = ReadFile(file);
  return text.ok() ? *std::move(text) : std::string();
}

Status MakeGroup(const fs::path& folder) {
  if (mkdir(folder.c_str(), 0755) != 0) {
    return ErrnoError("make cgroup", folder.string());
  }
  return {};
}

void RemoveGroup(const fs::path& folder) {
  for (int i = 0; i < kRemoveTries; ++i) {
    if (rmdir(folder.c_str()) == 0 || errno != EBUSY) return;
    std::this_thread::sleep_for(kRemovePause);
  }
}

void EndGroup(const fs::path& folder) {
  if (WriteControl(folder / "cgroup.kill", "1").ok()) return;
  std::istringstream pids(ReadControl(folder / "cgroup.procs"));
  for (pid_t pid = 0; pids >> pid;) {
    if (pid > 0) kill(pid, SIGKILL);
  }
}

int64_t ParseNumber(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool HasWord(std::string_view text, std::string_view word) {
  std::istringstream words{std::string(text)};
  for (std::string candidate; words >> candidate;) {
    if (candidate == word) return true;
  }
  return false;
}

bool Enables(const fs::path& group) {
  const std::string enabled = ReadControl(group / "cgroup.subtree_control");
  return HasWord(enabled, "memory") && HasWord(enabled, "pids");
}

// The kernel hands out controllers only from a group without processes of its
// own (cgroups(7), "no internal processes"), the root excepted.
bool Enable(const fs::path& group) {
  if (Enables(group)) return true;
  const fs::path control = group / "cgroup.subtree_control";
  if (WriteControl(control, "+memory +pids").ok()) return true;
  const std::string self = std::to_string(getpid());
  if (ReadControl(group / "cgroup.procs") != self + "\n") return false;
  const fs::path leaf = group / LeftoverName();
  if (!MakeGroup(leaf).ok()) return false;
  return WriteControl(leaf / "cgroup.procs", self).ok() &&
         WriteControl(control, "+memory +pids").ok();
}

// True when a group made there takes the limits that it is for.
bool Works(const CgroupTree::Place& place) {
  const auto group = CgroupTree({place}).Make(
      {.memory_bytes = int64_t{1} << 30, .processes = 100});
  return group.ok() && group->OpenJoins().ok();
}

std::optional<CgroupTree::Place> FindPlace(const CgroupMount& mount) {
  for (const fs::path& parent : {mount.own, mount.mount}) {
    std::error_code ignored;
    if (!fs::is_directory(parent, ignored)) continue;
    if (mount.version == CgroupVersion::kTwo && !Enable(parent)) continue;
    CgroupTree::Place place{mount.version, mount.controller, parent};
    if (Works(place)) return place;
  }
  return std::nullopt;
}

constexpr std::array<std::string_view, 3> kControllers = {"memory", "pids",
                                                          "cpuacct"};

}  // namespace

std::vector<CgroupMount> ParseCgroupMounts(std::string_view mounts,
                                           std::string_view self) {
  std::vector<CgroupMount> found;
  std::istringstream lines{std::string(mounts)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string device;
    std::string point;
    std::string type;
    std::string options;
    fields >> device >> point >> type >> options;
    if (type == "cgroup2") {
      found.push_back({CgroupVersion::kTwo, "", point, point});
      continue;
    }
    if (type != "cgroup") continue;
    std::replace(options.begin(), options.end(), ',', ' ');
    for (const std::string_view controller : kControllers) {
      if (!HasWord(options, controller)) continue;
      found.push_back(
          {CgroupVersion::kOne, std::string(controller), point, point});
    }
  }
  // "9:cpu,cpuacct:/path", and "0::/path" for version 2.
  std::istringstream groups{std::string(self)};
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    std::string names = line.substr(first + 1, second - first - 1);
    std::replace(names.begin(), names.end(), ',', ' ');
    for (CgroupMount& mount : found) {
      const bool fits = mount.controller.empty()
                            ? names.empty()
                            : HasWord(names, mount.controller);
      if (fits) mount.own = mount.mount / line.substr(second + 2);
    }
  }
  return found;
}

Cgroup::~Cgroup() {
  for (const Part& part : parts_) RemoveGroup(part.folder);
}

const Cgroup::Part* Cgroup::Find(std::string_view controller) const {
  for (const Part& part : parts_) {
    if (part.controller == controller || part.controller.empty()) return &part;
  }
  return nullptr;
}

int64_t Cgroup::Number(std::string_view controller,
                       std::string_view file_of_one,
                       std::string_view file_of_two,
                       std::string_view key) const {
  const Part* part = Find(controller);
  if (part == nullptr) return 0;
  const std::string text = ReadControl(
      part->folder /
      (part->version == CgroupVersion::kOne ? file_of_one : file_of_two));
  if (key.empty()) return ParseNumber(text);
  std::istringstream lines(text);
  for (std::string name, value; lines >> name >> value;) {
    if (name == key) return ParseNumber(value);
  }
  return 0;
}

Status Cgroup::SetLimits(const CgroupLimits& limits) {
  const Part* memory = Find("memory");
  if (memory != nullptr && limits.memory_bytes > 0) {
    const bool one = memory->version == CgroupVersion::kOne;
    TRY(WriteControl(
        memory->folder / (one ? "memory.limit_in_bytes" : "memory.max"),
        std::to_string(limits.memory_bytes)));
    // Swap would let a script go on at a crawl; not every kernel counts it.
    const Status no_swap =
        one ? WriteControl(memory->folder / "memory.swappiness", "0")
            : WriteControl(memory->folder / "memory.swap.max", "0");
    if (!no_swap.ok() && no_swap.error().kind == ErrorKind::kFull) {
      return no_swap;
    }
  }
  const Part* processes = Find("pids");
  if (processes != nullptr && limits.processes > 0) {
    TRY(WriteControl(processes->folder / "pids.max",
                     std::to_string(limits.processes)));
  }
  return {};
}

Result<std::vector<UniqueFd>> Cgroup::OpenJoins() const {
  std::vector<UniqueFd> joins;
  for (const Part& part : parts_) {
    // A single thread that moves itself need not wait, as a write to version
    // 1's cgroup.procs does for some 10 ms, for all forks of the machine to
    // stand still; version 2 lets only threaded groups do so.
    const fs::path file =
        part.folder /
        (part.version == CgroupVersion::kOne ? "tasks" : "cgroup.procs");
    joins.emplace_back(open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!joins.back()) return ErrnoError("open", file.string());
  }
  return joins;
}

int64_t Cgroup::MemoryKills() const {
  return Number("memory", "memory.oom_control", "memory.events", "oom_kill");
}

int64_t Cgroup::RefusedForks() const {
  return Number("pids", "pids.events", "pids.events", "max");
}

int64_t Cgroup::PeakMemoryBytes() const {
  return Number("memory", "memory.max_usage_in_bytes", "memory.peak", "");
}

std::chrono::microseconds Cgroup::Cpu() const {
  const Part* part = Find("cpuacct");
  if (part == nullptr) return std::chrono::microseconds{0};
  if (part->version == CgroupVersion::kTwo) {
    return std::chrono::microseconds(
        Number("cpuacct", "", "cpu.stat", "usage_usec"));
  }
  return std::chrono::microseconds(Number("cpuacct", "cpuacct.usage", "", "") /
                                   1000);
}

CgroupTree CgroupTree::Detect() {
  std::vector<Place> places;
  const std::vector<CgroupMount> mounts = ParseCgroupMounts(
      ReadControl("/proc/self/mounts"), ReadControl("/proc/self/cgroup"));
  for (const CgroupMount& mount : mounts) {
    if (mount.version != CgroupVersion::kOne) continue;
    if (auto place = FindPlace(mount)) places.push_back(*std::move(place));
  }
  CgroupTree one(places);
  if (one.limits_memory() && one.limits_processes()) return one;
  for (const CgroupMount& mount : mounts) {
    if (mount.version != CgroupVersion::kTwo) continue;
    if (auto place = FindPlace(mount)) return CgroupTree({*std::move(place)});
  }
  return one;
}

bool CgroupTree::limits_memory() const {
  return std::ranges::any_of(places_, [](const Place& place) {
    return place.controller.empty() || place.controller == "memory";
  });
}

bool CgroupTree::limits_processes() const {
  return std::ranges::any_of(places_, [](const Place& place) {
    return place.controller.empty() || place.controller == "pids";
  });
}

Result<Cgroup> CgroupTree::Make(const CgroupLimits& limits) const {
  const std::string name = LeftoverName();
  std::vector<Cgroup::Part> parts;
  for (const Place& place : places_) {
    Cgroup::Part part{place.version, place.controller, place.parent / name};
    const Status made = MakeGroup(part.folder);
    if (!made.ok()) {
      const Cgroup partial(std::move(parts));
      return made.error();
    }
    parts.push_back(std::move(part));
  }
  Cgroup group(std::move(parts));
  TRY(group.SetLimits(limits));
  return group;
}

void CgroupTree::Sweep() const {
  for (const Place& place : places_) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(place.parent, ignored)) {
      if (!IsLeftover(entry.path().filename().string())) continue;
      EndGroup(entry.path());
      RemoveGroup(entry.path());
    }
  }
}

}  // namespace treesmith
