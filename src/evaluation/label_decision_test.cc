#include "evaluation/label_decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treesmith {
namespace {

using testing::ElementsAre;

// A score of 5.2 on a scale from 3 to 8 is nearest to "5", which is its third
// class: it was taken for the sixth.
TEST(LabelDecisionTest, AScoreIsDecidedForTheClassOfTheNearestNumber) {
  Target target;
  target.names = {"quality"};
  target.classes = {"3", "4", "5", "6", "7", "8"};
  const Predictions scores{PredictionKind::kScore, 1, {5.2F, 9, -1, 3.4F}};
  EXPECT_THAT(DecidePlainly(target, scores), ElementsAre(2, 5, 0, 0));
  target.classes = {"0", "10", "20.5"};
  EXPECT_THAT(DecidePlainly(target, scores), ElementsAre(1, 1, 0, 0));
}

// Nothing is fitted for several targets: their test is decided as their folds.
TEST(LabelDecisionTest, ScoresOfSeveralTargetsAreDecidedAlikeEverywhere) {
  Target target;
  target.names = {"taste", "smell"};
  target.classes = {"3", "4", "5"};
  const Predictions scores{PredictionKind::kScore, 2, {3.2F, 9, 4.1F, -1}};
  EXPECT_THAT(DecidePlainly(target, scores), ElementsAre(0, 2, 1, 0));
  const Predictions decided = DecideForTest(std::nullopt, target, scores);
  EXPECT_EQ(decided.columns, 2);
  EXPECT_THAT(decided.values, ElementsAre(0, 2, 1, 0));
}

TEST(LabelDecisionTest, AScoreOfClassesWithoutNumbersIsTheirIndex) {
  Target target;
  target.names = {"grade"};
  target.classes = {"bad", "fair", "good"};
  const Predictions scores{PredictionKind::kScore, 1, {1.2F, 9, -1}};
  EXPECT_THAT(DecidePlainly(target, scores), ElementsAre(1, 2, 0));
}

}  // namespace
}  // namespace treesmith
