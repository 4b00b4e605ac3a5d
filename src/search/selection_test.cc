#include "search/selection.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace treesmith {
namespace {

// Replicates around a value whose paired differences have a known error.
struct Candidates {
  std::vector<double> best = {0.98, 1.02};
  std::vector<double> close = {0.99, 0.99};
  std::vector<SelectionCandidate> all = {
      {1.0, best, 10}, {0.995, close, 1}, {0.5, close, 0.1}};
};

TEST(SelectionTest, MaxTakesTheBestScoreWhateverItCosts) {
  const Candidates candidates;
  EXPECT_EQ(
      SelectSingle(SelectRule::kMax, Direction::kMaximize, candidates.all), 0U);
}

TEST(SelectionTest, TheCheaperNodeIsTakenWhereScoresCannotBeToldApart) {
  const Candidates candidates;  // 0.005 against an error of 0.028
  EXPECT_EQ(
      SelectSingle(SelectRule::kEnsemble, Direction::kMaximize, candidates.all),
      1U);
}

TEST(SelectionTest, ADifferenceOverAQuarterErrorDecidesByDefault) {
  Candidates candidates;
  candidates.all[1].value = 0.99;
  EXPECT_EQ(
      SelectSingle(SelectRule::kEnsemble, Direction::kMaximize, candidates.all),
      0U);
  EXPECT_EQ(SelectSingle(SelectRule::kOneStandardError, Direction::kMaximize,
                         candidates.all),
            1U);
}

TEST(SelectionTest, A13_NanNeverCountsAsBest) {
  const std::vector<double> none = {0, 0};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Direction direction :
       {Direction::kMinimize, Direction::kMaximize}) {
    const std::vector<SelectionCandidate> all = {
        {nan, none, 0}, {1.0, none, 1}, {nan, none, 0}};
    EXPECT_EQ(SelectSingle(SelectRule::kMax, direction, all), 1U);
    EXPECT_EQ(SelectSingle(SelectRule::kEnsemble, direction, all), 1U);
  }
}

TEST(SelectionTest, EqualScoresKeepTheEarliest) {
  const std::vector<double> none = {1, 1};
  const std::vector<SelectionCandidate> all = {{1.0, none, 2}, {1.0, none, 2}};
  EXPECT_EQ(SelectSingle(SelectRule::kEnsemble, Direction::kMinimize, all), 0U);
}

}  // namespace
}  // namespace treesmith
