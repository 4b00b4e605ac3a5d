// RunLock: the right to write a run folder, held by one process at a time.
//
// flock on `run.lock`: the kernel lets go when the process ends, in whatever
// way, so there is no stale lock to clean up. The file holds the process id,
// for the message to the one that comes second; it stays when the lock goes.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace treesmith {

class RunLock {
 public:
  // Does not wait. BadInput when another process (or another RunLock of this
  // one) has it: "lock runs/bikeshare-3: in use by process 4711".
  static Result<RunLock> Acquire(const std::filesystem::path& run_folder);

 private:
  explicit RunLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace treesmith
