// The engine's time: the plan, limits, and what is kept for the end.
#include <algorithm>
#include <cmath>

#include "engine/engine.h"

namespace treesmith {
namespace {

using Milliseconds = std::chrono::milliseconds;

// Kept for the end at least, and at most this share of the time.
constexpr Milliseconds kLeastReserve{2'000};
// A canary is kept this share of the time for, no more.
constexpr int kCanaryPart = 20;
// During the search a refit may take this share of the time, no more.
constexpr int kRefitPart = 4;
// What is left at the end may be less than importing takes.
constexpr Milliseconds kShortestRefit{10'000};

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
  facts.draft_costs = parts_.coder.draft_costs();
  return facts;
}

double Engine::TrainShare() const {
  return state_.plan() ? state_.plan()->train_share : PilotShare(Facts());
}

double Engine::RefitShare() const {
  return state_.plan() ? state_.plan()->refit_share : 1;
}

Status Engine::PlanAtOnce() {
  const PlanFacts facts = Facts();
  if (state_.plan() || NeedsPilot(facts)) return {};
  return Commit({Planned{EncodeTimePlan(MakeTimePlan(facts, std::nullopt))}});
}

// A script that was ended by its limit tells how slow scripts are as well.
std::optional<Planned> Engine::PlanAfter(const OpenStep& step,
                                         const FoldRun& run) const {
  const bool tells =
      run.outcome.scored() || run.outcome.kind == OutcomeKind::kTimeout;
  if (state_.plan() || !tells) return std::nullopt;
  const Pilot pilot{run.wall, step.written->nominal_cost};
  return Planned{EncodeTimePlan(MakeTimePlan(Facts(), pilot))};
}

double Engine::RefitWeight() const {
  const TrainRows rows = parts_.evaluator.train_rows();
  const double more = rows.fold > 0 ? static_cast<double>(rows.all) /
                                          static_cast<double>(rows.fold)
                                    : 1;
  return std::max(1.0, more * RefitShare() / TrainShare());
}

Milliseconds Engine::RefitTime(const Node& node) const {
  const auto units = std::max<size_t>(node.predictions.size(), 1);
  const double unit =
      static_cast<double>(node.seconds.count()) / static_cast<double>(units);
  return Milliseconds(std::llround(unit * RefitWeight()));
}

// The refits of an answer of as many members as there are families, with a
// margin; those that are there already take nothing.
Milliseconds Engine::Reserve() const {
  Milliseconds refits{0};
  for (const auto& [family, id] : state_.tree().best_by_family()) {
    if (state_.refit(id) == nullptr) refits += RefitTime(state_.tree().at(id));
  }
  refits = refits * 3 / (2 * std::min(config_.workers, 8));
  // And the canary of the best node, where that is cheap.
  Milliseconds canary{0};
  if (parts_.evaluator.has_canary() && state_.tree().best()) {
    canary = std::min(CanaryTime(*state_.tree().best()),
                      *budget_.time / kCanaryPart);
  }
  return std::clamp(refits + canary, std::min(kLeastReserve, *budget_.time / 4),
                    *budget_.time / 2);
}

Milliseconds Engine::SearchDeadline() const {
  if (!budget_.time) return Milliseconds::max();
  return *budget_.time - Reserve();
}

// Not cut by the time that is left: a script that the end of the search
// interrupts is no slow script. Its step stays open and is not held against
// it.
Milliseconds Engine::WallLimit() const {
  return ScriptLimit(budget_.time, config_.script_timeout);
}

Milliseconds Engine::RefitLimit() const {
  if (!budget_.time) return config_.script_timeout;
  Milliseconds limit = *budget_.time / kRefitPart;
  if (state_.search_ended()) limit = *budget_.time - Elapsed();
  return std::min(config_.script_timeout, std::max(limit, kShortestRefit));
}

bool Engine::OutOfTime() const {
  return budget_.time && Elapsed() >= *budget_.time;
}

}  // namespace treesmith
