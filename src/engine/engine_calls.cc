// What the engine has to do with models: the books, reviews, and the end of
// asking.
#include <utility>

#include "base/log.h"
#include "engine/engine.h"
#include "operators/review.h"

namespace treesmith {
// Calls that a kill has cut off count at their reservation.
void Engine::RestoreBooks() {
  if (parts_.ledger == nullptr) return;
  parts_.ledger->meter().SetBudget({budget_.tokens, budget_.cost_usd});
  parts_.ledger->meter().Book(state_.committed_usage());
}

// Answers of steps that have not ended are in the log and not asked for again.
Status Engine::RestoreAnswers() {
  if (parts_.ledger == nullptr) return {};
  std::vector<CallEnded> answered = state_.answers_beyond_steps();
  for (const auto& [id, step] : state_.open_steps()) {
    answered.insert(answered.end(), step.calls.begin(), step.calls.end());
  }
  for (const CallEnded& call : answered) {
    if (call.reply.IsZero()) continue;
    TRY_ASSIGN(std::string answer, Load(call.reply));
    parts_.ledger->answered().Add(static_cast<uint64_t>(call.step.value),
                                  call.purpose, std::move(answer));
  }
  return {};
}

Status Engine::On(CallArrived arrival) {
  const auto* ended = std::get_if<CallEnded>(&arrival.event);
  std::vector<Blob> blobs;
  if (!arrival.answer.empty()) {
    blobs.push_back({ended->reply, arrival.answer});
  }
  // What was paid for outlives a power cut.
  const auto durability =
      ended != nullptr ? Durability::kSynced : Durability::kProcess;
  EventBody body = std::visit(
      [](const auto& event) { return EventBody(event); }, arrival.event);
  TRY(Commit({std::move(body)}, std::move(blobs), durability));
  if (arrival.written != nullptr) arrival.written->Raise();
  return {};
}

void Engine::GiveUp(const Error& error) {
  if (exhausted_) return;
  const char* limit =
      parts_.ledger == nullptr ? nullptr : parts_.ledger->meter().exhausted();
  exhausted_ = "quota";
  if (limit != nullptr) exhausted_ = limit;
  if (error.kind == ErrorKind::kLost) exhausted_ = "model unreachable";
  LOG(kWarning, "engine",
      error.message + (error.hint.empty() ? "" : "; " + error.hint));
}

// --- reviews -----------------------------------------------------------------

Result<ReviewQuestion> Engine::QuestionOf(const OpenStep& step,
                                          const FoldRun& run,
                                          std::string output) {
  ReviewQuestion question;
  question.step = step.id;
  question.outcome = run.outcome;
  question.plan = step.written->plan;
  TRY_ASSIGN(question.code, Load(step.written->script));
  question.output = std::move(output);
  question.metric_wanted = run.outcome.scored();
  return question;
}

NodeAdded Engine::EndedByRules(const OpenStep& step, const FoldRun& run) const {
  if (!run.outcome.scored()) return Ended(step, run.outcome, run.output);
  return Ended(step,
               {OutcomeKind::kBadSubmission, "the script reported no metric"},
               run.output);
}

Result<bool> Engine::StartReview(const OpenStep& step) {
  if (AskJobs() >= config_.ask_slots ||
      in_flight_.contains({Activity::Kind::kReview, step.id.value, 0})) {
    return false;
  }
  const FoldRun& run = *step.unreviewed();
  if (exhausted_ || !parts_.review) {
    // A metric that nobody could read is not lost: more budget may come.
    if (exhausted_ && run.outcome.scored()) return false;
    TRY(Commit({EndedByRules(step, run)}));
    return true;
  }
  TRY_ASSIGN(std::string output, Load(run.output));
  TRY_ASSIGN(ReviewQuestion question, QuestionOf(step, run, std::move(output)));
  Launch(*ask_pool_,
         {Activity::Kind::kReview, step.id, {}, 0, step.written->change, {}},
         [this, question = std::move(question)](std::stop_token stop) {
           return ReviewArrived{question.step,
                                parts_.review->ask(question, stop)};
         });
  return true;
}

Status Engine::On(ReviewArrived arrival) {
  in_flight_.erase({Activity::Kind::kReview, arrival.step.value, 0});
  // A sibling unit has ended the step meanwhile.
  if (!state_.open_steps().contains(arrival.step)) return {};
  const OpenStep& step = state_.open_steps().at(arrival.step);
  const FoldRun& run = *step.unreviewed();
  if (!arrival.review.ok()) {
    const Error& error = arrival.review.error();
    if (error.kind == ErrorKind::kCancelled) return {};
    if (error.kind == ErrorKind::kFull || error.kind == ErrorKind::kLost) {
      GiveUp(error);
      return {};
    }
    LOG(kWarning, "engine", error.message);
    return Commit({EndedByRules(step, run)});
  }
  const Review& review = *arrival.review;
  const Reviewed reviewed{arrival.step, review.finding, review.metric};
  if (run.outcome.scored() && review.metric) return Commit({reviewed});
  NodeAdded added = EndedByRules(step, run);
  if (!review.finding.empty()) added.finding = review.finding;
  return Commit({reviewed, added});
}

// --- the report --------------------------------------------------------------

// One question when all is done; a run without its answer is none the worse.
Status Engine::AskForReport(const Choice& choice, std::stop_token interrupt) {
  if (!parts_.report || exhausted_ || OutOfTime()) return {};
  ReportQuestion question;
  question.nodes = state_.tree().Nodes();
  question.best = choice.best;
  TRY_ASSIGN(question.best_code, Load(state_.tree().at(choice.best).script));
  question.answer = choice.why;
  Launch(*ask_pool_, {Activity::Kind::kReport, {}, {}, 0, "", {}},
         [this, question = std::move(question)](std::stop_token stop) {
           return ReportArrived{parts_.report(question, stop)};
         });
  while (!in_flight_.empty() && !interrupt.stop_requested() && !OutOfTime()) {
    std::optional<Arrival> arrival = arrivals_.ReceiveFor(kTick, interrupt);
    if (arrival) TRY(Handle(std::move(*arrival)));
    Tick();
  }
  return {};
}

Status Engine::On(ReportArrived arrival) {
  in_flight_.clear();
  if (arrival.report.ok()) {
    report_ = std::move(arrival.report->markdown);
  } else if (arrival.report.error().kind != ErrorKind::kCancelled) {
    LOG(kWarning, "engine", arrival.report.error().message);
  }
  return {};
}

}  // namespace treesmith
