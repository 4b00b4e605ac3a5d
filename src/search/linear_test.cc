#include "search/linear.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "search/best_of_n.h"
#include "testing/tree_builder.h"

namespace treesmith {
namespace {

using ::testing::ElementsAre;

std::optional<Proposal> NextOf(Policy& policy, const Tree& tree) {
  Rng rng(1);
  return policy.Next(tree, rng, Milliseconds(0));
}

TEST(LinearPolicyTest, ImprovesTheLastAlsoWhereAnEarlierIsBetter) {
  TreeBuilder build;
  const NodeId first = build.Draft(0.1);
  const NodeId last = build.Improve(first, 0.9);
  LinearPolicy policy({});
  EXPECT_THAT(NextOf(policy, build.tree())->parents, ElementsAre(last));
}

TEST(LinearPolicyTest, RepairsTheLastThenGoesBackToTheLastGoodOne) {
  TreeBuilder build;
  const NodeId good = build.Draft(0.5);
  NodeId failure = build.BuggyImprove(good);
  LinearPolicy policy({.parameters = {.max_debug_depth = 2}});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(NextOf(policy, build.tree())->op, Operator::kDebug);
    failure = build.BuggyDebug(failure);
  }
  EXPECT_EQ(NextOf(policy, build.tree())->op, Operator::kImprove);
  EXPECT_THAT(NextOf(policy, build.tree())->parents, ElementsAre(good));
}

TEST(LinearPolicyTest, WaitsForWhatIsInFlight) {
  TreeBuilder build;
  LinearPolicy policy({});
  build.Start(Operator::kDraft);
  EXPECT_FALSE(NextOf(policy, build.tree()).has_value());
  build.tree().EndProposal({});
  const NodeId only = build.Draft(0.5);
  build.Start(Operator::kImprove, {only});
  EXPECT_FALSE(NextOf(policy, build.tree()).has_value());
}

TEST(BestOfNPolicyTest, DraftsWhateverThereIs) {
  TreeBuilder build;
  build.Draft(0.5);
  build.BuggyDraft();
  BestOfNPolicy policy({.parameters = {.debug_prob = 0}});
  EXPECT_EQ(NextOf(policy, build.tree())->op, Operator::kDraft);
}

TEST(BestOfNPolicyTest, RepairsWhenItIsToldTo) {
  TreeBuilder build;
  const NodeId bad = build.BuggyDraft();
  BestOfNPolicy policy({.parameters = {.debug_prob = 1}});
  EXPECT_THAT(NextOf(policy, build.tree())->parents, ElementsAre(bad));
}

}  // namespace
}  // namespace treesmith
