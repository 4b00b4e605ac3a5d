// Leaderboard: where a score stands among the teams of a competition.
//
// Medals by mle-bench's rules: a threshold is the score in a row of the stored
// leaderboard, a tie with it is the medal, and the score is rounded to five
// decimals before it is compared. Pure but for Read; any thread.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/metric_value.h"

namespace treesmith {

enum class Medal { kNone, kBronze, kSilver, kGold };
std::string_view MedalName(Medal medal);

// The last rows, from 1, that get each medal. REQUIRES: teams > 0
struct MedalRows {
  int64_t gold = 0;
  int64_t silver = 0;
  int64_t bronze = 0;
};
MedalRows MedalRowsOf(int64_t teams);

struct Standing {
  double score = 0;  // rounded
  int64_t teams = 0;
  int64_t rank = 0;            // teams that are better, and one
  double exceeds_percent = 0;  // of teams, beaten outright
  double gold_threshold = 0;
  double silver_threshold = 0;
  double bronze_threshold = 0;
  double median = 0;
  bool above_median = false;  // better than the median, not equal to it
  Medal medal = Medal::kNone;
};

class Leaderboard {
 public:
  // A table with a column `score`, a row a team. BadInput: no such column, no
  // team, a score that is no number, or an order that says the contrary of
  // `direction`: the scores are then of another metric.
  static Result<Leaderboard> Read(const std::filesystem::path& path,
                                  Direction direction);

  // REQUIRES: scores are not empty
  Leaderboard(std::vector<double> scores, Direction direction);

  // REQUIRES: `score` is finite
  [[nodiscard]] Standing Place(double score) const;

 private:
  std::vector<double> scores_;  // best first
  Direction direction_;
};

}  // namespace treesmith
