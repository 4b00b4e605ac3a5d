#include "search/aide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/tree_builder.h"

namespace treesmith {
namespace {

using ::testing::ElementsAre;

Proposal NextOf(Policy& policy, const Tree& tree, uint64_t seed = 1) {
  Rng rng(seed);
  std::optional<Proposal> proposal = policy.Next(tree, rng, Milliseconds(0));
  EXPECT_TRUE(proposal.has_value());
  return proposal.value_or(Proposal{});
}

SearchParameters Parameters(int drafts, double debug_prob, int depth = 3) {
  return {
      .num_drafts = drafts, .debug_prob = debug_prob, .max_debug_depth = depth};
}

TEST(AidePolicyTest, DraftsUntilTheQuotaIsMetAlsoWithGoodNodes) {
  TreeBuilder build;
  build.Draft(0.5);
  build.BuggyDraft();
  AidePolicy policy({.parameters = Parameters(3, 1)});
  EXPECT_EQ(NextOf(policy, build.tree()).op, Operator::kDraft);
  build.Draft(0.4);
  EXPECT_NE(NextOf(policy, build.tree()).op, Operator::kDraft);
}

TEST(AidePolicyTest, DraftsInFlightCount) {
  TreeBuilder build;
  const NodeId only = build.Draft(0.5);
  build.Start(Operator::kDraft);
  AidePolicy policy({.parameters = Parameters(2, 0)});
  EXPECT_THAT(NextOf(policy, build.tree()).parents, ElementsAre(only));
}

TEST(AidePolicyTest, RepairsBeforeItImprovesWhenChanceSaysSo) {
  TreeBuilder build;
  const NodeId good = build.Draft(0.5);
  const NodeId bad = build.BuggyDraft();
  AidePolicy always({.parameters = Parameters(2, 1)});
  AidePolicy never({.parameters = Parameters(2, 0)});
  EXPECT_EQ(NextOf(always, build.tree()).op, Operator::kDebug);
  EXPECT_THAT(NextOf(always, build.tree()).parents, ElementsAre(bad));
  EXPECT_EQ(NextOf(never, build.tree()).op, Operator::kImprove);
  EXPECT_THAT(NextOf(never, build.tree()).parents, ElementsAre(good));
}

TEST(AidePolicyTest, RepairsWithTheStatedChance) {
  TreeBuilder build;
  build.Draft(0.5);
  build.BuggyDraft();
  AidePolicy policy({.parameters = Parameters(2, 0.3)});
  int repairs = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    repairs += NextOf(policy, build.tree(), seed).op == Operator::kDebug;
  }
  EXPECT_NEAR(repairs, 300, 60);
}

TEST(AidePolicyTest, EveryBuggyLeafIsChosenAboutEquallyOften) {
  TreeBuilder build;
  build.Draft(0.5);
  std::map<NodeId, int> chosen;
  for (int i = 0; i < 4; ++i) build.BuggyDraft();
  AidePolicy policy({.parameters = Parameters(5, 1)});
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    ++chosen[NextOf(policy, build.tree(), seed).parents.front()];
  }
  EXPECT_EQ(chosen.size(), 4U);
  for (const auto& [id, count] : chosen) EXPECT_NEAR(count, 250, 60);
}

TEST(AidePolicyTest, A30_AFailureIsRepairedMaxDebugDepthTimesAndNoMore) {
  TreeBuilder build;
  build.Draft(0.5);
  NodeId failure = build.BuggyDraft();
  AidePolicy policy({.parameters = Parameters(2, 1, 3)});
  int repairs = 0;
  while (NextOf(policy, build.tree()).op == Operator::kDebug) {
    ASSERT_LT(repairs, 10);
    ++repairs;
    failure = build.BuggyDebug(failure);
  }
  EXPECT_EQ(repairs, 3);
}

TEST(AidePolicyTest, ALeafInWorkIsNobodyElses) {
  TreeBuilder build;
  build.Draft(0.5);
  const NodeId first = build.BuggyDraft();
  const NodeId second = build.BuggyDraft();
  AidePolicy policy({.parameters = Parameters(3, 1)});
  build.Start(Operator::kDebug, {first});
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_THAT(NextOf(policy, build.tree(), seed).parents,
                ElementsAre(second));
  }
  build.Start(Operator::kDebug, {second});
  EXPECT_EQ(NextOf(policy, build.tree()).op, Operator::kImprove);
}

