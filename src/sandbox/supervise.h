// Supervise: follows one started sandbox until nothing in it lives any more.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/subprocess.h"
#include "base/unique_fd.h"
#include "model/script.h"
#include "sandbox/classify.h"

namespace treesmith {

// The two channels between the host and treesmith-init.
struct InitChannels {
  UniqueFd control;        // ours
  UniqueFd control_child;  // init's number 3
  UniqueFd output;         // ours, the reading end
  UniqueFd output_child;   // stdout and stderr of all
};
Result<InitChannels> MakeInitChannels();

// Whether the end of init is the end of all (it is pid 1), or init has to end
// the others itself and is asked to.
enum class Confinement { kPidNamespace, kSubreaper };

// Processes that the kernel ended for want of memory, and forks it refused.
struct KernelCounts {
  int64_t memory_kills = 0;
  int64_t refused_forks = 0;
};

struct Supervision {
  Child* process = nullptr;  // bwrap, or init itself
  int control = -1;
  int output = -1;
  Confinement confinement = Confinement::kPidNamespace;
  Limits limits;
  // What the kernel has counted so far; asked a few times a second. Empty:
  // nobody counts.
  std::function<KernelCounts()> counts = {};
};

struct Observation {
  EndedBy ended_by = EndedBy::kItself;
  int exit_code = 0;
  int signal = 0;
  std::chrono::milliseconds wall{0};
  std::chrono::microseconds cpu{0};
  int64_t peak_memory_bytes = 0;
  std::string output;
  // The folders that init was told to open, in that order.
  std::vector<UniqueFd> folders;
};

// Waits for `process` and takes it in. An Error when the script never started;
// it quotes what bwrap or init said.
Result<Observation> Supervise(const Supervision& supervision,
                              const std::stop_token& stop);

}  // namespace treesmith
