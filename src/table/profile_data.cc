#include "table/profile_data.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "base/rng.h"
#include "table/profile_cell.h"

namespace treesmith {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// All rows, or one from each of `limit` equal stretches.
std::vector<int64_t> SampleRows(int64_t rows, int64_t limit, Rng& rng) {
  std::vector<int64_t> sample;
  sample.reserve(static_cast<size_t>(std::min(rows, limit)));
  for (int64_t i = 0; i < std::min(rows, limit); ++i) {
    if (rows <= limit) {
      sample.push_back(i);
      continue;
    }
    const int64_t begin = i * rows / limit;
    const int64_t end = (i + 1) * rows / limit;
    sample.push_back(begin + static_cast<int64_t>(rng.Below(
                                 static_cast<uint64_t>(end - begin))));
  }
  return sample;
}

// Reads the cells of one column, train's then test's.
class ColumnReader {
 public:
  explicit ColumnReader(DataColumn& column) : column_(column) {}

  void Append(const Table& table, int index, std::span<const int64_t> rows) {
    for (const int64_t row : rows) {
      AppendCell(table.Text(row, index, scratch_));
    }
  }
  void AppendMissing(size_t rows) {
    column_.code.insert(column_.code.end(), rows, -1);
  }
  // Where the cells are dates, others of the table may tell their order.
  void LearnOrder(const Table& table, int index) {
    if (column_.values.empty() || !ParseDateCell(column_.values[0])) return;
    LearnDateOrder(table, index, order_);
  }
  void Finish() {
    const auto whole = [](double x) { return x == std::floor(x); };
    column_.numeric = !column_.values.empty() && by_text_.empty();
    column_.integers =
        column_.numeric && std::ranges::all_of(column_.value_of_code, whole);
    column_.dates = !column_.numeric && ReadDates();
    FillNumbers();
    if (!column_.numeric && !column_.dates) column_.value_of_code.clear();
  }

 private:
  void AppendCell(std::string_view text) {
    if (IsMissingCell(text)) {
      column_.code.push_back(-1);
      return;
    }
    const auto next = static_cast<int32_t>(column_.values.size());
    const std::optional<double> number = ParseNumberCell(text);
    if (number) {
      const auto [at, added] = by_number_.try_emplace(*number, next);
      column_.code.push_back(at->second);
      if (!added) return;
    } else {
      const auto at = by_text_.find(text);
      column_.code.push_back(at == by_text_.end() ? next : at->second);
      if (at != by_text_.end()) return;
      by_text_.emplace(text, next);
    }
    column_.values.emplace_back(text);
    column_.value_of_code.push_back(number.value_or(kNone));
  }

  // Whether every value is a date; then their seconds are there.
  bool ReadDates() {
    if (column_.values.empty() || !by_number_.empty()) return false;
    std::vector<double> seconds;
    seconds.reserve(column_.values.size());
    bool time = false;
    const DateOrder order = order_.order();
    for (const std::string& text : column_.values) {
      const std::optional<DateCell> date = ParseDateCell(text, order);
      if (!date) return false;
      time = time || date->has_time;
      seconds.push_back(date->seconds);
    }
    column_.value_of_code = std::move(seconds);
    column_.has_time = time;
    column_.day_first = order == DateOrder::kDayFirst;
    return true;
  }

  void FillNumbers() {
    column_.number.reserve(column_.code.size());
    for (const int32_t code : column_.code) {
      column_.number.push_back(
          code < 0 ? kNone : column_.value_of_code[static_cast<size_t>(code)]);
    }
  }

  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  DataColumn& column_;
  DateOrderFinder order_;
  std::string scratch_;
  std::unordered_map<double, int32_t> by_number_;
  std::unordered_map<std::string, int32_t, TextHash, std::equal_to<>> by_text_;
};

}  // namespace

void LearnDateOrder(const Table& table, int index, DateOrderFinder& finder) {
  std::string scratch;
  finder.StartTable();
  for (int64_t row = 0; row < table.rows() && !finder.settled(); ++row) {
    finder.Add(table.Text(row, index, scratch));
  }
}

DataColumn ReadColumn(const Table& table, int index,
                      std::span<const int64_t> rows) {
  DataColumn column;
  column.name = table.columns()[static_cast<size_t>(index)];
  ColumnReader reader(column);
  reader.Append(table, index, rows);
  reader.LearnOrder(table, index);
  reader.Finish();
  return column;
}

DataColumn ReadColumn(const Table& table, int index) {
  std::vector<int64_t> rows(static_cast<size_t>(table.rows()));
  std::iota(rows.begin(), rows.end(), int64_t{0});
  return ReadColumn(table, index, rows);
}

ProfileData::ProfileData(TaskTables tables, const ProfileOptions& options)
    : tables_(std::move(tables)) {
  Rng rng(options.seed, 0, "profile");
  train_rows_ = SampleRows(train().rows(), options.sample_rows, rng);
  if (tables_.test) {
    test_rows_ = SampleRows(test()->rows(), options.sample_rows, rng);
  }
}

Result<ProfileData> ProfileData::Open(const Task& task, TaskTables tables,
                                      const ProfileOptions& options) {
  for (const std::string& target : task.target) {
    if (!tables.train.FindColumn(target)) {
      return BadInput("read " + task.train + ": no target column " + target);
    }
  }
  return ProfileData(std::move(tables), options);
}

DataColumn ProfileData::Read(std::string_view name) const {
  DataColumn column;
  column.name = name;
  ColumnReader reader(column);
  const std::optional<int> in_train = train().FindColumn(name);
  column.in_train = in_train.has_value();
  if (in_train) {
    column.name = train().columns()[static_cast<size_t>(*in_train)];
    reader.Append(train(), *in_train, train_rows_);
  } else {
    reader.AppendMissing(train_rows_.size());
  }
  const std::optional<int> in_test =
      tables_.test ? test()->FindColumn(name) : std::nullopt;
  column.in_test = in_test.has_value();
  if (in_test) {
    reader.Append(*test(), *in_test, test_rows_);
  } else {
    reader.AppendMissing(test_rows_.size());
  }
  if (in_train) reader.LearnOrder(train(), *in_train);
  if (in_test) reader.LearnOrder(*test(), *in_test);
  reader.Finish();
  return column;
}

}  // namespace treesmith
