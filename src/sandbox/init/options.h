// Options: what the host asks of treesmith-init, as NAME=VALUE arguments that
// end at "--"; the script's command follows.
#pragma once

#include <sched.h>

#include <cstddef>
#include <cstdint>

namespace treesmith::init {

struct Options {
  static constexpr size_t kMaxJoins = 4;
  static constexpr size_t kMaxFolders = 4;

  // join=FD: a cgroup's open cgroup.procs.
  int joins[kMaxJoins];
  size_t join_count = 0;
  // folder=PATH: opened and sent to the host with kReady.
  const char* folders[kMaxFolders];
  size_t folder_count = 0;
  // chdir=PATH
  const char* directory = nullptr;
  // cpus=0,3: affinity.
  cpu_set_t cpus;
  bool pin = false;
  // Bytes and counts; 0: no such limit.
  int64_t address_space = 0;    // RLIMIT_AS
  int64_t file_size = 0;        // RLIMIT_FSIZE
  int64_t user_processes = 0;   // RLIMIT_NPROC
  int64_t watched_memory = 0;   // by the watchdog
  int64_t watched_threads = 0;  // by the watchdog
  // namespace=no: not pid 1, so it must gather and end orphans itself.
  bool own_namespace = true;
};

// Reads them; returns the index of the command, 0 on an unknown argument.
int ParseOptions(int argc, char** argv, Options* options);

}  // namespace treesmith::init
