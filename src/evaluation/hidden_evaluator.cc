#include "evaluation/hidden_evaluator.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/log.h"
#include "evaluation/label_decision.h"
#include "evaluation/seals.h"
#include "model/outcome_detail.h"

namespace treesmith {
namespace {

// Far from the hidden predictions: the mean is off by more than this many of
// their standard deviations, or the spread by more than this factor.
constexpr double kFarMean = 3;
constexpr double kFarSpread = 10;

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (!text.empty()) text += "; ";
    text += line;
  }
  return OutcomeDetail(text);
}

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments MomentsOf(const std::vector<float>& values) {
  Moments moments;
  if (values.empty()) return moments;
  const auto n = static_cast<double>(values.size());
  for (const float value : values) moments.mean += value / n;
  for (const float value : values) {
    moments.deviation += (value - moments.mean) * (value - moments.mean) / n;
  }
  moments.deviation = std::sqrt(moments.deviation);
  return moments;
}

// Why test predictions cannot be believed beside the hidden ones; else empty.
std::string Doubt(const std::vector<Predictions>& hidden,
                  const Predictions& test) {
  std::vector<float> all;
  for (const Predictions& unit : hidden) {
    all.insert(all.end(), unit.values.begin(), unit.values.end());
  }
  const Moments a = MomentsOf(all);
  const Moments b = MomentsOf(test.values);
  if (all.empty() || a.deviation == 0) return "";
  if (std::abs(a.mean - b.mean) > kFarMean * a.deviation) {
    return "the mean of its test predictions is far from the hidden ones'";
  }
  if (b.deviation > kFarSpread * a.deviation) {
    return "its test predictions are spread far more than the hidden ones";
  }
  return "";
}

}  // namespace

Result<std::unique_ptr<HiddenTask>> OpenHiddenTask(
    const Task& task, uint64_t seed, const std::string& plan,
    std::optional<TaskTables> read) {
  if (!read) {
    TRY_ASSIGN(read, LoadTables(task));
    TRY(CheckTask(task, *read));
  }
  TaskTables& tables = *read;
  TRY_ASSIGN(Target target, ReadTarget(task, tables));
  FoldPlan folds;
  if (plan.empty()) {
    TRY_ASSIGN(folds, CutFolds(task, tables, target, seed));
  } else {
    TRY_ASSIGN(folds, DecodeFoldPlan(plan));
  }
  return std::make_unique<HiddenTask>(
      HiddenTask{task, std::move(tables), std::move(target), std::move(folds)});
}

HiddenEvaluator::HiddenEvaluator(const HiddenTask& task, TaskMetric metric,
                                 Sandbox& sandbox, const HiddenOptions& options,
                                 TemporaryFolder folder)
    : task_(task),
      sandbox_(sandbox),
      options_(options),
      metric_script_(std::move(metric.script)),
      scorer_(metric.metric, task.target, task.plan, options.seed),
      train_rows_{task.tables.train.rows(),
                  static_cast<int64_t>(task.plan.TrainRows(0).size()),
                  static_cast<int64_t>(task.tables.train.columns().size())},
      views_(task.task, task.tables, task.target, task.plan, options.seed,
             std::move(folder)),
      inputs_(task.tables, task.target, task.plan) {
  for (RowKeys& keys : KeysOfUnits(task.task, task.tables, task.plan)) {
    specs_.push_back(
        SpecOf(task.task, task.tables, task.target, std::move(keys)));
  }
  if (task.tables.test) {
    test_spec_ = SpecOf(task.task, task.tables, task.target,
                        KeysOfTest(task.task, task.tables));
  }
}

Result<std::unique_ptr<HiddenEvaluator>> HiddenEvaluator::Make(
    const HiddenTask& task, Sandbox& sandbox, const HiddenOptions& options,
    std::stop_token stop) {
  TRY_ASSIGN(TaskMetric metric,
             OpenMetric(task.task, task.target, sandbox, options.limits, stop));
  TRY_ASSIGN(TemporaryFolder folder, TemporaryFolder::Make("views"));
  std::unique_ptr<HiddenEvaluator> evaluator(new HiddenEvaluator(
      task, std::move(metric), sandbox, options, std::move(folder)));
  const auto chance = evaluator->Heeding(
      std::move(stop), [&] { return ScoreProbe(evaluator->scorer()); });
  if (chance.ok()) {
    evaluator->chance_ = chance->value;
  } else if (chance.error().kind == ErrorKind::kCancelled) {
    return chance.error();
  }
  return evaluator;
}

Result<HiddenEvaluator::Answer> HiddenEvaluator::Ask(
    const Script& script, const std::filesystem::path& inputs,
    std::chrono::milliseconds wall_limit, const SubmissionSpec& spec,
    std::stop_token stop) {
  TRY_ASSIGN(const TemporaryFolder outbox, views_.Outbox());
  Job job;
  job.script = script;
  job.inputs = inputs;
  for (const std::string& name : task_.task.extra) {
    job.extra_inputs.push_back({task_.task.folder / name, name});
  }
  job.wanted = Wanted(spec);
  job.outbox = outbox.path();
  job.limits = options_.limits;
  job.limits.wall = wall_limit;
  Answer answer;
  TRY_ASSIGN(answer.execution, sandbox_.Run(job, stop));
  if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "stopped"};
  if (answer.execution.outcome.scored()) {
    answer.predictions = Read(outbox.path(), spec, answer.execution);
  }
  return answer;
}

