#include "evaluation/grade.h"

#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "evaluation/label_decision.h"
#include "evaluation/metric_script.h"
#include "table/byte_source.h"
#include "table/submission.h"
#include "table/target.h"
#include "table/task_file.h"
#include "table/task_metric.h"
#include "table/view.h"

namespace treesmith {
namespace {

// One key for the id cells of a row of `table`.
Result<std::vector<int>> ColumnsOf(const Table& table,
                                   const std::vector<std::string>& names,
                                   const std::string& file) {
  std::vector<int> columns;
  for (const std::string& name : names) {
    const std::optional<int> column = table.FindColumn(name);
    if (!column) {
      return BadInput("read answers " + file + ": no column " + name);
    }
    columns.push_back(*column);
  }
  return columns;
}

double ValueOf(const Target& target, const std::string& text) {
  if (!target.classes.empty()) {
    const int index = target.ClassOf(text);
    return index < 0 ? std::numeric_limits<double>::quiet_NaN() : index;
  }
  return ParseNumber(text).value_or(std::numeric_limits<double>::quiet_NaN());
}

// The answers in the order of the test's rows.
Result<Truth> TruthFrom(const Task& task, const TaskTables& tables,
                        const Target& target,
                        const std::filesystem::path& path) {
  TRY_ASSIGN(const Table answers, Table::Read(path));
  TRY_ASSIGN(const std::vector<int> ids,
             ColumnsOf(answers, task.id, path.string()));
  TRY_ASSIGN(const std::vector<int> columns,
             ColumnsOf(answers, target.names, path.string()));
  TRY_ASSIGN(const std::vector<int> test_ids,
             ColumnsOf(*tables.test, task.id, path.string()));
  const auto key = [](const Table& table, const std::vector<int>& cells,
                      int64_t row) {
    std::string text;
    for (const int column : cells) {
      text += CanonicalValue(table.Text(row, column)) + '\x1f';
    }
    return text;
  };
  const Table& test = *tables.test;
  std::unordered_map<std::string, int64_t> row_of;
  bool unique = true;
  for (int64_t row = 0; row < answers.rows(); ++row) {
    unique = row_of.emplace(key(answers, ids, row), row).second && unique;
  }
  if (!unique && answers.rows() != test.rows()) {
    return BadInput("read answers " + path.string() +
                    ": ids repeat, so rows go by position, but it has " +
                    std::to_string(answers.rows()) + " rows and the test " +
                    std::to_string(test.rows()));
  }
  Truth truth;
  truth.columns = target.columns();
  truth.classes = static_cast<int>(target.classes.size());
  for (int64_t row = 0; row < test.rows(); ++row) {
    const std::string wanted = key(test, test_ids, row);
    const auto found = row_of.find(wanted);
    if (found == row_of.end() ||
        (!unique && key(answers, ids, row) != wanted)) {
      return BadInput("read answers " + path.string() + ": no answer for row " +
                      std::to_string(row + 1) + " of the test");
    }
    const int64_t answer = unique ? found->second : row;
    for (const int column : columns) {
      const double value = ValueOf(target, answers.Text(answer, column));
      if (std::isnan(value)) {
        return BadInput("read answers " + path.string() + ": row " +
                        std::to_string(answer + 1) +
                        " has no value that train knows");
      }
      truth.values.push_back(value);
    }
  }
  return truth;
}

// People may hand in a packed file, scripts may not.
Result<std::filesystem::path> Unpacked(const std::filesystem::path& file,
                                       const std::filesystem::path& folder) {
  const std::string name = file.filename().string();
  if (UnpackedName(name) == name) return file;
  TRY_ASSIGN(const std::string bytes, ReadUnpacked(file));
  TRY(WriteFile(folder / UnpackedName(name), bytes));
  return folder / UnpackedName(name);
}

Result<TaskMetric> Openable(const Task& task, const Target& target,
                            Sandbox* sandbox) {
  if (sandbox != nullptr) return OpenMetric(task, target, *sandbox, {});
  TRY_ASSIGN(const Metric metric, FindMetric(task.metric));
  return TaskMetric{nullptr, metric};
}

}  // namespace

Result<Grade> GradeSubmission(const Task& task,
                              const std::filesystem::path& submission,
                              const std::filesystem::path& answers,
                              const std::filesystem::path& leaderboard,
                              Sandbox* sandbox) {
  TRY_ASSIGN(const TaskTables tables, LoadTables(task));
  TRY(CheckTask(task, tables));
  if (!tables.test) {
    return BadInput("grade " + submission.string() +
                    ": the task has no test file");
  }
  TRY_ASSIGN(const Target target, ReadTarget(task, tables));
  TRY_ASSIGN(const Metric metric, MetricOf(task));
  std::optional<Leaderboard> board;
  if (!leaderboard.empty()) {
    if (answers.empty()) {
      return BadInput("place " + submission.string() +
                          " on a leaderboard: its score is not known",
                      "--answers FILE names the true values of the test");
    }
    TRY_ASSIGN(board, Leaderboard::Read(leaderboard, metric.direction()));
  }
  std::error_code ignored;
  if (!std::filesystem::exists(submission, ignored)) {
    return BadInput("read " + submission.string() + ": no such file");
  }
  const SubmissionSpec spec =
      SpecOf(task, tables, target, KeysOfTest(task, tables));
  TRY_ASSIGN(const TemporaryFolder unpacked, TemporaryFolder::Make("grade"));
  TRY_ASSIGN(const std::filesystem::path file,
             Unpacked(submission, unpacked.path()));
  CheckedSubmission checked = ReadSubmission(file, spec, target);
  Grade grade;
  grade.problems = std::move(checked.problems);
  grade.remarks = std::move(checked.remarks);
  if (!checked.predictions || answers.empty()) return grade;
  TRY_ASSIGN(const Truth truth, TruthFrom(task, tables, target, answers));
  std::vector<float> values = checked.predictions->values;
  int columns = checked.predictions->columns;
  if (NeedsDecision(metric, checked.predictions->kind)) {
    values = DecidePlainly(target, *checked.predictions);
    columns = target.columns();
  }
  TRY_ASSIGN(const TaskMetric scored, Openable(task, target, sandbox));
  Result<double> score = scored.metric.Evaluate(truth, {values, columns});
  if (score.ok()) {
    grade.score = *score;
    if (board) grade.standing = board->Place(*score);
  } else {
    grade.problems.push_back(score.error().message);
  }
  return grade;
}

}  // namespace treesmith
