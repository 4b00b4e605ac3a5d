#include "search/auto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "testing/tree_builder.h"

namespace treesmith {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Without chance: no crossover, no late drafts, no repair of improvements.
constexpr SearchParameters kPlain = {
    .num_drafts = 0, .debug_prob = 0, .crossover_prob = 0, .draft_prob = 0};

Proposal NextOf(Policy& policy, const Tree& tree, uint64_t seed = 1) {
  Rng rng(seed);
  std::optional<Proposal> proposal = policy.Next(tree, rng, Milliseconds(0));
  EXPECT_TRUE(proposal.has_value());
  return proposal.value_or(Proposal{});
}

// How often each node is improved, over many streams of chance.
std::map<NodeId, int> Choices(Policy& policy, const Tree& tree) {
  std::map<NodeId, int> counts;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    ++counts[NextOf(policy, tree, seed).parents.front()];
  }
  return counts;
}

TEST(AutoPolicyTest, DraftsAsManyAsTheCoderHasAndThoseThatTheUserGave) {
  TreeBuilder build;
  AutoPolicy policy(
      {.parameters = kPlain, .draft_count = 2, .given_drafts = 1});
  build.Draft(0.5, "start");
  build.Draft(0.6, "linear");
  EXPECT_EQ(NextOf(policy, build.tree()).op, Operator::kDraft);
  EXPECT_EQ(NextOf(policy, build.tree()).why,
            "every family once: draft 3 of 3");
  build.Draft(0.7, "trees");
  EXPECT_EQ(NextOf(policy, build.tree()).op, Operator::kImprove);
}

TEST(AutoPolicyTest, AStatedNumberOfDraftsComesFirst) {
  TreeBuilder build;
  build.Draft(0.5, "linear");
  SearchParameters one = kPlain;
  one.num_drafts = 1;
  AutoPolicy policy({.parameters = one, .draft_count = 9});
  EXPECT_EQ(NextOf(policy, build.tree()).op, Operator::kImprove);
}

TEST(AutoPolicyTest, AFailedDraftIsRepairedAtOnceUpToTheDepth) {
  TreeBuilder build;
  build.Draft(0.5, "linear");
  NodeId failure = build.BuggyDraft("trees");
  AutoPolicy policy({.parameters = kPlain, .draft_count = 2});
  for (int depth = 0; depth < 3; ++depth) {
    const Proposal proposal = NextOf(policy, build.tree());
    EXPECT_EQ(proposal.op, Operator::kDebug);
    EXPECT_THAT(proposal.parents, ElementsAre(failure));
    failure = build.BuggyDebug(failure);
  }
  EXPECT_EQ(NextOf(policy, build.tree()).op, Operator::kImprove);
}

TEST(AutoPolicyTest, AFailedImprovementIsRepairedByChanceOnly) {
  TreeBuilder build;
  const NodeId good = build.Draft(0.5, "linear");
  const NodeId bad = build.BuggyImprove(good);
  AutoPolicy never({.parameters = kPlain, .draft_count = 1});
  EXPECT_THAT(NextOf(never, build.tree()).parents, ElementsAre(good));
  SearchParameters always = kPlain;
  always.debug_prob = 1;
  AutoPolicy repairing({.parameters = always, .draft_count = 1});
  EXPECT_THAT(NextOf(repairing, build.tree()).parents, ElementsAre(bad));
}

TEST(AutoPolicyTest, ImprovesTheBestNodeOfAFamily) {
  TreeBuilder build;
  const NodeId draft = build.Draft(0.5, "linear");
  const NodeId better = build.Improve(draft, 0.4);
  build.Improve(better, 0.45);
  AutoPolicy policy({.parameters = kPlain, .draft_count = 1});
  EXPECT_THAT(NextOf(policy, build.tree()).parents, ElementsAre(better));
}

TEST(AutoPolicyTest, TheSecondBestHasATurnAfterSixTriesOfTheBest) {
  TreeBuilder build;
  const NodeId second = build.Draft(0.5, "linear");
  const NodeId best = build.Improve(second, 0.4);
  AutoPolicy policy({.parameters = kPlain, .draft_count = 1});
  int tries = 0;
  while (NextOf(policy, build.tree()).parents.front() == best) {
    ASSERT_LT(++tries, 20);
    build.BuggyImprove(best);
  }
  EXPECT_THAT(NextOf(policy, build.tree()).parents, ElementsAre(second));
  // The second best has one child, the best, already.
  EXPECT_EQ(tries, 8);
}

TEST(AutoPolicyTest, AFamilyThatPaysIsPreferredToOneThatDoesNot) {
  TreeBuilder build;
  NodeId paying = build.Draft(0.500, "trees");
  const NodeId idle = build.Draft(0.499, "linear");
  build.Draft(0.6, "knn");
  for (int i = 1; i <= 8; ++i) {
    paying = build.Improve(paying, 0.5 - 0.01 * i);
    build.BuggyImprove(idle);
  }
  AutoPolicy policy({.parameters = kPlain, .draft_count = 3});
  const auto counts = Choices(policy, build.tree());
  EXPECT_GT(counts.at(paying), 300);
}

