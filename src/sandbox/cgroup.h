// Cgroups: the kernel's own count of a run's memory and processes, version 1
// and 2 (docs/sandbox.md).
//
// Where none may be made, CgroupTree has no controllers and the watchdog of
// treesmith-init takes over.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace treesmith {

enum class CgroupVersion { kOne, kTwo };

struct CgroupLimits {
  int64_t memory_bytes = 0;  // 0: no limit, still counted
  int64_t processes = 0;     // the same
};

// The groups of one run; removed with the object, when nothing lives in them.
class Cgroup {
 public:
  struct Part {
    CgroupVersion version;
    // "memory", "pids", "cpuacct"; version 2 has all in one part, "".
    std::string controller;
    std::filesystem::path folder;
  };
  explicit Cgroup(std::vector<Part> parts) : parts_(std::move(parts)) {}
  Cgroup(Cgroup&&) noexcept = default;
  Cgroup& operator=(Cgroup&&) = delete;
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  ~Cgroup();

  Status SetLimits(const CgroupLimits& limits);
  // A process of a single thread joins by writing "0" to each.
  [[nodiscard]] Result<std::vector<UniqueFd>> OpenJoins() const;
  [[nodiscard]] int64_t MemoryKills() const;
  [[nodiscard]] int64_t RefusedForks() const;
  [[nodiscard]] int64_t PeakMemoryBytes() const;
  [[nodiscard]] std::chrono::microseconds Cpu() const;

 private:
  [[nodiscard]] const Part* Find(std::string_view controller) const;
  // The number after `key` in one of the part's files, or the whole file's for
  // an empty key; 0 where there is none.
  [[nodiscard]] int64_t Number(std::string_view controller,
                               std::string_view file_of_one,
                               std::string_view file_of_two,
                               std::string_view key) const;

  std::vector<Part> parts_;
};

// Where groups can be made.
class CgroupTree {
 public:
  struct Place {
    CgroupVersion version;
    std::string controller;
    std::filesystem::path parent;
  };

  // Without places: no cgroups.
  CgroupTree() = default;
  explicit CgroupTree(std::vector<Place> places) : places_(std::move(places)) {}

  // Looks for the places where this process may limit memory and processes,
  // trying each with a group. In version 2 it may move this process into a leaf
  // of its own group, which the kernel asks for before that group can hand out
  // controllers; only where this process is alone in its group.
  static CgroupTree Detect();

  [[nodiscard]] bool limits_memory() const;
  [[nodiscard]] bool limits_processes() const;
  [[nodiscard]] const std::vector<Place>& places() const { return places_; }

  [[nodiscard]] Result<Cgroup> Make(const CgroupLimits& limits) const;
  // Ends what lives in groups of dead makers, and removes them.
  void Sweep() const;

 private:
  std::vector<Place> places_;
};

// The mount point of each controller ("memory" ...; "" for version 2) and this
// process's own group below it, from the texts of /proc/self/mounts and
// /proc/self/cgroup.
struct CgroupMount {
  CgroupVersion version;
  std::string controller;
  std::filesystem::path mount;
  std::filesystem::path own;  // mount + own path
};
std::vector<CgroupMount> ParseCgroupMounts(std::string_view mounts,
                                           std::string_view self);

}  // namespace treesmith
