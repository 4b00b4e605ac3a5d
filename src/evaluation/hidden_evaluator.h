// HiddenEvaluator: the default way of scoring (design 5.3).
//
// A script is run on views that lack the labels it is scored on; the host reads
// what it wrote, checks it, decides labels and scores it. Any thread.
#pragma once

#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "evaluation/canary.h"
#include "evaluation/error_map.h"
#include "evaluation/evaluator.h"
#include "evaluation/leak_check.h"
#include "evaluation/metric_script.h"
#include "evaluation/scorer.h"
#include "evaluation/view_store.h"
#include "sandbox/sandbox.h"
#include "score/decide.h"
#include "table/submission.h"

namespace treesmith {

// A task with everything that is read from its files once.
struct HiddenTask {
  Task task;
  TaskTables tables;
  Target target;
  FoldPlan plan;
};

// Reads and checks the task's files and cuts the folds. `plan`: as stored by an
// earlier call (EncodeFoldPlan), instead of cutting anew. `read`: the files as
// LoadTask has read and checked them, instead of reading them again.
Result<std::unique_ptr<HiddenTask>> OpenHiddenTask(
    const Task& task, uint64_t seed, const std::string& plan = "",
    std::optional<TaskTables> read = {});

struct HiddenOptions {
  Limits limits;  // the wall limit comes with each job
  uint64_t seed = 0;
};

class HiddenEvaluator : public Evaluator {
 public:
  // Borrows the task and the sandbox. kCancelled: `stop` was asked for while
  // the task's own metric was tried.
  static Result<std::unique_ptr<HiddenEvaluator>> Make(
      const HiddenTask& task, Sandbox& sandbox, const HiddenOptions& options,
      std::stop_token stop = {});

  [[nodiscard]] Direction direction() const override {
    return scorer_.metric().direction();
  }
  [[nodiscard]] int first_rung_units() const override {
    return task_.plan.folds;
  }
  [[nodiscard]] int units() const override { return task_.plan.units(); }
  [[nodiscard]] bool has_test() const override {
    return task_.tables.test.has_value();
  }

  [[nodiscard]] TrainRows train_rows() const override { return train_rows_; }

  Result<UnitResult> RunUnit(const UnitJob& job, std::stop_token stop) override;
  Result<ScoreResult> Score(const ScoreJob& job, std::stop_token stop) override;
  Result<RaceResult> Race(const RaceJob& job, std::stop_token stop) override {
    return Heeding(std::move(stop), [&] { return scorer_.Race(job); });
  }
  Result<RefitResult> Refit(const RefitJob& job, std::stop_token stop) override;
  Result<Choice> Choose(std::span<const Finalist> finalists, SelectRule rule,
                        uint64_t seed, std::stop_token stop) override;
  Result<BlendResult> Blend(const BlendJob& job, std::stop_token stop) override;
  Result<std::string> Portray(const Choice& choice,
                              const std::vector<UnitPredictions>& hidden,
                              std::stop_token stop) override;
  [[nodiscard]] std::optional<double> ideal_score() const override {
    return IdealScore(scorer_.metric());
  }
  [[nodiscard]] bool has_canary() const override { return true; }
  Result<Check> Canary(const CanaryJob& job, std::stop_token stop) override;

  [[nodiscard]] const Scorer& scorer() const { return scorer_; }

 private:
  HiddenEvaluator(const HiddenTask& task, TaskMetric metric, Sandbox& sandbox,
                  const HiddenOptions& options, TemporaryFolder folder);

  // What `work`, a call that answers a Result, answers; kCancelled where the
  // task's own metric was stopped in it, whatever it made of that.
  template <typename Work>
  auto Heeding(std::stop_token stop, Work work) const -> decltype(work()) {
    if (metric_script_ == nullptr) return work();
    const MetricScript::Heed heed(*metric_script_, std::move(stop));
    auto result = work();
    if (heed.cancelled()) return Error{ErrorKind::kCancelled, "score: stopped"};
    return result;
  }
  // Runs the script and reads what it wrote; predictions where it was right.
  struct Answer {
    ExecutionResult execution;
    std::optional<Predictions> predictions;
  };
  Result<Answer> Ask(const Script& script, const std::filesystem::path& inputs,
                     std::chrono::milliseconds wall_limit,
                     const SubmissionSpec& spec, std::stop_token stop);
  [[nodiscard]] std::vector<WantedFile> Wanted(
      const SubmissionSpec& spec) const;
  std::optional<Predictions> Read(const std::filesystem::path& outbox,
                                  const SubmissionSpec& spec,
                                  ExecutionResult& execution) const;
  [[nodiscard]] std::string ForCoders(const Error& error) const;
  // Labels for the test, where they must be decided, and how: fitted on
  // `hidden`, the first rung's predictions.
  struct DecidedTest {
    Predictions predictions;
    std::optional<Decision> decision;
  };
  Result<DecidedTest> Decided(const Predictions& hidden,
                              Predictions test) const;
  const ErrorMap& Errors();
  [[nodiscard]] Result<Information> Know(int unit,
                                         const Predictions& predictions,
                                         Rng& rng, std::stop_token stop) const;
  // What predictions of a unit know beyond its inputs (evaluation/canary.h).
  [[nodiscard]] double BeyondInputs(int unit, const Predictions& predictions,
                                    Rng& rng) const;
  // The choice's own hidden predictions of the first repeat, fold after fold.
  [[nodiscard]] Result<Predictions> BlendHidden(
      const Choice& choice, const std::vector<UnitPredictions>& hidden,
      const HiddenStack& stack) const;
  struct Contender;
  Result<std::vector<Contender>> Contenders(
      std::span<const Finalist> finalists) const;
  Result<Choice> ChooseSingle(const std::vector<Contender>& contenders,
                              const HiddenStack& stack, SelectRule rule) const;
  Result<Choice> ChooseBlend(const std::vector<Contender>& contenders,
                             const HiddenStack& stack, uint64_t seed) const;

  const HiddenTask& task_;
  Sandbox& sandbox_;
  const HiddenOptions options_;
  // What computes the scorer's metric, where that is a script.
  const std::unique_ptr<MetricScript> metric_script_;
  const Scorer scorer_;
  const TrainRows train_rows_;
  ViewStore views_;
  const InputColumns inputs_;
  std::once_flag map_made_;
  std::optional<ErrorMap> map_;
  // What predictions that know nothing score; NaN where they cannot.
  double chance_ = std::numeric_limits<double>::quiet_NaN();
  // What each unit's submission must look like, and the real test's.
  std::vector<SubmissionSpec> specs_;
  std::optional<SubmissionSpec> test_spec_;
};

}  // namespace treesmith
