#include "evaluation/leaderboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;

Leaderboard CountingUp(int64_t teams) {
  std::vector<double> scores;
  scores.reserve(static_cast<size_t>(teams));
  for (int64_t i = 1; i <= teams; ++i) {
    scores.push_back(static_cast<double>(i));
  }
  return {std::move(scores), Direction::kMinimize};
}

// Rows of mle-bench's table, at both sides of each of its steps.
TEST(LeaderboardTest, MedalRowsAreMleBenchs) {
  struct Case {
    int64_t teams, gold, silver, bronze;
  };
  for (const Case& c : {Case{1, 1, 1, 1}, Case{9, 1, 1, 3}, Case{99, 9, 19, 39},
                        Case{100, 10, 20, 40}, Case{249, 10, 49, 99},
                        Case{250, 10, 50, 100}, Case{999, 11, 50, 100},
                        Case{1000, 12, 50, 100}, Case{3242, 16, 162, 324}}) {
    const MedalRows rows = MedalRowsOf(c.teams);
    EXPECT_EQ(rows.gold, c.gold) << c.teams;
    EXPECT_EQ(rows.silver, c.silver) << c.teams;
    EXPECT_EQ(rows.bronze, c.bronze) << c.teams;
  }
}

TEST(LeaderboardTest, AThresholdItselfIsTheMedal) {
  const Leaderboard board = CountingUp(1000);
  EXPECT_EQ(board.Place(12).medal, Medal::kGold);
  EXPECT_EQ(board.Place(12.5).medal, Medal::kSilver);
  EXPECT_EQ(board.Place(50).medal, Medal::kSilver);
  EXPECT_EQ(board.Place(100).medal, Medal::kBronze);
  EXPECT_EQ(board.Place(100.001).medal, Medal::kNone);
}

TEST(LeaderboardTest, AScoreIsRoundedToFiveDecimalsFirst) {
  const Leaderboard board = CountingUp(1000);
  EXPECT_EQ(board.Place(12.000004).medal, Medal::kGold);
  EXPECT_EQ(board.Place(12.000006).medal, Medal::kSilver);
  EXPECT_EQ(board.Place(12.000006).score, 12.00001);
}

TEST(LeaderboardTest, OnlyTeamsThatAreWorseAreExceeded) {
  const Leaderboard board({0.9, 0.8, 0.8, 0.5}, Direction::kMaximize);
  const Standing standing = board.Place(0.8);
  EXPECT_EQ(standing.rank, 2);
  EXPECT_EQ(standing.exceeds_percent, 25);
  EXPECT_EQ(standing.median, 0.8);
  EXPECT_FALSE(standing.above_median);
  EXPECT_TRUE(board.Place(0.81).above_median);
  EXPECT_EQ(board.Place(0.95).exceeds_percent, 100);
  EXPECT_EQ(board.Place(0.1).rank, 5);
}

TEST(LeaderboardTest, TheMedianOfAnEvenNumberIsBetweenTheTwo) {
  EXPECT_EQ(CountingUp(4).Place(1).median, 2.5);
  EXPECT_EQ(CountingUp(5).Place(1).median, 3);
}

class LeaderboardFileTest : public ::testing::Test {
 protected:
  LeaderboardFileTest() : folder_(*TemporaryFolder::Make("leaderboard_test")) {}
  std::string ErrorOf(const std::string& text) {
    const auto path = folder_.path() / "board.csv";
    EXPECT_TRUE(WriteFile(path, text).ok());
    const auto board = Leaderboard::Read(path, Direction::kMinimize);
    return board.ok() ? "" : board.error().message;
  }
  TemporaryFolder folder_;
};

TEST_F(LeaderboardFileTest, AFileThatIsNoLeaderboardIsRefusedInWords) {
  EXPECT_EQ(ErrorOf("rank,Score\n1,0.1\n2,0.2\n"), "");
  EXPECT_EQ(ErrorOf("score\n0.2\n0.2\n"), "");
  EXPECT_THAT(ErrorOf("rank,points\n1,2\n"), HasSubstr("no column score"));
  EXPECT_THAT(ErrorOf("score\n"), HasSubstr("no team"));
  EXPECT_THAT(ErrorOf("score\n0.1\nbest\n"), HasSubstr("row 2"));
  EXPECT_THAT(ErrorOf("score\n0.9\n0.5\n"), HasSubstr("higher is better"));
}

}  // namespace
}  // namespace treesmith
