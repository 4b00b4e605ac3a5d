// The end of a run: choose, refit what was chosen, blend, write it down.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/answer.h"
#include "engine/engine.h"

namespace treesmith {

Result<Finished> Engine::Finish(const std::string& reason,
                                std::stop_token interrupt) {
  Answer answer;
  if (!state_.tree().best()) {
    const Finished finished{reason, EncodeAnswer(answer)};
    TRY(Commit({finished}));
    return finished;
  }
  TRY(CheckBest());
  StartWorkers();
  Result<std::optional<Choice>> chosen = ChooseAndRefit(interrupt);
  Status told;
  if (chosen.ok() && *chosen) told = AskForReport(**chosen, interrupt);
  TRY(StopWorkers());
  TRY(std::move(told));
  if (!chosen.ok()) return std::move(chosen).error();
  std::vector<EventBody> bodies;
  std::vector<Blob> blobs;
  BlendResult blend;
  std::string portrait;
  if (*chosen) {
    answer.choice = **chosen;
    if (auto unchecked =
            SkippedChecks(*answer.choice, interrupt.stop_requested())) {
      bodies.emplace_back(*std::move(unchecked));
    }
    TRY_ASSIGN(const std::vector<UnitPredictions> hidden,
               HiddenOf(*answer.choice));
    TRY_ASSIGN(portrait, parts_.evaluator.Portray(*answer.choice, hidden));
    if (!portrait.empty()) {
      answer.portrait = HashBytes(portrait);
      blobs.push_back({answer.portrait, portrait});
    }
    if (parts_.evaluator.has_test() && IsRefitted(*answer.choice)) {
      TRY_ASSIGN(blend, BlendOf(*answer.choice));
      answer.submission = HashBytes(blend.submission);
      blobs.push_back({answer.submission, blend.submission});
      if (!blend.program.empty()) {
        answer.program = HashBytes(blend.program);
        blobs.push_back({answer.program, blend.program});
      }
    }
  }
  if (!report_.empty()) {
    answer.report = HashBytes(report_);
    blobs.push_back({answer.report, report_});
  }
  const Finished finished{reason, EncodeAnswer(answer)};
  bodies.emplace_back(finished);
  TRY(Commit(std::move(bodies), std::move(blobs)));
  return finished;
}

bool Engine::AnyRefitted() const {
  return std::ranges::any_of(ShortList(state_.tree()), [this](NodeId id) {
    const Refitted* refit = state_.refit(id);
    return refit != nullptr && refit->usable();
  });
}

bool Engine::IsRefitted(const Choice& choice) const {
  return std::ranges::all_of(choice.members, [this](const Member& member) {
    return state_.refit(member.node) != nullptr;
  });
}

bool Engine::NeedsNoRefit(const Choice& choice) const {
  return !parts_.evaluator.has_test() ||
         std::ranges::all_of(choice.members, [this](const Member& member) {
           return HasRefit(member.node);
         });
}

// A check can convict a member and refits can fail where folds did not; whoever
// fails is left out and the choice is made again. With an interrupt, or out of
// time, nothing new is run: what was refitted before has to do. Where nothing
// was, the best script is the answer: at an interrupt without a submission,
// else for its refit's time.
Result<std::optional<Choice>> Engine::ChooseAndRefit(
    std::stop_token interrupt) {
  bool late_refit = false;
  while (true) {
    const bool stopped = interrupt.stop_requested();
    const bool refitted = AnyRefitted();
    const bool hurry = stopped || OutOfTime();
    TRY_ASSIGN(const std::vector<Finalist> finalists,
               Finalists(hurry && refitted));
    if (finalists.empty()) return std::optional<Choice>();
    const SelectRule rule =
        hurry && !refitted ? SelectRule::kMax : config_.select;
    const auto begun = Elapsed();
    TRY_ASSIGN(Choice choice,
               parts_.evaluator.Choose(finalists, rule, config_.seed));
    choosing_ = std::max(choosing_, Elapsed() - begun);
    if (!hurry) {
      TRY_ASSIGN(const bool convicted, CheckMembers(choice, interrupt));
      if (convicted) continue;
    }
    // In a hurry refits on fewer rows have to do.
    if (stopped || NeedsNoRefit(choice) || (hurry && IsRefitted(choice))) {
      return std::optional(std::move(choice));
    }
    // The time is over and nothing has been fitted: one try, and no more.
    if (hurry && std::exchange(late_refit, true)) {
      return std::optional(std::move(choice));
    }
    TRY(RefitMembers(choice, interrupt));
  }
}

// A node that leaks is no finalist while there is any other.
Result<std::vector<Finalist>> Engine::Finalists(bool refitted_only) {
  std::vector<Finalist> finalists;
  std::vector<Finalist> leaking;
  const Tree& tree = state_.tree();
  for (const NodeId id : ShortList(tree)) {
    const Node& node = tree.at(id);
    const Refitted* refit = state_.refit(id);
    const bool failed = refit != nullptr && !refit->usable();
    if (failed || (refitted_only && refit == nullptr)) continue;
    Finalist finalist;
    finalist.node = id;
    finalist.family = node.family;
    finalist.cost = node.nominal_cost;
    finalist.value = node.score->value;
    TRY_ASSIGN(finalist.predictions, LoadPredictions(node.predictions));
    (state_.leaks(id) ? leaking : finalists).push_back(std::move(finalist));
  }
  if (finalists.empty()) finalists = std::move(leaking);
  // Scripts of people and models have no known cost, and measured time would
  // make equal runs choose unlike answers: then none counts as cheaper.
  const bool known = std::ranges::all_of(
      finalists, [](const Finalist& finalist) { return finalist.cost > 0; });
  if (!known) {
    for (Finalist& finalist : finalists) finalist.cost = 0;
  }
  return finalists;
}

// The heaviest members first: should the time end, they are worth the most.
Status Engine::RefitMembers(const Choice& choice, std::stop_token interrupt) {
  std::vector<Member> members = choice.members;
  std::ranges::stable_sort(members, std::greater<>(), &Member::weight);
  for (const Member& member : members) {
    if (HasRefit(member.node)) continue;
    TRY(LaunchRefit(member.node));
  }
  return AwaitJobs(interrupt);
}

Status Engine::AwaitJobs(std::stop_token interrupt) {
  while (!in_flight_.empty() && !interrupt.stop_requested()) {
    std::optional<Arrival> arrival = arrivals_.TryReceive();
    if (!arrival) {
      if (OutOfTime() && AnyRefitted()) break;
      arrival = arrivals_.ReceiveFor(kTick, interrupt);
    }
    if (arrival) TRY(Handle(std::move(*arrival)));
    Tick();
  }
  if (in_flight_.empty()) return {};
  TRY(StopWorkers());
  StartWorkers();
  return {};
}

Result<std::vector<UnitPredictions>> Engine::HiddenOf(const Choice& choice) {
  std::vector<UnitPredictions> hidden;
  for (const Member& member : choice.members) {
    TRY_ASSIGN(UnitPredictions own,
               LoadPredictions(state_.tree().at(member.node).predictions));
    hidden.push_back(std::move(own));
  }
  return hidden;
}

Result<BlendResult> Engine::BlendOf(const Choice& choice) {
  BlendJob job;
  job.choice = choice;
  TRY_ASSIGN(job.hidden, HiddenOf(choice));
  for (const Member& member : choice.members) {
    TRY_ASSIGN(std::string test, Load(state_.refit(member.node)->predictions));
    job.test.push_back(std::move(test));
  }
  return parts_.evaluator.Blend(job);
}

}  // namespace treesmith
