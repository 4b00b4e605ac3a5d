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
// Below this no script can be expected to import its libraries.
constexpr Milliseconds kShortestLimit{10'000};
// Enough rows to tell how long more of them take.
constexpr double kPilotRows = 20'000;
// A complete node should cost at most this share of the time, the first drafts
// together and the refits at the end at most these.
constexpr double kNodeShare = 1.0 / 40;
constexpr double kDraftsShare = 0.35;
constexpr double kEndShare = 0.25;
// Members that an ensemble may well have, and the margin for their refits.
constexpr double kMembers = 5;
constexpr double kRefitMargin = 1.5;
// Of the limit of a script, for the slowest family: nominal costs are rough.
constexpr double kLimitShare = 0.6;
// Importing and reading take this long, however few the rows.
constexpr double kOverheadSeconds = 1;
// Fewer rows teach nothing.
constexpr double kFewestRows = 2'000;
// Leaving out less is not worth while.
constexpr double kWholeFrom = 0.8;
// Nominal costs are not believed beyond these ratios.
constexpr double kCheapest = 0.05;
constexpr double kDearest = 20;

// Seconds of scripts as a function of the share of rows.
struct Costs {
  double overhead = 0;
  // Of all rows of a fold, beyond the overhead.
  double typical = 0;
  double slowest = 0;
  double drafts = 0;  // all together
  double count = 1;   // of drafts
};

Costs CostsOf(const PlanFacts& facts, const Pilot& pilot, double pilot_share) {
  const double wall = static_cast<double>(pilot.wall.count()) / 1000;
  Costs costs;
  costs.overhead = std::min(kOverheadSeconds, wall / 2);
  const double whole = (wall - costs.overhead) / pilot_share;
  std::vector<double> seconds;
  for (const double cost : facts.draft_costs) {
    const double ratio = pilot.nominal_cost > 0 ? cost / pilot.nominal_cost : 1;
    seconds.push_back(whole * std::clamp(ratio, kCheapest, kDearest));
  }
  if (seconds.empty()) seconds.push_back(whole);
  std::ranges::sort(seconds);
  costs.typical = seconds[seconds.size() / 2];
  costs.slowest = seconds.back();
  for (const double second : seconds) costs.drafts += second;
  costs.count = static_cast<double>(seconds.size());
  return costs;
}

// The largest share for which `overhead + share * seconds` is within `limit`.
double ShareWithin(double limit, double overhead, double seconds) {
  return seconds <= 0 ? 1 : (limit - overhead) / seconds;
}

// Two digits, for people and so that little changes do not show.
double Rounded(double share) {
  if (share >= kWholeFrom) return 1;
  const double unit = std::pow(10.0, std::floor(std::log10(share)) - 1);
  return std::floor(share / unit) * unit;
}

double TrainShareOf(const PlanFacts& facts, const Costs& costs) {
  const double time = static_cast<double>(facts.time->count()) / 1000;
  // Seconds of one script for which a share of the time pays.
  const double scripts = time * facts.workers / facts.folds;
  double share =
      ShareWithin(scripts * kNodeShare, costs.overhead, costs.typical);
  share =
      std::min(share, ShareWithin(scripts * kDraftsShare,
                                  costs.overhead * costs.count, costs.drafts));
  const double limit =
      static_cast<double>(
          ScriptLimit(facts.time, facts.script_timeout).count()) /
      1000 * kLimitShare;
  share = std::min(share, ShareWithin(limit, costs.overhead, costs.slowest));
  // Where scripts mostly start and read, fewer rows save nothing.
  const double useful = costs.typical <= 0 ? 1 : costs.overhead / costs.typical;
  const double rows = kFewestRows / static_cast<double>(facts.fold_rows);
  return Rounded(std::clamp(std::max({share, useful, rows}), 1e-6, 1.0));
}

double RefitShareOf(const PlanFacts& facts, const Costs& costs,
                    double train_share) {
  const double more = static_cast<double>(facts.all_rows) /
                      static_cast<double>(facts.fold_rows);
  const double time = static_cast<double>(facts.time->count()) / 1000;
  const double one =
      time * kEndShare * facts.workers / (kMembers * kRefitMargin);
  return Rounded(
      std::clamp(ShareWithin(one, costs.overhead, costs.typical * more),
                 std::min(train_share, 1.0), 1.0));
}

std::string Percent(double share) {
  return fmt::format("{:.2g} %", 100 * share);
}

std::string TextOf(const PlanFacts& facts, const TimePlan& plan,
                   const Costs& costs) {
  std::string text = fmt::format("{} x {} {}", facts.workers, facts.threads,
                                 facts.threads == 1 ? "thread" : "threads");
  text += fmt::format(", {} {}", facts.folds,
                      facts.folds == 1 ? "hold-out" : "folds");
  if (facts.repeats > 1) {
    text += fmt::format(", {} repeats for contenders", facts.repeats - 1);
  }
  text +=
      fmt::format(", a script at most {} s", plan.script_limit.count() / 1000);
  if (plan.train_share < 1) {
    text += fmt::format(
        ", search on {} of the rows (a node on all of them would take {:.0f} "
        "s)",
        Percent(plan.train_share),
        facts.folds * (costs.overhead + costs.typical) / facts.workers);
  } else {
    text += ", search on all rows";
  }
  if (plan.refit_share < 1) {
    text += ", refits on " + Percent(plan.refit_share);
  }
  return text;
}

}  // namespace

Milliseconds ScriptLimit(std::optional<Milliseconds> time,
                         Milliseconds script_timeout) {
  if (!time) return script_timeout;
  return std::min(script_timeout,
                  std::max(*time / kScriptShare, kShortestLimit));
}

bool NeedsPilot(const PlanFacts& facts) {
  return facts.time.has_value() && facts.fold_rows > 0;
}

double PilotShare(const PlanFacts& facts) {
  if (!NeedsPilot(facts)) return 1;
  return Rounded(
      std::min(1.0, kPilotRows / static_cast<double>(facts.fold_rows)));
}

TimePlan MakeTimePlan(const PlanFacts& facts,
                      const std::optional<Pilot>& pilot) {
  TimePlan plan;
  plan.script_limit = ScriptLimit(facts.time, facts.script_timeout);
  Costs costs;
  if (NeedsPilot(facts)) {
    CHECK(pilot.has_value());
    plan.pilot_share = PilotShare(facts);
    costs = CostsOf(facts, *pilot, plan.pilot_share);
    plan.train_share = TrainShareOf(facts, costs);
    plan.refit_share = RefitShareOf(facts, costs, plan.train_share);
  }
  plan.text = TextOf(facts, plan, costs);
  return plan;
}

std::string EncodeTimePlan(const TimePlan& plan) {
  return nlohmann::json{{"train_share", plan.train_share},
                        {"pilot_share", plan.pilot_share},
                        {"refit_share", plan.refit_share},
                        {"script_limit_ms", plan.script_limit.count()},
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
    plan.text = json.at("text").get<std::string>();
    return plan;
  } catch (const nlohmann::json::exception& error) {
    return Failed(std::string("read time plan: ") + error.what());
  }
}

}  // namespace treesmith
