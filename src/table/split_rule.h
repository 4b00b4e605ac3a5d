// SplitRule: how hidden rows are chosen, before any row is drawn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "table/fold_plan.h"
#include "table/profile_cell.h"
#include "table/target.h"
#include "table/task_file.h"

namespace treesmith {

struct SplitRule {
  SplitKind kind = SplitKind::kRandom;
  // Group or time column, as train names it.
  std::string column;
  // kGroup: the group is what stands before the first such character of the
  // value; 0: the whole value.
  char separator = 0;
  std::string reason;
};

// The task's own split, or the first of design 5.3 that fits. BadInput: an
// unknown kind of split, a column that train lacks or that holds no dates.
Result<SplitRule> ChooseSplit(const Task& task, const TaskTables& tables,
                              const Target& target);

// The order of a column's dates, by all cells of train and test.
DateOrder FindDateOrder(const TaskTables& tables, const std::string& column);

// Seconds of each row of a date column, NaN where the cell is no date.
std::vector<double> ReadDates(const Table& table, int column, DateOrder order);

// The group of a cell: `text`, or its front before `separator`.
std::string_view GroupOf(std::string_view text, char separator);

}  // namespace treesmith
