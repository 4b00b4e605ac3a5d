// The system calls that a script may not make, as a program for the kernel.
#pragma once

#include <string>

#include "base/result.h"

namespace treesmith {

// Memory that belongs to no process's map: memfd_create, System V segments. Who
// counts memory by processes and folders (the watchdog) cannot see it.
enum class UnmappedMemory { kAllowed, kRefused };

// A BPF program (struct sock_filter[]) as bwrap's --seccomp reads it. Refuses
// (EPERM) what reaches other processes, mounts, new namespaces, kernel
// interfaces with a history of holes, and sockets of families that a network
// namespace does not confine. Refused memory is answered with ENOSYS, on which
// libraries fall back to files in /dev/shm.
Result<std::string> MakeSeccompFilter(UnmappedMemory unmapped);

}  // namespace treesmith
