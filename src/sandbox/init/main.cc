// treesmith-init: the first process of a sandbox (docs/sandbox.md).
//
// It joins the cgroups that the host made, sends the host descriptors of the
// folders to watch and to collect from, sets limits, starts the script, reaps,
// and reports how the script ended. As pid 1 its own end takes every process of
// the sandbox with it; outside a pid namespace it is their subreaper and ends
// them one by one. It also ends everything when the host's end of the control
// socket closes.
//
// Static, without exceptions or iostreams: it starts in half a millisecond and
// needs no library inside the sandbox.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <initializer_list>

#include "sandbox/init/options.h"
#include "sandbox/init/process_table.h"
#include "sandbox/init/protocol.h"

namespace treesmith::init {
namespace {

// How often the watchdog looks. A process touches some 2 GB/s of new memory,
// so it overshoots its limit by some 100 MB at most.
constexpr int kWatchMilliseconds = 50;
// Enough for any data loader, far from what would exhaust the host.
constexpr rlim_t kOpenFiles = 4096;
// A tmpfs file without content still costs an inode in kernel memory.
constexpr int64_t kInodeBytes = 1024;
// Outside a pid namespace: how long to go on killing what cannot die (it waits
// for a device) before leaving it.
constexpr int kKillRounds = 2000;

class Init {
 public:
  explicit Init(const Options& options) : options_(options) {}

  int Run(char** command) {
    if (!JoinCgroups()) return 1;
    if (!SendReady()) return 1;
    BlockSignals();
    if (options_.pin) {
      // Refused where the host's own set has shrunk; the script then runs on
      // what is left.
      sched_setaffinity(0, sizeof options_.cpus, &options_.cpus);
    }
    if (options_.directory != nullptr && chdir(options_.directory) != 0) {
      return Finish(Kind::kCannotStart, errno);
    }
    const int refused = Start(command);
    if (refused != 0) return Finish(Kind::kCannotStart, refused);
    return Supervise();
  }

 private:
  void Send(const Message& message, const int* fds, size_t count) const {
    iovec part{const_cast<Message*>(&message), sizeof message};
    alignas(cmsghdr) char
        space[CMSG_SPACE(sizeof(int) * (1 + Options::kMaxFolders))];
    msghdr packet{};
    packet.msg_iov = &part;
    packet.msg_iovlen = 1;
    if (count > 0) {
      packet.msg_control = space;
      packet.msg_controllen = CMSG_SPACE(sizeof(int) * count);
      cmsghdr* header = CMSG_FIRSTHDR(&packet);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof(int) * count);
      memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
    }
    // A host that has gone is seen by Supervise; SIGPIPE is not wanted.
    sendmsg(kControlFd, &packet, MSG_NOSIGNAL);
  }

  bool JoinCgroups() const {
    for (size_t i = 0; i < options_.join_count; ++i) {
      // "0" means the writer: no need to know a pid of the host's namespace.
      if (write(options_.joins[i], "0", 1) != 1) {
        Send({Kind::kCannotJoin, errno}, nullptr, 0);
        return false;
      }
      close(options_.joins[i]);
    }
    return true;
  }

  bool SendReady() {
    int sent[1 + Options::kMaxFolders];
    sent[0] = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
    bool whole = sent[0] >= 0;
    for (size_t i = 0; whole && i < options_.folder_count; ++i) {
      folders_[i] = open(options_.folders[i],
                         O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
      whole = folders_[i] >= 0;
      sent[1 + i] = folders_[i];
    }
    if (!whole) {
      Send({Kind::kCannotStart, errno}, nullptr, 0);
      return false;
    }
    Send({Kind::kReady}, sent, 1 + options_.folder_count);
    close(sent[0]);
    return true;
  }

  void BlockSignals() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    signals_ = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    // As pid 1 nothing inside can signal it; elsewhere a script may try.
    for (const int ignored : {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1,
                              SIGUSR2, SIGPIPE, SIGALRM}) {
      signal(ignored, SIG_IGN);
    }
  }

  static void Limit(__rlimit_resource resource, int64_t value) {
    if (value <= 0) return;
    rlimit current{};
    getrlimit(resource, &current);
    rlim_t wanted = static_cast<rlim_t>(value);
    if (wanted > current.rlim_max) wanted = current.rlim_max;
    const rlimit limit{wanted, wanted};
    setrlimit(resource, &limit);
  }

  // In the script's process, between vfork and exec: system calls only.
  void BecomeScript(char** command) const {
    setsid();
    for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    Limit(RLIMIT_NOFILE, kOpenFiles);
    Limit(RLIMIT_AS, options_.address_space);
    Limit(RLIMIT_FSIZE, options_.file_size);
    Limit(RLIMIT_NPROC, options_.user_processes);
    close_range(kControlFd, UINT_MAX, 0);
    execve(command[0], command, environ);
  }

  // The errno of a refused start, else 0.
  int Start(char** command) {
    // Shared with the child by vfork, which stops us until it has exec'd;
    // posix_spawn cannot set the limits.
    volatile int refused = 0;
    script_ = vfork();  // NOLINT(bugprone-unsafe-functions)
    if (script_ == 0) {
      BecomeScript(command);
      refused = errno;
      _exit(127);
    }
    if (script_ < 0) return errno;
    return refused;
  }

