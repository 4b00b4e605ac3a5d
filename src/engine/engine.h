// Engine: the loop that turns proposals into nodes.
//
//   propose -> write -> unit 0 -> (race) -> other units -> score -> node
//
// One thread, the caller of Run, owns the state and the log. Workers get copies
// and answer through a channel. Whatever an arrival causes is written to the
// log in one transaction before anything acts on it, and the next job is always
// derived from the state alone; so a run that was killed goes on by reading its
// log (docs/events.md). With one worker and one ask slot a single job is in
// flight at any time and the log is the same every time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/channel.h"
#include "base/clock.h"
#include "engine/answer.h"
#include "engine/arrival.h"
#include "engine/config.h"
#include "engine/ledger.h"
#include "engine/observer.h"
#include "engine/run_state.h"
#include "engine/worker_pool.h"
#include "operators/coder.h"
#include "search/policy.h"
#include "store/run_store.h"

namespace treesmith {

// A model that reads what a script printed; the rules do without one
// (operators/review.h).
struct ReviewPart {
  // Whether it can add something. Cheap; called by the engine loop.
  std::function<bool(const ReviewQuestion&)> wanted;
  // Blocks; called by workers, several at once.
  std::function<Result<Review>(const ReviewQuestion&, std::stop_token)> ask;
};

struct EngineParts {
  RunStore& store;
  Coder& coder;
  Evaluator& evaluator;
  Policy& policy;
  const Clock& clock;
  std::vector<Observer*> observers;
  // Where a model is asked: its books.
  Ledger* ledger = nullptr;
  std::optional<ReviewPart> review = std::nullopt;
  // Writes a text on the run at its end. Blocks; empty: nobody does.
  std::function<Result<ReportText>(const ReportQuestion&, std::stop_token)>
      report = {};
  // What this process took before: reading the task is part of the run's time.
  std::chrono::milliseconds prepared{0};
};

class Engine {
 public:
  // `config` is that of RunStarted; a changed budget comes as an event.
  Engine(const RunConfig& config, EngineParts parts);
  ~Engine();

  // Reads the log back. An Error: the log does not fit together.
  Status Restore();
  // Writes one event of the caller: RunStarted, FoldsCut, Resumed,
  // BudgetChanged; and the blobs that it names.
  Status Append(EventBody body, std::vector<Blob> blobs = {}) {
    return Commit({std::move(body)}, std::move(blobs));
  }

  // Searches until the budget ends or `interrupt` is asked for; returns why, in
  // a word or two ("steps", "time", "tokens", "quota", "interrupted"). An Error
  // leaves a log that can be resumed. Nothing runs any more when this returns.
  Result<std::string> Search(std::stop_token interrupt);

  // Chooses the answer, refits what it needs, and appends Finished.
  // `reason` as Search gave it; an interrupt at the end is one as well.
  Result<Finished> Finish(const std::string& reason, std::stop_token interrupt);

  [[nodiscard]] const RunState& state() const { return state_; }

 private:
  // Screens move at least this often while jobs run.
  static constexpr std::chrono::milliseconds kTick{200};

  using JobKey = std::tuple<Activity::Kind, int64_t, int>;

  Result<std::string> Loop(std::stop_token interrupt);

