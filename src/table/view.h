// Views: the files a script is given, and which rows it must answer for.
//
// Cells are copied byte for byte. Hidden labels never enter a view: its test
// has exactly the real test's columns. Other files of the task are the
// caller's to bind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "table/fold_plan.h"
#include "table/task_file.h"

namespace treesmith {

// The keys by which a submission's rows are matched.
struct RowKeys {
  // Names of the id columns in the submission; empty: the task has none.
  std::vector<std::string> id_columns;
  // Canonical key of each row of the view's test, in its order.
  std::vector<std::string> keys;
  // False where keys repeat or there are none: rows match by position.
  bool unique = true;
};

// The name under which a script finds the sample submission, also where the
// task has none and one is made.
std::string SampleName(const Task& task);
// The name of the test file in views, also where the task has none.
std::string TestName(const Task& task);

// Writes train, test and sample submission of a unit below `folder`, which
// exists and holds none of them. `sample` (SampleTrainRows) leaves out the
// train rows whose flag is 0; empty: all stay. `donors`, where given, names for
// each row of train the row whose cells it gets in the columns that the test
// lacks: labels, and all that would tell them.
Status WriteView(const Task& task, const TaskTables& tables,
                 const Target& target, const FoldPlan& plan, int unit,
                 const std::filesystem::path& folder,
                 std::span<const uint8_t> sample = {},
                 std::span<const int32_t> donors = {});

// For each unit the keys of the rows that its view hides, without writing it.
std::vector<RowKeys> KeysOfUnits(const Task& task, const TaskTables& tables,
                                 const FoldPlan& plan);

// The task's own train, test and sample submission, unpacked; a sample is made
// where there is none. `sample` as above. BadInput without a test file.
Status WriteRefitInputs(const Task& task, const TaskTables& tables,
                        const Target& target,
                        const std::filesystem::path& folder,
                        std::span<const uint8_t> sample = {});
// A sample submission with the ids of the real test and constant values.
// REQUIRES: a test file
std::string SampleText(const Task& task, const TaskTables& tables,
                       const Target& target);
RowKeys KeysOfTest(const Task& task, const TaskTables& tables);

}  // namespace treesmith
