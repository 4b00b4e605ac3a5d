// ExecutionResult: what one run of a script did, as seen from outside.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "model/outcome.h"

namespace treesmith {

struct ExecutionResult {
  // kScored means here: ended with exit code 0 within its limits. The detail of
  // a crash is the last line of its traceback where there is one.
  Outcome outcome;
  int exit_code = 0;
  // The signal that ended it, 0 if none did.
  int signal = 0;
  std::chrono::milliseconds wall{0};
  std::chrono::milliseconds cpu{0};
  int64_t peak_memory_bytes = 0;
  // stdout and stderr in the order they came: the first 8 KiB and the last
  // 56 KiB with a line between that counts what was left out. Valid UTF-8.
  std::string output;
};

}  // namespace treesmith
