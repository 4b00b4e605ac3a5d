#include "table/cut_dates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "table/fold_plan.h"
#include "table/split_rule.h"

namespace treesmith {
namespace {

constexpr double kDay = 86'400;
constexpr int kMostTimeFolds = 3;
// Train before a hidden block, in blocks.
constexpr double kLeastWindow = 1.5;
// A second block that starts less than this share of a block earlier is too
// much like the first.
constexpr double kLeastShift = 0.25;
// Where no test tells how long to hide: a block of train's time, pieces a part.
constexpr double kBlockShare = 0.2;
constexpr size_t kPiecesPerPart = 4;
// Fewer days than this in a hidden set make a poor bootstrap.
constexpr size_t kLeastBootstrapDays = 10;

int64_t DayOf(double date) {
  return static_cast<int64_t>(std::floor(date / kDay));
}

struct Span {
  double first = std::numeric_limits<double>::infinity();
  double last = -std::numeric_limits<double>::infinity();
  void Add(double date) {
    if (std::isnan(date)) return;
    first = std::min(first, date);
    last = std::max(last, date);
  }
};

std::vector<std::vector<int64_t>> CutRuns(
    const std::vector<std::vector<int64_t>>& runs, size_t length) {
  std::vector<std::vector<int64_t>> pieces;
  for (const auto& run : runs) {
    const size_t count =
        std::max<size_t>(1, (run.size() + length / 2) / length);
    const auto at = [&](size_t i) {
      return run.begin() + static_cast<std::ptrdiff_t>(i * run.size() / count);
    };
    for (size_t i = 0; i < count; ++i) pieces.emplace_back(at(i), at(i + 1));
  }
  return pieces;
}

}  // namespace

DatedRows::DatedRows(const TaskTables& tables, const Target& target,
                     const std::string& column)
    : target_(target) {
  const DateOrder order = FindDateOrder(tables, column);
  train_ = ReadDates(tables.train, *tables.train.FindColumn(column), order);
  if (!tables.test) return;
  if (const auto in_test = tables.test->FindColumn(column)) {
    test_ = ReadDates(*tables.test, *in_test, order);
  }
}

std::optional<int64_t> DatedRows::Day(int64_t row) const {
  const double date = train_[static_cast<size_t>(row)];
  if (std::isnan(date)) return std::nullopt;
  return DayOf(date);
}

double DatedRows::TestSpan(double train_span, double step) const {
  Span test;
  for (const double date : test_) test.Add(date);
  return test.last < test.first ? train_span * kBlockShare
                                : test.last - test.first + step;
}

Result<TimeBlocks> DatedRows::NewestBlocks(int most) const {
  Span train;
  bool whole_days = true;
  for (size_t row = 0; row < train_.size(); ++row) {
    if (!target_.Labelled(static_cast<int64_t>(row))) continue;
    train.Add(train_[row]);
    whole_days = whole_days &&
                 (std::isnan(train_[row]) || std::fmod(train_[row], kDay) == 0);
  }
  if (train.last <= train.first) {
    return BadInput("cut folds by time: train has one date only");
  }
  const double step = whole_days ? kDay : 1;
  const double train_span = train.last - train.first + step;
  double block =
      std::min(TestSpan(train_span, step), train_span / (1 + kLeastWindow));
  if (whole_days) block = std::max(kDay, std::floor(block / kDay) * kDay);
  const int limit = most > 0 ? most : kMostTimeFolds;
  TimeBlocks blocks;
  blocks.count =
      std::clamp(static_cast<int>(train_span / block - kLeastWindow), 1, limit);
  blocks.fold_of.push_back(FoldsBack(train.last, block, blocks.count));
  if (blocks.count > 1 || limit == 1) return blocks;
  double shift = std::min(block / 2, train_span - (1 + kLeastWindow) * block);
  if (whole_days) shift = std::floor(shift / kDay) * kDay;
  if (shift < block * kLeastShift) return blocks;
  std::vector<int8_t> earlier = FoldsBack(train.last - shift, block, 1);
  // Where dates are sparse it may hide nothing, or learn from the same rows.
  const auto count = [](const std::vector<int8_t>& folds, int8_t what) {
    return std::ranges::count(folds, what);
  };
  if (count(earlier, 0) > 0 &&
      count(earlier, FoldPlan::kAlwaysTrain) <
          count(blocks.fold_of.front(), FoldPlan::kAlwaysTrain)) {
    blocks.count = 2;
    blocks.fold_of.push_back(std::move(earlier));
  }
  return blocks;
}

std::vector<int8_t> DatedRows::FoldsBack(double last, double block,
                                         int count) const {
  std::vector<int8_t> fold_of(train_.size(), FoldPlan::kAlwaysTrain);
  for (size_t row = 0; row < train_.size(); ++row) {
    // A row without a date could stand anywhere, one after the last label
    // nowhere.
    const double back = std::floor((last - train_[row]) / block);
    if (back >= count) continue;
    fold_of[row] = back >= 0 && target_.Labelled(static_cast<int64_t>(row))
                       ? static_cast<int8_t>(back)
                       : FoldPlan::kUnused;
  }
  return fold_of;
}

std::vector<std::vector<int64_t>> DatedRows::Pieces(int parts) const {
  std::map<int64_t, bool> days;  // day -> is train's
  for (const double date : test_) {
    if (!std::isnan(date)) days.emplace(DayOf(date), false);
  }
  for (size_t row = 0; row < train_.size(); ++row) {
    if (!std::isnan(train_[row]) &&
        target_.Labelled(static_cast<int64_t>(row))) {
      days[DayOf(train_[row])] = true;
    }
  }
  std::vector<std::vector<int64_t>> runs;
  std::vector<size_t> test_runs;
  std::optional<bool> before;
  for (const auto& [day, is_train] : days) {
    if (before != is_train) {
      if (is_train) runs.emplace_back();
      if (!is_train) test_runs.push_back(0);
      before = is_train;
    }
    if (is_train) runs.back().push_back(day);
    if (!is_train) ++test_runs.back();
  }
  return CutRuns(runs, TypicalRun(std::move(test_runs), days.size(), parts));
}

// The median.
size_t DatedRows::TypicalRun(std::vector<size_t> test_runs, size_t days,
                             int parts) const {
  if (test_runs.empty()) {
    return std::max<size_t>(
        1, days / (kPiecesPerPart * static_cast<size_t>(parts)));
  }
  const auto middle =
      test_runs.begin() + static_cast<std::ptrdiff_t>(test_runs.size() / 2);
  std::nth_element(test_runs.begin(), middle, test_runs.end());
  return *middle;
}

std::vector<int32_t> DatedRows::NumberDays(
    const std::vector<int8_t>& hidden_in) const {
  std::map<int64_t, int32_t> number;
  std::set<int64_t> hidden;
  for (size_t row = 0; row < train_.size(); ++row) {
    if (std::isnan(train_[row])) continue;
    number.emplace(DayOf(train_[row]), 0);
    if (hidden_in[row] >= 0) hidden.insert(DayOf(train_[row]));
  }
  if (hidden.size() < kLeastBootstrapDays) return {};
  int32_t next = 0;
  for (auto& [day, at] : number) at = next++;
  std::vector<int32_t> days(train_.size(), 0);
  for (size_t row = 0; row < train_.size(); ++row) {
    if (!std::isnan(train_[row])) days[row] = number.at(DayOf(train_[row]));
  }
  return days;
}

}  // namespace treesmith
