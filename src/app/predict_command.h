// `treesmith predict`: the chosen answer of a run on new rows.
#pragma once

#include <string>

#include "app/session.h"

namespace treesmith {

struct PredictOptions {
  std::string run;
  std::string rows;  // a table with the columns of the task's test
  std::string out;   // empty: stdout
  std::string task;  // --task: where the task's folder is now
  RunnerOptions runner;
};

// Fits what the run has chosen on all train rows again, the new rows in the
// place of the test, checks what comes and writes it as a submission. 0, or 1
// when a member failed on these rows.
int RunPredict(const PredictOptions& options);

}  // namespace treesmith
