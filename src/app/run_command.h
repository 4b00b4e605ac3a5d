// `treesmith run` and `treesmith resume`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/session.h"
#include "engine/config.h"
#include "table/task_file.h"

namespace treesmith {

// How a model is asked; only with a coder that is one.
struct ModelOptions {
  std::string config;                   // file of [models.NAME]
  std::vector<std::string> by_purpose;  // PURPOSE=MODEL
  std::string operators;                // empty: the preset's, else aira
  std::vector<std::string> memory;      // SCOPE or OPERATOR=SCOPE
  std::string prompts;
  std::string warm_start;  // none, builtin; empty: as it fits
  std::string record;
  std::string replay;
  std::string cache;
  int requests = 0;  // at once; 0: by the workers
};

struct RunOptions {
  std::string task = ".";
  TaskOverrides overrides;
  RunnerOptions runner;
  std::string coder;  // empty: builtin, with a hint where a key is found
  ModelOptions models;
  std::string policy;  // empty: the preset's, else auto
  std::string preset;
  std::vector<std::string> settings;
  BudgetLimits budget;
  std::vector<std::string> start;  // files
  std::string hint;
  std::string select = "ensemble";
  std::string out = "runs";
  uint64_t seed = 0;
  int workers = 0;  // 0: by the size of the data
  std::optional<std::chrono::milliseconds> script_timeout;
  int64_t memory_bytes = 0;
  bool json = false;
};

struct ResumeOptions {
  std::string run;
  std::string task;  // --task: where the folder is now
  RunnerOptions runner;
  BudgetLimits budget;  // what is given replaces what was
  bool json = false;
};

// Both print what was made where, and return the exit code.
int RunRun(const RunOptions& options);
int RunResume(const ResumeOptions& options);

}  // namespace treesmith
