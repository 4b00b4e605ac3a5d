// MetricScript: a task's own metric.py, run in the sandbox (docs/metric.md).
//
// One process answers all scores: it is started with the object, asked through
// two named pipes in its input folder, and ends with the object. A script that
// raises, answers no number or takes too long is BadInput of the score that was
// asked for; one that ended is started again for the next. Other errors are of
// the machine.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "model/script.h"
#include "model/task.h"
#include "sandbox/sandbox.h"
#include "score/metric.h"
#include "table/target.h"

namespace treesmith {

struct MetricScriptOptions {
  // The wall limit is not looked at: the process lives as long as the object.
  Limits limits;
  // For one question, which may be about sixty draws.
  std::chrono::milliseconds answer_limit{120'000};
};

class MetricScript : public ExternalMetric {
 public:
  // Starts the script and scores some true values as their own prediction, so
  // that what is wrong with it is told before a run begins. Borrows `sandbox`;
  // `target` says how labels are written.
  // BadInput: it has no score(), raises, answers no finite number, or is slow.
  // kCancelled: `stop` was asked for.
  static Result<std::unique_ptr<MetricScript>> Start(
      const Task& task, const Target& target, Sandbox& sandbox,
      const MetricScriptOptions& options = {}, std::stop_token stop = {});
  ~MetricScript() override;

  // One question at a time, whoever asks.
  Result<std::vector<double>> Score(
      const Truth& truth, PredictionView prediction,
      std::span<const std::vector<double>> weightings) const override;

  // While it lives, questions of the thread that made it end with kCancelled
  // once `stop` is asked for, however deep in a bootstrap they are put. One a
  // thread; outlives neither the thread's call nor the script.
  class Heed {
   public:
    Heed(const MetricScript& script, std::stop_token stop);
    ~Heed();
    Heed(const Heed&) = delete;
    // A question ended so: whatever was made of the answers is worth nothing,
    // whether or not it says that it failed.
    [[nodiscard]] bool cancelled() const;

   private:
    const MetricScript& script_;
  };

 private:
  class Process;
  explicit MetricScript(std::unique_ptr<Process> process);

  // Has its own lock: asking changes the pipes, not the metric.
  std::unique_ptr<Process> process_;
};

// A task's metric with what computes it.
struct TaskMetric {
  std::unique_ptr<MetricScript> script;  // null for a known metric
  Metric metric;
};
// FindMetric, or the task's script started in `sandbox`.
Result<TaskMetric> OpenMetric(const Task& task, const Target& target,
                              Sandbox& sandbox, const Limits& limits,
                              std::stop_token stop = {});

}  // namespace treesmith
