// The engine's time: the plan, limits, and what is kept for the end.
#include <algorithm>
#include <cmath>

#include "engine/engine.h"

namespace treesmith {
namespace {

using Milliseconds = std::chrono::milliseconds;

// Kept for the end at least, and at most this part of the time.
constexpr Milliseconds kLeastReserve{2'000};
constexpr double kMostReserve = 0.35;
// An answer has about so many members that are not refitted yet, fewer where
// other families are far behind, and what is expected of their refits is off by
// as much as this.
constexpr size_t kMembers = 6;
constexpr size_t kLeastMembers = 3;
constexpr double kRefitMargin = 1.2;
// A canary is kept this share of the time for, no more.
constexpr int kCanaryPart = 20;
// During the search a refit may take this share of the time, no more.
constexpr int kRefitPart = 4;
// What is left at the end may be less than importing takes.
constexpr Milliseconds kShortestRefit{10'000};
// A refit that would keep the first submission waiting for longer is made on
// fewer rows first.
constexpr int kHurryPart = 30;
constexpr Milliseconds kHurry{10'000};
// Unless all rows are hardly more than those of a unit: then it is starting up
// that takes long.
constexpr double kManyRows = 2;
// What expectations of refits weigh against refits that were run.
constexpr double kPriorSeconds = 10;
// To choose once more, blend and write down the answer.
constexpr Milliseconds kLeastClosing{500};
constexpr int kClosingPart = 100;

double Seconds(Milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

Milliseconds UnitTime(const Node& node) {
  const auto units = std::max<size_t>(node.predictions.size(), 1);
  return node.seconds / static_cast<int64_t>(units);
}

}  // namespace

PlanFacts Engine::Facts() const {
  const TrainRows rows = parts_.evaluator.train_rows();
  PlanFacts facts;
  facts.time = budget_.time;
  facts.script_timeout = config_.script_timeout;
  facts.workers = config_.workers;
  facts.threads = config_.threads;
  facts.folds = parts_.evaluator.first_rung_units();
  facts.repeats = parts_.evaluator.units() / facts.folds;
  facts.all_rows = rows.all;
  facts.fold_rows = rows.fold;
  facts.columns = rows.columns;
  facts.draft_costs = parts_.coder.draft_costs();
  return facts;
}

double Engine::TrainShare() const {
  if (state_.plan()) return state_.plan()->train_share;
  const PlanFacts facts = Facts();
  return NeedsPilot(facts) ? ProbeShare(facts) : 1;
}

double Engine::RefitShare() const {
  return state_.plan() ? state_.plan()->refit_share : 1;
}

bool Engine::Settled() const { return state_.plan() && state_.plan()->settled; }

Status Engine::PlanAtOnce() {
  const PlanFacts facts = Facts();
  if (state_.plan() || NeedsPilot(facts)) return {};
  return Commit({Planned{EncodeTimePlan(MakePlanAtOnce(facts))}});
}

// A pilot that was ended by its limit tells how slow scripts are as well.
std::optional<Planned> Engine::PlanAfter(const OpenStep& step,
                                         const FoldRun& run) const {
  const PlanFacts facts = Facts();
  if (Settled() || !NeedsPilot(facts)) return std::nullopt;
  const bool tells =
      run.outcome.scored() ||
      (state_.plan() && run.outcome.kind == OutcomeKind::kTimeout);
  if (!tells) return std::nullopt;
  const Measured unit{TrainShare(), run.wall, run.cpu,
                      step.written->nominal_cost};
  return Planned{EncodeTimePlan(NextTimePlan(facts, state_.plan(), unit))};
}

// --- refits ------------------------------------------------------------------

double Engine::RefitRows() const {
  const TrainRows rows = parts_.evaluator.train_rows();
  const double more = rows.fold > 0 ? static_cast<double>(rows.all) /
                                          static_cast<double>(rows.fold)
                                    : 1;
  return std::max(1.0, more * RefitShare() / TrainShare());
}

// Starting up takes as long however many rows there are.
Milliseconds Engine::ExpectedRefit(const Node& node) const {
  const Milliseconds unit = UnitTime(node);
  const Milliseconds start = std::min(unit, state_.quickest_unit());
  return start +
         Milliseconds(std::llround(static_cast<double>((unit - start).count()) *
                                   RefitRows()));
}

double Engine::RefitPace() const {
  double took = kPriorSeconds;
  double expected = kPriorSeconds;
  for (const auto& [node, refit] : state_.refits()) {
    if (!refit.outcome.scored() || !HasRefit(node)) continue;
    took += Seconds(refit.wall);
    expected += Seconds(ExpectedRefit(state_.tree().at(node)));
  }
  return std::clamp(took / expected, 0.5, 2.0);
}

Milliseconds Engine::RefitTime(const Node& node) const {
  return Milliseconds(std::llround(
      static_cast<double>(ExpectedRefit(node).count()) * RefitPace()));
}

// Without a time limit the clock decides nothing: rows do.
double Engine::RefitWeight(const Node& node) const {
  if (!budget_.time) return RefitRows();
  return std::max(
      1.0, Seconds(RefitTime(node)) / std::max(0.001, Seconds(UnitTime(node))));
}

bool Engine::HasRefit(NodeId id) const {
  const Refitted* refit = state_.refit(id);
  return refit != nullptr && refit->share >= RefitShare();
}

double Engine::RefitShareOf(NodeId id) const {
  if (!budget_.time || AnyRefitted() || RefitRows() < kManyRows) {
    return RefitShare();
  }
  const Milliseconds patience =
      state_.search_ended() ? Deadline() - Elapsed()
                            : std::max(kHurry, *budget_.time / kHurryPart);
  if (RefitTime(state_.tree().at(id)) <= patience) return RefitShare();
  return RefitShare() / RefitRows();
}

// The refits of an answer of the best of families; those that are there already
// take nothing.
Milliseconds Engine::Reserve() const {
  std::vector<const Node*> members = NearFamilies(kLeastMembers);
  members.resize(std::min(members.size(), kMembers));
  double all = 0;
  double longest = 0;  // which no second worker makes shorter
  if (parts_.evaluator.has_test()) {
    for (const Node* node : members) {
      if (HasRefit(node->id)) continue;
      const double refit = Seconds(RefitTime(*node));
      all += refit;
      longest = std::max(longest, refit);
    }
  }
  const int at_once = std::min(config_.workers, static_cast<int>(kMembers));
  double refits = kRefitMargin * std::max(all / at_once, longest);
  // And the canary of the best node, where that is cheap.
  if (parts_.evaluator.has_canary() && state_.tree().best()) {
    refits += Seconds(std::min(CanaryTime(*state_.tree().best()),
                               *budget_.time / kCanaryPart));
  }
  const double time = Seconds(*budget_.time);
  const double kept = std::clamp(
      refits, std::min(Seconds(kLeastReserve), time / 4), time * kMostReserve);
  return Milliseconds(std::llround(kept * 1000));
}

Milliseconds Engine::Deadline() const {
  if (!budget_.time) return Milliseconds::max();
  return *budget_.time -
         std::max({choosing_, *budget_.time / kClosingPart,
                   std::min(kLeastClosing, *budget_.time / kClosingPart * 10)});
}

Milliseconds Engine::SearchDeadline() const {
  if (!budget_.time) return Milliseconds::max();
  return Deadline() - Reserve();
}

// Not cut by the time that is left: a script that the end of the search
// interrupts is no slow script. Its step stays open and is not held against
// it.
Milliseconds Engine::WallLimit() const {
  return ScriptLimit(budget_.time, config_.script_timeout,
                     state_.quickest_unit());
}

Milliseconds Engine::RefitLimit() const {
  if (!budget_.time) return config_.script_timeout;
  Milliseconds limit = *budget_.time / kRefitPart;
  if (state_.search_ended()) limit = Deadline() - Elapsed();
  return std::min(config_.script_timeout, std::max(limit, kShortestRefit));
}

bool Engine::OutOfTime() const {
  return budget_.time && Elapsed() >= Deadline();
}

}  // namespace treesmith
