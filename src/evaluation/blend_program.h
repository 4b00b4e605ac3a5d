// BlendProgram: best/ensemble/run.py, the answer of a run as a program.
//
// It runs the members' scripts on the task's folder as the sandbox ran them,
// blends what they answer in the same space and by the same weights, and writes
// the same bytes as the host did (design 5.6). Everything that was fitted
// stands in it as numbers. A test compares the bytes.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "evaluation/evaluator.h"
#include "score/decide.h"
#include "score/metric.h"
#include "search/ensemble_blend.h"
#include "table/predictions.h"
#include "table/submission.h"
#include "table/target.h"
#include "table/task_file.h"

namespace treesmith {

// The file beside run.py that holds a member's script.
std::string MemberFile(NodeId node);

struct BlendProgramInput {
  const Task& task;
  const TaskTables& tables;
  const Target& target;
  // Of the real test.
  const SubmissionSpec& spec;
  const Metric& metric;
  std::span<const Member> members;
  // Of every member's predictions.
  PredictionKind kind = PredictionKind::kValue;
  int columns = 1;
  BlendSpace space = BlendSpace::kPlain;
  // How labels are decided; absent where there is nothing to decide or several
  // targets are decided plainly.
  std::optional<Decision> decision = {};
  // Processors of one script; results may depend on them.
  int threads = 1;
  // Where the weights come from, one sentence.
  std::string why = {};
};

// Python source. REQUIRES: a test file, and predictions that are no labels
// (labels cannot be blended).
std::string BlendProgram(const BlendProgramInput& input);

}  // namespace treesmith
