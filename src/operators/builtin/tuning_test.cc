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
    const auto change = TuneRecipe(SampleTable(), parent, tree.Nodes(), rng);
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
    const Recipe tuned =
        TuneRecipe(SampleTable(), parent, tree.Nodes(), rng)->result;
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
  EXPECT_GT(
      TuneRecipe(SampleTable(), parent, tree.Nodes(), rng)->result.Knob("C", 0),
      0.3);
}

// Steps of the draft's knobs that have a knob of this name.
int Naming(const Recipe& parent, const std::string& knob) {
  const Tree tree(Direction::kMinimize);
  Rng rng(2);
  int count = 0;
  for (int i = 0; i < 100; ++i) {
    const auto change = TuneRecipe(SampleTable(), parent, tree.Nodes(), rng);
    const Recipe& tuned = change->result;
    count += tuned.knobs.contains(knob) ? 1 : 0;
    if (knob == "reg_alpha") {
      EXPECT_NE(tuned.Knob(knob, 1), 0);
    } else {
      EXPECT_NE(tuned.Knob(knob, 0), 1) << knob;
    }
  }
  return count;
}

TEST(TuningTest, AtTimesNamesAKnobThatWasLeftToTheLibrary) {
  const TaskFacts facts = SampleTable();
  for (const auto& [family, knob] :
       {std::pair("lightgbm", "reg_alpha"), std::pair("xgboost", "reg_alpha"),
        std::pair("catboost", "rsm"),
        std::pair("catboost", "random_strength")}) {
    const int count = Naming(FindFamily(family)->draft(facts), knob);
    EXPECT_GE(count, 3) << family << " " << knob;
    EXPECT_LE(count, 40) << family << " " << knob;
  }
}

// Models of classes know no such penalty.
TEST(TuningTest, AKnobThatWouldHaveNoEffectIsNotNamed) {
  const TaskFacts facts = SampleClasses(2, AnswerKind::kProbability);
  EXPECT_EQ(Naming(FindFamily("linear")->draft(facts), "alpha"), 0);
}

TEST(TuningTest, AResultThatLacksAKnobCountsAtWhatTheLibraryTakes) {
  Recipe parent{.family = "catboost", .objective = "squared"};
  Tree tree(Direction::kMinimize);
  Add(tree, parent, 1);
  for (const double share : {0.3, 0.6}) {
    parent.knobs = {{"rsm", share}};
    Add(tree, parent, 0);
  }
  parent.knobs = {{"rsm", 0.6}};
  // Between what was good and what was not tried, far from what was bad.
  Rng rng(1);
  for (int i = 0; i < 20; ++i) {
    const auto change = TuneRecipe(SampleTable(), parent, tree.Nodes(), rng);
    EXPECT_GT(change->result.Knob("rsm", 1), 0.35);
    EXPECT_LT(change->result.Knob("rsm", 1), 0.6);
  }
}

TEST(TuningTest, PromisesLessOnFewRows) {
  TaskFacts facts = SampleTable();
  const Recipe parent = FindFamily("lightgbm")->draft(facts);
  const Tree tree(Direction::kMinimize);
  const auto promise = [&] {
    Rng rng(1);
    return TuneRecipe(facts, parent, tree.Nodes(), rng)->prior.gain;
  };
  const double on_few = promise();
  facts.rows = 50'000;
  EXPECT_LT(on_few, promise() / 2);
}

TEST(TuningTest, AFamilyWithoutKnobsIsNotTuned) {
  const Tree tree(Direction::kMinimize);
  Rng rng(1);
  EXPECT_FALSE(TuneRecipe(SampleTable(), {.family = "gaussian-process"},
                          tree.Nodes(), rng));
}

}  // namespace
}  // namespace treesmith
