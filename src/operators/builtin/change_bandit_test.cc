#include "operators/builtin/change_bandit.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "testing/tree_builder.h"

namespace treesmith {
namespace {

NodeId Try(TreeBuilder& tree, NodeId parent, const std::string& change,
           PairedGain own, std::optional<PairedGain> ensemble = {}) {
  Node node = tree.Scored(1, Operator::kImprove, {parent}, "linear");
  node.change = change;
  node.score->over_parent = own;
  node.score->over_ensemble = ensemble;
  return tree.Add(std::move(node));
}

TEST(ReadArmsTest, GainsAreInErrorsAndLimited) {
  TreeBuilder tree;
  const NodeId draft = tree.Draft(1, "linear");
  Try(tree, draft, "a", {1, 0.5});
  Try(tree, draft, "a", {9, 0.5});
  const auto arms = ReadArms(tree.tree().Nodes());
  EXPECT_EQ(arms.at("a").tries, 2);
  EXPECT_DOUBLE_EQ(arms.at("a").sum, 2 + 4);
}

TEST(ReadArmsTest, WhatTheEnsembleGainsWeighsMoreThanTheNodesOwnGain) {
  TreeBuilder tree;
  const NodeId draft = tree.Draft(1, "linear");
  Try(tree, draft, "worse, but other errors", {-1, 1}, PairedGain{2, 1});
  Try(tree, draft, "better, but a near copy", {2, 1}, PairedGain{-1, 1});
  const auto arms = ReadArms(tree.tree().Nodes());
  EXPECT_DOUBLE_EQ(arms.at("worse, but other errors").sum, 1);
  EXPECT_DOUBLE_EQ(arms.at("better, but a near copy").sum, 0);
}

TEST(ReadArmsTest, AFailureIsALossAndADuplicateIsNothing) {
  TreeBuilder tree;
  const NodeId draft = tree.Draft(1, "linear");
  Node failed = tree.tree().at(tree.BuggyImprove(draft));
  failed.change = "b";
  tree.Add(std::move(failed));
  Node again = tree.tree().at(tree.Duplicate(draft));
  again.change = "c";
  tree.Add(std::move(again));
  const auto arms = ReadArms(tree.tree().Nodes());
  EXPECT_LT(arms.at("b").sum, 0);
  EXPECT_FALSE(arms.contains("c"));
}

TEST(ReadArmsTest, AChangeThatChangesNoPredictionIsALoss) {
  TreeBuilder tree;
  const NodeId draft = tree.Draft(1, "linear");
  Try(tree, draft, "idle", {0, 0}, PairedGain{0.5, 1});
  Try(tree, draft, "as good", {0, 1});
  const auto arms = ReadArms(tree.tree().Nodes());
  EXPECT_LT(arms.at("idle").sum, -1);
  EXPECT_DOUBLE_EQ(arms.at("as good").sum, 0);
}

TEST(OrderChangesTest, WhatPaidComesFirstAndWhatIsInFlightLast) {
  const auto change = [](const std::string& label) {
    RecipeChange one;
    one.label = label;
    return one;
  };
  const std::map<std::string, ArmRecord> arms = {{"good", {1000, 3000}},
                                                 {"bad", {1000, -3000}}};
  Rng rng(1);
  const auto order = OrderChanges(
      {change("bad"), change("busy"), change("good")}, arms, {"busy"}, rng);
  EXPECT_EQ(order[0].label, "good");
  EXPECT_EQ(order[1].label, "bad");
  EXPECT_EQ(order[2].label, "busy");
}

}  // namespace
}  // namespace treesmith
