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

Node ScoredNode(const Recipe& recipe, std::chrono::seconds wall) {
  Node node;
  node.family = recipe.family;
  node.origin = EncodeRecipe(recipe);
  node.seconds = wall;
  node.predictions = {{}};
  node.score.emplace().value = MetricValue(1, Direction::kMinimize);
  return node;
}

TEST(CostLimitTest, EveryDraftFitsIntoALimitThatIsShort) {
  const Tree tree(Direction::kMinimize);
  const TaskFacts facts = LargeTable();
  const CostLimit limit(facts, tree.Nodes(), {.timeout = milliseconds(30'000)});
  for (const ModelFamily& family : AllFamilies()) {
    if (!family.fits(facts)) continue;
    const Recipe recipe = limit.Fit(family.draft(facts));
    EXPECT_FALSE(limit.Exceeds(recipe)) << family.name;
  }
}

TEST(CostLimitTest, WhatFitsStaysAsItIs) {
  const Tree tree(Direction::kMinimize);
  const TaskFacts facts = SampleTable();
  const CostLimit limit(facts, tree.Nodes(),
                        {.timeout = milliseconds(600'000)});
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  EXPECT_EQ(limit.Fit(recipe), recipe);
}

TEST(CostLimitTest, ASampleOfRowsHasNoPast) {
  const Tree tree(Direction::kMinimize);
  TaskFacts facts = SamplePanel();
  facts.rows = 4'000'000;
  Recipe recipe = FindFamily("lightgbm")->draft(facts);
  recipe.blocks.insert("feature.lags");
  const auto fit = [&](milliseconds timeout) {
    return CostLimit(facts, tree.Nodes(), {.timeout = timeout}).Fit(recipe);
  };
  EXPECT_GT(fit(milliseconds(30'000)).max_rows, 0);
  EXPECT_FALSE(fit(milliseconds(30'000)).Has("feature.lags"));
  EXPECT_EQ(fit(milliseconds(100'000'000)), recipe);
}

// What the search samples need not be left out once more by the script.
TEST(CostLimitTest, OnASampleOfTheRowsScriptsTakeLess) {
  const Tree tree(Direction::kMinimize);
  const TaskFacts facts = LargeTable();
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  const auto limit = [&](double share) {
    return CostLimit(facts, tree.Nodes(),
                     {.timeout = milliseconds(30'000), .train_share = share});
  };
  EXPECT_NE(limit(1).Fit(recipe), recipe);
  EXPECT_EQ(limit(0.05).Fit(recipe), recipe);
}

TEST(CostLimitTest, LearnsHowSlowThisMachineIsUnlessStepsAreCounted) {
  TaskFacts facts = SampleTable();
  facts.rows = 40'000;
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  Tree tree(Direction::kMinimize);
  tree.Add(
      ScoredNode(FindFamily("linear")->draft(facts), std::chrono::seconds(2)));
  tree.Add(ScoredNode(recipe, std::chrono::seconds(60)));
  const milliseconds timeout(30'000);
  EXPECT_FALSE(
      CostLimit(facts, tree.Nodes(), {.timeout = timeout}).Exceeds(recipe));
  EXPECT_TRUE(
      CostLimit(facts, tree.Nodes(), {.timeout = timeout, .learn = true})
          .Exceeds(recipe));
}

// One slow family is no reason to cut down all others as much.
TEST(CostLimitTest, LearnsThePaceOfEachFamily) {
  const TaskFacts facts = LargeTable();
  const Recipe slow = FindFamily("extra-trees")->draft(facts);
  const Recipe quick = FindFamily("xgboost")->draft(facts);
  Tree tree(Direction::kMinimize);
  tree.Add(ScoredNode(quick, std::chrono::seconds(4)));
  tree.Add(ScoredNode(slow, std::chrono::seconds(400)));
  const CostLimit limit(facts, tree.Nodes(),
                        {.timeout = milliseconds(60'000), .learn = true});
  EXPECT_EQ(limit.Fit(quick), quick);
  EXPECT_NE(limit.Fit(slow), slow);
}

// Six seconds to start are no reason to cut down what comes after.
TEST(CostLimitTest, StartingUpIsNotHeldAgainstAScript) {
  TaskFacts facts = SampleTable();
  facts.rows = 10'000;
  Tree tree(Direction::kMinimize);
  for (const char* family : {"linear", "xgboost", "lightgbm"}) {
    tree.Add(
        ScoredNode(FindFamily(family)->draft(facts), std::chrono::seconds(6)));
  }
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  EXPECT_EQ(CostLimit(facts, tree.Nodes(),
                      {.timeout = milliseconds(20'000), .learn = true})
                .Fit(recipe),
            recipe);
}

TEST(CostLimitTest, ATimeoutTellsThatTheFamilyIsSlow) {
  const TaskFacts facts = LargeTable();
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  Tree tree(Direction::kMinimize);
  Node node = ScoredNode(recipe, std::chrono::seconds(30));
  node.predictions.clear();
  node.score.reset();
  node.outcome = {OutcomeKind::kTimeout, "over the time limit"};
  tree.Add(
      ScoredNode(FindFamily("linear")->draft(facts), std::chrono::seconds(2)));
  tree.Add(std::move(node));
  const milliseconds timeout(30'000);
  const CostLimit before(facts, tree.Nodes(), {.timeout = timeout});
  const CostLimit after(facts, tree.Nodes(),
                        {.timeout = timeout, .learn = true});
  EXPECT_GT(NominalCost(before.Fit(recipe), facts),
            1.3 * NominalCost(after.Fit(recipe), facts));
}

TEST(CostLimitTest, RoundsStayWhereReadingTakesTheTime) {
  TaskFacts facts = SampleTexts();
  facts.rows = 160'000;
  facts.columns.front().words = 60;
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  const Recipe fitted =
      CostLimit(facts, {}, {.timeout = std::chrono::seconds(60)}).Fit(recipe);
  EXPECT_EQ(fitted.Knob("n_estimators", 0), recipe.Knob("n_estimators", 1));
  EXPECT_GT(fitted.max_rows, 0);
}

TEST(NominalCostTest, ALinearModelPaysForAColumnOfEachName) {
  TaskFacts facts = SampleTable();
  const Recipe recipe = FindFamily("linear")->draft(facts);
  const double few = NominalCost(recipe, facts);
  for (FactColumn& column : facts.columns) {
    if (column.name == "town") column.distinct = 250;
  }
  EXPECT_GT(NominalCost(recipe, facts), 1.5 * few);
}

TEST(NominalCostTest, WordsAreReadOnceForAllSeeds) {
  TaskFacts facts = SampleTexts();
  facts.rows = 1'000'000;
  Recipe recipe = FindFamily("lightgbm")->draft(facts);
  recipe.blocks.clear();
  const double bare = NominalCost(recipe, facts);
  recipe.blocks = {"feature.text-scores"};
  const double read = NominalCost(recipe, facts);
  EXPECT_GT(read, 2 * bare);
  recipe.seeds = 2;
  EXPECT_LT(NominalCost(recipe, facts), 2 * read);
  recipe.seeds = 1;
  facts.target.emplace_back("another");
  EXPECT_EQ(NominalCost(recipe, facts), 2 * read);
}

TEST(NominalCostTest, EachPartOfTheTargetIsAFit) {
  const TaskFacts facts = SampleDates();
  Recipe recipe = FindFamily("lightgbm")->draft(facts);
  ASSERT_EQ(recipe.Choice("target", ""), "parts");
  const double parts = NominalCost(recipe, facts);
  recipe.choices.erase("target");
  EXPECT_EQ(parts, 2 * NominalCost(recipe, facts));
}

}  // namespace
}  // namespace treesmith
