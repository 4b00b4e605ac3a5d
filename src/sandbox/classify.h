// Classify: from what was seen of a run to its Outcome. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/outcome.h"
#include "model/script.h"

namespace treesmith {

// Why the host (or init's watchdog) ended the run, if it did.
enum class EndedBy {
  kItself,
  kWallLimit,
  kOutputLimit,
  kMemoryLimit,
  kProcessLimit,
  kStop,
};

struct Evidence {
  EndedBy ended_by = EndedBy::kItself;
  int exit_code = 0;
  int signal = 0;
  // From the cgroup: processes that the kernel ended for want of memory, and
  // forks that it refused.
  int64_t memory_kills = 0;
  int64_t refused_forks = 0;
  // A file system of the sandbox had no room left at the end.
  bool disk_full = false;
  std::string_view output = {};
};

// A memory limit explains a failure before anything else does: a killed worker
// process often shows as a hang or a broken pipe of the main one.
Outcome Classify(const Evidence& evidence, const Limits& limits);

// The last line that names an exception ("KeyError: 'hour'"); empty when no
// traceback is there.
std::string ExceptionLine(std::string_view output);

}  // namespace treesmith
