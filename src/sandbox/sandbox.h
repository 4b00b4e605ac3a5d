// Sandbox: runs one untrusted script under limits (docs/sandbox.md).
//
// A script that crashes, hangs, floods or is killed is an ordinary
// ExecutionResult; an Error means that the script could not be run at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/execution.h"
#include "model/script.h"
#include "sandbox/python_environment.h"

namespace treesmith {

// A file that the script may leave in `working/` and that the host wants.
struct WantedFile {
  // Relative to working/: "submission.csv".
  std::string name;
  // A larger file is not taken.
  int64_t max_bytes = int64_t{1} << 30;
};

// A host file that the script sees as input/NAME.
struct InputFile {
  std::filesystem::path host;
  std::string name;
};

struct Job {
  Script script;
  // The script's input/, read-only; empty: an empty folder. Symbolic links at
  // its top are followed by the host, deeper ones only where they stay in it.
  std::filesystem::path inputs;
  // Shown in input/ as well; never in the place of what `inputs` has.
  std::vector<InputFile> extra_inputs;
  std::vector<WantedFile> wanted;
  // An existing host folder. After the run it holds those wanted files that the
  // script wrote, under the same names, and never an older run's: what stood
  // there under a wanted name is removed first. A wanted file that is no
  // regular file, is over its cap or lies behind a symbolic link is not taken,
  // and a line at the end of the output says so. Empty: nothing is taken.
  std::filesystem::path outbox;
  // Added to the script's environment, which holds nothing of the host's.
  std::vector<std::pair<std::string, std::string>> environment;
  // The sandbox picks `threads` processors that its other runs use least.
  Limits limits;
};

// Why a wanted file that the script left was not taken, from the line at the
// end of the output; empty where there is none.
std::string WhyNotTaken(const ExecutionResult& result, const std::string& name);

class Sandbox {
 public:
  virtual ~Sandbox() = default;

  // Blocks until the script ends, a limit is passed or `stop` is asked for
  // (outcome kKilled). When this returns, no process that the script started is
  // alive. Any number of threads may call at once. Errors: kEnvironment where
  // the machine forbids the sandbox, kBadInput for inputs that are not there,
  // kFull where the outbox is full, else kFailed.
  virtual Result<ExecutionResult> Run(const Job& job, std::stop_token stop) = 0;
};

// How memory and processes are counted.
enum class Accounting {
  kAuto,      // cgroups where they can be had, else the watchdog
  kWatchdog,  // never cgroups: the sandbox's init adds up /proc itself
};

struct SandboxOptions {
  PythonEnvironment python;
  // The static program that becomes pid 1; empty: `treesmith-init` beside this
  // program or in the folder above it.
  std::filesystem::path init = {};
  // Empty: `bwrap` on PATH.
  std::filesystem::path bubblewrap = {};
  Accounting accounting = Accounting::kAuto;
};

// The default: kernel namespaces through bubblewrap; no network, no host files
// but the inputs, /usr and the interpreter. Also sweeps what dead runs left.
// The error (kEnvironment) says what is missing and how to mend it.
Result<std::unique_ptr<Sandbox>> MakeBubblewrapSandbox(SandboxOptions options);

// `--sandbox none`: limits and a clean environment only. The script can read
// and write whatever this user can, and has the network. Its processes are
// still ended with it, daemons included, unless it kills init itself.
Result<std::unique_ptr<Sandbox>> MakePlainSandbox(SandboxOptions options);

// What `treesmith doctor` prints.
struct SandboxCheck {
  std::string name;    // "bubblewrap", "user namespaces", "memory limit" ...
  bool ok = false;     // false: the sandbox cannot be used, or the limit leaks
  std::string detail;  // "0.8.0", "cgroup v1 /sys/fs/cgroup/memory"
  std::string hint;    // how to mend it; empty when ok
};

// Starts a sandbox and probes it; takes some 50 ms. Never fails: what fails is
// a check that is not ok.
std::vector<SandboxCheck> CheckSandbox(const SandboxOptions& options);

}  // namespace treesmith
