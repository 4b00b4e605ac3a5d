// Task: what is to be solved, after everything that could be inferred was.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/metric_value.h"

namespace treesmith {

enum class EvaluationMode { kHidden, kReported, kCommand };

struct Task {
  std::filesystem::path folder;
  std::string name;
  // Free text; may be long (a Kaggle description).
  std::string goal;

  // File names inside `folder`, as a script sees them below input/ (a .gz is
  // unpacked there). Empty: there is none.
  std::string train;
  std::string test;
  std::string sample_submission;
  std::vector<std::string> extra;
  // `extra` is what was asked for, an empty list included: nothing is inferred.
  bool extra_stated = false;
  std::vector<std::string> target;
  std::vector<std::string> id;

  // A name of score/metric.h, or "custom".
  std::string metric;
  // From the metric; stated only for a custom one.
  std::optional<Direction> direction;
  // metric.py, inside `folder`; for "custom".
  std::string metric_script;
  // "value", "label", "probability" or "order": what a custom metric compares.
  std::string metric_needs;

  EvaluationMode mode = EvaluationMode::kHidden;
  // 0: auto.
  int folds = 0;
  // "auto", "random", "stratified", "group:COL", "time:COL", "blocks:COL".
  std::string split = "auto";
  // "reported" and "command" modes: the host's command; empty otherwise.
  std::string command;

  std::chrono::milliseconds script_timeout{600'000};
  int64_t memory_bytes = 0;  // 0: (RAM - 1 GiB) / workers
};

}  // namespace treesmith
