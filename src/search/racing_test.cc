#include "search/racing.h"

#include <gtest/gtest.h>

#include <cmath>

namespace treesmith {
namespace {

RaceState Hopeless() {
  return {.gain = {-1.0, 0.1},
          .folds_done = 1,
          .folds = 5,
          .usual_spread = 0.2,
          .complete_nodes = 10};
}

TEST(RacingTest, StopsAHopelessNodeAfterOneFold) {
  EXPECT_TRUE(JudgeRace(Hopeless()).stop);
}

TEST(RacingTest, NobodyRacesBeforeTenNodesAreComplete) {
  RaceState state = Hopeless();
  state.complete_nodes = 9;
  EXPECT_FALSE(JudgeRace(state).stop);
}

TEST(RacingTest, OneFoldIsNotEnoughWhereFoldsUsuallyDifferAsMuch) {
  RaceState state = Hopeless();
  state.usual_spread = 0.6;
  EXPECT_FALSE(JudgeRace(state).stop);
}

TEST(RacingTest, TheBestOfAFamilyIsAlwaysCompleted) {
  RaceState state = Hopeless();
  state.best_of_family = true;
  EXPECT_FALSE(JudgeRace(state).stop);
}

TEST(RacingTest, AFinishedNodeIsNotStopped) {
  RaceState state = Hopeless();
  state.folds_done = 5;
  EXPECT_FALSE(JudgeRace(state).stop);
}

TEST(RacingTest, FromTheSecondFoldFivePercentAreEnough) {
  // Two errors behind: a chance of 2.3 %.
  RaceState state = {.gain = {-0.2, 0.1},
                     .folds_done = 2,
                     .folds = 5,
                     .usual_spread = 0,
                     .complete_nodes = 10};
  EXPECT_TRUE(JudgeRace(state).stop);
  state.folds_done = 1;
  EXPECT_FALSE(JudgeRace(state).stop);
}

TEST(RacingTest, ChanceReflectsFoldsNotYetSeen) {
  RaceState state = {.gain = {-0.1, 0.001},
                     .folds_done = 1,
                     .folds = 5,
                     .usual_spread = 0.1,
                     .complete_nodes = 10};
  EXPECT_NEAR(JudgeRace(state).chance, 0.13, 0.01);
}

TEST(RacingTest, PartialScoreIsTheRivalsMovedByTheGain) {
  EXPECT_DOUBLE_EQ(
      PartialScore({0.5, Direction::kMinimize}, {-0.25, 0}).value(), 0.75);
  EXPECT_DOUBLE_EQ(
      PartialScore({0.5, Direction::kMaximize}, {-0.25, 0}).value(), 0.25);
}

TEST(RacingTest, UsualSpreadIsOfDifferencesAroundTheirOwnMean) {
  const std::vector<std::vector<double>> differences = {
      {1, 3}, {10, 10, 10}, {7}};
  EXPECT_DOUBLE_EQ(UsualSpread(differences), std::sqrt(2.0 / 3));
}

}  // namespace
}  // namespace treesmith
