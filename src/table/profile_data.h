// ProfileData: the sampled rows of train and test, read a column at a time.
//
// Train's rows come first, then test's. A column holds numbers and value codes
// side by side; equal values of train and test share a code (1 and 1.0 are
// equal).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "table/profile_cell.h"
#include "table/profile_maker.h"
#include "table/table.h"

namespace treesmith {

struct DataColumn {
  std::string name;
  bool in_train = false;
  bool in_test = false;
  // All values are numbers; then `number` holds them. For dates, seconds.
  bool numeric = false;
  bool dates = false;
  bool has_time = false;
  bool day_first = false;  // dates such as 31/1/2017
  bool integers = false;
  std::vector<double> number;       // NaN: missing, or no number
  std::vector<int32_t> code;        // -1: missing
  std::vector<std::string> values;  // by code, as first seen
  // By code: its number; of dates, its seconds. Empty for other columns.
  std::vector<double> value_of_code;
};

// Some rows of one table's column, in that order. `in_train` and `in_test` are
// false.
DataColumn ReadColumn(const Table& table, int index,
                      std::span<const int64_t> rows);
// All its rows.
DataColumn ReadColumn(const Table& table, int index);

// Shows the finder the column's cells until they have settled it.
void LearnDateOrder(const Table& table, int index, DateOrderFinder& finder);

class ProfileData {
 public:
  static Result<ProfileData> Open(const Task& task, TaskTables tables,
                                  const ProfileOptions& options);

  [[nodiscard]] size_t train_rows() const { return train_rows_.size(); }
  [[nodiscard]] size_t test_rows() const { return test_rows_.size(); }
  [[nodiscard]] const Table& train() const { return tables_.train; }
  // Null where the task has no such file.
  [[nodiscard]] const Table* test() const { return Found(tables_.test); }
  [[nodiscard]] const Table* sample() const { return Found(tables_.sample); }

  // The column of that name (case ignored) in either file. Any thread.
  [[nodiscard]] DataColumn Read(std::string_view name) const;

 private:
  ProfileData(TaskTables tables, const ProfileOptions& options);

  static const Table* Found(const std::optional<Table>& table) {
    return table ? &*table : nullptr;
  }

  TaskTables tables_;
  std::vector<int64_t> train_rows_;
  std::vector<int64_t> test_rows_;
};

}  // namespace treesmith
