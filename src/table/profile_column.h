// One column of a profile, and what a target is. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "table/profile.h"
#include "table/profile_data.h"

namespace treesmith {

// What the metric asks a target to be; kUnsaid leaves it to the values.
enum class TargetHint { kUnsaid, kNumber, kClasses, kOrdered };

// `train_rows`: the first so many rows of the column are train's.
TargetProfile ProfileTarget(const DataColumn& column, size_t train_rows,
                            TargetHint hint);

// The target as the signals of columns are measured against it.
struct SignalTarget {
  TargetKind kind = TargetKind::kRegression;
  std::vector<size_t> rows;      // of train, at most 10,000, with a target
  std::vector<double> value;     // of these rows; binary: 1 for the last class
  std::vector<int32_t> classes;  // of these rows; multiclass only
  std::vector<double> rank;      // of `value`; not of two classes
};
SignalTarget MakeSignalTarget(const DataColumn& column, size_t train_rows,
                              const TargetProfile& target);

ColumnProfile ProfileColumn(const DataColumn& column, size_t train_rows,
                            const SignalTarget& target);

// By the values of all rows.
ColumnType TypeOf(const DataColumn& column);

}  // namespace treesmith