TEST(AutoPolicyTest, AGainWithinItsNoiseCountsForLittle) {
  const auto paid_of = [](double standard_error) {
    TreeBuilder build;
    const NodeId draft = build.Draft(0.5, "linear");
    Node node = build.Scored(0.49, Operator::kImprove, {draft}, "linear");
    node.score->over_best->standard_error = standard_error;
    build.Add(node);
    const PolicySettings settings;
    Families families(settings);
    families.CatchUp(build.tree());
    return families.all().front().paid;
  };
  EXPECT_DOUBLE_EQ(paid_of(0), 1);
  EXPECT_DOUBLE_EQ(paid_of(0.01), 0.5);
  EXPECT_DOUBLE_EQ(paid_of(1), 0.1);
}

TEST(AutoPolicyTest, OfTwoAlikeTheCheaperIsPreferred) {
  TreeBuilder build;
  Node dear = build.Scored(0.5, Operator::kDraft, {}, "dear");
  dear.nominal_cost = 100;
  build.Add(dear);
  Node cheap = build.Scored(0.5, Operator::kDraft, {}, "cheap");
  cheap.nominal_cost = 1;
  const NodeId cheap_id = build.Add(cheap);
  AutoPolicy policy({.parameters = kPlain, .draft_count = 2});
  EXPECT_GT(Choices(policy, build.tree())[cheap_id], 300);
}

TEST(AutoPolicyTest, A20_EveryCloseFamilyHasAShareAndAFarOneHasNone) {
  TreeBuilder build;
  NodeId paying = build.Draft(0.500, "trees");
  const NodeId close = build.Draft(0.501, "linear");
  const NodeId far = build.Draft(9, "knn");
  for (int i = 1; i <= 8; ++i) {
    paying = build.Improve(paying, 0.5 - 1e-5 * i);
    if (i % 2 == 0) build.BuggyImprove(close);
  }
  AutoPolicy policy({.parameters = kPlain, .draft_count = 3});
  auto counts = Choices(policy, build.tree());
  EXPECT_GT(counts[close], 20);
  EXPECT_EQ(counts[far], 0);
}

TEST(AutoPolicyTest, WorkersAreSpreadOverFamilies) {
  TreeBuilder build;
  const NodeId a = build.Draft(0.50, "trees");
  const NodeId b = build.Draft(0.50, "linear");
  AutoPolicy policy({.parameters = kPlain, .draft_count = 2});
  std::map<NodeId, int> counts;
  for (uint64_t worker = 0; worker < 8; ++worker) {
    const Proposal proposal = NextOf(policy, build.tree(), worker);
    ++counts[proposal.parents.front()];
    build.Start(proposal.op, proposal.parents);
  }
  EXPECT_GE(counts[a], 3);
  EXPECT_GE(counts[b], 3);
}

TEST(AutoPolicyTest, ANodeThatOnlyGivesDuplicatesIsLeft) {
  TreeBuilder build;
  const NodeId second = build.Draft(0.5, "linear");
  const NodeId best = build.Improve(second, 0.4);
  AutoPolicy policy({.parameters = kPlain, .draft_count = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(NextOf(policy, build.tree()).parents, ElementsAre(best));
    build.Duplicate(best);
  }
  EXPECT_THAT(NextOf(policy, build.tree()).parents, ElementsAre(second));
}

TEST(AutoPolicyTest, CrossesTheBestOfTwoFamiliesOnce) {
  TreeBuilder build;
  const NodeId a = build.Draft(0.5, "linear");
  const NodeId b = build.Draft(0.4, "trees");
  SearchParameters crossing = kPlain;
  crossing.crossover_prob = 1;
  AutoPolicy policy({.parameters = crossing, .draft_count = 2});
  const Proposal proposal = NextOf(policy, build.tree());
  EXPECT_EQ(proposal.op, Operator::kCrossover);
  EXPECT_THAT(proposal.parents, ElementsAre(b, a));
  EXPECT_EQ(proposal.why,
            "cross node 1 (trees, 0.4), the best, with node 0 (linear, 0.5), "
            "the best of another family");
  build.Crossover(b, a, 0.45);
  EXPECT_EQ(NextOf(policy, build.tree()).op, Operator::kImprove);
}

TEST(AutoPolicyTest, WaitsForTheFirstDraftsRatherThanRepeatThem) {
  TreeBuilder build;
  build.Start(Operator::kDraft);
  AutoPolicy policy({.parameters = kPlain, .draft_count = 1});
  Rng rng(1);
  EXPECT_FALSE(policy.Next(build.tree(), rng, Milliseconds(0)).has_value());
}

TEST(AutoPolicyTest, AnImprovementSaysWhatItsFamilyHasPaid) {
  TreeBuilder build;
  const NodeId draft = build.Draft(0.5, "linear");
  build.Improve(draft, 0.4);
  AutoPolicy policy({.parameters = kPlain, .draft_count = 1});
  EXPECT_THAT(NextOf(policy, build.tree()).why,
              HasSubstr("improve node 1 (linear, 0.4): 1 of 1 try of linear "
                        "paid"));
}

}  // namespace
}  // namespace treesmith
