// Submissions: reading and checking what a script wrote.
//
// A script's mistake is not an Error but a list of problems, each a sentence
// that a coder can act on ("3 of 870 rows are missing, first id 17"). An Error
// means that the file could not be read at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/predictions.h"
#include "table/target.h"
#include "table/view.h"
#include "table/written_table.h"

namespace treesmith {

// What a submission must look like.
struct SubmissionSpec {
  RowKeys rows;
  // All columns in the sample's order, ids among them.
  std::vector<std::string> columns;
  // Of `columns`, those to predict: targets, or classes in the target's order.
  std::vector<std::string> predicted;
};
SubmissionSpec SpecOf(const Task& task, const TaskTables& tables,
                      const Target& target, RowKeys rows);

// The largest of the three files below that a script has reason to write.
ExpectedTable ExpectedOf(const SubmissionSpec& spec, const Target& target);

struct CheckedSubmission {
  // Present when there is no problem.
  std::optional<Predictions> predictions;
  // What makes it invalid.
  std::vector<std::string> problems;
  // What is odd but valid: constant, renormalised, other column order.
  std::vector<std::string> remarks;
};

// working/submission.csv. Extra columns are a remark, missing ones a problem.
CheckedSubmission ReadSubmission(const std::filesystem::path& path,
                                 const SubmissionSpec& spec,
                                 const Target& target);

// working/probabilities.csv: id, and a column for each class of the one target
// (in any spelling of the class). A class without a column has zeros, with a
// remark; a column that is no class is a problem. Rows that sum to something
// else than one are renormalised within 5 %, beyond that a problem.
CheckedSubmission ReadProbabilities(const std::filesystem::path& path,
                                    const SubmissionSpec& spec,
                                    const Target& target);

// working/scores.csv: id, and one real number for each target.
CheckedSubmission ReadScores(const std::filesystem::path& path,
                             const SubmissionSpec& spec, const Target& target);

// The bytes of a submission file with these predictions (kind kLabel, kValue or
// kProbability, as the target asks), in the sample's columns, `ids` as the real
// test or sample spells them.
std::string SubmissionText(const Predictions& predictions, const Task& task,
                           const TaskTables& tables, const Target& target);

// How many labels a list in this column of a submission holds: as many as the
// sample's first.
size_t LabelListLength(const TaskTables& tables, const std::string& column);

}  // namespace treesmith
