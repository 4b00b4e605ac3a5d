// task.toml: reading, checking and writing it, and the files it names.
//
// Every error is BadInput, names the file and, where it can, the line, and
// says in the hint what would mend it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "model/task.h"
#include "table/table.h"

namespace treesmith {

struct Inference;  // table/infer.h

// "hidden", "reported" and "command".
std::string_view EvaluationModeName(EvaluationMode mode);
std::optional<EvaluationMode> ParseEvaluationMode(std::string_view name);

// What the command line says; each wins over task.toml.
struct TaskOverrides {
  std::optional<std::string> goal;
  std::optional<std::string> train;
  std::optional<std::string> test;
  std::optional<std::string> sample_submission;
  std::vector<std::string> target;
  std::vector<std::string> id;
  // A name, a sentence that has one in it, or a script of the folder ("*.py").
  std::optional<std::string> metric;
  // Of a custom metric.
  std::optional<std::string> direction;
  std::optional<std::string> needs;
  std::optional<std::string> mode;
  std::optional<std::string> split;
  std::optional<int> folds;
};

// A text of task.toml as a Task of `folder`; what it does not state keeps the
// Task's defaults. Fails on syntax, unknown keys (the nearest is offered) and
// values of a wrong type or out of range.
Result<Task> ParseTaskFile(std::string_view text,
                           const std::filesystem::path& folder);

// The task of a folder as far as it is stated: task.toml where there is one,
// then the overrides, then the goal from description.md or description.txt.
Result<Task> ReadStatedTask(const std::filesystem::path& folder,
                            const TaskOverrides& overrides);

// ReadStatedTask, then what inference adds (table/infer.h; the other modes do
// without it), then for a hidden evaluation CheckTask. `inference`, where
// given, receives what was inferred and why.
Result<Task> LoadTask(const std::filesystem::path& folder,
                      const TaskOverrides& overrides,
                      Inference* inference = nullptr);

// The data files of a task, whole.
struct TaskTables {
  Table train;
  std::optional<Table> test;
  std::optional<Table> sample;
};
Result<TaskTables> LoadTables(const Task& task);

// Everything that can be checked of a hidden task before a run: target in
// train and not in test, sample and test that match, a known metric whose
// direction is not contradicted, extra files that are none of those. `tables`
// are those of the task.
Status CheckTask(const Task& task, const TaskTables& tables);

// Lines to stand above a key of task.toml, as comments; those of "" open the
// file, "metric" is the key `name` of [metric].
using TaskComments =
    std::map<std::string, std::vector<std::string>, std::less<>>;

// The text of a task.toml that ParseTaskFile reads as `task`; a goal that
// description.md or .txt holds is left to that file.
std::string TaskFileText(const Task& task, const TaskComments& comments = {});

// The same content as a JSON object. Fails where `text` is no TOML.
Result<std::string> TaskFileJson(std::string_view text);

// What a run depends on: TaskFileText, and size and content of the data files.
Result<Hash128> DigestTask(const Task& task);

}  // namespace treesmith
