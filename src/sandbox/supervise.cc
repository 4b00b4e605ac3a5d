#include "sandbox/supervise.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "sandbox/init/options.h"
#include "sandbox/init/protocol.h"
#include "sandbox/output_tail.h"

namespace treesmith {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

// From the start of bwrap to init's first word; it is a few milliseconds on an
// idle machine.
constexpr milliseconds kStartLimit{30'000};
// How often the cgroup's counts are read. When one process was ended for its
// memory, the rest of the script often waits for it for ever.
constexpr milliseconds kCountsLook{250};
// A library that meets the limit of processes tries a few times; a fork bomb is
// refused ten thousand times a second.
constexpr int64_t kBombRefusals = 2000;
// Outside a pid namespace init ends the others itself; past this it is ended.
constexpr milliseconds kGrace{700};
constexpr size_t kReadBytes = size_t{64} << 10;
constexpr size_t kMaxFds = 1 + init::Options::kMaxFolders;

class Loop {
 public:
  Loop(const Supervision& supervision, int stop_fd)
      : s_(supervision), stop_fd_(stop_fd), buffer_(kReadBytes) {}

  Result<Observation> Run() {
    start_ = Now();
    while (!AllGone()) {
      Wait();
      CheckTime();
      CheckCounts();
    }
    DrainOutput();
    const ProcessEnd end = s_.process->Wait();
    const bool stopped = observation_.ended_by == EndedBy::kStop;
    if (!failure_ && !ready_ && !stopped) failure_ = NeverStarted(end);
    if (failure_) return *std::move(failure_);
    if (!ended_ && !ending_) TakeLoss();
    observation_.output = output_.Text();
    return std::move(observation_);
  }

 private:
  static TimePoint Now() { return std::chrono::steady_clock::now(); }

  // bwrap's exit is not enough when bwrap itself was killed: init follows a
  // moment later. Before init has spoken, its end of the socket tells.
  [[nodiscard]] bool AllGone() const {
    if (!process_gone_) return false;
    return init_ ? init_gone_ : control_closed_;
  }

  void Wait() {
    std::array<pollfd, 5> fds = {
        {{output_closed_ ? -1 : s_.output, POLLIN, 0},
         {control_closed_ ? -1 : s_.control, POLLIN, 0},
         {process_gone_ ? -1 : s_.process->pidfd(), POLLIN, 0},
         {init_gone_ ? -1 : init_.get(), POLLIN, 0},
         {ending_ ? -1 : stop_fd_, POLLIN, 0}}};
    if (poll(fds.data(), fds.size(), Patience()) <= 0) return;
    if (fds[0].revents != 0) ReadOutput();
    if (fds[1].revents != 0) ReadControl();
    if (fds[2].revents != 0) process_gone_ = true;
    if (fds[3].revents != 0) init_gone_ = true;
    if (process_gone_ && init_ && !init_gone_) SignalInit();
    if (fds[4].revents != 0) End(EndedBy::kStop);
  }

  // Milliseconds until something is due.
  [[nodiscard]] int Patience() const {
    milliseconds left{60'000};
    if (const auto deadline = Deadline()) {
      left = std::chrono::ceil<milliseconds>(*deadline - Now());
    }
    if (s_.counts && ready_ && !ending_) {
      left = std::min(left, kCountsLook);
    }
    return static_cast<int>(std::max(left, milliseconds{0}).count());
  }

  [[nodiscard]] std::optional<TimePoint> Deadline() const {
    if (ending_) return ended_at_ + kGrace;
    if (!ready_) return start_ + kStartLimit;
    if (s_.limits.wall.count() <= 0) return std::nullopt;
    return start_ + s_.limits.wall;
  }

  void CheckTime() {
    const auto deadline = Deadline();
    if (!deadline || Now() < *deadline) return;
    if (ending_) {
      SignalInit();
      s_.process->KillGroup(SIGKILL);
      ended_at_ = Now();
      return;
    }
    if (!ready_) {
      failure_ = Failed("start the sandbox: no answer within " +
                        std::to_string(kStartLimit.count() / 1000) + " s");
    }
    End(EndedBy::kWallLimit);
  }

  void CheckCounts() {
    if (!s_.counts || !ready_ || ending_ || ended_) return;
    if (Now() < next_counts_look_) return;
    next_counts_look_ = Now() + kCountsLook;
    const KernelCounts counts = s_.counts();
    if (counts.memory_kills > 0) End(EndedBy::kMemoryLimit);
    if (counts.refused_forks > kBombRefusals) End(EndedBy::kProcessLimit);
  }

  void End(EndedBy reason) {
    if (ending_) return;
    ending_ = true;
    ended_at_ = Now();
    if (!ended_) {
      observation_.ended_by = reason;
      observation_.wall =
          std::chrono::duration_cast<milliseconds>(Now() - start_);
    }
    if (s_.confinement == Confinement::kSubreaper) {
      shutdown(s_.control, SHUT_WR);
      return;
    }
    if (init_) {
      SignalInit();
    } else {
      // Not bwrap alone: a child of it that has not yet asked to die with it
      // would wait for its word for ever.
      s_.process->KillGroup(SIGKILL);
    }
  }

  void SignalInit() const {
    if (!init_) return;
    syscall(SYS_pidfd_send_signal, init_.get(), SIGKILL, nullptr, 0);
  }

  // One read; false when there is nothing more for now.
  bool ReadOutput() {
    const ssize_t got = read(s_.output, buffer_.data(), buffer_.size());
    if (got < 0) return errno == EINTR;
    if (got == 0) {
      output_closed_ = true;
      return false;
    }
    output_.Append({buffer_.data(), static_cast<size_t>(got)});
    if (s_.limits.output_bytes > 0 &&
        output_.total_bytes() > s_.limits.output_bytes) {
      // Also when the script has ended by itself meanwhile: what a short flood
      // comes to must not depend on who was faster.
      if (!ending_ && ended_) observation_.ended_by = EndedBy::kOutputLimit;
      End(EndedBy::kOutputLimit);
    }
    return true;
  }

  void DrainOutput() {
    while (!output_closed_ && ReadOutput()) {
    }
  }

  void ReadControl() {
    init::Message message;
    iovec part{&message, sizeof message};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxFds)> space;
    msghdr packet{};
    packet.msg_iov = &part;
    packet.msg_iovlen = 1;
    packet.msg_control = space.data();
    packet.msg_controllen = space.size();
    const ssize_t got = recvmsg(s_.control, &packet, MSG_CMSG_CLOEXEC);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) {
      control_closed_ = true;
      return;
    }
    std::vector<UniqueFd> fds = TakeFds(&packet);
    if (got == static_cast<ssize_t>(sizeof message)) {
      Handle(message, std::move(fds));
    }
  }

  static std::vector<UniqueFd> TakeFds(msghdr* packet) {
    std::vector<UniqueFd> fds;
    const cmsghdr* header = CMSG_FIRSTHDR(packet);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return fds;
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::array<int, kMaxFds> numbers{};
    std::memcpy(numbers.data(), CMSG_DATA(header), count * sizeof(int));
    for (size_t i = 0; i < count; ++i) fds.emplace_back(numbers[i]);
    return fds;
  }

  void Handle(const init::Message& message, std::vector<UniqueFd> fds) {
    switch (message.kind) {
      case init::Kind::kReady:
        if (fds.empty()) return;
        ready_ = true;
        start_ = Now();
        init_ = std::move(fds.front());
        fds.erase(fds.begin());
        observation_.folders = std::move(fds);
        if (ending_) SignalInit();
        return;
      case init::Kind::kCannotJoin:
        failure_ = ErrnoError("join", "the script's cgroup", message.status);
        return;
      case init::Kind::kCannotStart:
        failure_ = ErrnoError("start", "the script's Python", message.status);
        return;
      case init::Kind::kEnded:
        break;
      case init::Kind::kOverMemory:
        Blame(EndedBy::kMemoryLimit);
        break;
      case init::Kind::kOverProcesses:
        Blame(EndedBy::kProcessLimit);
        break;
    }
    TakeEnd(message);
  }

  void Blame(EndedBy reason) {
    if (!ending_) observation_.ended_by = reason;
  }

  void TakeEnd(const init::Message& message) {
    ended_ = true;
    observation_.cpu = std::chrono::microseconds(message.cpu_microseconds);
    observation_.peak_memory_bytes = message.peak_bytes;
    if (ending_) return;
    observation_.wall =
        std::chrono::duration_cast<milliseconds>(Now() - start_);
    if (WIFSIGNALED(message.status)) {
      observation_.signal = WTERMSIG(message.status);
    } else {
      observation_.exit_code = WEXITSTATUS(message.status);
    }
  }

  // Init went without its last word: somebody outside killed it, a script that
  // has no pid namespace of its own perhaps, and the script was cut short.
  void TakeLoss() {
    observation_.signal = SIGKILL;
    observation_.wall =
        std::chrono::duration_cast<milliseconds>(Now() - start_);
  }

  Error NeverStarted(const ProcessEnd& end) const {
    std::string said = output_.Text();
    std::replace(said.begin(), said.end(), '\n', ' ');
    if (said.empty()) {
      said = end.signal != 0 ? "signal " + std::to_string(end.signal)
                             : "exit code " + std::to_string(end.exit_code);
    }
    return {ErrorKind::kEnvironment, "start the sandbox: " + said,
            "`treesmith doctor` says what is missing"};
  }

  const Supervision& s_;
  const int stop_fd_;
  std::vector<char> buffer_;
  OutputTail output_;
  Observation observation_;
  std::optional<Error> failure_;
  UniqueFd init_;  // a pidfd
  TimePoint start_;
  TimePoint ended_at_;
  TimePoint next_counts_look_;
  bool ready_ = false;
  bool ended_ = false;   // the script, as init says
  bool ending_ = false;  // we have asked for the end
  bool output_closed_ = false;
  bool control_closed_ = false;
  bool process_gone_ = false;
  bool init_gone_ = false;
};

}  // namespace

Result<InitChannels> MakeInitChannels() {
  InitChannels channels;
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return ErrnoError("make", "a socket pair");
  }
  channels.control = UniqueFd(ends[0]);
  channels.control_child = UniqueFd(ends[1]);
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return ErrnoError("make", "a pipe");
  channels.output = UniqueFd(ends[0]);
  channels.output_child = UniqueFd(ends[1]);
  // Only our end: a script must find an ordinary, blocking pipe.
  fcntl(channels.output.get(), F_SETFL, O_RDONLY | O_NONBLOCK);
  return channels;
}

Result<Observation> Supervise(const Supervision& supervision,
                              const std::stop_token& stop) {
  const UniqueFd stop_fd(eventfd(0, EFD_CLOEXEC));
  if (!stop_fd) return ErrnoError("make", "an event descriptor");
  const std::stop_callback on_stop(stop, [&stop_fd] {
    const uint64_t one = 1;
    // Cannot fail: the counter is far from its end.
    [[maybe_unused]] const ssize_t written =
        write(stop_fd.get(), &one, sizeof one);
  });
  return Loop(supervision, stop_fd.get()).Run();
}

}  // namespace treesmith
