// kill -9 at any moment, then resume: the log must be that of an undisturbed
// run (design 5.8).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/unique_fd.h"
#include "testing/run_harness.h"

namespace treesmith {
namespace {

// Writes one byte to a pipe for every event that is in the log.
class PipeObserver : public Observer {
 public:
  explicit PipeObserver(int fd) : fd_(fd) {}
  void OnEvent(const Event&, const RunView&) override {
    ASSERT_EQ(::write(fd_, "e", 1), 1);
  }
  void OnTick(const RunView&) override {}

 private:
  const int fd_;
};

HarnessOptions OptionsFor(const std::filesystem::path& database) {
  HarnessOptions options;
  options.database = database;
  options.config.seed = 11;
  options.config.budget.steps = 15;
  options.evaluator.units = 2;
  options.evaluator.repeats = 2;
  options.evaluator.buggy_share = 0.3;
  options.evaluator.leaky_share = 0.7;
  return options;
}

// Runs (or goes on) in a child that is killed after `events` events; true when
// it came to its end before that.
bool RunAndKill(const std::filesystem::path& database, size_t events) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    reader.Reset();
    PipeObserver observer(writer.get());
    HarnessOptions options = OptionsFor(database);
    options.observers = {&observer};
    const bool ok = RunHarness(options).Run().ok();
    ::_exit(ok ? 0 : 1);
  }
  writer.Reset();
  char byte = 0;
  size_t seen = 0;
  while (seen < events && ::read(reader.get(), &byte, 1) == 1) ++seen;
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) != 0);
  return WIFEXITED(status);
}

// The first line in which two logs differ; empty when they are equal.
std::string FirstDifference(const std::vector<std::string>& a,
                            const std::vector<std::string>& b) {
  const auto [left, right] = std::ranges::mismatch(a, b);
  if (left == a.end() && right == b.end()) return "";
  return (left == a.end() ? "(end)" : *left) + "\n against \n" +
         (right == b.end() ? "(end)" : *right);
}

class ResumeTest : public ::testing::Test {
 protected:
  ResumeTest() : folder_(*TemporaryFolder::Make("resume_test")) {
    const auto path = folder_.path() / "whole.db";
    EXPECT_TRUE(RunHarness(OptionsFor(path)).Run().ok());
    whole_ = *CanonicalLog(path);
  }
  TemporaryFolder folder_;
  std::vector<std::string> whole_;
};

TEST_F(ResumeTest, A2_ARunKilledAtAnyEventGoesOnToTheSameLog) {
  Rng rng(1);
  for (int round = 0; round < 25; ++round) {
    const auto path = folder_.path() / ("killed" + std::to_string(round));
    int lives = 0;
    while (!RunAndKill(path, 1 + rng.Below(20)) && ++lives < 100) {
    }
    const auto log = CanonicalLog(path);
    ASSERT_TRUE(log.ok()) << log.error().message;
    ASSERT_EQ(FirstDifference(*log, whole_), "") << "round " << round;
  }
}

TEST_F(ResumeTest, ATornWriteLosesAtMostTheLastMoments) {
  Rng rng(2);
  for (int round = 0; round < 25; ++round) {
    const auto path = folder_.path() / ("torn" + std::to_string(round));
    RunAndKill(path, 5 + rng.Below(40));
    std::filesystem::path wal = path;
    wal += "-wal";
    if (std::filesystem::exists(wal)) {
      // The log's file is cut anywhere, as a power cut would.
      const auto size = std::filesystem::file_size(wal);
      std::filesystem::resize_file(wal, size - rng.Below(size + 1));
    }
    const auto before = CanonicalLog(path);
    if (!before.ok() || before->empty()) continue;  // nothing was left
    const auto finished = RunHarness(OptionsFor(path)).Run();
    ASSERT_TRUE(finished.ok()) << finished.error().message;
    ASSERT_EQ(FirstDifference(*CanonicalLog(path), whole_), "")
        << "round " << round;
  }
}

}  // namespace
}  // namespace treesmith
