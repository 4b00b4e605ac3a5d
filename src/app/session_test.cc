#include "app/session.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "table/task_file.h"

namespace treesmith {
namespace {

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() : folder_(*TemporaryFolder::Make("session_test")) {
    std::string train = "id,x,y\n";
    for (int i = 0; i < 60; ++i) {
      train += std::to_string(i) + "," + std::to_string(i % 9) + "," +
               std::to_string(i % 9 * 0.5) + "\n";
    }
    EXPECT_TRUE(WriteFile(folder_.path() / "train.csv", train).ok());
    EXPECT_TRUE(WriteFile(folder_.path() / "test.csv", "id,x\n60,1\n").ok());
  }

  std::unique_ptr<Session> Open(const Before& before) {
    const auto task = LoadTask(folder_.path(), {});
    EXPECT_TRUE(task.ok()) << task.error().message;
    RunConfig config;
    RunnerOptions runner;
    runner.sandbox = "none";
    runner.python = FindPython({"", "", TREESMITH_PROGRAM})->executable;
    auto session = OpenSession(*task, StartRunner(runner), before, config, {});
    EXPECT_TRUE(session.ok()) << session.error().message;
    return *std::move(session);
  }

  TemporaryFolder folder_;
};

TEST_F(SessionTest, LooksAtTheDataOfANewRun) {
  EXPECT_EQ(Open({})->profile.train_rows, 60);
}

// What coders were told of the data does not change while a run lasts.
TEST_F(SessionTest, TakesTheProfileOfARunThatGoesOnFromItsLog) {
  Profile profile = Open({})->profile;
  profile.train_rows = 7;
  Before before;
  before.profile = EncodeProfile(profile);
  EXPECT_EQ(Open(before)->profile.train_rows, 7);
  EXPECT_EQ(EncodeProfile(Open(before)->profile), before.profile);
}

// JSON holds no such bytes: the log's names would be other ones.
TEST_F(SessionTest, LooksAtTheDataAgainWhereItsNamesAreNoUtf8) {
  Profile profile = Open({})->profile;
  profile.train_rows = 7;
  profile.columns.front().name = "caf\xe9";
  Before before;
  before.profile = EncodeProfile(profile);
  EXPECT_EQ(Open(before)->profile.train_rows, 60);
}

}  // namespace
}  // namespace treesmith
