#include "table/profile_data.h"

#include <algorithm>
#include <cmath>
#include <limits>
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
    column_.number.insert(column_.number.end(), rows, kNone);
  }
  void Finish() {
    column_.numeric = values_ > 0 && numbers_ == values_;
    column_.integers = column_.numeric && integers_ == values_;
    column_.dates = values_ > 0 && dates_ == values_;
    column_.has_time = column_.dates && times_ > 0;
    if (column_.dates) {
      for (size_t i = 0; i < column_.code.size(); ++i) {
        if (column_.code[i] < 0) continue;
        const auto& text = column_.values[static_cast<size_t>(column_.code[i])];
        column_.number[i] = ParseDateCell(text)->seconds;
      }
    }
  }

 private:
  void AppendCell(std::string_view text) {
    if (IsMissingCell(text)) {
      AppendMissing(1);
      return;
    }
    ++values_;
    const std::optional<double> number = ParseNumberCell(text);
    if (number) {
      ++numbers_;
      if (*number == std::floor(*number)) ++integers_;
    } else if (const auto date = ParseDateCell(text)) {
      ++dates_;
      if (date->has_time) ++times_;
    }
    column_.number.push_back(number.value_or(kNone));
    const auto next = static_cast<int32_t>(column_.values.size());
    if (number) {
      const auto [at, added] = by_number_.try_emplace(*number, next);
      if (added) column_.values.emplace_back(text);
      column_.code.push_back(at->second);
      return;
    }
    const auto [at, added] = by_text_.try_emplace(std::string(text), next);
    if (added) column_.values.emplace_back(text);
    column_.code.push_back(at->second);
  }

  DataColumn& column_;
  std::string scratch_;
  std::unordered_map<double, int32_t> by_number_;
  std::unordered_map<std::string, int32_t> by_text_;
  int64_t values_ = 0;
  int64_t numbers_ = 0;
  int64_t integers_ = 0;
  int64_t dates_ = 0;
  int64_t times_ = 0;
};

}  // namespace

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
  reader.Finish();
  return column;
}

}  // namespace treesmith
