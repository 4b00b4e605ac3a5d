// For this folder's tests: a real sandbox, and jobs in one line.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"
#include "sandbox/sandbox.h"

namespace treesmith {

// The interpreter that the tests run scripts with: the scripts' environment
// where it has been set up, else the system's.
PythonEnvironment TestPython();

// A sandbox, an outbox and inputs, all gone with the object.
class SandboxFixture {
 public:
  explicit SandboxFixture(Result<std::unique_ptr<Sandbox>> sandbox);
  static SandboxFixture Bubblewrap(Accounting accounting = Accounting::kAuto);
  static SandboxFixture Plain();

  // Runs a script with small limits; the outcome of an Error is a failed test.
  ExecutionResult Run(const std::string& code);
  ExecutionResult Run(const std::string& code, std::stop_token stop);

  // Changed before Run by tests of other limits.
  Job job;
  Sandbox& sandbox() { return *sandbox_; }
  [[nodiscard]] std::filesystem::path outbox() const;
  // A folder that becomes the script's input/.
  [[nodiscard]] std::filesystem::path inputs() const;

 private:
  std::unique_ptr<Sandbox> sandbox_;
  TemporaryFolder folder_;
};

// How many processes of this machine have `mark` in their command line.
int CountProcesses(const std::string& mark);

}  // namespace treesmith
