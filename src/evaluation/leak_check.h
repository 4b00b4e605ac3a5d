// Leak checks: is a score too good or too simple to be true (design 5.3)?
//
// What a score alone, its predictions alone, or the folds alone give away; the
// canary (evaluation/canary.h) runs scripts. Pure but for reading the task's
// tables; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluation/scorer.h"
#include "model/check.h"
#include "table/fold_plan.h"
#include "table/predictions.h"
#include "table/target.h"
#include "table/task_file.h"

namespace treesmith {

// What scripts are given of hidden rows, to compare predictions with.
class InputColumns {
 public:
  // Looks at some thousand hidden rows of the first repeat; keeps no reference.
  InputColumns(const TaskTables& tables, const Target& target,
               const FoldPlan& plan);

  // A suspicion where predictions are a column of the input, a straight line in
  // it, or rise or fall with it in every row; also with the rows' own order.
  // `stacked`: of the first repeat, fold after fold.
  [[nodiscard]] std::optional<Check> Copied(const Predictions& stacked) const;

 private:
  struct Column {
    std::string what;               // "column 'temp'"
    std::vector<double> numbers;    // NaN where there is none
    std::vector<size_t> ascending;  // rows with a number; empty: too few
    size_t distinct = 0;
    std::vector<int> labels;  // class named by the cell; empty: some are none
  };
  [[nodiscard]] std::string Likeness(const Column& column,
                                     const std::vector<double>& values) const;

  std::vector<size_t> places_;  // of the sampled rows in the stack
  std::vector<Column> columns_;
};

// A suspicion where a score is as good as a score can be. `ideal` and `chance`
// in the metric's unit; `rows`: hidden ones.
std::optional<Check> Perfect(const Metric& metric, double score, double chance,
                             size_t rows);

// The best that a metric can be: 0 for losses, 1 for all others.
double IdealScore(const Metric& metric);

// How many hidden rows have a twin (every feature's cell alike) among the rows
// that scripts learn from, beside the same for the real test. A suspicion where
// the folds have more of them: scores are then better than on the test.
Check TwinsAcrossFolds(const Task& task, const TaskTables& tables,
                       const Target& target, const FoldPlan& plan);

// A suspicion where the numbers of train's ids tell the target and the test's
// lie beyond them: of hidden rows an id then tells more than of new ones.
// `order_signal`, `interleave`: as profiles have them (table/profile.h).
std::optional<Check> IdsTell(const FoldPlan& plan, const Task& task,
                             const TaskTables& tables, double order_signal,
                             bool interleave);

}  // namespace treesmith
