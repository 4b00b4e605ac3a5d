// MakeProfile: reads a task's files and says what they look like.
//
// At most `sample_rows` rows of train and as many of test are kept, drawn by
// seed in one pass over each file, so memory and time are bounded and the same
// data give the same profile.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/task.h"
#include "table/profile.h"
#include "table/task_file.h"

namespace treesmith {

struct ProfileOptions {
  int64_t sample_rows = 200'000;
  uint64_t seed = 1;
};

// Needs the task's `train` and `target`. kBadInput: a file that is no table, a
// target that train lacks. Any thread.
Result<Profile> MakeProfile(const Task& task,
                            const ProfileOptions& options = {});
// The same of a task's tables that have been read.
Result<Profile> MakeProfile(const Task& task, TaskTables tables,
                            const ProfileOptions& options = {});

}  // namespace treesmith
