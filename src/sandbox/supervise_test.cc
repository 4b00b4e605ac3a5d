#include "sandbox/supervise.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace treesmith {
namespace {

// In place of bwrap: one that has a child and has not heard of init yet.
Result<Child> StartParentOfASleeper(const InitChannels& channels) {
  Command command;
  command.arguments = {"/bin/sh", "-c", "sleep 600 & echo started; wait"};
  const int output = channels.output_child.get();
  command.descriptors = {output, output, output, channels.control_child.get()};
  return StartProcess(command);
}

// bwrap's child waits for bwrap before it asks to die with it: ending bwrap
// alone in that moment left the child, and us waiting for it, for ever.
TEST(SuperviseTest, AStopBeforeInitHasSpokenEndsTheWholeGroup) {
  auto channels = MakeInitChannels();
  ASSERT_TRUE(channels.ok());
  auto process = StartParentOfASleeper(*channels);
  ASSERT_TRUE(process.ok());
  channels->control_child.Reset();
  channels->output_child.Reset();
  pollfd started{channels->output.get(), POLLIN, 0};
  ASSERT_EQ(poll(&started, 1, 10'000), 1);

  std::stop_source source;
  source.request_stop();
  Supervision supervision;
  supervision.process = &*process;
  supervision.control = channels->control.get();
  supervision.output = channels->output.get();
  auto seen = Supervise(supervision, source.get_token());
  ASSERT_TRUE(seen.ok()) << seen.error().message;
  EXPECT_EQ(seen->ended_by, EndedBy::kStop);
}

}  // namespace
}  // namespace treesmith
