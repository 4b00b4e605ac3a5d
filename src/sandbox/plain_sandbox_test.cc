#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <stop_token>

#include "sandbox/fixture.h"

namespace treesmith {
namespace {

using std::chrono::milliseconds;

class PlainSandboxTest : public testing::Test {
 protected:
  SandboxFixture fixture_ = SandboxFixture::Plain();
};

// Forks a daemon in a session of its own that only its mark can find.
std::string DaemonScript(const std::string& mark) {
  return "import os, sys\n"
         "if os.fork() == 0:\n"
         "  os.setsid()\n"
         "  if os.fork() == 0:\n"
         "    os.execv(sys.executable, [sys.executable, '-c',\n"
         "        'import time; time.sleep(600)', '" +
         mark +
         "'])\n"
         "  os._exit(0)\n"
         "os.wait()\n";
}

TEST_F(PlainSandboxTest, AScriptRunsAndItsFileIsFetched) {
  ASSERT_TRUE(WriteFile(fixture_.inputs() / "train.csv", "id\n1\n").ok());
  const ExecutionResult result = fixture_.Run(
      "import sys\n"
      "text = open('input/train.csv').read()\n"
      "open('working/submission.csv', 'w').write(text)\n"
      "print(__name__, len(sys.argv))\n");
  EXPECT_TRUE(result.outcome.scored()) << result.output;
  EXPECT_EQ(result.output, "__main__ 1\n");
  const auto text = ReadFile(fixture_.outbox() / "submission.csv");
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, "id\n1\n");
}

TEST_F(PlainSandboxTest, AnExtraInputIsNotPutIntoTheHostsFolder) {
  ASSERT_TRUE(MakeFolders(fixture_.inputs() / "data").ok());
  ASSERT_TRUE(WriteFile(fixture_.inputs() / "data/train.csv", "fold").ok());
  const auto other = fixture_.inputs().parent_path() / "other.csv";
  ASSERT_TRUE(WriteFile(other, "more").ok());
  fixture_.job.extra_inputs = {{other, "data/b.csv"}};
  const ExecutionResult result = fixture_.Run(
      "for name in ('train.csv', 'b.csv'):\n"
      "  print(open('input/data/' + name).read())\n");
  EXPECT_EQ(result.output, "fold\nmore\n");
  EXPECT_FALSE(std::filesystem::exists(fixture_.inputs() / "data/b.csv"));
}

TEST_F(PlainSandboxTest, A4_ADaemonDiesWithItsScript) {
  const ExecutionResult result = fixture_.Run(DaemonScript("a4-plain-mark"));
  EXPECT_TRUE(result.outcome.scored()) << result.output;
  EXPECT_EQ(CountProcesses("a4-plain-mark"), 0);
}

TEST_F(PlainSandboxTest, A4_ADaemonDiesAtTheTimeLimit) {
  fixture_.job.limits.wall = milliseconds(500);
  const auto start = std::chrono::steady_clock::now();
  const ExecutionResult result =
      fixture_.Run(DaemonScript("a4-late-mark") +
                   "import signal, time\n"
                   "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                   "time.sleep(600)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1500));
  EXPECT_EQ(CountProcesses("a4-late-mark"), 0);
}

TEST_F(PlainSandboxTest, KillingItsOwnGroupDoesNotHurtTheSupervisor) {
  const ExecutionResult result =
      fixture_.Run("import os, signal\nos.kill(0, signal.SIGKILL)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kKilled);
  EXPECT_EQ(result.signal, SIGKILL);
}

TEST_F(PlainSandboxTest, GrowthThatIsTouchedIsMemory) {
  const ExecutionResult result = fixture_.Run(
      "x = []\n"
      "while True: x.append(bytearray(b'x' * (8 << 20)))\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kMemory) << result.output;
}

TEST_F(PlainSandboxTest, ABigFileIsDisk) {
  const ExecutionResult result = fixture_.Run(
      "with open('working/big', 'wb') as f:\n"
      "  while True: f.write(b'x' * (1 << 20))\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kDisk) << result.output;
}

TEST_F(PlainSandboxTest, A3_NoKeyIsSeen) {
  const ExecutionResult result = fixture_.Run(
      "import os\nprint(os.environ.get('SSH_CONNECTION'),\n"
      "      os.environ['HOME'] == os.path.expanduser('~'),\n"
      "      os.environ['HOME'].endswith('/tmp'))\n");
  EXPECT_EQ(result.output, "None True True\n");
}

TEST_F(PlainSandboxTest, A15_EachRunHasANewFolder) {
  fixture_.Run("open('working/submission.csv', 'w').write('old')\n");
  const ExecutionResult result =
      fixture_.Run("import os\nprint(os.listdir('working'))\n");
  EXPECT_EQ(result.output, "[]\n");
  EXPECT_FALSE(std::filesystem::exists(fixture_.outbox() / "submission.csv"));
}

// Without a pid namespace a script can reach the init that would tell its end.
TEST_F(PlainSandboxTest, AScriptThatKillsInitHasNotEndedWell) {
  const ExecutionResult result = fixture_.Run(
      "import os, signal\n"
      "open('working/submission.csv', 'w').write('id,y\\n')\n"
      "os.kill(os.getppid(), signal.SIGKILL)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kKilled) << result.output;
}

TEST_F(PlainSandboxTest, StopEndsTheScriptWithinASecond) {
  std::stop_source source;
  auto run = std::async(std::launch::async, [&] {
    return fixture_.Run("import time\ntime.sleep(600)\n", source.get_token());
  });
  const auto asked = std::chrono::steady_clock::now();
  source.request_stop();
  EXPECT_EQ(run.get().outcome.kind, OutcomeKind::kKilled);
  EXPECT_LT(std::chrono::steady_clock::now() - asked, milliseconds(1000));
}

}  // namespace
}  // namespace treesmith
