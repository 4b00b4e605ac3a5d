#include "sandbox/seccomp_filter.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <span>

#include "base/unique_fd.h"

namespace treesmith {
namespace {

// By name: those that this libseccomp does not know do not exist for it
// either, and are skipped.
constexpr std::array kRefused = {
    // mounts and roots
    "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount",
    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "swapon",
    "swapoff", "quotactl", "quotactl_fd",
    // namespaces (clone and clone3 below)
    "unshare", "setns",
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    "kcmp", "pidfd_getfd",
    // kernel interfaces that scripts have no use for
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "keyctl", "add_key", "request_key",
    "open_by_handle_at", "name_to_handle_at", "init_module", "finit_module",
    "delete_module", "kexec_load", "kexec_file_load", "reboot", "syslog",
    "acct", "lookup_dcookie", "iopl", "ioperm", "vhangup", "nfsservctl",
    // clocks
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex"};

constexpr std::array kUnmappedMemory = {"memfd_create", "memfd_secret",
                                        "shmget"};

constexpr uint64_t kNewNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
                                    CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                                    CLONE_NEWCGROUP;

struct FreeFilter {
  void operator()(scmp_filter_ctx filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FreeFilter>;

bool RefuseNames(scmp_filter_ctx filter, std::span<const char* const> names,
                 uint16_t answer) {
  for (const char* name : names) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) continue;
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(answer), number, 0) != 0) {
      return false;
    }
  }
  return true;
}

bool RefuseNamespaces(scmp_filter_ctx filter) {
  uint64_t bits = kNewNamespaces;
  while (bits != 0) {
    const uint64_t bit = bits & (~bits + 1);
    bits &= bits - 1;
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit)) != 0) {
      return false;
    }
  }
  // clone3's flags lie in memory, where a filter cannot look; glibc falls back
  // to clone when it is told that there is no clone3.
  return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),
                          0) == 0;
}

// Network namespaces do not confine AF_VSOCK (the way out of a virtual machine
// to its host); AF_ALG and the rest only widen what can be attacked.
bool RefuseSocketFamilies(scmp_filter_ctx filter) {
  for (unsigned family = 0; family <= AF_NETLINK; ++family) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
        family == AF_NETLINK) {
      continue;
    }
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket),
                         1, SCMP_A0(SCMP_CMP_EQ, family)) != 0) {
      return false;
    }
  }
  return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT),
                          SCMP_SYS(socket), 1,
                          SCMP_A0(SCMP_CMP_GT, AF_NETLINK)) == 0;
}

// TIOCSTI types into a terminal that the script may have found.
bool RefuseTerminalInput(scmp_filter_ctx filter) {
  for (const uint64_t request : {uint64_t{TIOCSTI}, uint64_t{TIOCLINUX}}) {
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                         SCMP_A1(SCMP_CMP_MASKED_EQ, 0xFFFFFFFFU, request)) !=
        0) {
      return false;
    }
  }
  return true;
}

Result<std::string> Export(scmp_filter_ctx filter) {
  const UniqueFd fd(memfd_create("seccomp", MFD_CLOEXEC));
  if (!fd) return ErrnoError("make", "a memory file");
  const int code = seccomp_export_bpf(filter, fd.get());
  if (code != 0) return ErrnoError("export", "the seccomp filter", -code);
  std::string program(static_cast<size_t>(lseek(fd.get(), 0, SEEK_END)), '\0');
  if (pread(fd.get(), program.data(), program.size(), 0) !=
      static_cast<ssize_t>(program.size())) {
    return ErrnoError("read", "the seccomp filter");
  }
  return program;
}

}  // namespace

Result<std::string> MakeSeccompFilter(UnmappedMemory unmapped) {
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
  if (filter == nullptr || !RefuseNames(filter.get(), kRefused, EPERM) ||
      (unmapped == UnmappedMemory::kRefused &&
       !RefuseNames(filter.get(), kUnmappedMemory, ENOSYS)) ||
      !RefuseNamespaces(filter.get()) || !RefuseSocketFamilies(filter.get()) ||
      !RefuseTerminalInput(filter.get())) {
    return Failed("make the seccomp filter: libseccomp refused a rule");
  }
  return Export(filter.get());
}

}  // namespace treesmith
