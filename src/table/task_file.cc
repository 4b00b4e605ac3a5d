#include "table/task_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/file.h"
#include "score/metric.h"
#include "table/byte_source.h"
#include "table/infer.h"
#include "table/task_metric.h"

namespace treesmith {
namespace {

constexpr std::array<std::string_view, 2> kGoalFiles = {"description.md",
                                                        "description.txt"};

std::optional<std::filesystem::path> GoalFile(
    const std::filesystem::path& folder) {
  for (const std::string_view name : kGoalFiles) {
    std::error_code code;
    if (std::filesystem::is_regular_file(folder / name, code)) {
      return folder / name;
    }
  }
  return std::nullopt;
}

Status Override(const TaskOverrides& overrides, Task& task) {
  const auto take = [](const std::optional<std::string>& from,
                       std::string& to) {
    if (from) to = *from;
  };
  take(overrides.goal, task.goal);
  take(overrides.train, task.train);
  take(overrides.test, task.test);
  take(overrides.sample_submission, task.sample_submission);
  if (overrides.metric && overrides.metric->ends_with(".py")) {
    task.metric = "custom";
    task.metric_script = *overrides.metric;
  } else {
    take(overrides.metric, task.metric);
  }
  take(overrides.needs, task.metric_needs);
  take(overrides.split, task.split);
  if (!overrides.target.empty()) task.target = overrides.target;
  if (!overrides.id.empty()) task.id = overrides.id;
  if (overrides.folds) task.folds = *overrides.folds;
  if (overrides.direction) {
    task.direction = ParseDirection(*overrides.direction);
    if (!task.direction) {
      return BadInput(
          "read direction " + *overrides.direction + ": no such direction",
          "minimize or maximize");
    }
  }
  if (!overrides.mode) return {};
  const auto mode = ParseEvaluationMode(*overrides.mode);
  if (!mode) {
    return BadInput("read mode " + *overrides.mode + ": no such mode",
                    "hidden, reported or command");
  }
  task.mode = *mode;
  return {};
}

Status CheckTargets(const Task& task, const TaskTables& tables) {
  for (const std::string& name : task.target) {
    if (!tables.train.FindColumn(name)) {
      return BadInput(
          "check target " + name + ": not a column of " + task.train,
          "name one of its columns with --target");
    }
    if (tables.test && tables.test->FindColumn(name)) {
      return BadInput(
          "check target " + name + ": " + task.test + " has that column too",
          "leave it out of the test, or name another target");
    }
  }
  if (task.target.empty()) {
    return BadInput("check task: no target is named",
                    "name it with --target or under [data] in task.toml");
  }
  return {};
}

std::unordered_set<std::string> ValuesOf(const Table& table, int column) {
  std::unordered_set<std::string> values;
  std::string scratch;
  for (int64_t row = 0; row < table.rows(); ++row) {
    values.insert(CanonicalValue(table.Text(row, column, scratch)));
  }
  return values;
}

// The first value of one that the other lacks.
std::optional<std::string> FirstMissing(const Table& from, int column,
                                        const Table& in, int other) {
  const auto values = ValuesOf(in, other);
  std::string scratch;
  for (int64_t row = 0; row < from.rows(); ++row) {
    std::string value = CanonicalValue(from.Text(row, column, scratch));
    if (!values.contains(value)) return value;
  }
  return std::nullopt;
}

// Sample and test have the same values of the id `name`; `act` begins errors.
Status CheckSampleId(const Table& sample, const Table& test,
                     const std::string& name, const std::string& act) {
  const auto in_sample = sample.FindColumn(name);
  const auto in_test = test.FindColumn(name);
  if (!in_sample || !in_test) {
    return BadInput(act + "only one of them has the id " + name,
                    "name the column that both share with --id");
  }
  if (const auto id = FirstMissing(sample, *in_sample, test, *in_test)) {
    return BadInput(act + "the test has no " + name + " " + *id);
  }
  if (const auto id = FirstMissing(test, *in_test, sample, *in_sample)) {
    return BadInput(act + "the sample has no " + name + " " + *id);
  }
  return {};
}

Status CheckSample(const Task& task, const TaskTables& tables) {
  if (!tables.sample || !tables.test) return {};
  const std::string act =
      "match " + task.sample_submission + " with " + task.test + ": ";
  for (const std::string& name : task.id) {
    TRY(CheckSampleId(*tables.sample, *tables.test, name, act));
  }
  if (tables.sample->rows() != tables.test->rows()) {
    return BadInput(act + std::to_string(tables.sample->rows()) + " rows and " +
                    std::to_string(tables.test->rows()));
  }
  return {};
}

// An extra file is shown whole, in every fold: it must not be one of those of
// which a fold shows its own part, under whatever name.
Status CheckExtra(const Task& task) {
  for (const std::string& name : task.extra) {
    const auto path = task.folder / name;
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) {
      return BadInput("open extra " + path.string() + ": no such file",
                      "extra under [data] names files in the task's folder");
    }
    for (const std::string& file :
         {task.train, task.test, task.sample_submission}) {
      if (file.empty()) continue;
      std::error_code ignored;
      if (UnpackedName(file) == UnpackedName(name) ||
          std::filesystem::equivalent(path, task.folder / file, ignored)) {
        return BadInput("check extra " + name + ": it is " + file +
                            ", of which scripts see what their fold shows",
                        "take it out of extra under [data]");
      }
    }
  }
  return {};
}

Status CheckMetric(const Task& task) {
  if (task.metric == "custom") {
    if (task.metric_script.empty()) {
      return BadInput("check metric custom: no script is named",
                      "add script = \"metric.py\" under [metric]");
    }
    std::error_code code;
    if (!std::filesystem::is_regular_file(task.folder / task.metric_script,
                                          code)) {
      return BadInput("open " + (task.folder / task.metric_script).string() +
                          ": no such file",
                      "[metric] script names a file in the task's folder");
    }
    TRY(MetricOf(task));
    return {};
  }
  if (task.metric.empty()) {
    return BadInput("check task: no metric is named",
                    "name it with --metric or under [metric] in task.toml");
  }
  TRY_ASSIGN(const Metric metric, FindMetric(task.metric));
  if (task.direction && *task.direction != metric.direction()) {
    return BadInput("check metric " + task.metric + ": it is to " +
                        std::string(DirectionName(metric.direction())) +
                        ", the task says " +
                        std::string(DirectionName(*task.direction)),
                    "leave direction out: a known metric has its own");
  }
  return {};
}

// One word a file: name, size and content as unpacked.
Status AddFile(const Task& task, const std::string& name, std::string& facts) {
  if (name.empty()) return {};
  TRY_ASSIGN(const std::string bytes, ReadFile(task.folder / name));
  facts += name + ' ' + std::to_string(bytes.size()) + ' ' +
           HashBytes(bytes).Hex() + '\n';
  return {};
}

}  // namespace

