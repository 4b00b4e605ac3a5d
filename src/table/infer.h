// InferTask: what a bare data folder asks for.
//
// Names come from files, never from prose (descriptions name columns that are
// not there). What the task states is kept, so that a flag or a line of
// task.toml overrides any guess; each guess comes with its reason, one line for
// people. What cannot be told is asked for by an error that shows the flag.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "table/task_file.h"

namespace treesmith {

// One thing inferred, and why.
struct InferenceReason {
  // The key of task.toml, without its section ("target", "sample_submission",
  // "metric"); empty for what sets none (an archive unpacked, a file left out).
  std::string key;
  std::string what;
  std::string why;

  // "target = ACTION: the column of train and sample that test lacks".
  [[nodiscard]] std::string Line() const;
};

struct Inference {
  Task task;
  std::vector<InferenceReason> reasons;
  // What "auto" comes to: "random", "stratified", "group:product_code" ...
  std::string split;
  // The task's, as they were read for this; absent where they could not be.
  std::optional<TaskTables> tables = {};
};

// `stated`: the folder, and whatever task.toml and the flags say. Fills train,
// test, sample, extra, target, id, metric, goal. Archives that may hold a
// missing one are unpacked beside themselves first (table/archive.h). BadInput:
// no table, two that could be meant, a target that cannot be told, a metric
// that the target's values contradict.
Result<Inference> InferTask(Task stated);

}  // namespace treesmith