std::vector<WantedFile> HiddenEvaluator::Wanted(
    const SubmissionSpec& spec) const {
  const int64_t most_bytes = ExpectedOf(spec, task_.target).most_bytes();
  return {{"submission.csv", most_bytes},
          {"probabilities.csv", most_bytes},
          {"scores.csv", most_bytes}};
}

// Probabilities and scores are worth more than decided labels; a file of them
// that cannot be read is a problem even where the submission is right.
std::optional<Predictions> HiddenEvaluator::Read(
    const std::filesystem::path& outbox, const SubmissionSpec& spec,
    ExecutionResult& execution) const {
  const auto exists = [&](const std::string& name) {
    std::error_code ignored;
    return std::filesystem::exists(outbox / name, ignored);
  };
  if (!exists("submission.csv")) {
    const std::string refusal = WhyNotTaken(execution, "submission.csv");
    execution.outcome = {OutcomeKind::kNoSubmission,
                         "working/submission.csv was not written"};
    if (!refusal.empty()) {
      execution.outcome = {OutcomeKind::kBadSubmission, refusal};
    }
    return std::nullopt;
  }
  CheckedSubmission checked =
      ReadSubmission(outbox / "submission.csv", spec, task_.target);
  if (checked.problems.empty() && scorer_.metric().needs() == Needs::kLabel &&
      task_.target.kind == SubmissionKind::kLabel) {
    if (exists("probabilities.csv")) {
      checked =
          ReadProbabilities(outbox / "probabilities.csv", spec, task_.target);
    } else if (exists("scores.csv")) {
      checked = ReadScores(outbox / "scores.csv", spec, task_.target);
    }
    for (const char* name : {"probabilities.csv", "scores.csv"}) {
      const std::string refusal = WhyNotTaken(execution, name);
      if (!refusal.empty()) checked = {std::nullopt, {refusal}, {}};
    }
  }
  if (!checked.predictions) {
    execution.outcome = {OutcomeKind::kBadSubmission, Joined(checked.problems)};
  }
  return std::move(checked.predictions);
}

// Why predictions have no score, without a word of hidden labels: what a task's
// own metric says may quote them.
std::string HiddenEvaluator::ForCoders(const Error& error) const {
  if (scorer_.metric().external() == nullptr) return error.message;
  LOG(kWarning, "metric", error.message);
  return "the task's metric " + task_.task.metric_script +
         " cannot score these predictions";
}

Result<UnitResult> HiddenEvaluator::RunUnit(const UnitJob& job,
                                            std::stop_token stop) {
  TRY_ASSIGN(const View view, views_.Unit(job.unit, job.train_share));
  TRY_ASSIGN(Answer answer,
             Ask(job.script, view.folder, job.wall_limit,
                 specs_.at(static_cast<size_t>(job.unit)), stop));
  UnitResult result;
  result.view = view.hash;
  if (answer.predictions) {
    const Result<double> value = Heeding(
        stop, [&] { return scorer_.UnitValue(job.unit, *answer.predictions); });
    if (value.ok()) {
      result.value = *value;
      result.predictions = EncodePredictions(*answer.predictions);
    } else if (value.error().kind != ErrorKind::kBadInput) {
      return value.error();
    } else {
      answer.execution.outcome = {OutcomeKind::kBadSubmission,
                                  ForCoders(value.error())};
    }
  }
  result.execution = std::move(answer.execution);
  return result;
}

Result<HiddenEvaluator::DecidedTest> HiddenEvaluator::Decided(
    const Predictions& hidden, Predictions test) const {
  if (!NeedsDecision(scorer_.metric(), test.kind)) {
    return DecidedTest{std::move(test), std::nullopt};
  }
  const HiddenStack stack = scorer_.Stack(0, task_.plan.folds);
  TRY_ASSIGN(const std::optional<Decision> decision,
             FitForTest(scorer_.metric(), stack.truth, hidden));
  return DecidedTest{DecideForTest(decision, task_.target, test), decision};
}

Result<RefitResult> HiddenEvaluator::Refit(const RefitJob& job,
                                           std::stop_token stop) {
  TRY_ASSIGN(const View view, views_.Refit(job.train_share));
  TRY_ASSIGN(Answer answer,
             Ask(job.script, view.folder, job.wall_limit, *test_spec_, stop));
  RefitResult result;
  result.execution = std::move(answer.execution);
  if (!answer.predictions) return result;
  TRY_ASSIGN(const std::vector<Predictions> hidden, DecodeUnits(job.own));
  const Predictions first_rung = Stacked(hidden, task_.plan.folds);
  TRY_ASSIGN(const DecidedTest decided, Heeding(std::move(stop), [&] {
               return Decided(first_rung, *answer.predictions);
             }));
  result.submission = SubmissionText(decided.predictions, task_.task,
                                     task_.tables, task_.target);
  result.predictions = EncodePredictions(*answer.predictions);
  result.doubt = Doubt(hidden, *answer.predictions);
  return result;
}

}  // namespace treesmith
