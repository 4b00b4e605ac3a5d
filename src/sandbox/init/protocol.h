// What treesmith-init tells its host over a SOCK_SEQPACKET socket: one Message
// a packet. The first is kReady and carries descriptors: init's own pidfd, then
// the folders that the host named, in that order.
#pragma once

#include <cstdint>

namespace treesmith::init {

// The socket's number in init.
constexpr int kControlFd = 3;

enum class Kind : int32_t {
  kReady = 1,      // about to start the script; with the folders' descriptors
  kCannotJoin,     // a cgroup refused; status is the errno
  kCannotStart,    // the script's interpreter did not start; status: the errno
  kEnded,          // the script ended; status as from wait(2)
  kOverMemory,     // the watchdog saw more than its limit and ends it all
  kOverProcesses,  // the same for processes and threads
};

struct Message {
  Kind kind = Kind::kReady;
  int32_t status = 0;
  // CPU time of the script and of the children it waited for.
  int64_t cpu_microseconds = 0;
  // The most memory the watchdog saw, else the largest process's.
  int64_t peak_bytes = 0;
};

}  // namespace treesmith::init
