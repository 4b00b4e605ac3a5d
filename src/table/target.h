// Target: what is to be predicted, read from train, and what a submission of
// the task must hold for it.
//
// Labels are compared as values: 1 = 1.0, True = true (CanonicalValue).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "score/metric.h"
#include "table/task_file.h"

namespace treesmith {

// What a column of the submission holds.
enum class SubmissionKind {
  kValue,         // a number for each target
  kLabel,         // one class for each target
  kProbability,   // P(class 1) for each (binary) target
  kClassColumns,  // one target: a probability for each class, a column a class
  kLabelList,  // one target: some classes, best first, spaces between (map@k)
};

struct Target {
  SubmissionKind kind = SubmissionKind::kValue;
  // Names in the task's order; columns of train.
  std::vector<std::string> names;
  // One entry a row of train and target, row-major: the number, or the index
  // of the class; NaN where the row has no label.
  std::vector<double> values;
  // Spelling in train of each class (the most frequent one), by index: numbers
  // ascending, false before true, other text in byte order; for class columns,
  // the sample's order. Empty for numbers. Several binary targets share one
  // list.
  std::vector<std::string> classes;
  // Canonical spelling -> index; for 0/1 and false/true both pairs.
  std::map<std::string, int, std::less<>> class_index;
  // The metric looks at the order of predictions only: a "probability" may be
  // any real number.
  bool order_only = false;
  // kClassColumns: the columns' names in the submission, by class.
  std::vector<std::string> class_columns;

  [[nodiscard]] int columns() const { return static_cast<int>(names.size()); }
  [[nodiscard]] int64_t rows() const;
  [[nodiscard]] double At(int64_t row, int column) const;
  // All targets of the row are present.
  [[nodiscard]] bool Labelled(int64_t row) const;
  // Index of a label as a script may write it; -1 if it is none.
  [[nodiscard]] int ClassOf(std::string_view text) const;
};

// Reads the target columns of train. The metric decides whether they are
// numbers or classes. BadInput: text where the metric needs numbers, one
// class only, more than two classes for a binary metric, no labelled row.
Result<Target> ReadTarget(const Task& task, const TaskTables& tables);

// The truth of some train rows, as metrics read it.
Truth TruthOf(const Target& target, std::span<const int32_t> rows);

}  // namespace treesmith
