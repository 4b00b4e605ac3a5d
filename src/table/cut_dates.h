// DatedRows: train's rows by their dates, and how they fall into hidden blocks.
//
// Used by CutFolds alone. Days are counted from 1970-01-01.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/target.h"
#include "table/task_file.h"

namespace treesmith {

// The newest blocks of time, 0 the newest.
struct TimeBlocks {
  int count = 0;
  // A FoldPlan's hidden_in.
  std::vector<std::vector<int8_t>> fold_of;
};

class DatedRows {
 public:
  // `column`: of train. All arguments must outlive the object.
  DatedRows(const TaskTables& tables, const Target& target,
            const std::string& column);

  // Blocks as long as the test's time, with a train window of at least 1.5
  // blocks before the oldest; shorter where not even one fits. Where only one
  // fits, a second overlaps it, by half if there is time enough before: one
  // period's luck would else decide all. `most`: 0 is 3.
  // BadInput: one date only.
  [[nodiscard]] Result<TimeBlocks> NewestBlocks(int most) const;

  // Train's runs of days (test days end a run), cut into pieces about as long
  // as a test run; without a test into about 4 pieces a part. In order of time.
  [[nodiscard]] std::vector<std::vector<int64_t>> Pieces(int parts) const;

  // Nothing for a row without a date.
  [[nodiscard]] std::optional<int64_t> Day(int64_t row) const;

  // The day of each row, numbered from 0 in order of time (0 also for a row
  // without one). Empty where too few days are hidden to resample them.
  [[nodiscard]] std::vector<int32_t> NumberDays(
      const std::vector<int8_t>& hidden_in) const;

 private:
  [[nodiscard]] double TestSpan(double train_span, double step) const;
  // Of a row in one of the `count` blocks that end at `last`, its number from
  // the newest; older ones are kAlwaysTrain, others kUnused.
  [[nodiscard]] std::vector<int8_t> FoldsBack(double last, double block,
                                              int count) const;
  [[nodiscard]] size_t TypicalRun(std::vector<size_t> test_runs, size_t days,
                                  int parts) const;

  const Target& target_;
  // Seconds by row; NaN: none.
  std::vector<double> train_;
  // Of the test; empty where there is none.
  std::vector<double> test_;
};

}  // namespace treesmith