  // --- deciding
  [[nodiscard]] std::optional<std::string> StopReason() const;
  // --- time
  [[nodiscard]] PlanFacts Facts() const;
  [[nodiscard]] double TrainShare() const;
  [[nodiscard]] double RefitShare() const;
  [[nodiscard]] bool Settled() const;
  // Logs the plan where nothing has to be measured for it.
  Status PlanAtOnce();
  // The next plan, where `run` was a pilot.
  [[nodiscard]] std::optional<Planned> PlanAfter(const OpenStep& step,
                                                 const FoldRun& run) const;
  [[nodiscard]] std::chrono::milliseconds SearchDeadline() const;
  [[nodiscard]] std::chrono::milliseconds Reserve() const;
  [[nodiscard]] std::chrono::milliseconds WallLimit() const;
  [[nodiscard]] std::chrono::milliseconds RefitLimit() const;
  // What a refit of the node on RefitShare() is expected to take, by rows and
  // by what refits took so far.
  [[nodiscard]] std::chrono::milliseconds RefitTime(const Node& node) const;
  [[nodiscard]] std::chrono::milliseconds ExpectedRefit(const Node& node) const;
  // Rows of a refit for a row of a unit.
  [[nodiscard]] double RefitRows() const;
  // What refits took, as a multiple of what was expected of them.
  [[nodiscard]] double RefitPace() const;
  // A refit of the node in units of its own.
  [[nodiscard]] double RefitWeight(const Node& node) const;
  // On how many of all rows a node is refitted now: fewer where it is the first
  // and all of them would keep the first submission waiting.
  [[nodiscard]] double RefitShareOf(NodeId id) const;
  // There is a refit of the node on as many rows as the plan has.
  [[nodiscard]] bool HasRefit(NodeId id) const;
  // When the run must have stopped working, so that it can write its answer.
  [[nodiscard]] std::chrono::milliseconds Deadline() const;
  [[nodiscard]] bool OutOfTime() const;
  [[nodiscard]] bool Serial() const;
  [[nodiscard]] int RunJobs() const;
  [[nodiscard]] int AskJobs() const;
  [[nodiscard]] std::optional<NodeId> RefitDue() const;
  [[nodiscard]] std::optional<NodeId> Rival() const;
  [[nodiscard]] int UnitsWanted(const OpenStep& step) const;
  [[nodiscard]] bool Contends(const NodeScore& score) const;

  // --- starting jobs; each returns whether it started one
  Result<bool> StartSomething();
  Result<bool> StartRefit();
  Status LaunchRefit(NodeId id);
  Result<bool> Advance(const OpenStep& step);
  Result<bool> StartUnit(const OpenStep& step);
  Result<bool> StartRace(const OpenStep& step);
  Result<bool> StartScore(const OpenStep& step);
  // The best nodes of families, the best first; beyond the `least` first none
  // that is far behind, as hardly any blend would take it.
  [[nodiscard]] std::vector<const Node*> NearFamilies(size_t least) const;
  Status LoadEnsemble(const std::string& family, ScoreJob& job);
  Result<bool> StartWrite(const OpenStep& step);
  Result<bool> StartGiven(const OpenStep& step);
  Result<bool> StartReview(const OpenStep& step);
  Result<bool> Propose();
  void Launch(WorkerPool& pool, Activity activity, WorkerPool::Job job);

  // --- what arrived
  Status Handle(Arrival arrival);
  Status On(WriteArrived arrival);
  Status On(UnitArrived arrival);
  Status On(RaceArrived arrival);
  Status On(ScoreArrived arrival);
  Status On(RefitArrived arrival);
  Status On(CanaryArrived arrival);
  Status On(ChoiceArrived arrival);
  Status On(ReviewArrived arrival);
  Status On(CallArrived arrival);
  Status On(ReportArrived arrival);
  // Ends a step that will not be scored.
  NodeAdded Ended(const OpenStep& step, Outcome outcome, Hash128 output) const;
  // The question about a unit that failed or, in reported mode, told no metric.
  Result<ReviewQuestion> QuestionOf(const OpenStep& step, const FoldRun& run,
                                    std::string output);
  // How a step ends whose unit no model has reviewed, or to no avail.
  [[nodiscard]] NodeAdded EndedByRules(const OpenStep& step,
                                       const FoldRun& run) const;
  // The model answers no more: nothing is asked any longer, and the search ends
  // in order.
  void GiveUp(const Error& error);
  // True when the job should be started again: its place was lost.
  bool Lost(const Error& error, const JobKey& key);
  // Ends the step where the error is its script's and leaves it open where stop
  // was asked for; else hands the error on.
  Status Unscorable(StepId id, const std::string& act, const Error& error);

  // --- the log
  Status Commit(std::vector<EventBody> bodies, std::vector<Blob> blobs = {},
                Durability durability = Durability::kProcess);
  Result<std::string> Load(Hash128 hash);
  Result<UnitPredictions> LoadPredictions(const std::vector<Hash128>& hashes);
  // Notes that the step has this script, for the novelty gate.
  void Know(Hash128 form, Hash128 script, StepId step);
  // "equal to node 3" or, while that step is open, "equal to step 4, ...".
  [[nodiscard]] std::string EqualTo(StepId twin) const;
  [[nodiscard]] std::chrono::milliseconds Elapsed() const;
  RunView View();
  void Tick();

