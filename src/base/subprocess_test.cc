#include "base/subprocess.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace treesmith {
namespace {

using std::chrono::seconds;

TEST(RunCommandTest, KeepsBothOutputsAndTheExitCode) {
  const auto result = RunCommand(
      {"/bin/sh", "-c", "echo a; echo b >&2; exit 3"}, {}, seconds(10));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output, "a\nb\n");
  EXPECT_EQ(result->end.exit_code, 3);
}

TEST(RunCommandTest, EndsWhatTakesTooLong) {
  const auto result =
      RunCommand({"/bin/sh", "-c", "echo a; exec sleep 600"},
                 {"PATH=/usr/bin:/bin"}, std::chrono::milliseconds(300));
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->timed_out);
  EXPECT_EQ(result->end.signal, SIGKILL);
}

TEST(RunCommandTest, GivesNoVariableButItsOwn) {
  const auto result = RunCommand({"/usr/bin/env"}, {"MINE=1"}, seconds(10));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output, "MINE=1\n");
}

TEST(StartProcessTest, AMissingProgramIsAnErrorThatNamesIt) {
  const Command command{
      .arguments = {"/nowhere/program"}, .environment = {}, .descriptors = {}};
  const auto child = StartProcess(command);
  ASSERT_FALSE(child.ok());
  EXPECT_EQ(child.error().message,
            "start /nowhere/program: No such file or directory");
}

TEST(StartProcessTest, TheChildInheritsNamedDescriptorsOnly) {
  // Two strays without close-on-exec that a child must not see.
  const UniqueFd stray(open("/dev/null", O_RDONLY));
  const UniqueFd other(open("/dev/null", O_RDONLY));
  const auto result = RunCommand({"/bin/sh", "-c", "cd /proc/self/fd; echo *"},
                                 {}, seconds(10));
  ASSERT_TRUE(result.ok());
  // The shell's own look at the folder is one more.
  EXPECT_TRUE(result->output == "0 1 2 3\n" || result->output == "0 1 2\n")
      << result->output;
}

TEST(ChildTest, TheDescriptorBecomesReadableWhenItEnds) {
  ProcessStarter starter;
  const Command command{
      .arguments = {"/bin/true"}, .environment = {}, .descriptors = {}};
  auto child = starter.Start(command);
  ASSERT_TRUE(child.ok());
  pollfd ready{child->pidfd(), POLLIN, 0};
  EXPECT_EQ(poll(&ready, 1, 10'000), 1);
  EXPECT_EQ(child->Wait().exit_code, 0);
}

TEST(ChildTest, ADroppedChildIsEnded) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  {
    const Command command{.arguments = {"/bin/sleep", "600"},
                          .environment = {},
                          .descriptors = {reader.get(), writer.get()}};
    const auto child = StartProcess(command);
    ASSERT_TRUE(child.ok());
  }
  writer.Reset();
  char byte = 0;
  EXPECT_EQ(read(reader.get(), &byte, 1), 0);
}

TEST(FindProgramTest, LooksOnPathAndSaysWhenThereIsNone) {
  EXPECT_TRUE(FindProgram("sh").is_absolute());
  EXPECT_TRUE(FindProgram("no-such-program-anywhere").empty());
}

}  // namespace
}  // namespace treesmith
