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
  std::vector<std::string> contents;  // blobs that the answer names
  if (*chosen) {
    if (auto unchecked = SkippedChecks(**chosen, interrupt.stop_requested())) {
      bodies.emplace_back(*std::move(unchecked));
    }
    TRY_ASSIGN(answer, Compose(**std::move(chosen), interrupt, contents));
  }
  if (!report_.empty()) {
    answer.report = HashBytes(contents.emplace_back(std::move(report_)));
  }
  std::vector<Blob> blobs;
  blobs.reserve(contents.size());
  for (const std::string& bytes : contents) {
    blobs.push_back({HashBytes(bytes), bytes});
  }
  // What an interrupt cut short can be gone on with.
  const bool cut = interrupt.stop_requested();
  const Finished finished{cut ? "interrupted" : reason, EncodeAnswer(answer)};
  bodies.emplace_back(finished);
  TRY(Commit(std::move(bodies), std::move(blobs)));
  return finished;
}

// An interrupt that cuts the task's own metric short leaves the answer without
// what needs it.
Result<Answer> Engine::Compose(Choice choice, std::stop_token stop,
                               std::vector<std::string>& contents) {
  const auto add = [&contents](std::string bytes) {
    return HashBytes(contents.emplace_back(std::move(bytes)));
  };
  const auto cut = [](const auto& result) {
    return !result.ok() && result.error().kind == ErrorKind::kCancelled;
  };
  Answer answer;
  TRY_ASSIGN(const std::vector<UnitPredictions> hidden, HiddenOf(choice));
  auto portrait = parts_.evaluator.Portray(choice, hidden, stop);
  if (!portrait.ok() && !cut(portrait)) return std::move(portrait).error();
  if (portrait.ok() && !portrait->empty()) {
    answer.portrait = add(*std::move(portrait));
  }
  if (parts_.evaluator.has_test() && IsRefitted(choice)) {
    auto blend = BlendOf(choice, std::move(stop));
    if (!blend.ok() && !cut(blend)) return std::move(blend).error();
    if (blend.ok()) {
      answer.submission = add(std::move(blend->submission));
      if (!blend->program.empty()) {
        answer.program = add(std::move(blend->program));
      }
    } else if (choice.members.size() == 1) {
      // Its blend is its own submission.
      answer.submission = state_.refit(choice.members.front().node)->submission;
    }
  }
  answer.choice = std::move(choice);
  return answer;
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
    TRY_ASSIGN(std::vector<Finalist> finalists, Finalists(hurry && refitted));
    if (finalists.empty()) return std::optional<Choice>();
    const SelectRule rule =
        hurry && !refitted ? SelectRule::kMax : config_.select;
    const auto begun = Elapsed();
    const auto end = hurry && budget_.time ? *budget_.time : Deadline();
    TRY_ASSIGN(Choice choice,
               ChooseAmong(std::move(finalists), rule, end, interrupt));
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

Choice Engine::BestAlone(const std::vector<Finalist>& finalists) const {
  const Finalist& best = BestOf(finalists);
  Choice choice;
  choice.best = best.node;
  choice.members = {{best.node, 1}};
  choice.score = best.value.value();
  choice.standard_error = state_.tree().at(best.node).score->standard_error;
  choice.why = "the best single score; there was no time to compare further";
  return choice;
}

Result<Choice> Engine::ChooseAmong(std::vector<Finalist> finalists,
                                   SelectRule rule,
                                   std::chrono::milliseconds end,
                                   std::stop_token interrupt) {
  Choice alone = BestAlone(finalists);
  const auto late = [this, end] { return Elapsed() >= end; };
  chosen_.reset();
  if (interrupt.stop_requested() || late()) {
    std::stop_source stopped;
    stopped.request_stop();
    chosen_ = parts_.evaluator.Choose(finalists, rule, config_.seed,
                                      stopped.get_token());
  } else {
    Launch(*run_pool_, {Activity::Kind::kChoose, {}, {}, 0, "", {}},
           [this, rule, own = std::move(finalists)](std::stop_token stop) {
             return ChoiceArrived{
                 parts_.evaluator.Choose(own, rule, config_.seed, stop)};
           });
    TRY(AwaitJobs(interrupt, late));
  }
  const bool cut = !chosen_ || (!chosen_->ok() &&
                                chosen_->error().kind == ErrorKind::kCancelled);
  return cut ? std::move(alone) : *std::exchange(chosen_, std::nullopt);
}

Status Engine::On(ChoiceArrived arrival) {
  in_flight_.clear();
  chosen_ = std::move(arrival.choice);
  return {};
}

// A node that leaks is no finalist while there is any other.
Result<std::vector<Finalist>> Engine::Finalists(bool refitted_only) {
  std::vector<Finalist> finalists;
  std::vector<Finalist> leaking;
  const Tree& tree = state_.tree();
  for (Listed& listed :
       NestedShortList(tree, parts_.evaluator.first_rung_units())) {
    const NodeId id = listed.node;
    const Node& node = tree.at(id);
    const Refitted* refit = state_.refit(id);
    const bool failed = refit != nullptr && !refit->usable();
    if (failed || (refitted_only && refit == nullptr)) continue;
    Finalist finalist;
    finalist.node = id;
    finalist.family = node.family;
    finalist.cost = node.nominal_cost;
    finalist.value = node.score->value;
    finalist.exists_without = std::move(listed.exists_without);
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
  return AwaitJobs(std::move(interrupt),
                   [this] { return OutOfTime() && AnyRefitted(); });
}

Status Engine::AwaitJobs(std::stop_token interrupt,
                         const std::function<bool()>& late) {
  while (!in_flight_.empty() && !interrupt.stop_requested()) {
    std::optional<Arrival> arrival = arrivals_.TryReceive();
    if (!arrival) {
      if (late()) break;
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

Result<BlendResult> Engine::BlendOf(const Choice& choice,
                                    std::stop_token stop) {
  BlendJob job;
  job.choice = choice;
  TRY_ASSIGN(job.hidden, HiddenOf(choice));
  for (const Member& member : choice.members) {
    TRY_ASSIGN(std::string test, Load(state_.refit(member.node)->predictions));
    job.test.push_back(std::move(test));
  }
  return parts_.evaluator.Blend(job, std::move(stop));
}

}  // namespace treesmith