Result<Task> ReadStatedTask(const std::filesystem::path& folder,
                            const TaskOverrides& overrides) {
  std::error_code code;
  if (!std::filesystem::is_directory(folder, code)) {
    return BadInput("open task " + folder.string() + ": no such folder");
  }
  Task task;
  task.folder = folder;
  const auto path = folder / "task.toml";
  if (std::filesystem::exists(path, code)) {
    TRY_ASSIGN(const std::string text, ReadFile(path));
    TRY_ASSIGN(task, ParseTaskFile(text, folder));
  }
  TRY(Override(overrides, task));
  if (task.name.empty()) {
    task.name =
        std::filesystem::weakly_canonical(folder, code).filename().string();
  }
  if (const auto goal = GoalFile(folder); task.goal.empty() && goal) {
    TRY_ASSIGN(task.goal, ReadFile(*goal));
  }
  return task;
}

Result<TaskTables> LoadTables(const Task& task) {
  const auto load = [&](const std::string& name) -> Result<Table> {
    return Table::Read(task.folder / name);
  };
  if (task.train.empty()) {
    return BadInput(
        "open task " + task.folder.string() + ": no train file is named",
        "name it with --train or under [data] in task.toml");
  }
  TRY_ASSIGN(Table train, load(task.train));
  TaskTables tables{std::move(train), std::nullopt, std::nullopt};
  if (!task.test.empty()) {
    TRY_ASSIGN(tables.test, load(task.test));
  }
  if (!task.sample_submission.empty()) {
    TRY_ASSIGN(tables.sample, load(task.sample_submission));
  }
  return tables;
}

Result<Task> LoadTask(const std::filesystem::path& folder,
                      const TaskOverrides& overrides, Inference* inference) {
  TRY_ASSIGN(Task task, ReadStatedTask(folder, overrides));
  Result<Inference> made = InferTask(task);
  const bool hidden = task.mode == EvaluationMode::kHidden;
  // The other modes do without tables.
  if (!made.ok() && hidden) return made.error();
  if (made.ok()) task = made->task;
  if (hidden) TRY(CheckTask(task, *made->tables));
  if (inference != nullptr) {
    *inference = made.ok() ? *std::move(made) : Inference{task, {}, task.split};
  }
  return task;
}

Status CheckTask(const Task& task, const TaskTables& tables) {
  TRY(CheckMetric(task));
  TRY(CheckExtra(task));
  TRY(CheckTargets(task, tables));
  return CheckSample(task, tables);
}

Result<Hash128> DigestTask(const Task& task) {
  std::string facts = TaskFileText(task);
  for (const std::string* name :
       {&task.train, &task.test, &task.sample_submission,
        &task.metric_script}) {
    TRY(AddFile(task, *name, facts));
  }
  return HashBytes(facts);
}

}  // namespace treesmith
