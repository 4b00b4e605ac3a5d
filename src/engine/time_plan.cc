#include "engine/time_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace treesmith {
namespace {

using Milliseconds = std::chrono::milliseconds;

// The share of the time that one script may take at most.
constexpr int kScriptShare = 20;
// Importing libraries takes 2 s on an idle core and ten times that on a loaded
// one: a script gets at least this, but for a third of a very short run.
constexpr Milliseconds kShortestLimit{20'000};
constexpr int kLargestPart = 3;
// The slowest family takes a few times as long as the quickest unit so far.
constexpr int kQuickestTimes = 4;

// Tables up to this size in runs of a minute and more are never sampled: a
// script on them mostly starts up.
constexpr Milliseconds kShortRun{60'000};
constexpr int64_t kSmallRows = 20'000;
constexpr int64_t kSmallCells = 600'000;

// The probe: fewer rows teach nothing.
constexpr double kFewestRows = 2'000;
// The pilot: enough rows, or cells, to tell how long more of them take.
constexpr double kPilotRows = 30'000;
constexpr double kPilotCells = 900'000;
// What was measured tells of this many times as many rows, no more.
constexpr double kReach = 6;

// A complete node should cost at most this share of the time, the first drafts
// together this, and the refits at the end this.
constexpr double kNodeShare = 1.0 / 20;
constexpr double kDraftsShare = 0.45;
constexpr double kEndShare = 0.3;
// Members that an ensemble may well have.
constexpr double kMembers = 3;
// Of the limit of a script, for one that costs a lot: such are written to stay
// within it (operators/builtin/cost_limit.h).
constexpr double kLimitShare = 0.5;
// Of what starting up takes: to fit on so many rows that they take less saves
// little.
constexpr double kUseful = 0.5;
// Leaving out less is not worth while.
constexpr double kWholeFrom = 0.8;
// Nominal costs are not believed beyond these ratios.
constexpr double kCheapest = 0.1;
constexpr double kDearest = 10;

double Seconds(Milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

// Seconds of units: `start + share * fit`.
struct Costs {
  double start = 0;
  double pilot = 0;          // fit of the measured script on all of a fold
  std::vector<double> fits;  // of the first drafts, ascending
  [[nodiscard]] double typical() const { return fits[(fits.size() - 1) / 2]; }
};

// What the pilot took beyond the probe. On a loaded machine two times by the
// clock differ by more than what the rows took; processor time differs by the
// rows alone, and both together tell how long it takes by the clock.
double MoreSeconds(const Measured& probe, const Measured& pilot) {
  if (probe.cpu.count() <= 0 || pilot.cpu.count() <= 0) {
    return Seconds(pilot.wall) - Seconds(probe.wall);
  }
  const double load =
      Seconds(probe.wall + pilot.wall) / Seconds(probe.cpu + pilot.cpu);
  return (Seconds(pilot.cpu) - Seconds(probe.cpu)) * load;
}

// The line through the first and the last measurement.
Costs CostsOf(const PlanFacts& facts, const std::vector<Measured>& measured) {
  const Measured& probe = measured.front();
  const Measured& pilot = measured.back();
  Costs costs;
  const double more = MoreSeconds(probe, pilot);
  if (pilot.share > probe.share) {
    costs.pilot = std::max(0.0, more / (pilot.share - probe.share));
  }
  costs.start =
      std::max(0.0, std::min(Seconds(probe.wall), Seconds(pilot.wall)) -
                        costs.pilot * probe.share);
  for (const double cost : facts.draft_costs) {
    const double ratio = pilot.nominal_cost > 0 ? cost / pilot.nominal_cost : 1;
    costs.fits.push_back(costs.pilot * std::clamp(ratio, kCheapest, kDearest));
  }
  if (costs.fits.empty()) costs.fits.push_back(costs.pilot);
  std::ranges::sort(costs.fits);
  return costs;
}

// The largest share for which `share * seconds` is within `limit`.
double ShareWithin(double limit, double seconds) {
  return seconds <= 0 ? 1 : limit / seconds;
}

// Two digits, for people and so that little changes do not show.
double Rounded(double share) {
  if (share >= kWholeFrom) return 1;
  const double unit = std::pow(10.0, std::floor(std::log10(share)) - 1);
  return std::floor(share / unit) * unit;
}

double ShareOfRows(double rows, int64_t fold_rows) {
  return Rounded(std::min(1.0, rows / static_cast<double>(fold_rows)));
}

// What the slowest scripts are cut down to, start-up left out.
double DearestFit(const PlanFacts& facts, const Costs& costs) {
  const auto start = Milliseconds(std::llround(costs.start * 1000));
  const double limit =
      Seconds(ScriptLimit(facts.time, facts.script_timeout, start));
  return std::max(0.1 * limit, limit * kLimitShare - costs.start);
}

// The largest share for which the first drafts fit `seconds` in total.
double ShareOfDrafts(const Costs& costs, double dearest, double seconds) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < 30; ++i) {
    const double share = (low + high) / 2;
    double total = 0;
    for (const double fit : costs.fits) {
      total += costs.start + std::min(share * fit, dearest);
    }
    (total <= seconds ? low : high) = share;
  }
  return high;
}

double TrainShareOf(const PlanFacts& facts, const Costs& costs) {
  // Seconds of one script for which a share of the time pays.
  const double scripts = Seconds(*facts.time) * facts.workers / facts.folds;
  const double dearest = DearestFit(facts, costs);
  double share =
      ShareWithin(scripts * kNodeShare - costs.start, costs.typical());
  share =
      std::min(share, ShareOfDrafts(costs, dearest, scripts * kDraftsShare));
  // Where scripts mostly start up, fewer rows save little.
  share = std::max(share, ShareWithin(kUseful * costs.start, costs.typical()));
  share = std::min(share, ShareWithin(dearest, costs.typical()));
  share = std::max(share, kFewestRows / static_cast<double>(facts.fold_rows));
  return Rounded(std::clamp(share, 1e-6, 1.0));
}

double RefitShareOf(const PlanFacts& facts, const Costs& costs,
                    double train_share) {
  const double more = static_cast<double>(facts.all_rows) /
                      static_cast<double>(facts.fold_rows);
  const double one =
      Seconds(*facts.time) * kEndShare * facts.workers / kMembers;
  const double share =
      ShareWithin(std::max(one / 2, one - costs.start), costs.typical() * more);
  return Rounded(std::clamp(share, std::min(train_share, 1.0), 1.0));
}

std::string Percent(double share) {
  return fmt::format("{:.2g} %", 100 * share);
}

std::string TextOf(const PlanFacts& facts, const TimePlan& plan,
                   const Costs* costs) {
  std::string text = fmt::format("{} x {} {}", facts.workers, facts.threads,
                                 facts.threads == 1 ? "thread" : "threads");
  text += fmt::format(", {} {}", facts.folds,
                      facts.folds == 1 ? "hold-out" : "folds");
  if (facts.repeats > 1) {
    text += fmt::format(", {} for contenders",
                        facts.repeats == 2
                            ? "a repeat"
                            : fmt::format("{} repeats", facts.repeats - 1));
  }
  text +=
      fmt::format(", a script at most {} s", plan.script_limit.count() / 1000);
  if (!plan.settled) {
    return text + fmt::format(", first a pilot on {} of the rows",
                              Percent(plan.train_share));
  }
  if (plan.train_share == 1) {
    text += ", search on all rows";
  } else {
    text +=
        fmt::format(", search on {} of the rows", Percent(plan.train_share));
  }
  if (costs != nullptr) {
    text += fmt::format(
        " (scripts start in {:.1f} s, and a typical one takes {:.1f} s more on "
        "all rows of a fold)",
        costs->start, costs->typical());
  }
  if (plan.refit_share < 1) {
    text += ", refits on " + Percent(plan.refit_share);
  }
  return text;
}

bool Small(const PlanFacts& facts) {
  return *facts.time >= kShortRun && facts.all_rows <= kSmallRows &&
         facts.all_rows * facts.columns <= kSmallCells;
}

double PilotShare(const PlanFacts& facts) {
  const double columns =
      static_cast<double>(std::max<int64_t>(facts.columns, 1));
  const double rows = std::min(kPilotRows, kPilotCells / columns);
  return ShareOfRows(std::max(rows, 2 * kFewestRows), facts.fold_rows);
}

}  // namespace

Milliseconds ScriptLimit(std::optional<Milliseconds> time,
                         Milliseconds script_timeout, Milliseconds quickest) {
  if (!time) return script_timeout;
  const Milliseconds least =
      std::max(kShortestLimit, quickest * kQuickestTimes);
  return std::min(
      script_timeout,
      std::max(*time / kScriptShare, std::min(least, *time / kLargestPart)));
}

bool NeedsPilot(const PlanFacts& facts) {
  return facts.time.has_value() && facts.fold_rows > 0 && !Small(facts);
}

double ProbeShare(const PlanFacts& facts) {
  return ShareOfRows(kFewestRows, facts.fold_rows);
}

TimePlan MakePlanAtOnce(const PlanFacts& facts) {
  CHECK(!NeedsPilot(facts));
  TimePlan plan;
  plan.script_limit = ScriptLimit(facts.time, facts.script_timeout, {});
  plan.text = TextOf(facts, plan, nullptr);
  return plan;
}

TimePlan NextTimePlan(const PlanFacts& facts,
                      const std::optional<TimePlan>& before,
                      const Measured& unit) {
  CHECK(NeedsPilot(facts));
  CHECK(!before || !before->settled);
  TimePlan plan;
  if (before) plan.measured = before->measured;
  plan.measured.push_back(unit);
  plan.pilot_share = unit.share;
  plan.script_limit =
      ScriptLimit(facts.time, facts.script_timeout, plan.measured.front().wall);
  if (!before && unit.share < 1) {
    plan.train_share = PilotShare(facts);
    plan.settled = false;
    plan.text = TextOf(facts, plan, nullptr);
    return plan;
  }
  const Costs costs = CostsOf(facts, plan.measured);
  plan.train_share = TrainShareOf(facts, costs);
  const double reach = kReach * unit.share;
  if (plan.train_share > reach) {
    plan.train_share = Rounded(reach);
    plan.settled = false;
  }
  plan.refit_share = RefitShareOf(facts, costs, plan.train_share);
  plan.text = TextOf(facts, plan, &costs);
  return plan;
}

std::string EncodeTimePlan(const TimePlan& plan) {
  nlohmann::json measured = nlohmann::json::array();
  for (const Measured& unit : plan.measured) {
    measured.push_back({{"share", unit.share},
                        {"wall_ms", unit.wall.count()},
                        {"cpu_ms", unit.cpu.count()},
                        {"cost", unit.nominal_cost}});
  }
  return nlohmann::json{{"train_share", plan.train_share},
                        {"pilot_share", plan.pilot_share},
                        {"refit_share", plan.refit_share},
                        {"script_limit_ms", plan.script_limit.count()},
                        {"settled", plan.settled},
                        {"measured", measured},
                        {"text", plan.text}}
      .dump();
}

Result<TimePlan> DecodeTimePlan(const std::string& text) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    TimePlan plan;
    plan.train_share = json.at("train_share").get<double>();
    plan.pilot_share = json.at("pilot_share").get<double>();
    plan.refit_share = json.at("refit_share").get<double>();
    plan.script_limit = Milliseconds(json.at("script_limit_ms").get<int64_t>());
    // Logs of earlier versions knew settled plans only.
    plan.settled = json.value("settled", true);
    for (const auto& unit : json.value("measured", nlohmann::json::array())) {
      plan.measured.push_back({unit.at("share").get<double>(),
                               Milliseconds(unit.at("wall_ms").get<int64_t>()),
                               Milliseconds(unit.at("cpu_ms").get<int64_t>()),
                               unit.at("cost").get<double>()});
    }
    plan.text = json.at("text").get<std::string>();
    return plan;
  } catch (const nlohmann::json::exception& error) {
    return Failed(std::string("read time plan: ") + error.what());
  }
}

}  // namespace treesmith
