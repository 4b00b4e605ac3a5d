#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sandbox/fixture.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;

const SandboxCheck* Find(const std::vector<SandboxCheck>& checks,
                         const std::string& name) {
  for (const SandboxCheck& check : checks) {
    if (check.name == name) return &check;
  }
  return nullptr;
}

TEST(CheckSandboxTest, AWorkingSandboxRunsAScript) {
  const auto checks = CheckSandbox({.python = TestPython()});
  const SandboxCheck* run = Find(checks, "a script in the sandbox");
  ASSERT_NE(run, nullptr);
  EXPECT_TRUE(run->ok) << run->detail;
}

TEST(CheckSandboxTest, TheWatchdogIsNamedWhereThereAreNoCgroups) {
  const auto checks = CheckSandbox(
      {.python = TestPython(), .accounting = Accounting::kWatchdog});
  const SandboxCheck* memory = Find(checks, "memory limit");
  ASSERT_NE(memory, nullptr);
  EXPECT_THAT(memory->detail, HasSubstr("watchdog"));
}

TEST(CheckSandboxTest, AProgramThatIsNoBubblewrapIsSaid) {
  const auto checks =
      CheckSandbox({.python = TestPython(), .bubblewrap = "/nowhere/bwrap"});
  ASSERT_FALSE(checks.empty());
  EXPECT_FALSE(checks[0].ok);
  EXPECT_EQ(checks[0].detail, "/nowhere/bwrap does not run");
  EXPECT_EQ(checks[0].hint, "install the package bubblewrap");
}

TEST(MakeBubblewrapSandboxTest, ARefusedNamespaceIsAnEnvironmentError) {
  // /bin/false stands for a bwrap that the system forbids.
  auto sandbox = MakeBubblewrapSandbox(
      {.python = TestPython(), .bubblewrap = "/bin/false"});
  ASSERT_TRUE(sandbox.ok());
  const auto result = (*sandbox)->Run({}, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kEnvironment);
  EXPECT_EQ(result.error().message, "start the sandbox: exit code 1");
}

}  // namespace
}  // namespace treesmith
