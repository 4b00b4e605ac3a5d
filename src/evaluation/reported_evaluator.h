// ReportedEvaluator: a script is scored by what it says of itself (design 5.3).
//
// The way of AIDE as published, for tasks that have no table to split. A script
// runs once, on the whole folder; what it reports is not the host's word and
// noise is unknown, so the answer is the best single node. The submission that
// is scored is the one that this very run wrote (A15). Any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "evaluation/evaluator.h"
#include "model/task.h"
#include "sandbox/sandbox.h"
#include "table/table.h"
#include "table/written_table.h"

namespace treesmith {

class ReportedEvaluator : public Evaluator {
 public:
  // Borrows the sandbox. `limits`: the wall limit comes with each job.
  // BadInput: no direction (ReportedDirection), a sample that cannot be read.
  static Result<std::unique_ptr<ReportedEvaluator>> Make(const Task& task,
                                                         Sandbox& sandbox,
                                                         const Limits& limits);

  [[nodiscard]] Direction direction() const override { return direction_; }
  [[nodiscard]] int first_rung_units() const override { return 1; }
  [[nodiscard]] int units() const override { return 1; }
  [[nodiscard]] bool has_test() const override { return submits_; }

  // `value` is absent when the script ended well and the rules found no
  // metric: a model may read the output (ScoreJob::reported).
  Result<UnitResult> RunUnit(const UnitJob& job, std::stop_token stop) override;
  Result<ScoreResult> Score(const ScoreJob& job, std::stop_token stop) override;
  // REQUIRES: never called, there is one unit only
  Result<RaceResult> Race(const RaceJob& job, std::stop_token stop) override;
  // Runs nothing: the submission of the node's own run.
  Result<RefitResult> Refit(const RefitJob& job, std::stop_token stop) override;
  // The best reported metric, whatever the rule.
  Result<Choice> Choose(std::span<const Finalist> finalists, SelectRule rule,
                        uint64_t seed, std::stop_token stop) override;
  Result<BlendResult> Blend(const BlendJob& job, std::stop_token stop) override;

 private:
  ReportedEvaluator(Task task, Sandbox& sandbox, Limits limits,
                    Direction direction, TemporaryFolder inputs)
      : task_(std::move(task)),
        sandbox_(sandbox),
        limits_(limits),
        direction_(direction),
        inputs_(std::move(inputs)) {}
  // What an honest submission holds.
  [[nodiscard]] ExpectedTable Expected() const;
  // Why the file is no submission; empty when it is one.
  [[nodiscard]] std::string Problem(const std::filesystem::path& file) const;

  const Task task_;
  Sandbox& sandbox_;
  const Limits limits_;
  const Direction direction_;
  // Links to what of the task's folder a script may see.
  const TemporaryFolder inputs_;
  std::optional<Table> sample_;
  bool submits_ = false;
};

}  // namespace treesmith
