#include "operators/builtin/tuning.h"

#include <gtest/gtest.h>

#include "operators/builtin/model_family.h"
#include "testing/sample_facts.h"

namespace treesmith {
namespace {

void Add(Tree& tree, const Recipe& recipe, double score) {
  Node node;
  node.family = recipe.family;
  node.origin = EncodeRecipe(recipe);
  node.score.emplace().value = MetricValue(score, Direction::kMinimize);
  tree.Add(std::move(node));
}

TEST(TuningTest, KeepsKnobsInsideTheirRanges) {
  const ModelFamily& family = *FindFamily("lightgbm");
  const Recipe parent = family.draft(SampleTable());
  const Tree tree(Direction::kMinimize);
  Rng rng(3);
  for (int i = 0; i < 20; ++i) {
    const auto change = TuneRecipe(parent, tree.Nodes(), rng);
    ASSERT_TRUE(change);
    EXPECT_EQ(change->label, "tune.lightgbm");
    for (const KnobRange& range : family.knobs) {
      const double value = change->result.Knob(range.name, range.low);
      EXPECT_GE(value, range.low) << range.name;
      EXPECT_LE(value, range.high) << range.name;
    }
  }
}

TEST(TuningTest, ASlowerRateGetsMoreRounds) {
  const Recipe parent = FindFamily("lightgbm")->draft(SampleTable());
  const Tree tree(Direction::kMinimize);
  Rng rng(5);
  int moved = 0;
  for (int i = 0; i < 40; ++i) {
    const Recipe tuned = TuneRecipe(parent, tree.Nodes(), rng)->result;
    const double rate =
        tuned.Knob("learning_rate", 0) / parent.Knob("learning_rate", 0);
    const double rounds =
        tuned.Knob("n_estimators", 0) / parent.Knob("n_estimators", 0);
    moved += rate != 1 ? 1 : 0;
    EXPECT_NEAR(rate * rounds, 1, 0.05);
  }
  EXPECT_GT(moved, 0);
}

TEST(TuningTest, GoesWhereScoresWereBetter) {
  Recipe parent{.family = "sparse-linear", .objective = "logloss"};
  parent.knobs = {{"C", 0.3}};
  Tree tree(Direction::kMinimize);
  for (const double strength : {0.01, 0.03, 0.1, 0.3, 1.0, 3.0}) {
    Recipe recipe = parent;
    recipe.knobs["C"] = strength;
    Add(tree, recipe, 10 - strength);
  }
  Rng rng(1);
  EXPECT_GT(TuneRecipe(parent, tree.Nodes(), rng)->result.Knob("C", 0), 0.3);
}

TEST(TuningTest, AFamilyWithoutKnobsIsNotTuned) {
  const Tree tree(Direction::kMinimize);
  Rng rng(1);
  EXPECT_FALSE(TuneRecipe({.family = "gaussian-process"}, tree.Nodes(), rng));
}

}  // namespace
}  // namespace treesmith
