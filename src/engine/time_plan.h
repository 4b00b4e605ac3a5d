// TimePlan: how a run spends its time (design 5.5).
//
// Made once a run and logged (Planned): at once where no time is set or rows
// cannot be sampled, else after the first unit, the pilot. Where whole nodes
// would cost too much of the time, nodes of the search are fitted on a fixed
// sample of each fold's train rows; hidden rows stay. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace treesmith {

struct PlanFacts {
  // The budget; absent: nothing is sampled.
  std::optional<std::chrono::milliseconds> time = {};
  std::chrono::milliseconds script_timeout{600'000};
  int workers = 1;
  int threads = 1;  // of one script
  int folds = 1;    // of the first rung
  int repeats = 1;  // as later rungs
  // Train rows of all, and of the first fold; 0: rows cannot be sampled.
  int64_t all_rows = 0;
  int64_t fold_rows = 0;
  // Nominal costs of the first drafts (operators/coder.h); may be empty.
  std::vector<double> draft_costs = {};
};

// The first unit that was run, whatever came of it but a bug.
struct Pilot {
  std::chrono::milliseconds wall{0};
  double nominal_cost = 0;
};

struct TimePlan {
  // Of a fold's train rows: what nodes of the search are fitted on, what the
  // pilot was, and what a refit is (of all train rows).
  double train_share = 1;
  double pilot_share = 1;
  double refit_share = 1;
  // Of one script on a search rung.
  std::chrono::milliseconds script_limit{0};
  // The plan in one line, for people.
  std::string text;

  bool operator==(const TimePlan&) const = default;
};

// A twentieth of the time, or what is set for scripts.
std::chrono::milliseconds ScriptLimit(
    std::optional<std::chrono::milliseconds> time,
    std::chrono::milliseconds script_timeout);
// Whether a unit has to be run before there can be a plan.
bool NeedsPilot(const PlanFacts& facts);
// What the pilot is fitted on; 1 where a fold has few rows.
double PilotShare(const PlanFacts& facts);
// REQUIRES: a pilot where one is needed.
TimePlan MakeTimePlan(const PlanFacts& facts,
                      const std::optional<Pilot>& pilot);

// One JSON object, and back.
std::string EncodeTimePlan(const TimePlan& plan);
Result<TimePlan> DecodeTimePlan(const std::string& json);

}  // namespace treesmith
