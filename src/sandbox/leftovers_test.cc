#include "sandbox/leftovers.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

TEST(LeftoversTest, WhatALivingProcessMadeIsNoLeftover) {
  EXPECT_FALSE(IsLeftover(LeftoverName()));
}

TEST(LeftoversTest, TwoNamesDiffer) {
  EXPECT_NE(LeftoverName(), LeftoverName());
}

TEST(LeftoversTest, TheSamePidWithAnotherStartTimeIsDead) {
  const std::string name = LeftoverName();
  // treesmith-NAMESPACE-PID-START-N: another start.
  const size_t last = name.rfind('-');
  const size_t start = name.rfind('-', last - 1);
  EXPECT_TRUE(IsLeftover(name.substr(0, start + 1) + "1" + name.substr(last)));
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
