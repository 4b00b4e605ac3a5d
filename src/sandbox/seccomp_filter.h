// The system calls that a script may not make, as a program for the kernel.
#pragma once

#include <string>

#include "base/result.h"

namespace treesmith {

// A BPF program (struct sock_filter[]) as bwrap's --seccomp reads it. Refuses
// (EPERM) what reaches other processes, mounts, new namespaces, kernel
// interfaces with a history of holes, and sockets of families that a network
// namespace does not confine.
Result<std::string> MakeSeccompFilter();

}  // namespace treesmith
