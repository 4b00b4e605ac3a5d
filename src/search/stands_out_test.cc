#include "search/stands_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/tree_builder.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;

NodeScore Score(double value, double error) {
  NodeScore score;
  score.value = MetricValue(value, Direction::kMaximize);
  score.standard_error = error;
  return score;
}

TEST(StandsOutTest, AScoreFarBeyondAllOthersIsSuspect) {
  TreeBuilder builder(Direction::kMaximize);
  for (const double score : {0.70, 0.72, 0.71, 0.69, 0.70}) {
    builder.Draft(score);
  }
  const Tree& tree = builder.tree();
  const auto check = StandsOut(tree, Score(0.99, 0.001), 1, {});
  ASSERT_TRUE(check.has_value());
  EXPECT_EQ(check->verdict, CheckVerdict::kSuspect);
  EXPECT_THAT(check->text, HasSubstr("the best other node (1)"));
  EXPECT_FALSE(StandsOut(tree, Score(0.80, 0.001), 1, {}).has_value());
  EXPECT_FALSE(StandsOut(tree, Score(0.99, 0.1), 1, {}).has_value());
  EXPECT_FALSE(StandsOut(tree, Score(0.50, 0.001), 1, {}).has_value());
}

TEST(StandsOutTest, FewOthersSayNothing) {
  TreeBuilder builder(Direction::kMaximize);
  for (int i = 0; i < 4; ++i) builder.Draft(0.7);
  EXPECT_FALSE(StandsOut(builder.tree(), Score(0.99, 0), 1, {}).has_value());
}

TEST(StandsOutTest, WhatDescendsFromANodeIsNoOther) {
  TreeBuilder builder(Direction::kMaximize);
  const NodeId node = builder.Draft(0.99);
  const NodeId child = builder.Improve(node, 0.99);
  const NodeId grandchild = builder.Improve(child, 0.99);
  const NodeId other = builder.Draft(0.7);
  for (int i = 0; i < 4; ++i) builder.Improve(other, 0.7);
  const Tree& tree = builder.tree();
  const std::set<NodeId> own = WithDescendants(tree, node);
  EXPECT_EQ(own, (std::set<NodeId>{node, child, grandchild}));
  EXPECT_TRUE(StandsOut(tree, Score(0.99, 0), 1, own).has_value());
  EXPECT_FALSE(StandsOut(tree, Score(0.99, 0), 1, {node}).has_value());
}

}  // namespace
}  // namespace treesmith
