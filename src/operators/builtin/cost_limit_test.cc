#include "operators/builtin/cost_limit.h"

#include <gtest/gtest.h>

#include "operators/builtin/model_family.h"
#include "operators/builtin/render.h"
#include "testing/sample_facts.h"

namespace treesmith {
namespace {

using std::chrono::milliseconds;

TaskFacts LargeTable() {
  TaskFacts facts = SampleTable();
  facts.rows = 400'000;
  return facts;
}

TEST(CostLimitTest, EveryDraftFitsIntoALimitThatIsShort) {
  const Tree tree(Direction::kMinimize);
  const CostLimit limit(tree.Nodes(), milliseconds(30'000), false);
  const TaskFacts facts = LargeTable();
  for (const ModelFamily& family : AllFamilies()) {
    if (!family.fits(facts)) continue;
    const Recipe recipe = limit.Fit(facts, family.draft(facts));
    EXPECT_FALSE(limit.Exceeds(facts, recipe)) << family.name;
  }
}

TEST(CostLimitTest, WhatFitsStaysAsItIs) {
  const Tree tree(Direction::kMinimize);
  const CostLimit limit(tree.Nodes(), milliseconds(600'000), false);
  const TaskFacts facts = SampleTable();
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  EXPECT_EQ(limit.Fit(facts, recipe), recipe);
}

TEST(CostLimitTest, LearnsHowSlowThisMachineIsUnlessStepsAreCounted) {
  Tree tree(Direction::kMinimize);
  Node node;
  node.nominal_cost = 100;
  node.seconds = std::chrono::seconds(500);
  node.score.emplace().value = MetricValue(1, Direction::kMinimize);
  node.score->unit_values = {1};
  tree.Add(std::move(node));
  TaskFacts facts = SampleTable();
  facts.rows = 40'000;
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  const milliseconds timeout(30'000);
  EXPECT_FALSE(CostLimit(tree.Nodes(), timeout, false).Exceeds(facts, recipe));
  EXPECT_TRUE(CostLimit(tree.Nodes(), timeout, true).Exceeds(facts, recipe));
}

TEST(CostLimitTest, ATimeoutTellsThatTheMachineIsSlow) {
  Tree tree(Direction::kMinimize);
  Node node;
  node.nominal_cost = 100;
  node.seconds = std::chrono::seconds(30);
  node.outcome = {OutcomeKind::kTimeout, "over the time limit"};
  tree.Add(std::move(node));
  const TaskFacts facts = LargeTable();
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  const milliseconds timeout(30'000);
  const CostLimit before(tree.Nodes(), timeout, false);
  const CostLimit after(tree.Nodes(), timeout, true);
  EXPECT_GT(NominalCost(before.Fit(facts, recipe), facts),
            2 * NominalCost(after.Fit(facts, recipe), facts));
}

}  // namespace
}  // namespace treesmith
