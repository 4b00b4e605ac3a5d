// Scorer: hidden predictions in, scores out.
//
// Knows the truth, the folds and the metric; runs nothing. The first rung is
// repeat 0: its score is the node's value, whatever other repeats say, so that
// all nodes are compared on the same rung; paired gains use every repeat that
// both nodes have. Pure: any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "evaluation/evaluator.h"
#include "score/bootstrap.h"
#include "score/metric.h"
#include "table/fold_plan.h"
#include "table/predictions.h"
#include "table/target.h"

namespace treesmith {

class ErrorMap;

// The hidden rows of some units of one repeat, one unit after the other. Folds
// that overlap hide a row twice.
struct HiddenStack {
  Truth truth;
  std::vector<int> folds;
  std::vector<uint32_t> units;  // of the bootstrap
  std::vector<int32_t> rows;    // of train

  [[nodiscard]] HiddenRows View() const { return {truth, folds, units}; }
};

class Scorer {
 public:
  // Borrows target and plan. `seed`: of the bootstrap's draws.
  Scorer(Metric metric, const Target& target, const FoldPlan& plan,
         uint64_t seed);

  [[nodiscard]] const Metric& metric() const { return metric_; }
  [[nodiscard]] const Target& target() const { return target_; }
  [[nodiscard]] const FoldPlan& plan() const { return plan_; }
  [[nodiscard]] const BootstrapPlan& bootstrap() const { return bootstrap_; }

  // The metric on the hidden rows of one unit, labels decided without other
  // folds (argmax, the middle); for people, not for comparing.
  [[nodiscard]] Result<double> UnitValue(int unit,
                                         const Predictions& predictions) const;

  // The hidden rows of the first `folds` units of a repeat.
  [[nodiscard]] HiddenStack Stack(int repeat, int folds) const;
  // The predictions of those units in the metric's terms: labels decided by the
  // host, fitted on the other folds' rows (design 5.3).
  // REQUIRES: `units` holds them
  [[nodiscard]] Result<std::vector<float>> InMetricTerms(
      const std::vector<Predictions>& units, int repeat, int folds) const;
  // Columns of InMetricTerms.
  [[nodiscard]] int TermColumns(const Predictions& predictions) const;

  // `map`: for the diagnosis, which says less without.
  [[nodiscard]] Result<ScoreResult> Score(const ScoreJob& job,
                                          const ErrorMap* map = nullptr) const;
  [[nodiscard]] Result<RaceResult> Race(const RaceJob& job) const;

 private:
  // Value and replicates over some units of one repeat.
  struct Rung {
    double value = 0;
    std::vector<double> fold_values;
    std::vector<double> replicates;
  };
  Result<Rung> ScoreRung(const std::vector<Predictions>& units, int repeat,
                         int folds) const;
  Result<std::vector<Rung>> WholeRepeats(const UnitPredictions& blobs) const;
  PairedGain Gain(const std::vector<Rung>& own,
                  const std::vector<Rung>& other) const;
  // The first rung of the plain mean of some nodes.
  Result<Rung> ScoreMean(
      const std::vector<const UnitPredictions*>& nodes) const;
  // What the mean of the ensemble gains with the node in it; absent without
  // one, or where members cannot be averaged.
  Result<std::optional<PairedGain>> EnsembleGain(const ScoreJob& job) const;

  const Metric metric_;
  const Target& target_;
  const FoldPlan& plan_;
  const BootstrapPlan bootstrap_;
};

// The predictions of the first `folds` units, one after the other.
// REQUIRES: there are that many, of one kind
Predictions Stacked(const std::vector<Predictions>& units, int folds);

// Decodes the blobs of a node's units.
Result<std::vector<Predictions>> DecodeUnits(const UnitPredictions& blobs);

}  // namespace treesmith
