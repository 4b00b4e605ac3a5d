#include "operators/llm/memory_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operators/review.h"
#include "testing/tree_builder.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A node as a run leaves it: with a plan, a label and the rules' finding.
NodeId AddTold(TreeBuilder& tree, Node node, const std::string& plan) {
  node.plan = plan;
  node.change = "step";
  node.finding =
      node.score ? ReviewScore(*node.score) : ReviewFailure(node.outcome);
  return tree.Add(std::move(node));
}
NodeId AddScored(TreeBuilder& tree, double value, std::vector<NodeId> parents,
                 const std::string& plan) {
  const Operator op = parents.empty() ? Operator::kDraft : Operator::kImprove;
  Node node = tree.Scored(value, op, std::move(parents), "linear");
  if (node.score->over_parent) node.score->over_parent->standard_error = 0.001;
  return AddTold(tree, std::move(node), plan);
}
NodeId AddFailed(TreeBuilder& tree, std::vector<NodeId> parents,
                 const std::string& plan, Operator op = Operator::kImprove) {
  Node node;
  node.op = parents.empty() ? Operator::kDraft : op;
  node.parents = std::move(parents);
  node.outcome = {OutcomeKind::kCrash, "KeyError: 'hour'"};
  return AddTold(tree, std::move(node), plan);
}

std::string Text(const TreeBuilder& tree, const MemoryQuery& query) {
  return MemoryText(tree.tree().Nodes(), query);
}

TEST(MemoryTextTest, SiblingsAreToldWithChangeNoiseAndFailures) {
  TreeBuilder tree;
  const NodeId draft = AddScored(tree, 0.5, {}, "Ridge.");
  AddScored(tree, 0.4, {draft}, "Add hours.\nAs numbers.");
  AddFailed(tree, {draft}, "Add hours as names.");
  AddScored(tree, 0.6, {}, "Something else.");
  EXPECT_EQ(
      Text(tree, {.scope = MemoryScope::kSiblings,
                  .op = Operator::kImprove,
                  .parents = {draft}}),
      "- node 1 (improve of node 0, linear, step; 0.4): Add hours. As numbers. "
      "-> better than its parent by 0.1 (error 0.001)\n"
      "- node 2 (improve of node 0, step): Add hours as names. -> failed: "
      "crashed: KeyError: 'hour'");
}

// A19, D19: failures were hidden from memory, so they were made again.
TEST(MemoryTextTest, A19_D19_DigestTellsOfFailuresByBranch) {
  TreeBuilder tree;
  const NodeId weak = AddScored(tree, 0.7, {}, "Plain mean.");
  const NodeId strong = AddScored(tree, 0.5, {}, "Ridge.");
  AddScored(tree, 0.45, {strong}, "Ridge with hours.");
  AddFailed(tree, {strong}, "Ridge with names.");
  const std::string text =
      Text(tree, {.op = Operator::kCrossover, .parents = {weak}});
  EXPECT_THAT(text, HasSubstr("Branch of node 1 (linear), 3 nodes, 1 failed, "
                              "best 0.45:\n- node 2 "));
  EXPECT_THAT(text,
              HasSubstr("Ridge with names. -> failed: crashed: KeyError"));
  EXPECT_LT(text.find("Branch of node 1"), text.find("node 1 (draft"));
}

// A19: repairs got no history of earlier ones and went in circles.
TEST(MemoryTextTest, A19_RepairsSeeTheChainOfRepairsOldestFirst) {
  TreeBuilder tree;
  const NodeId draft = AddFailed(tree, {}, "Read the data.");
  const NodeId first = AddFailed(tree, {draft}, "Cast it.", Operator::kDebug);
  const NodeId second = AddFailed(tree, {first}, "Drop it.", Operator::kDebug);
  const std::string text = Text(tree, {.scope = MemoryScope::kAncestors,
                                       .op = Operator::kDebug,
                                       .parents = {second}});
  EXPECT_LT(text.find("Read the data."), text.find("Cast it."));
  EXPECT_THAT(text, Not(HasSubstr("Drop it.")));
}

TEST(MemoryTextTest, NothingToTellIsAnEmptyText) {
  const TreeBuilder tree;
  EXPECT_EQ(Text(tree, {}), "");
  EXPECT_EQ(Text(tree, {.scope = MemoryScope::kNone}), "");
}

// A18, D19: the memory of a long run filled the model's context.
TEST(MemoryTextTest, A18_D19_TheBoundHoldsForEveryScopeInALargeTree) {
  TreeBuilder tree;
  const std::string plan = std::string(3'000, 'p') + ". ";
  NodeId parent = AddScored(tree, 1.0, {}, plan);
  for (int i = 0; i < 3'000; ++i) {
    AddScored(tree, 1.0 / (2 + i), {parent}, plan);
    AddFailed(tree, {parent}, "Short.");
    if (i % 100 == 0) parent = AddScored(tree, 0.9, {}, "Short.");
  }
  for (const MemoryScope scope :
       {MemoryScope::kAllGood, MemoryScope::kSiblings, MemoryScope::kAncestors,
        MemoryScope::kDigest}) {
    for (const int64_t tokens : {0, 100, 1'000, 4'000}) {
      const std::string text = Text(tree, {.scope = scope,
                                           .op = Operator::kImprove,
                                           .parents = {parent},
                                           .max_nodes = 1'000,
                                           .max_tokens = tokens});
      EXPECT_LE(static_cast<int64_t>(text.size()), tokens * kBytesPerToken)
          << MemoryScopeName(scope);
    }
  }
}

}  // namespace
}  // namespace treesmith
