// RunConfig: everything that decides a run, as it is stored in RunStarted.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "evaluation/evaluator.h"
#include "llm/model_registry.h"

namespace treesmith {

// What ends the search. Absent: no bound of this kind.
struct BudgetLimits {
  std::optional<int64_t> steps;
  std::optional<std::chrono::milliseconds> time;
  std::optional<double> target_score;
  // Steps without a new best node.
  std::optional<int64_t> patience;
  std::optional<int64_t> tokens;
  std::optional<double> cost_usd;
  std::optional<int64_t> disk_bytes;
};

// How a model is asked, where one writes the scripts. Keys are in none of it.
struct ModelSettings {
  // "improve", "review" ... : another model than RunConfig::coder.
  std::map<std::string, std::string> by_purpose;
  // The [models.NAME] tables of the user's configuration.
  ModelTables tables;
  std::string operators = "aira";
  // "digest" for all operators, or "improve=digest"; the last one counts.
  std::vector<std::string> memory;
  std::string prompts;  // folder; empty: the program's own
  bool warm_start = true;
  // Cassettes and the folder of cached answers, absolute; empty: none.
  std::string record;
  std::string replay;
  std::string cache;
};

struct RunConfig {
  std::string task_folder;  // absolute
  // Of the task as it was read, so that a run can be shown without it.
  std::string task_name;
  std::string metric;  // short name
  Direction direction = Direction::kMinimize;
  int units = 1;  // of a node, repeats included
  std::string coder = "builtin";
  ModelSettings models;
  std::string policy = "auto";
  std::string preset;  // its parameters come before the settings
  // --set key=value, in the order given.
  std::vector<std::string> settings;
  std::string hint;
  // Code of --start files, with their names.
  std::vector<std::pair<std::string, std::string>> start_scripts;
  BudgetLimits budget;
  uint64_t seed = 0;
  int workers = 1;
  // Processors of one script; 0: as many as the workers leave it.
  int threads = 0;
  // Candidates that may be asked for at once; with one worker and one slot
  // everything happens one after the other and the log is repeatable.
  int ask_slots = 1;
  std::string sandbox = "bubblewrap";
  std::chrono::milliseconds script_timeout{600'000};
  int64_t memory_bytes = 0;
  SelectRule select = SelectRule::kEnsemble;
  // The task as it was understood: a task.toml and the goal. A resumed run
  // reads these and infers nothing.
  std::string task_text;
  std::string goal;
};

std::string EncodeConfig(const RunConfig& config);
Result<RunConfig> DecodeConfig(const std::string& json);
std::string EncodeBudget(const BudgetLimits& budget);
Result<BudgetLimits> DecodeBudget(const std::string& json);

}  // namespace treesmith
