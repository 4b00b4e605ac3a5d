// ErrorMap: where the errors of a node sit, by what its script can see of a
// row.
//
// Hidden rows are parted once by every column that the test has too: by its
// values, by fifths of its numbers, by periods of its dates; and rows whose
// value the unit that hides them does not train on are parts of their own. What
// is told is of at least 50 rows each, so that no hidden label can be read off
// it (design 5.3).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evaluation/row_errors.h"
#include "model/task.h"
#include "table/fold_plan.h"
#include "table/task_file.h"

namespace treesmith {

class ErrorMap {
 public:
  // Looks at no more than 50,000 hidden rows, evenly; keeps no reference.
  // Unseen values are told where train has no more rows.
  ErrorMap(const Task& task, const TaskTables& tables, const FoldPlan& plan);

  // At most a few lines: errors by time, the values of columns that have far
  // more of the error than of the rows, unseen values likewise; empty where
  // nothing stands out. `rows`: of train, as `errors` has them. Any thread.
  [[nodiscard]] std::string Describe(const std::vector<int32_t>& rows,
                                     const RowErrors& errors) const;

 private:
  struct Column {
    std::string name;
    bool periods = false;            // of time, oldest first
    std::vector<std::string> parts;  // what each part is called
    std::vector<uint8_t> part;       // of each looked-at row; kNoPart
    std::vector<bool> unseen;        // of each looked-at row; may be empty
  };
  struct Seen {
    size_t index;  // of the row in what is described
    size_t place;  // of the row in looked_at_
  };
  struct Sums;
  struct Finding;

  void AddColumn(const Table& table, int index, const FoldPlan& plan);
  [[nodiscard]] std::vector<Finding> Findings(const std::vector<Seen>& seen,
                                              const RowErrors& errors) const;
  static std::string ByTime(const std::vector<Finding>& findings, bool bias);
  static std::string Worst(std::vector<Finding> findings, const Sums& all,
                           bool bias);

  std::vector<int64_t> looked_at_;  // rows of train, ascending
  std::vector<int32_t> place_;      // of each row of train in it; -1
  std::vector<Column> columns_;
};

}  // namespace treesmith
