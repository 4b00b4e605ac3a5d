// SubmissionChecker: reads one file against what is expected of it.
//
// Used by submission.cc alone, one object a file: Open, MatchRows, find
// columns, read them, then Finish. Everything that is wrong is collected; a
// call that answers false (or nothing) has added a problem.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/submission.h"
#include "table/written_table.h"

namespace treesmith {

// How far probabilities may be off by rounding.
inline constexpr double kProbabilityRounding = 1e-4;

// "a, b, c and 4 more".
std::string ListWords(const std::vector<std::string>& words);

class SubmissionChecker {
 public:
  // `spec` must outlive the object.
  SubmissionChecker(std::filesystem::path path, const SubmissionSpec& spec,
                    const Target& target)
      : path_(std::move(path)),
        spec_(spec),
        expected_(ExpectedOf(spec, target)) {}

  bool Open();
  // Finds which row of the file answers each expected one.
  bool MatchRows();
  // A column for each name; empty where one is missing.
  std::vector<int> FindColumns(const std::vector<std::string>& names);
  // Columns that are no ids.
  [[nodiscard]] std::vector<int> Others() const;

  // Predictions of the expected rows, all 0.
  [[nodiscard]] Predictions Blank(PredictionKind kind, size_t columns) const;
  // Fills column `at` of `out` from a column of the file. `read` is called once
  // a row in order and answers NaN for a text that is not `wanted`.
  using ReadCell = std::function<double(std::string_view text)>;
  void ReadColumn(int column, size_t at, Predictions& out, const ReadCell& read,
                  const std::string& wanted);
  // Scales rows to sum one; far from it is a problem.
  void Normalise(Predictions& out);

  void RemarkHardLabels(const Predictions& out);
  void RemarkExtraColumns();
  // Answers false.
  bool Problem(std::string text);
  void Remark(std::string text);

  // The predictions unless there was a problem.
  CheckedSubmission Finish(Predictions predictions) &&;
  CheckedSubmission Refuse() && { return std::move(checked_); }

  // REQUIRES: opened
  [[nodiscard]] const Table& table() const { return *table_; }
  [[nodiscard]] std::string Name() const { return path_.filename().string(); }

 private:
  // A number of like faults in one column, and the first of them.
  struct Faults {
    int64_t count = 0;
    std::string value;
    size_t row = 0;
    void Add(size_t at, std::string_view text);
  };

  bool MatchByKey();
  bool MatchByPosition();
  [[nodiscard]] std::string KeyAt(int64_t row, std::string& scratch) const;
  // "3 of 870".
  [[nodiscard]] std::string Share(int64_t count) const;
  [[nodiscard]] std::string IdOf(size_t row) const;
  void Report(const Faults& faults, const std::string& what);
  void RemarkConstant(const Predictions& out);

  std::filesystem::path path_;
  const SubmissionSpec& spec_;
  ExpectedTable expected_;
  std::optional<Table> table_;
  std::vector<int> ids_;
  // Row of the file for each expected row.
  std::vector<int64_t> row_of_;
  CheckedSubmission checked_;
};

}  // namespace treesmith
