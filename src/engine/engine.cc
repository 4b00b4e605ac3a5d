#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "model/outcome_detail.h"
#include "operators/review.h"
#include "search/budget.h"
#include "search/stands_out.h"

namespace treesmith {
namespace {

// A candidate equal to a node is asked for again this many times.
constexpr size_t kRefusals = 1;
// A job whose place was lost is started again this many times.
constexpr int kLostTries = 3;

// Whether an error is of what a script left, such as predictions that no
// metric can take, and not of the machine, such as a folder that is full.
bool IsOfTheScript(const Error& error) {
  return error.kind == ErrorKind::kBadInput;
}

}  // namespace

Engine::Engine(const RunConfig& config, EngineParts parts)
    : config_(config),
      parts_(std::move(parts)),
      budget_(config.budget),
      state_(parts_.evaluator.direction(), parts_.evaluator.units()),
      started_(parts_.clock.Now()) {
  if (parts_.ledger == nullptr) return;
  parts_.ledger->Connect(
      [this](CallArrived call) { arrivals_.Send(std::move(call)); });
}

Engine::~Engine() {
  if (parts_.ledger != nullptr) parts_.ledger->Connect({});
}

Status Engine::Restore() {
  TRY(parts_.store.ForEachEvent(
      [this](const Event& event) { return state_.Apply(event); }));
  if (state_.budget()) {
    TRY_ASSIGN(budget_, DecodeBudget(*state_.budget()));
  }
  const NodeSnapshot nodes = state_.tree().Nodes();
  for (size_t i = 0; i < nodes.size(); ++i) {
    Know(nodes[i].form, nodes[i].script, nodes[i].step);
  }
  for (const auto& [id, step] : state_.open_steps()) {
    if (!step.written) continue;
    Know(step.written->form, step.written->script, id);
  }
  RestoreBooks();
  elapsed_before_ = state_.elapsed() + parts_.prepared;
  started_ = parts_.clock.Now();
  return {};
}

// Old logs name no normal form; then the exact text has to do.
void Engine::Know(Hash128 form, Hash128 script, StepId step) {
  scripts_.try_emplace(form.IsZero() ? script : form, step);
}

std::string Engine::EqualTo(StepId twin) const {
  if (state_.open_steps().contains(twin)) {
    return "equal to step " + std::to_string(twin.value) +
           ", which is still running";
  }
  // Every step that has ended is a node.
  const NodeSnapshot nodes = state_.tree().Nodes();
  size_t node = 0;
  while (nodes[node].step != twin) ++node;
  return "equal to node " + std::to_string(nodes[node].id.value);
}

std::chrono::milliseconds Engine::Elapsed() const {
  return elapsed_before_ +
         std::chrono::duration_cast<std::chrono::milliseconds>(
             parts_.clock.Now() - started_);
}

// --- the loop ----------------------------------------------------------------

Result<std::string> Engine::Search(std::stop_token interrupt) {
  TRY(RestoreAnswers());
  // A run that was killed while it ended does not search again.
  if (state_.search_ended()) return *state_.search_ended();
  TRY(PlanAtOnce());
  StartWorkers();
  Result<std::string> reason = Loop(interrupt);
  TRY(StopWorkers());
  if (reason.ok() && !interrupt.stop_requested()) {
    TRY(Commit({SearchEnded{*reason}}));
  }
  return reason;
}

Result<std::string> Engine::Loop(std::stop_token interrupt) {
  while (!interrupt.stop_requested()) {
    TRY_ASSIGN(const bool started, StartSomething());
    if (started) continue;
    if (in_flight_.empty()) {
      if (exhausted_) return *exhausted_;
      return StopReason().value_or("nothing left to try");
    }
    if (budget_.time && Elapsed() >= SearchDeadline()) {
      return std::string("time");
    }
    std::optional<Arrival> arrival = arrivals_.ReceiveFor(kTick, interrupt);
    if (arrival) TRY(Handle(std::move(*arrival)));
    Tick();
  }
  return std::string("interrupted");
}

void Engine::StartWorkers() {
  run_pool_ = std::make_unique<WorkerPool>(config_.workers, arrivals_);
  ask_pool_ = std::make_unique<WorkerPool>(config_.ask_slots, arrivals_);
}

// What was in flight is dropped: its steps stay open in the log, so that a
// resumed run does them again. Only what calls to models took is booked still,
// and a choice is kept that was made meanwhile.
Status Engine::StopWorkers() {
  run_pool_.reset();
  ask_pool_.reset();
  in_flight_.clear();
  Status status;
  while (std::optional<Arrival> arrival = arrivals_.TryReceive()) {
    if (auto* choice = std::get_if<ChoiceArrived>(&*arrival)) {
      chosen_ = std::move(choice->choice);
    }
    auto* call = std::get_if<CallArrived>(&*arrival);
    if (call != nullptr && status.ok()) status = On(std::move(*call));
  }
  return status;
}

void Engine::Tick() {
  disk_bytes_ = parts_.store.bytes_on_disk();
  const RunView view = View();
  for (Observer* observer : parts_.observers) observer->OnTick(view);
}

RunView Engine::View() {
  running_.clear();
  for (const auto& [key, activity] : in_flight_) running_.push_back(activity);
  return {state_, budget_, running_, Elapsed(), disk_bytes_};
}

Status Engine::Commit(std::vector<EventBody> bodies, std::vector<Blob> blobs,
                      Durability durability) {
  std::vector<Event> events;
  events.reserve(bodies.size());
  for (EventBody& body : bodies) {
    events.push_back({0, Elapsed(), std::move(body)});
  }
  TRY(parts_.store.Append(events, blobs, durability));
  for (const Event& event : events) {
    TRY(state_.Apply(event));
    if (const auto* change = std::get_if<BudgetChanged>(&event.body)) {
      TRY_ASSIGN(budget_, DecodeBudget(change->budget));
      if (parts_.ledger != nullptr) {
        parts_.ledger->meter().SetBudget({budget_.tokens, budget_.cost_usd});
      }
    }
    const RunView view = View();
    for (Observer* observer : parts_.observers) observer->OnEvent(event, view);
  }
  return {};
}

Result<std::string> Engine::Load(Hash128 hash) {
  if (hash.IsZero()) return std::string();
  return parts_.store.ReadBlob(hash);
}

Result<UnitPredictions> Engine::LoadPredictions(
    const std::vector<Hash128>& hashes) {
  UnitPredictions predictions;
  predictions.reserve(hashes.size());
  for (const Hash128 hash : hashes) {
    TRY_ASSIGN(std::string bytes, Load(hash));
    predictions.push_back(std::move(bytes));
  }
  return predictions;
}

// --- deciding ----------------------------------------------------------------

bool Engine::Serial() const {
  return config_.workers == 1 && config_.ask_slots == 1;
}

int Engine::RunJobs() const {
  return static_cast<int>(std::ranges::count_if(in_flight_, [](const auto& j) {
    return j.second.kind != Activity::Kind::kWrite &&
           j.second.kind != Activity::Kind::kReview &&
           j.second.kind != Activity::Kind::kReport;
  }));
}

int Engine::AskJobs() const {
  return static_cast<int>(in_flight_.size()) - RunJobs();
}

std::optional<std::string> Engine::StopReason() const {
  const Budget budget({.steps = budget_.steps,
                       .time = budget_.time,
                       .target_score = budget_.target_score,
                       .patience = budget_.patience});
  Progress progress{.tree = state_.tree(),
                    .steps_proposed = state_.next_step().value,
                    .elapsed = state_.elapsed()};
  if (budget_.time) progress.reserve = Reserve();
  if (auto why = budget.Why(progress)) return why;
  if (budget_.tokens && state_.usage().tokens() >= *budget_.tokens) {
    return "tokens";
  }
  const std::optional<double>& cost = state_.usage().cost_usd;
  if (budget_.cost_usd && cost && *cost >= *budget_.cost_usd) return "cost";
  if (budget_.disk_bytes &&
      parts_.store.bytes_on_disk() >= *budget_.disk_bytes) {
    return "disk";
  }
  return std::nullopt;
}

// --- what arrived ------------------------------------------------------------

Status Engine::Handle(Arrival arrival) {
  return std::visit(
      [this](auto&& body) { return On(std::forward<decltype(body)>(body)); },
      std::move(arrival));
}

bool Engine::Lost(const Error& error, const JobKey& key) {
  if (error.kind != ErrorKind::kLost) return false;
  if (++lost_tries_[key] > kLostTries) return false;
  LOG(kWarning, "engine", "started again: " + error.message);
  return true;
}

NodeAdded Engine::Ended(const OpenStep& step, Outcome outcome,
                        Hash128 output) const {
  NodeAdded added;
  added.step = step.id;
  added.outcome = std::move(outcome);
  added.output = output;
  added.finding = ReviewFailure(added.outcome);
  return added;
}

Status Engine::On(WriteArrived arrival) {
  in_flight_.erase({Activity::Kind::kWrite, arrival.step.value, 0});
  const OpenStep& step = state_.open_steps().at(arrival.step);
  Written written;
  written.step = arrival.step;
  if (!arrival.candidate.ok()) {
    const Error& error = arrival.candidate.error();
    if (error.kind == ErrorKind::kCancelled) return {};
    // kLost: a model that its client has asked in vain, often enough.
    if (error.kind == ErrorKind::kFull || error.kind == ErrorKind::kLost) {
      GiveUp(error);
      return {};
    }
    if (error.kind != ErrorKind::kBadInput) {
      return error.Wrap("write step " + std::to_string(arrival.step.value));
    }
    written.rejected = Outcome{OutcomeKind::kDuplicate, error.message};
    refused_.erase(arrival.step);
    return Commit({written, Ended(step, *written.rejected, {})});
  }
  const Candidate& candidate = *arrival.candidate;
  written.plan = candidate.plan;
  written.change = candidate.change;
  written.family = candidate.family;
  written.origin = candidate.origin;
  written.nominal_cost = candidate.nominal_cost;
  written.usage = candidate.usage;
  written.script = HashBytes(candidate.script.code);
  written.form = arrival.form;
  const auto twin = scripts_.find(written.form);
  if (twin != scripts_.end()) {
    const std::string reason = EqualTo(twin->second);
    std::vector<std::string>& refused = refused_[arrival.step];
    refused.push_back(reason);
    if (refused.size() <= kRefusals) return {};  // asked again
    refused_.erase(arrival.step);
    written.rejected = Outcome{OutcomeKind::kDuplicate, reason};
    return Commit({written, Ended(step, *written.rejected, {})},
                  {{written.script, candidate.script.code}});
  }
  refused_.erase(arrival.step);
  // Known from now on, so that a second worker cannot run the same script.
  Know(written.form, written.script, arrival.step);
  return Commit({written}, {{written.script, candidate.script.code}});
}

Status Engine::On(UnitArrived arrival) {
  const JobKey key{Activity::Kind::kUnit, arrival.step.value, arrival.unit};
  in_flight_.erase(key);
  // A sibling unit failed meanwhile and the step has ended.
  if (!state_.open_steps().contains(arrival.step)) return {};
  if (!arrival.result.ok()) {
    const Error& error = arrival.result.error();
    if (error.kind == ErrorKind::kCancelled || Lost(error, key)) return {};
    return error.Wrap("run step " + std::to_string(arrival.step.value));
  }
  UnitResult& result = *arrival.result;
  const Hash128 seen = state_.view(arrival.unit);
  if (!seen.IsZero() && !result.view.IsZero() && seen != result.view) {
    return BadInput("run step " + std::to_string(arrival.step.value) +
                        ": fold " + std::to_string(arrival.unit + 1) +
                        " is not laid out as earlier steps saw it",
                    "scores could not be compared; begin a new run");
  }
  const ExecutionResult& execution = result.execution;
  FoldRun run;
  run.step = arrival.step;
  run.unit = arrival.unit;
  run.outcome = execution.outcome;
  run.exit_code = execution.exit_code;
  run.signal = execution.signal;
  run.wall = execution.wall;
  run.cpu = execution.cpu;
  run.peak_memory_bytes = execution.peak_memory_bytes;
  run.value = result.value;
  run.view = result.view;
  std::vector<Blob> blobs;
  if (!result.predictions.empty()) {
    run.predictions = HashBytes(result.predictions);
    blobs.push_back({run.predictions, result.predictions});
  }
  if (!execution.output.empty()) {
    run.output = HashBytes(execution.output);
    blobs.push_back({run.output, execution.output});
  }
  std::vector<EventBody> bodies = {run};
  const OpenStep& step = state_.open_steps().at(arrival.step);
  if (!run.value) {
    TRY_ASSIGN(const ReviewQuestion question,
               QuestionOf(step, run, execution.output));
    const bool asks =
        parts_.review && !exhausted_ && parts_.review->wanted(question);
    if (!asks) bodies.emplace_back(EndedByRules(step, run));
  }
  if (auto planned = PlanAfter(step, run)) bodies.push_back(*planned);
  return Commit(std::move(bodies), std::move(blobs));
}

// What a script's predictions make impossible is that node's end and nobody
// else's: the run goes on.
Status Engine::Unscorable(StepId id, const std::string& act,
                          const Error& error) {
  if (error.kind == ErrorKind::kCancelled) return {};
  if (!IsOfTheScript(error)) {
    return error.Wrap(act + " step " + std::to_string(id.value));
  }
  const OpenStep& step = state_.open_steps().at(id);
  Outcome outcome{OutcomeKind::kBadSubmission, OutcomeDetail(error.message)};
  return Commit({Ended(step, std::move(outcome), step.units.front()->output)});
}

Status Engine::On(RaceArrived arrival) {
  in_flight_.erase({Activity::Kind::kRace, arrival.step.value, 0});
  if (!state_.open_steps().contains(arrival.step)) return {};
  if (!arrival.result.ok()) {
    return Unscorable(arrival.step, "race", arrival.result.error());
  }
  const RaceResult& race = *arrival.result;
  const Raced raced{arrival.step, arrival.units, arrival.against,
                    race.probability, race.stop};
  if (!race.stop) return Commit({raced});
  const OpenStep& step = state_.open_steps().at(arrival.step);
  NodeAdded added;
  added.step = arrival.step;
  added.score = race.score;
  added.score->partial = true;
  added.output = step.units.front()->output;
  added.finding = ReviewScore(*added.score);
  return Commit({raced, added});
}

Status Engine::On(ScoreArrived arrival) {
  in_flight_.erase({Activity::Kind::kScore, arrival.step.value, 0});
  if (!state_.open_steps().contains(arrival.step)) return {};
  if (!arrival.result.ok()) {
    return Unscorable(arrival.step, "score", arrival.result.error());
  }
  const OpenStep& step = state_.open_steps().at(arrival.step);
  const ScoreResult& result = *arrival.result;
  if (!result.score.value.present()) {
    return Commit({Ended(step,
                         {OutcomeKind::kBadSubmission,
                          "the metric is not a finite number on these "
                          "predictions"},
                         step.units.front()->output)});
  }
  if (!step.first_rung && Contends(result.score)) {
    return Commit({Scored{arrival.step, result.score}});
  }
  NodeAdded added;
  added.step = arrival.step;
  added.score = result.score;
  added.output = step.units.front()->output;
  added.diagnosis = HashBytes(result.diagnosis);
  added.finding =
      step.reviewed ? step.reviewed->finding : ReviewScore(result.score);
  std::vector<EventBody> bodies;
  const NodeId node{static_cast<int64_t>(state_.tree().size())};
  std::vector<Check> checks = result.checks;
  if (const auto ideal = parts_.evaluator.ideal_score()) {
    auto outlier = StandsOut(state_.tree(), result.score, *ideal, {});
    if (outlier) checks.push_back(*std::move(outlier));
  }
  for (const Check& check : checks) added.finding += " Alarm: " + check.text;
  bodies.emplace_back(added);
  for (Check& check : checks) {
    bodies.emplace_back(Checked{node, std::move(check)});
  }
  return Commit(std::move(bodies), {{added.diagnosis, result.diagnosis}});
}

Status Engine::On(RefitArrived arrival) {
  const JobKey key{Activity::Kind::kRefit, arrival.node.value, 0};
  in_flight_.erase(key);
  if (!arrival.result.ok()) {
    const Error& error = arrival.result.error();
    if (error.kind == ErrorKind::kCancelled || Lost(error, key)) return {};
    if (!IsOfTheScript(error)) {
      return error.Wrap("refit node " + std::to_string(arrival.node.value));
    }
    Refitted failed;
    failed.node = arrival.node;
    failed.outcome = {OutcomeKind::kBadSubmission,
                      OutcomeDetail(error.message)};
    return Commit({failed});
  }
  const RefitResult& result = *arrival.result;
  Refitted refitted;
  refitted.node = arrival.node;
  refitted.outcome = result.execution.outcome;
  refitted.wall = result.execution.wall;
  refitted.share = arrival.share;
  refitted.doubt = result.doubt;
  std::vector<Blob> blobs;
  if (refitted.outcome.scored()) {
    refitted.submission = HashBytes(result.submission);
    refitted.predictions = HashBytes(result.predictions);
    blobs.push_back({refitted.submission, result.submission});
    blobs.push_back({refitted.predictions, result.predictions});
  }
  return Commit({refitted}, std::move(blobs));
}

}  // namespace treesmith
