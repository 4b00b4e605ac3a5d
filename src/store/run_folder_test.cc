#include "store/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace treesmith {
namespace {

class RunFolderTest : public ::testing::Test {
 protected:
  std::string Next(std::string_view task) {
    const auto made = MakeNextRunFolder(runs_, task);
    if (!made) return made.error().message;
    EXPECT_TRUE(std::filesystem::is_directory(*made));
    return made->filename().string();
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make("runs");
  std::filesystem::path runs_ = folder_.path() / "runs";
};

TEST_F(RunFolderTest, A24_EveryRunGetsTheNextNumber) {
  EXPECT_EQ(Next("bike"), "bike-1");
  EXPECT_EQ(Next("bike"), "bike-2");
  EXPECT_EQ(Next("bike"), "bike-3");
}

TEST_F(RunFolderTest, ALaterRunHasTheHigherNumberAlsoAfterAGap) {
  ASSERT_TRUE(MakeFolders(runs_ / "bike-9").ok());
  EXPECT_EQ(Next("bike"), "bike-10");
}

TEST_F(RunFolderTest, OtherTasksAndOtherFilesDoNotCount) {
  for (const char* name : {"bike-7x", "bike-", "bikes-5", "bike--4", "bike"}) {
    ASSERT_TRUE(MakeFolders(runs_ / name).ok());
  }
  EXPECT_EQ(Next("bike"), "bike-1");
}

TEST_F(RunFolderTest, ATaskThatEndsInANumberIsAnotherTask) {
  EXPECT_EQ(Next("s3e1-2"), "s3e1-2-1");
  EXPECT_EQ(Next("s3e1"), "s3e1-1");
}

TEST_F(RunFolderTest, ATasksNameCannotLeaveTheFolder) {
  EXPECT_EQ(Next("../up"), "run..-up-1");
  EXPECT_EQ(Next("a b/c"), "a-b-c-1");
}

TEST_F(RunFolderTest, AFileInTheWayIsNamed) {
  ASSERT_TRUE(WriteFile(runs_, "").ok());
  EXPECT_THAT(Next("bike"), ::testing::HasSubstr(runs_.string()));
}

}  // namespace
}  // namespace treesmith
