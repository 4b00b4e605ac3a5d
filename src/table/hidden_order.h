// In what order a plan's hidden rows are shown to scripts.
//
// Chance, wherever train's own order could tell labels: files are often sorted
// by their target. What stands in train's order for a reason that scripts may
// see (time, or a count within a group) keeps it, for shifts and differences of
// neighbours are honest features there. Pure; any thread.
#pragma once

#include "model/task.h"
#include "table/fold_plan.h"
#include "table/target.h"
#include "table/task_file.h"

namespace treesmith {

// Of a plan whose kind, column and bootstrap units are set.
HiddenOrder ChooseHiddenOrder(const Task& task, const TaskTables& tables,
                              const Target& target, const FoldPlan& plan);

}  // namespace treesmith
