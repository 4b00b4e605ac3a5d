#include "base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/check.h"

namespace treesmith {
namespace {

constexpr size_t kKeptOutputBytes = size_t{1} << 20;
// Above any number that a child's descriptor list reaches, so that placing one
// never closes another that is still to be placed.
constexpr int kParkingNumber = 256;

// Frees what posix_spawn's attribute and action objects hold.
class SpawnPlan {
 public:
  SpawnPlan() {
    CHECK(posix_spawn_file_actions_init(&actions_) == 0);
    CHECK(posix_spawnattr_init(&attributes_) == 0);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK |
                                               POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETSID);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  Status Place(const std::vector<int>& descriptors) {
    for (size_t i = 0; i < descriptors.size(); ++i) {
      UniqueFd parked(fcntl(descriptors[i], F_DUPFD_CLOEXEC, kParkingNumber));
      if (!parked) return ErrnoError("pass", "a descriptor");
      posix_spawn_file_actions_adddup2(&actions_, parked.get(),
                                       static_cast<int>(i));
      parked_.push_back(std::move(parked));
    }
    if (descriptors.empty()) {
      posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    }
    const size_t first_closed = descriptors.empty() ? 1 : descriptors.size();
    posix_spawn_file_actions_addclosefrom_np(&actions_,
                                             static_cast<int>(first_closed));
    return {};
  }

  int Spawn(pid_t* pid, char** arguments, char** environment) {
    return posix_spawn(pid, arguments[0], &actions_, &attributes_, arguments,
                       environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  std::vector<UniqueFd> parked_;
};

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    // posix_spawn takes char* for history's sake and does not write.
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Reads until the end of the pipe or the deadline; false: the deadline.
bool Drain(int fd, std::chrono::steady_clock::time_point deadline,
           std::string* kept) {
  std::vector<char> buffer(65536);
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    const size_t room = kKeptOutputBytes - kept->size();
    kept->append(buffer.data(), std::min(room, static_cast<size_t>(count)));
  }
}

}  // namespace

Result<Child> Child::Adopt(pid_t pid) {
  Child child;
  child.pid_ = pid;
  // The raw call: glibc 2.36's <sys/pidfd.h> cannot be linked from C++.
  child.pidfd_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!child.pidfd_) return ErrnoError("watch process", std::to_string(pid));
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  return *this;
}

Child::~Child() {
  if (pid_ < 0) return;
  Kill(SIGKILL);
  Wait();
}

void Child::Kill(int signal) const {
  if (pid_ < 0) return;
  if (!pidfd_) {
    ::kill(pid_, signal);
    return;
  }
  syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0);
}

void Child::KillGroup(int signal) const {
  // The number is ours until Wait has taken the process in, dead or alive.
  if (pid_ > 0) ::kill(-pid_, signal);
}

ProcessEnd Child::Wait() {
  CHECK(pid_ >= 0);
  int status = 0;
  pid_t waited = -1;
  do {
    waited = waitpid(pid_, &status, 0);
  } while (waited < 0 && errno == EINTR);
  CHECK(waited == pid_);
  pid_ = -1;
  if (WIFSIGNALED(status)) return {.exit_code = 0, .signal = WTERMSIG(status)};
  return {.exit_code = WEXITSTATUS(status), .signal = 0};
}

Result<Child> StartProcess(const Command& command) {
  CHECK(!command.arguments.empty());
  SpawnPlan plan;
  TRY(plan.Place(command.descriptors));
  pid_t pid = -1;
  const int code = plan.Spawn(&pid, Pointers(command.arguments).data(),
                              Pointers(command.environment).data());
  if (code != 0) return ErrnoError("start", command.arguments[0], code);
  return Child::Adopt(pid);
}

ProcessStarter::ProcessStarter()
    : thread_([this](const std::stop_token& stop) {
        while (auto request = requests_.Receive(stop)) (*request)();
      }) {}

Result<Child> ProcessStarter::Start(const Command& command) {
  std::packaged_task<Result<Child>()> task(
      [&command] { return StartProcess(command); });
  std::future<Result<Child>> child = task.get_future();
  requests_.Send(std::move(task));
  return child.get();
}

Result<CommandOutput> RunCommand(std::vector<std::string> arguments,
                                 std::vector<std::string> environment,
                                 std::chrono::milliseconds limit) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoError("make", "a pipe");
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  Command command{.arguments = std::move(arguments),
                  .environment = std::move(environment),
                  .descriptors = {null.get(), writer.get(), writer.get()}};
  TRY_ASSIGN(Child child, StartProcess(command));
  writer.Reset();
  CommandOutput result;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  result.timed_out = !Drain(reader.get(), deadline, &result.output);
  if (result.timed_out) child.Kill(SIGKILL);
  result.end = child.Wait();
  return result;
}

std::filesystem::path FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string folders = path != nullptr ? path : "/usr/bin:/bin";
  size_t start = 0;
  while (start <= folders.size()) {
    const size_t end = std::min(folders.find(':', start), folders.size());
    const std::filesystem::path candidate =
        std::filesystem::path(folders.substr(start, end - start)) / name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    start = end + 1;
  }
  return {};
}

}  // namespace treesmith
