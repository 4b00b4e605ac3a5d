#include "search/budget.h"

#include <gtest/gtest.h>

#include "testing/tree_builder.h"

namespace treesmith {
namespace {

using std::chrono::milliseconds;

std::string Why(const StopLimits& limits, const Progress& progress) {
  return Budget(limits).Why(progress).value_or("go on");
}

TEST(BudgetTest, WithoutBoundsItGoesOn) {
  TreeBuilder build;
  build.Draft(0.5);
  EXPECT_EQ(Why({}, {build.tree(), 1'000'000, milliseconds(1'000'000'000)}),
            "go on");
}

TEST(BudgetTest, StepsCountWhatWasProposed) {
  const Tree tree(Direction::kMinimize);
  EXPECT_EQ(Why({.steps = 3}, {tree, 2}), "go on");
  EXPECT_EQ(Why({.steps = 3}, {tree, 3}), "steps");
}

TEST(BudgetTest, TheReserveForTheEndIsKeptFree) {
  const Tree tree(Direction::kMinimize);
  const StopLimits limits{.time = milliseconds(1000)};
  EXPECT_EQ(Why(limits, {tree, 0, milliseconds(799), milliseconds(200)}),
            "go on");
  EXPECT_EQ(Why(limits, {tree, 0, milliseconds(800), milliseconds(200)}),
            "time");
}

TEST(BudgetTest, TheTargetIsReachedInTheMetricsDirection) {
  for (const Direction direction :
       {Direction::kMinimize, Direction::kMaximize}) {
    const bool less = direction == Direction::kMinimize;
    TreeBuilder build(direction);
    EXPECT_EQ(Why({.target_score = 0.5}, {build.tree()}), "go on");
    build.Draft(less ? 0.51 : 0.49);
    EXPECT_EQ(Why({.target_score = 0.5}, {build.tree()}), "go on");
    build.Draft(0.5);
    EXPECT_EQ(Why({.target_score = 0.5}, {build.tree()}), "target reached");
  }
}

TEST(BudgetTest, A13_NanReachesNoTarget) {
  TreeBuilder build;
  build.Draft(std::nan(""));
  EXPECT_EQ(Why({.target_score = 0.5}, {build.tree()}), "go on");
}

TEST(BudgetTest, PatienceCountsNodesSinceTheBest) {
  TreeBuilder build;
  const NodeId best = build.Draft(0.5);
  build.Improve(best, 0.6);
  build.BuggyImprove(best);
  EXPECT_EQ(Why({.patience = 3}, {build.tree()}), "go on");
  EXPECT_EQ(Why({.patience = 2}, {build.tree()}), "no gain in 2 steps");
  build.Improve(best, 0.4);
  EXPECT_EQ(Why({.patience = 2}, {build.tree()}), "go on");
}

TEST(BudgetTest, PatienceWaitsForAFirstSolution) {
  TreeBuilder build;
  for (int i = 0; i < 10; ++i) build.BuggyDraft();
  EXPECT_EQ(Why({.patience = 2}, {build.tree()}), "go on");
}

TEST(BudgetTest, FortyDuplicatesInARowAreTheEnd) {
  TreeBuilder build;
  const NodeId draft = build.Draft(0.5);
  for (int i = 0; i < 39; ++i) build.Duplicate(draft);
  EXPECT_EQ(Why({}, {build.tree()}), "go on");
  build.Duplicate(draft);
  EXPECT_EQ(Why({}, {build.tree()}), "nothing new to try");
}

TEST(BudgetTest, OfSeveralReasonsTheGladdestIsSaid) {
  TreeBuilder build;
  build.Draft(0.1);
  EXPECT_EQ(Why({.steps = 1, .target_score = 0.5}, {build.tree(), 1}),
            "target reached");
}

}  // namespace
}  // namespace treesmith
