// Which other tables of a folder scripts may join to train.
//
// Scripts see such a file whole, so it must not say of a hidden row what only
// train says. Where that cannot be told from its columns, its rows and its keys
// the file is left out: people may list it in task.toml, and answer for it.
#pragma once

#include <vector>

#include "model/task.h"
#include "table/infer.h"
#include "table/task_file.h"

namespace treesmith {

// Fills `extra` unless the task states it; a reason for each table. Of a stated
// one that holds a column that test lacks it warns. Needs `target`.
void InferExtra(Task& task, const TaskTables& tables,
                std::vector<InferenceReason>& reasons);

}  // namespace treesmith
