#include "base/leftovers.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

TEST(LeftoversTest, WhatALivingProcessMadeIsNoLeftover) {
  EXPECT_FALSE(IsLeftover(LeftoverName()));
}

TEST(LeftoversTest, TwoNamesDiffer) {
  EXPECT_NE(LeftoverName(), LeftoverName());
}

// The name with another start time: that of a process that is gone.
std::string DeadName() {
  const std::string name = LeftoverName();
  const size_t last = name.rfind('-');
  const size_t start = name.rfind('-', last - 1);
  return name.substr(0, start + 1) + "1" + name.substr(last);
}

TEST(LeftoversTest, TheSamePidWithAnotherStartTimeIsDead) {
  EXPECT_TRUE(IsLeftover(DeadName()));
}

TEST(LeftoversTest, WhatFollowsADotIsForPeople) {
  EXPECT_TRUE(IsLeftover(DeadName() + ".views"));
  EXPECT_FALSE(IsLeftover(LeftoverName() + ".views"));
}

TEST(LeftoversTest, SweepsTheFoldersOfDeadProcessesOnly) {
  const TemporaryFolder place = *TemporaryFolder::Make("leftovers-test");
  const fs::path dead = place.path() / (DeadName() + ".views");
  ASSERT_TRUE(MakeFolders(dead / "fold").ok());
  ASSERT_TRUE(WriteFile(dead / "fold/train.csv", "rows").ok());
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  setenv("TMPDIR", place.path().c_str(), 1);
  const TemporaryFolder mine = *TemporaryFolder::Make("mine");
  SweepTemporaryFolders();
  EXPECT_EQ(mine.path().parent_path(), place.path());
  EXPECT_TRUE(fs::exists(mine.path()));
  EXPECT_FALSE(fs::exists(dead));
  before == nullptr ? unsetenv("TMPDIR") : setenv("TMPDIR", kept.c_str(), 1);
}

TEST(LeftoversTest, AnotherPidNamespacesNameIsLeftAlone) {
  EXPECT_FALSE(IsLeftover("treesmith-1-999999-1-0"));
}

TEST(LeftoversTest, OtherNamesAreLeftAlone) {
  EXPECT_FALSE(IsLeftover("treesmith-x-1-1-0"));
  EXPECT_FALSE(IsLeftover("user.slice"));
  EXPECT_FALSE(IsLeftover("treesmith-1-2-3"));
  EXPECT_FALSE(IsLeftover("treesmith-1-2-3-4-5"));
}

}  // namespace
}  // namespace treesmith
