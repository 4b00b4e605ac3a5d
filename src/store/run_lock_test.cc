#include "store/run_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/file.h"

namespace treesmith {
namespace {

TEST(RunLockTest, TheSecondIsToldWhoHasIt) {
  const TemporaryFolder folder = *TemporaryFolder::Make("lock");
  const RunLock first = *RunLock::Acquire(folder.path());
  const Error error = RunLock::Acquire(folder.path()).error();
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_EQ(error.message, "lock " + folder.path().string() +
                               ": in use by process " +
                               std::to_string(::getpid()));
}

TEST(RunLockTest, ItIsFreeWhenTheHolderLetsGo) {
  const TemporaryFolder folder = *TemporaryFolder::Make("lock");
  {
    const RunLock first = *RunLock::Acquire(folder.path());
  }
  EXPECT_TRUE(RunLock::Acquire(folder.path()).ok());
}

TEST(RunLockTest, ItIsFreeWhenTheHolderWasKilled) {
  const TemporaryFolder folder = *TemporaryFolder::Make("lock");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const Result<RunLock> lock = RunLock::Acquire(folder.path());
    [[maybe_unused]] const ssize_t told = ::write(ready[1], "r", 1);
    ::pause();
    ::_exit(lock.ok() ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THAT(RunLock::Acquire(folder.path()).error().message,
              ::testing::HasSubstr("process " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(RunLock::Acquire(folder.path()).ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(RunLockTest, AMissingFolderIsNamed) {
  EXPECT_THAT(RunLock::Acquire("/nowhere/run").error().message,
              ::testing::HasSubstr("/nowhere/run"));
}

}  // namespace
}  // namespace treesmith
