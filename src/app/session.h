// Session: the parts of one run, made from its configuration and wired.
#pragma once

#include <filesystem>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/models.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "evaluation/hidden_evaluator.h"
#include "operators/coder.h"
#include "sandbox/sandbox.h"
#include "search/policy.h"
#include "table/profile.h"

namespace treesmith {

// How scripts are run, by the flags of every command that runs some.
inline constexpr const char* kDefaultSandbox = "bubblewrap";
inline constexpr const char* kNoSandboxNotice =
    "NO SANDBOX: scripts can read and write whatever you can";

struct RunnerOptions {
  std::string python;   // --python
  std::string sandbox;  // --sandbox; empty: the run's, or the default
};

// The sandbox and the interpreter. kEnvironment where one is lacking.
struct Runner {
  PythonEnvironment python;
  std::unique_ptr<Sandbox> sandbox;
};
Result<PythonEnvironment> FindEnvironment(const RunnerOptions& options);
Result<Runner> OpenRunner(const RunnerOptions& options);
// The same on a thread of its own: it waits some 40 ms for the interpreter.
std::future<Result<Runner>> StartRunner(const RunnerOptions& options);
// The same as OpenRunner, and says on stderr when there is no sandbox.
Result<Runner> MakeRunner(const RunnerOptions& options);

// What a task and this machine make of --workers 0 and --memory 0 (design 5.5):
// small data one script a core, large data one script on all cores.
struct Shape {
  int workers = 1;
  int threads = 1;
  int64_t memory_bytes = 0;
};
Shape ShapeOf(int64_t train_rows, int workers, int64_t memory_bytes);

struct Session {
  Runner runner;
  // Null in reported mode, which cuts no folds.
  std::unique_ptr<HiddenTask> task;
  Profile profile;
  std::unique_ptr<Evaluator> evaluator;
  // evaluation/seals.h; zero in reported mode.
  Hash128 seal;
  // Null when no model is asked.
  std::unique_ptr<Models> models;
  std::unique_ptr<Coder> coder;
  std::unique_ptr<Policy> policy;
  SystemClock clock;
  // What the policy's `accepts` looks at; set when the engine is there.
  const Tree* tree = nullptr;
};

// What is known before: the tables that were just read, and what a resumed run
// brings along.
struct Before {
  std::optional<TaskTables> tables = {};  // as `read` of OpenHiddenTask
  std::string plan = {};                  // as in OpenHiddenTask
  // As EncodeProfile gave it; the data is looked at where it is empty, or holds
  // names that are no UTF-8.
  std::string profile = {};
  std::vector<Cassette::Asked> asked = {};
};

// Opens the task of `config` and makes all parts. Completes `config` with what
// was decided here (workers, threads, names). kCancelled: `stop` was asked for.
Result<std::unique_ptr<Session>> OpenSession(const Task& task,
                                             std::future<Result<Runner>> runner,
                                             Before before, RunConfig& config,
                                             std::stop_token stop);

}  // namespace treesmith
