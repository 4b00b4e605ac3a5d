#include "evaluation/leaderboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "table/table.h"

namespace treesmith {
namespace {

// As Python's round(value, 5): by the exact decimal digits of the double.
double Rounded(double value) {
  const std::string text = fmt::format("{:.5f}", value);
  double rounded = value;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

// mle-bench truncates what the product of two doubles is.
int64_t Part(int64_t teams, double share) {
  return static_cast<int64_t>(static_cast<double>(teams) * share);
}

std::string_view BetterWord(Direction direction) {
  return direction == Direction::kMinimize ? "lower" : "higher";
}

}  // namespace

std::string_view MedalName(Medal medal) {
  switch (medal) {
    case Medal::kNone:
      return "none";
    case Medal::kBronze:
      return "bronze";
    case Medal::kSilver:
      return "silver";
    case Medal::kGold:
      return "gold";
  }
  return "none";
}

MedalRows MedalRowsOf(int64_t teams) {
  CHECK(teams > 0);
  const int64_t one = 1;
  if (teams < 100) {
    return {std::max(one, Part(teams, 0.1)), std::max(one, Part(teams, 0.2)),
            std::max(one, Part(teams, 0.4))};
  }
  if (teams < 250) return {10, Part(teams, 0.2), Part(teams, 0.4)};
  const int64_t gold = 10 + Part(teams, 0.002);
  if (teams < 1000) return {gold, 50, 100};
  return {gold, Part(teams, 0.05), Part(teams, 0.1)};
}

Result<Leaderboard> Leaderboard::Read(const std::filesystem::path& path,
                                      Direction direction) {
  TRY_ASSIGN(const Table table, Table::Read(path));
  const std::string act = "read leaderboard " + path.string() + ": ";
  const auto column = table.FindColumn("score");
  if (!column) {
    return BadInput(act + "no column score",
                    "a CSV file with a row for each team and its score");
  }
  std::vector<double> scores = table.Numbers(*column);
  if (scores.empty()) return BadInput(act + "it lists no team");
  for (size_t row = 0; row < scores.size(); ++row) {
    if (std::isfinite(scores[row])) continue;
    return BadInput(act + "row " + std::to_string(row + 1) +
                    " has no number as its score");
  }
  // The first row is the best team and the last one the worst.
  const Direction stated = scores.front() < scores.back()
                               ? Direction::kMinimize
                               : Direction::kMaximize;
  if (scores.front() != scores.back() && stated != direction) {
    return BadInput(
        fmt::format("{}it begins with {} and ends with {}, so {} is better; "
                    "for the task's metric {} is",
                    act, scores.front(), scores.back(), BetterWord(stated),
                    BetterWord(direction)),
        "it must be a leaderboard of the same metric, best team first");
  }
  return Leaderboard(std::move(scores), direction);
}

Leaderboard::Leaderboard(std::vector<double> scores, Direction direction)
    : scores_(std::move(scores)), direction_(direction) {
  CHECK(!scores_.empty());
  std::ranges::stable_sort(scores_, [this](double a, double b) {
    return direction_ == Direction::kMinimize ? a < b : b < a;
  });
}

Standing Leaderboard::Place(double score) const {
  CHECK(std::isfinite(score));
  const auto better = [this](double a, double b) {
    return direction_ == Direction::kMinimize ? a < b : a > b;
  };
  Standing standing;
  standing.score = Rounded(score);
  standing.teams = static_cast<int64_t>(scores_.size());
  const auto beaten = std::ranges::count_if(
      scores_, [&](double team) { return better(standing.score, team); });
  standing.rank = 1 + std::ranges::count_if(scores_, [&](double team) {
                    return better(team, standing.score);
                  });
  standing.exceeds_percent =
      100.0 * static_cast<double>(beaten) / static_cast<double>(standing.teams);
  const MedalRows rows = MedalRowsOf(standing.teams);
  const auto threshold = [this](int64_t row) {
    return scores_[static_cast<size_t>(row - 1)];
  };
  standing.gold_threshold = threshold(rows.gold);
  standing.silver_threshold = threshold(rows.silver);
  standing.bronze_threshold = threshold(rows.bronze);
  const size_t middle = scores_.size() / 2;
  standing.median = scores_.size() % 2 == 1
                        ? scores_[middle]
                        : (scores_[middle - 1] + scores_[middle]) / 2;
  standing.above_median = better(standing.score, standing.median);
  if (!better(standing.bronze_threshold, standing.score)) {
    standing.medal = Medal::kBronze;
  }
  if (!better(standing.silver_threshold, standing.score)) {
    standing.medal = Medal::kSilver;
  }
  if (!better(standing.gold_threshold, standing.score)) {
    standing.medal = Medal::kGold;
  }
  return standing;
}

}  // namespace treesmith
