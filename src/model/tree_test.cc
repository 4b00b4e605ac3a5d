#include "model/tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treesmith {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Node Scored(double value, std::vector<NodeId> parents = {},
            Operator op = Operator::kDraft) {
  Node node;
  node.op = parents.empty() ? Operator::kDraft : op;
  node.parents = std::move(parents);
  node.score = NodeScore{};
  node.score->value = MetricValue(value, Direction::kMinimize);
  return node;
}

Node Buggy(std::vector<NodeId> parents = {}, Operator op = Operator::kDebug) {
  Node node;
  node.op = parents.empty() ? Operator::kDraft : op;
  node.parents = std::move(parents);
  node.outcome = {OutcomeKind::kCrash, "ValueError"};
  return node;
}

TEST(TreeTest, BestIsTheBestCompleteNodeAndTiesKeepTheEarliest) {
  Tree tree(Direction::kMinimize);
  tree.Add(Buggy());
  EXPECT_FALSE(tree.best().has_value());
  const NodeId first = tree.Add(Scored(1));
  tree.Add(Scored(1));
  Node partial = Scored(0.5);
  partial.score->partial = true;
  tree.Add(partial);
  EXPECT_EQ(tree.best(), first);
}

TEST(TreeTest, A13_ANodeWithoutAFiniteValueNeverDisplacesABest) {
  Tree tree(Direction::kMinimize);
  tree.Add(Scored(std::nan("")));
  const NodeId real = tree.Add(Scored(5));
  tree.Add(Scored(std::nan("")));
  EXPECT_EQ(tree.best(), real);
}

TEST(TreeTest, LeadersAreTheTenBestInOrder) {
  Tree tree(Direction::kMinimize);
  for (int i = 0; i < 15; ++i) tree.Add(Scored(i % 2 == 0 ? i : 100 - i));
  ASSERT_EQ(tree.leaders().size(), 10u);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(tree.leaders()[i].value, static_cast<int64_t>(2 * i));
  }
  EXPECT_EQ(tree.leaders()[8].value, 13);
  EXPECT_EQ(tree.leaders()[9].value, 11);
}

TEST(TreeTest, EveryFamilyKnowsItsBest) {
  Tree tree(Direction::kMinimize);
  for (const auto& [family, value] :
       std::vector<std::pair<std::string, double>>{
           {"linear", 3}, {"trees", 2}, {"linear", 1}, {"trees", 4}}) {
    Node node = Scored(value);
    node.family = family;
    tree.Add(node);
  }
  EXPECT_EQ(tree.best_by_family().at("linear"), NodeId{2});
  EXPECT_EQ(tree.best_by_family().at("trees"), NodeId{1});
}

TEST(TreeTest, A30_DebugDepthCountsRepairsOnly) {
  Tree tree(Direction::kMinimize);
  const NodeId draft = tree.Add(Buggy());
  const NodeId repair = tree.Add(Buggy({draft}));
  const NodeId second = tree.Add(Scored(1, {repair}, Operator::kDebug));
  const NodeId better = tree.Add(Scored(1, {second}, Operator::kImprove));
  EXPECT_EQ(tree.debug_depth(draft), 0);
  EXPECT_EQ(tree.debug_depth(repair), 1);
  EXPECT_EQ(tree.debug_depth(second), 2);
  EXPECT_EQ(tree.debug_depth(better), 0);
}

TEST(TreeTest, ABuggyNodeIsALeafUntilSomebodyRepairsIt) {
  Tree tree(Direction::kMinimize);
  const NodeId first = tree.Add(Buggy());
  const NodeId second = tree.Add(Buggy());
  EXPECT_THAT(tree.buggy_leaves(), ElementsAre(first, second));
  tree.Add(Buggy({first}));
  EXPECT_THAT(tree.buggy_leaves(), ElementsAre(second, NodeId{2}));
}

TEST(TreeTest, ARepairInFlightHidesItsNodeUntilItEnds) {
  Tree tree(Direction::kMinimize);
  const NodeId node = tree.Add(Buggy());
  const Proposal repair{Operator::kDebug, {node}, ""};
  tree.StartProposal(repair);
  EXPECT_THAT(tree.buggy_leaves(), IsEmpty());
  EXPECT_EQ(tree.in_flight(node), 1);
  tree.EndProposal(repair);
  EXPECT_THAT(tree.buggy_leaves(), ElementsAre(node));
}

TEST(TreeTest, DuplicatesAreNotRepaired) {
  Tree tree(Direction::kMinimize);
  Node node = Buggy();
  node.outcome.kind = OutcomeKind::kDuplicate;
  tree.Add(node);
  EXPECT_THAT(tree.buggy_leaves(), IsEmpty());
}

TEST(TreeTest, AChainOfTenThousandImprovementsIsNoDeeperForTheStack) {
  Tree tree(Direction::kMinimize);
  NodeId last = tree.Add(Scored(1e6));
  for (int i = 1; i < 10000; ++i) {
    last = tree.Add(Scored(1e6 - i, {last}, Operator::kImprove));
  }
  EXPECT_EQ(tree.best(), last);
  EXPECT_EQ(tree.debug_depth(last), 0);
}

}  // namespace
}  // namespace treesmith
