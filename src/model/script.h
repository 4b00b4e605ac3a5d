// Script: one self-contained program; and the limits under which it runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace treesmith {

// Python source (design 5.2).
struct Script {
  std::string code;
};

// Bounds of one run of a script. Zero means: no bound of this kind.
struct Limits {
  std::chrono::milliseconds wall{600'000};
  int64_t memory_bytes = int64_t{4} << 30;
  // Processes and threads together.
  int64_t processes = 256;
  // stdout and stderr together; the script is ended beyond it.
  int64_t output_bytes = int64_t{64} << 20;
  // Size of the file system under `working/` and, again, under /tmp.
  int64_t disk_bytes = int64_t{4} << 30;
  // Processors the script may use: affinity and the OMP variables.
  int threads = 1;
};

}  // namespace treesmith
