// `treesmith evaluate`, `grade`, `exec` and `doctor`: commands that make no
// run.
#pragma once

#include <chrono>
#include <string>

#include "app/exec_command.h"
#include "app/session.h"
#include "table/task_file.h"

namespace treesmith {

struct EvaluateOptions {
  std::string task;
  std::string script;
  TaskOverrides overrides;
  RunnerOptions runner;
  uint64_t seed = 0;
  int workers = 0;
  int64_t memory_bytes = 0;
  bool json = false;
};
// The hidden score of one script. 0 when it was scored, else 1.
int RunEvaluate(const EvaluateOptions& options);

struct GradeOptions {
  std::string task;
  std::string submission;
  std::string answers;
  RunnerOptions runner;  // for a metric that is a script
  std::string leaderboard;
  TaskOverrides overrides;
  bool json = false;
};
// 0 when the submission is valid, else 1.
int RunGrade(const GradeOptions& options);

// RunExec in the sandbox that the flags ask for.
int RunExecIn(const RunnerOptions& runner, const ExecOptions& options);

struct DoctorOptions {
  std::string model;   // --model: ask it; empty: no model is asked
  std::string config;  // as in ModelOptions
  RunnerOptions runner;
  bool json = false;
};
// What is there, what is missing and what follows. 0, or 3 when scripts cannot
// be run safely; with a model what it can do, 3 when it does not answer.
int RunDoctor(const DoctorOptions& options);

}  // namespace treesmith
