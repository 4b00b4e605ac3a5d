// Child: one process that we started, held by a pidfd, so that a signal can
// never reach another process that got its number. ProcessStarter: the thread
// that starts them.
//
// A child inherits the descriptors that its Command names and nothing else:
// no open file, no signal mask, no handler, no variable. It leads a session of
// its own, so that Ctrl-C at our terminal does not reach it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/channel.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace treesmith {

struct Command {
  // The program by its path (PATH is not searched), then its arguments.
  std::vector<std::string> arguments;
  // "NAME=value"; all of them.
  std::vector<std::string> environment;
  // Ours, borrowed until Start returns; the child has them as 0, 1, 2 ... in
  // this order. Number 0 of an empty list is /dev/null.
  std::vector<int> descriptors;
};

// How a process ended: by exit(code) or by a signal.
struct ProcessEnd {
  int exit_code = 0;
  int signal = 0;
};

class Child {
 public:
  Child() = default;
  // Takes over a direct child of this process that nobody has waited for.
  static Result<Child> Adopt(pid_t pid);
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // Kills it (SIGKILL) and waits, unless Wait has been called.
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Readable (poll) once the process has ended.
  [[nodiscard]] int pidfd() const { return pidfd_.get(); }
  // No effect on a process that has ended.
  void Kill(int signal) const;
  // The same for all of its process group: itself, and of its descendants those
  // that made no group of their own. REQUIRES: Wait has not returned yet.
  void KillGroup(int signal) const;
  // Blocks until it ends and releases its number. REQUIRES: called once.
  ProcessEnd Wait();

 private:
  pid_t pid_ = -1;
  UniqueFd pidfd_;
};

// Starts a program from the calling thread. kFailed names the program.
Result<Child> StartProcess(const Command& command);

// Starts all processes from one thread that lives as long as the object: a
// child that asked to die with its parent (PR_SET_PDEATHSIG, bwrap's
// --die-with-parent) dies with the *thread* that started it (prctl(2)).
// Any thread may call Start.
class ProcessStarter {
 public:
  ProcessStarter();
  Result<Child> Start(const Command& command);

 private:
  Channel<std::packaged_task<Result<Child>()>> requests_;
  std::jthread thread_;
};

struct CommandOutput {
  ProcessEnd end;
  std::string output;  // stdout, and stderr after it in the same pipe
  bool timed_out = false;
};

// Runs a trusted program to its end or kills it after `limit`, and keeps its
// output (at most 1 MiB). For questions to tools, not for scripts.
Result<CommandOutput> RunCommand(std::vector<std::string> arguments,
                                 std::vector<std::string> environment,
                                 std::chrono::milliseconds limit);

// The program of that name on PATH (or itself, if it has a slash); empty when
// there is none.
std::filesystem::path FindProgram(const std::string& name);

}  // namespace treesmith
