// Grading: checking a submission, and scoring it where the truth is known.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "evaluation/leaderboard.h"
#include "model/task.h"
#include "sandbox/sandbox.h"
#include "score/metric.h"

namespace treesmith {

struct Grade {
  // What makes the submission invalid; empty: it is valid.
  std::vector<std::string> problems;
  // What is odd but valid.
  std::vector<std::string> remarks;
  // Present when it is valid and answers were given.
  std::optional<double> score;
  // Present when there is a score and a leaderboard was given.
  std::optional<Standing> standing;

  [[nodiscard]] bool valid() const { return problems.empty(); }
};

// `answers`: a table with the id and target columns for every row of the test,
// in any order; empty: the file is only checked. `leaderboard`: as
// Leaderboard::Read takes it, and needs answers; empty: there is none.
// BadInput: files that cannot be read, answers or a leaderboard that do not fit
// the task.
// `sandbox` runs a metric that is a script; null will do for the others, and
// where there are no answers.
Result<Grade> GradeSubmission(const Task& task,
                              const std::filesystem::path& submission,
                              const std::filesystem::path& answers,
                              const std::filesystem::path& leaderboard = {},
                              Sandbox* sandbox = nullptr);

}  // namespace treesmith
