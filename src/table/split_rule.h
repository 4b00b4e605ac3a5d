// SplitRule: how hidden rows are chosen, before any row is drawn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "table/fold_plan.h"
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

// Seconds of each row of a date column, NaN where the cell is no date.
std::vector<double> ReadDates(const Table& table, int column);

// The group of a cell: `text`, or its front before `separator`.
std::string_view GroupOf(std::string_view text, char separator);

}  // namespace treesmith
