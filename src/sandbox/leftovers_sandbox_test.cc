// What a killed treesmith leaves: nothing that lives, nothing that stays.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "base/leftovers.h"
#include "base/subprocess.h"
#include "sandbox/cgroup.h"
#include "sandbox/fixture.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

std::string SleeperScript(const std::string& mark) {
  return "import os, sys\n"
         "os.execv(sys.executable, [sys.executable, '-c',\n"
         "    'import time; time.sleep(600)', '" +
         mark + "'])\n";
}

// What the victim is told by its environment.
std::string Told(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// Run only by the tests below, as the process that they kill.
TEST(Victim, DISABLED_SleepsInBubblewrap) {
  SandboxFixture::Bubblewrap().Run(SleeperScript(Told("VICTIM_MARK")));
}
TEST(Victim, DISABLED_SleepsInPlain) {
  SandboxFixture::Plain().Run(SleeperScript(Told("VICTIM_MARK")));
}

template <typename Condition>
bool Within(seconds limit, const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

// Starts this program as the named victim, waits until its script sleeps, and
// kills the program as the out-of-memory killer would. Returns its pid.
pid_t KillVictim(const std::string& test, const std::string& mark,
                 const fs::path& temporary) {
  const Command command{
      .arguments = {ProgramPath().string(), "--gtest_also_run_disabled_tests",
                    "--gtest_filter=Victim.DISABLED_" + test},
      .environment = {"PATH=/usr/bin:/bin", "VICTIM_MARK=" + mark,
                      "TMPDIR=" + temporary.string()},
      .descriptors = {}};
  auto child = StartProcess(command);
  EXPECT_TRUE(child.ok());
  if (!child.ok()) return -1;
  const pid_t pid = child->pid();
  EXPECT_TRUE(
      Within(seconds(30), [&mark] { return CountProcesses(mark) > 0; }));
  child->Kill(SIGKILL);
  child->Wait();
  return pid;
}

// Entries of a folder that name a dead maker with that pid.
int CountLeftovers(const fs::path& folder, pid_t pid) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string part = "-" + std::to_string(pid) + "-";
    if (IsLeftover(name) && name.find(part) != std::string::npos) ++count;
  }
  return count;
}

class KilledRunTest : public testing::Test {
 protected:
  TemporaryFolder temporary_ = *TemporaryFolder::Make("killed-run-test");
};

TEST_F(KilledRunTest, ItsScriptDiesWithItInTheSandbox) {
  KillVictim("SleepsInBubblewrap", "victim-one", temporary_.path());
  EXPECT_TRUE(
      Within(seconds(1), [] { return CountProcesses("victim-one") == 0; }));
}

TEST_F(KilledRunTest, ItsScriptDiesWithItOutsideOne) {
  KillVictim("SleepsInPlain", "victim-two", temporary_.path());
  EXPECT_TRUE(
      Within(seconds(1), [] { return CountProcesses("victim-two") == 0; }));
}

TEST_F(KilledRunTest, TheNextStartRemovesItsGroupsAndFolders) {
  const pid_t pid =
      KillVictim("SleepsInPlain", "victim-three", temporary_.path());
  ASSERT_GT(CountLeftovers(temporary_.path(), pid), 0);
  setenv("TMPDIR", temporary_.path().c_str(), 1);
  const auto sandbox = MakePlainSandbox({.python = TestPython()});
  unsetenv("TMPDIR");
  ASSERT_TRUE(sandbox.ok());
  EXPECT_EQ(CountLeftovers(temporary_.path(), pid), 0);
  const CgroupTree tree = CgroupTree::Detect();
  for (const CgroupTree::Place& place : tree.places()) {
    EXPECT_EQ(CountLeftovers(place.parent, pid), 0) << place.parent;
  }
}

// What the program itself keeps in folders of its own (views, outboxes).
TEST_F(KilledRunTest, TheNextStartOfTheOtherSandboxRemovesItsFolders) {
  const pid_t pid =
      KillVictim("SleepsInBubblewrap", "victim-four", temporary_.path());
  ASSERT_GT(CountLeftovers(temporary_.path(), pid), 0);
  setenv("TMPDIR", temporary_.path().c_str(), 1);
  const auto sandbox = MakeBubblewrapSandbox({.python = TestPython()});
  unsetenv("TMPDIR");
  ASSERT_TRUE(sandbox.ok());
  EXPECT_EQ(CountLeftovers(temporary_.path(), pid), 0);
}

}  // namespace
}  // namespace treesmith
