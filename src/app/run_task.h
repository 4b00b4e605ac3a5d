// The task of a run that was started before.
#pragma once

#include <string>

#include "base/result.h"
#include "engine/run_reader.h"
#include "model/task.h"

namespace treesmith {

// As the run understood it; `folder`: where its files are now, empty for where
// they were. `act` begins an error's text ("resume runs/a-1"). BadInput where
// the files are not those of the start.
Result<Task> TaskOfRun(const RunRecord& record, const std::string& folder,
                       const std::string& act);

}  // namespace treesmith
