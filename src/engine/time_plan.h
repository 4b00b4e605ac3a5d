// TimePlan: how a run spends its time (design 5.5).
//
// Small tables and runs without a time limit are never sampled: their plan is
// made at once. Else the first script is measured: a probe on few rows tells
// what starting up takes, pilots on more rows tell what rows take, until the
// rows that the time allows are not far beyond those that were measured. Every
// plan on the way is logged (Planned); the last one is settled and stays.
// Where whole nodes would cost too much of the time, nodes of the search are
// fitted on a fixed sample of each fold's train rows; hidden rows stay. Pure.
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
  int64_t columns = 0;
  // Nominal costs of the first drafts on all rows (operators/coder.h), in no
  // unit: only their ratios count. May be empty.
  std::vector<double> draft_costs = {};
};

// One unit that was run on a share of its train rows.
struct Measured {
  double share = 1;
  std::chrono::milliseconds wall{0};
  std::chrono::milliseconds cpu{0};  // 0: unknown
  // Of the script on all rows, as in draft_costs; 0: unknown.
  double nominal_cost = 0;

  bool operator==(const Measured&) const = default;
};

struct TimePlan {
  // Of a fold's train rows: what units are fitted on from here on, what those
  // before were, and what a refit is (of all train rows).
  double train_share = 1;
  double pilot_share = 1;
  double refit_share = 1;
  // Of one script on a search rung, at least (ScriptLimit).
  std::chrono::milliseconds script_limit{0};
  // False: the next unit is a pilot, whose time makes another plan.
  bool settled = true;
  // What was run for it so far, the probe first.
  std::vector<Measured> measured = {};
  // The plan in one line, for people.
  std::string text;

  bool operator==(const TimePlan&) const = default;
};

// What one script may take: a twentieth of the time, or a few times as long as
// the quickest unit so far (0: none), since on a loaded machine importing alone
// can take that; never more than what is set for scripts.
std::chrono::milliseconds ScriptLimit(
    std::optional<std::chrono::milliseconds> time,
    std::chrono::milliseconds script_timeout,
    std::chrono::milliseconds quickest);
// Whether units have to be run before there can be a settled plan.
bool NeedsPilot(const PlanFacts& facts);
// What the first unit, the probe, is fitted on: few rows.
double ProbeShare(const PlanFacts& facts);
// REQUIRES: !NeedsPilot(facts)
TimePlan MakePlanAtOnce(const PlanFacts& facts);
// The plan after one more unit. `before`: absent at the probe, else the plan
// that the unit was run under. REQUIRES: NeedsPilot(facts), `before` is not
// settled.
TimePlan NextTimePlan(const PlanFacts& facts,
                      const std::optional<TimePlan>& before,
                      const Measured& unit);

// One JSON object, and back.
std::string EncodeTimePlan(const TimePlan& plan);
Result<TimePlan> DecodeTimePlan(const std::string& json);

}  // namespace treesmith
