// New rows: another table in the place of the task's test.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "table/target.h"
#include "table/task_file.h"

namespace treesmith {

// `tables` with `rows` for the test: exactly the test's columns (train's but
// for the targets where there is no test), in its order and form, cells as they
// stand; further columns are left out. The sample gets the new rows' ids.
// BadInput, naming `file`: a column is missing, or there is no row.
Result<TaskTables> WithNewRows(const Task& task, TaskTables tables,
                               const Target& target, const Table& rows,
                               const std::string& file);

// One line a column that holds something else than numbers where train holds
// numbers only: scripts take that for a gap.
std::vector<std::string> TextAmongNumbers(const Table& train,
                                          const Table& rows);

}  // namespace treesmith