TEST(AidePolicyTest, ABuggyChildOfAGoodNodeIsRepairedToo) {
  TreeBuilder build;
  const NodeId bad = build.BuggyImprove(build.Draft(0.5));
  AidePolicy policy({.parameters = Parameters(1, 1)});
  EXPECT_THAT(NextOf(policy, build.tree()).parents, ElementsAre(bad));
}

TEST(AidePolicyTest, ADuplicateIsNotRepaired) {
  TreeBuilder build;
  const NodeId good = build.Draft(0.5);
  build.Duplicate(good);
  AidePolicy policy({.parameters = Parameters(1, 1)});
  EXPECT_THAT(NextOf(policy, build.tree()).parents, ElementsAre(good));
}

TEST(AidePolicyTest, DraftsWhileNothingIsScored) {
  TreeBuilder build;
  build.BuggyDraft();
  AidePolicy policy({.parameters = Parameters(1, 0)});
  EXPECT_EQ(NextOf(policy, build.tree()).op, Operator::kDraft);
}

TEST(AidePolicyTest, ImprovesTheBestNodeOfAllInTheMetricsDirection) {
  for (const Direction direction :
       {Direction::kMinimize, Direction::kMaximize}) {
    TreeBuilder build(direction);
    const NodeId low = build.Draft(0.1);
    const NodeId high = build.Draft(0.9);
    build.Draft(0.5);
    AidePolicy policy({.parameters = Parameters(3, 0)});
    EXPECT_THAT(NextOf(policy, build.tree()).parents,
                ElementsAre(direction == Direction::kMinimize ? low : high));
  }
}

TEST(AidePolicyTest, APartialScoreIsNotTheBest) {
  TreeBuilder build;
  const NodeId good = build.Draft(0.5);
  build.Partial(good, 0.1);
  AidePolicy policy({.parameters = Parameters(1, 0)});
  EXPECT_THAT(NextOf(policy, build.tree()).parents, ElementsAre(good));
}

TEST(AidePolicyTest, A13_ANodeWithoutAFiniteScoreIsNoGoodNode) {
  TreeBuilder build;
  build.Draft(std::nan(""));
  AidePolicy policy({.parameters = Parameters(1, 0)});
  EXPECT_EQ(NextOf(policy, build.tree()).op, Operator::kDraft);
}

TEST(AidePolicyTest, WhatTheCoderCannotImproveIsPassedOver) {
  TreeBuilder build;
  const NodeId given = build.Draft(0.1);
  const NodeId own = build.Draft(0.5);
  AidePolicy policy({.parameters = Parameters(2, 0),
                     .accepts = [&](Operator, const auto& parents) {
                       return parents != std::vector<NodeId>{given};
                     }});
  EXPECT_THAT(NextOf(policy, build.tree()).parents, ElementsAre(own));
}

TEST(AidePolicyTest, ProposesNothingWhenTheCoderCanDoNothing) {
  TreeBuilder build;
  build.Draft(0.5);
  AidePolicy policy({.parameters = Parameters(5, 0.5),
                     .accepts = [](Operator, const auto&) { return false; }});
  Rng rng(1);
  EXPECT_FALSE(policy.Next(build.tree(), rng, Milliseconds(0)).has_value());
}

TEST(AidePolicyTest, EachChoiceSaysWhyWithItsNumbers) {
  TreeBuilder build;
  AidePolicy policy({.parameters = Parameters(2, 1)});
  EXPECT_EQ(NextOf(policy, build.tree()).why, "first drafts: 0 of 2 are there");
  build.Draft(0.5, "linear");
  build.BuggyDraft();
  EXPECT_EQ(NextOf(policy, build.tree()).why,
            "repair node 1: crash (ValueError), try 1 of 3");
  build.Debug(NodeId{1}, 0.25);
  EXPECT_EQ(NextOf(policy, build.tree()).why,
            "improve node 2 (0.25), the best of 2 scored nodes");
}

}  // namespace
}  // namespace treesmith
