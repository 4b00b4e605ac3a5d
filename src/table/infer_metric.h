// Which metric a task is scored by.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "table/infer.h"
#include "table/profile.h"
#include "table/task_file.h"

namespace treesmith {

// Fills the metric from the goal's words, else from the target; needs `target`.
// `class_columns`: the sample has a column a class. BadInput: an unknown
// metric, or one that the target's values contradict.
Status InferMetric(Task& task, const TaskTables& tables, bool class_columns,
                   std::vector<InferenceReason>& reasons);

}  // namespace treesmith