  // --- the end
  Result<std::vector<Finalist>> Finalists(bool refitted_only);
  [[nodiscard]] bool AnyRefitted() const;
  // Each member has been refitted, be it on fewer rows.
  [[nodiscard]] bool IsRefitted(const Choice& choice) const;
  // There is no test to predict, or each member has been on all rows.
  [[nodiscard]] bool NeedsNoRefit(const Choice& choice) const;
  Status RefitMembers(const Choice& choice, std::stop_token interrupt);
  // Notes where the best node stands out; at the end, when all others are
  // there.
  Status CheckBest();
  // Refits members on shuffled labels, as many as time allows; whether that
  // convicted one, so that the choice must be made again.
  Result<bool> CheckMembers(const Choice& choice, std::stop_token interrupt);
  Status LaunchCanary(NodeId id);
  [[nodiscard]] std::vector<NodeId> Unchecked(const Choice& choice) const;
  [[nodiscard]] int64_t CanariesLeft() const;
  // Time that refitting a choice's members will take.
  [[nodiscard]] std::chrono::milliseconds RefitTime(const Choice& choice) const;
  [[nodiscard]] std::chrono::milliseconds CanaryTime(NodeId id) const;
  // Says which members of the answer were not checked, and why.
  [[nodiscard]] std::optional<Checked> SkippedChecks(const Choice& choice,
                                                     bool interrupted) const;
  // Handles arrivals until no job is in flight or `interrupt` is asked for, or
  // time is over and there is an answer.
  Status AwaitJobs(std::stop_token interrupt);
  // Or until none arrives and it is `late`.
  Status AwaitJobs(std::stop_token interrupt,
                   const std::function<bool()>& late);
  Result<std::optional<Choice>> ChooseAndRefit(std::stop_token interrupt);
  // Chooses while screens move, until `interrupt` or `end` of the run's time.
  // From then on the task's own metric is asked no more, and where the choice
  // needs it, the best single node is chosen by its score in the log.
  Result<Choice> ChooseAmong(std::vector<Finalist> finalists, SelectRule rule,
                             std::chrono::milliseconds end,
                             std::stop_token interrupt);
  // The one of them whose score in the log is best.
  [[nodiscard]] Choice BestAlone(const std::vector<Finalist>& finalists) const;
  // The answer of a choice, and what the blobs that it names hold.
  Result<Answer> Compose(Choice choice, std::stop_token stop,
                         std::vector<std::string>& contents);
  Status AskForReport(const Choice& choice, std::stop_token interrupt);
  // The hidden predictions of the members, in their order.
  Result<std::vector<UnitPredictions>> HiddenOf(const Choice& choice);
  Result<BlendResult> BlendOf(const Choice& choice, std::stop_token stop);
  void RestoreBooks();
  Status RestoreAnswers();
  Status StopWorkers();
  void StartWorkers();

  const RunConfig config_;
  EngineParts parts_;
  BudgetLimits budget_;
  RunState state_;
  std::chrono::steady_clock::time_point started_;
  int64_t disk_bytes_ = 0;  // at the last tick
  std::chrono::milliseconds elapsed_before_{0};

  Channel<Arrival> arrivals_;
  std::unique_ptr<WorkerPool> run_pool_;
  std::unique_ptr<WorkerPool> ask_pool_;
  std::map<JobKey, Activity> in_flight_;
  std::vector<Activity> running_;  // in_flight_ as observers see it
  std::map<JobKey, int> lost_tries_;
  std::string report_;
  // What the job of choosing answered; absent where it was cut off.
  std::optional<Result<Choice>> chosen_;
  // What choosing the answer took at most.
  std::chrono::milliseconds choosing_{0};
  // Why no model can be asked any more.
  std::optional<std::string> exhausted_;
  // Refusals of the step's candidates so far; forgotten when it is written.
  std::map<StepId, std::vector<std::string>> refused_;
  // Steps by the normal form of what they wrote, for the novelty gate.
  std::map<Hash128, StepId> scripts_;
};

}  // namespace treesmith