  int Supervise() {
    const bool watching =
        options_.watched_memory > 0 || options_.watched_threads > 0;
    timespec next_look{};
    while (true) {
      pollfd ready[2] = {{signals_, POLLIN, 0}, {kControlFd, POLLIN, 0}};
      poll(ready, 2, watching ? kWatchMilliseconds : -1);
      if (ready[1].revents != 0) return Finish(Kind::kEnded, SIGKILL);
      if (ready[0].revents != 0 && Reap()) {
        return Finish(Kind::kEnded, script_status_);
      }
      if (!watching || !IsTime(&next_look)) continue;
      const Kind over = Watch();
      if (over != Kind::kReady) return Finish(over, 0);
    }
  }

  // At most one look in kWatchMilliseconds, however often children end.
  static bool IsTime(timespec* next) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec < next->tv_sec ||
        (now.tv_sec == next->tv_sec && now.tv_nsec < next->tv_nsec)) {
      return false;
    }
    *next = now;
    next->tv_nsec += kWatchMilliseconds * 1'000'000L;
    if (next->tv_nsec >= 1'000'000'000L) {
      next->tv_nsec -= 1'000'000'000L;
      ++next->tv_sec;
    }
    return true;
  }

  // Takes in all ended children; true once the script is among them.
  bool Reap() {
    signalfd_siginfo drained[8];
    while (read(signals_, drained, sizeof drained) > 0) {
    }
    bool ended = false;
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid != script_) continue;
      script_status_ = status;
      ended = true;
    }
    return ended;
  }

  // Memory in the tmpfs folders counts as the script's.
  [[nodiscard]] int64_t FolderBytes() const {
    if (!options_.own_namespace) return 0;
    int64_t sum = 0;
    for (size_t i = 0; i < options_.folder_count; ++i) {
      struct statfs info{};
      if (fstatfs(folders_[i], &info) != 0) continue;
      sum += static_cast<int64_t>(info.f_blocks - info.f_bfree) * info.f_bsize;
      sum += static_cast<int64_t>(info.f_files - info.f_ffree) * kInodeBytes;
    }
    return sum;
  }

  [[nodiscard]] bool IsOverMemory(int64_t bytes) const {
    return options_.watched_memory > 0 && bytes > options_.watched_memory;
  }

  // A new look, with shared pages counted once.
  int64_t ExactBytes() {
    if (!table_.Read()) return 0;
    return table_.ProportionalBytes() + FolderBytes();
  }

  // kReady: all is well.
  Kind Watch() {
    if (options_.own_namespace && options_.watched_threads > 0 &&
        ProcessTable::Count() > options_.watched_threads + 1) {
      return Kind::kOverProcesses;
    }
    if (!table_.Read()) return Kind::kReady;
    int64_t used = table_.ResidentBytes() + FolderBytes();
    if (IsOverMemory(used)) {
      used = ExactBytes();
      // Once more: workers that end while we add up leave their shares to the
      // others, and are then counted twice.
      if (IsOverMemory(used)) used = ExactBytes();
      if (IsOverMemory(used)) {
        peak_bytes_ = used;
        return Kind::kOverMemory;
      }
    }
    if (used > peak_bytes_) peak_bytes_ = used;
    if (options_.watched_threads > 0 &&
        table_.Threads() > options_.watched_threads) {
      return Kind::kOverProcesses;
    }
    return Kind::kReady;
  }

  int Finish(Kind kind, int status) {
    if (!options_.own_namespace) KillOrphans();
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    Message message{kind, status};
    message.cpu_microseconds =
        (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * int64_t{1'000'000} +
        usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    const int64_t largest = usage.ru_maxrss * int64_t{1024};
    message.peak_bytes = largest > peak_bytes_ ? largest : peak_bytes_;
    Send(message, nullptr, 0);
    return 0;
  }

  // Ended children are reaped only when nothing lives any more: until then they
  // hold their places under the process limit, so a fork bomb cannot refill.
  void KillOrphans() {
    for (int round = 0; round < kKillRounds; ++round) {
      if (!table_.Read() || table_.Kill() > 0) {
        sched_yield();
        continue;
      }
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      if (waitpid(-1, nullptr, WNOHANG) < 0) return;
      const timespec moment{0, 1'000'000};
      nanosleep(&moment, nullptr);
    }
  }

  const Options& options_;
  ProcessTable table_;
  int folders_[Options::kMaxFolders] = {};
  int signals_ = -1;
  pid_t script_ = -1;
  int script_status_ = 0;
  int64_t peak_bytes_ = 0;
};

}  // namespace

int Main(int argc, char** argv) {
  // Nobody inside may read or write this process's memory or descriptors
  // through /proc (ptrace(2), "dumpable").
  prctl(PR_SET_DUMPABLE, 0);
  Options options;
  const int command = ParseOptions(argc, argv, &options);
  if (command == 0) {
    fprintf(stderr, "treesmith-init is started by treesmith only\n");
    return 2;
  }
  fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
  if (!options.own_namespace) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setsid();
  }
  return Init(options).Run(argv + command);
}

}  // namespace treesmith::init

int main(int argc, char** argv) { return treesmith::init::Main(argc, argv); }
