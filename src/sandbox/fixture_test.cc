#include "sandbox/fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// 32 MiB of disk, 512 MiB of memory: hostile scripts fill them in a blink.
Limits SmallLimits() {
  return {.wall = std::chrono::seconds(20),
          .memory_bytes = int64_t{512} << 20,
          .processes = 64,
          .output_bytes = int64_t{8} << 20,
          .disk_bytes = int64_t{32} << 20,
          .threads = 1};
}

}  // namespace

PythonEnvironment TestPython() {
  // build/<preset>/tests/sandbox_test: the environment is build/python.
  auto python =
      FindPython({.program = ProgramPath().parent_path().parent_path() / "x"});
  EXPECT_TRUE(python.ok());
  return python.ok() ? *std::move(python) : PythonEnvironment{};
}

SandboxFixture::SandboxFixture(Result<std::unique_ptr<Sandbox>> sandbox)
    : folder_(*TemporaryFolder::Make("sandbox-test")) {
  EXPECT_TRUE(sandbox.ok()) << (sandbox.ok() ? "" : sandbox.error().message);
  if (sandbox.ok()) sandbox_ = *std::move(sandbox);
  fs::create_directories(outbox());
  fs::create_directories(inputs());
  job.outbox = outbox();
  job.inputs = inputs();
  job.wanted = {{.name = "submission.csv", .max_bytes = 1 << 20}};
  job.limits = SmallLimits();
}

SandboxFixture SandboxFixture::Bubblewrap(Accounting accounting) {
  return SandboxFixture(MakeBubblewrapSandbox({.python = TestPython(),
                                               .init = {},
                                               .bubblewrap = {},
                                               .accounting = accounting}));
}

SandboxFixture SandboxFixture::Plain() {
  return SandboxFixture(MakePlainSandbox({.python = TestPython(),
                                          .init = {},
                                          .bubblewrap = {},
                                          .accounting = Accounting::kAuto}));
}

ExecutionResult SandboxFixture::Run(const std::string& code) {
  return Run(code, {});
}

ExecutionResult SandboxFixture::Run(const std::string& code,
                                    std::stop_token stop) {
  job.script.code = code;
  auto result = sandbox_->Run(job, std::move(stop));
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return result.ok() ? *std::move(result) : ExecutionResult{};
}

fs::path SandboxFixture::outbox() const { return folder_.path() / "outbox"; }
fs::path SandboxFixture::inputs() const { return folder_.path() / "inputs"; }

int CountProcesses(const std::string& mark) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto line = ReadFile(entry.path() / "cmdline");
    if (line.ok() && line->find(mark) != std::string::npos) ++count;
  }
  return count;
}

}  // namespace treesmith
