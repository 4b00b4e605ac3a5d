// PromptFacts: what every prompt of a run is told and no step changes.
//
// A plain value, made once a run. Everything here stands in the constant front
// of a prompt, so that providers and local servers find it in their caches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/metric_value.h"
#include "model/task.h"
#include "sandbox/python_environment.h"
#include "score/metric.h"
#include "table/fold_plan.h"
#include "table/profile.h"

namespace treesmith {

struct PromptFacts {
  Task task;
  Profile profile;
  // table/preview.h of the files that scripts see and of no others
  // (PreviewOptions::only); empty: there is none.
  std::string preview;

  std::string metric;   // short name
  std::string formula;  // one line; empty for a custom metric
  Direction direction = Direction::kMinimize;
  Needs needs = Needs::kValue;

  // How hidden rows were cut; `folds` is how often the host runs a script at
  // least, `repeats` how often more for contenders.
  SplitKind split = SplitKind::kRandom;
  std::string split_column;
  std::string split_reason;
  int folds = 1;
  int repeats = 1;

  std::string python_version;
  std::vector<PythonPackage> packages;
  // Of one script.
  int threads = 1;
  int64_t memory_bytes = 0;
  // What the user wants to be tried (--hint); may be empty.
  std::string hint;
};

// Task, metric and split filled in; the caller adds the rest.
PromptFacts MakePromptFacts(const Task& task, const Profile& profile,
                            const Metric& metric, const FoldPlan& plan);

}  // namespace treesmith
