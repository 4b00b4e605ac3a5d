// Evaluator: what a script is worth, decided by the host.
//
// A node is evaluated in units (one fold of one repeat; a single unit in the
// reported and command modes). Units of the first rung come first; those after
// it (repeats) are run for contenders only. Every call may be made by any
// thread; all are pure but for running the script or the task's own metric,
// which `stop` ends: what could not be computed without it is an Error
// kCancelled.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "model/check.h"
#include "model/execution.h"
#include "model/ids.h"
#include "model/score.h"
#include "model/script.h"
#include "search/ensemble_blend.h"
#include "search/selection.h"

namespace treesmith {

struct UnitJob {
  Script script;
  int unit = 0;
  std::chrono::milliseconds wall_limit{0};
  // Of the fold's train rows: a fixed sample that the script learns from.
  double train_share = 1;
};

struct UnitResult {
  // Outcome, times and output; the outcome also covers the submission.
  ExecutionResult execution;
  // The metric on this unit's hidden rows, or in reported mode what the script
  // told, present when scored; there it may be absent until a model has read
  // the output.
  std::optional<double> value;
  // Hidden predictions, encoded and compressed; empty unless scored.
  std::string predictions;
  // Content of the files that the script saw; the same for every script. Zero
  // where there is no such thing.
  Hash128 view;
};

// The predictions of one node on its finished units, as UnitResult gave them.
using UnitPredictions = std::vector<std::string>;

struct ScoreJob {
  UnitPredictions own;
  // For paired gains; empty where there is none.
  UnitPredictions parent;
  UnitPredictions best;
  // The present ensemble's members of other families, and that of the node's
  // own; units of the first rung.
  std::vector<UnitPredictions> others;
  UnitPredictions same_family;
  // Reported mode: what a model read from the output, where the rules could
  // not.
  std::optional<double> reported;
  // For the diagnosis: seconds that the units took, and the limit.
  std::chrono::milliseconds seconds{0};
  std::chrono::milliseconds limit{0};
  uint64_t seed = 0;  // of the bootstrap
};

struct ScoreResult {
  NodeScore score;
  // For coders, at most 1,500 characters (design 5.3).
  std::string diagnosis;
  // Suspicions that the score and the predictions raise.
  std::vector<Check> checks;
};

// Racing: is it worth while to run the other units?
struct RaceJob {
  UnitPredictions own;
  // The k-th best complete node, whose score it must reach.
  UnitPredictions rival;
  // For design 5.4's exceptions: complete nodes so far, and whether this one is
  // the only one of its family.
  int complete_nodes = 0;
  bool best_of_family = false;
};

struct RaceResult {
  double probability = 1;  // that the whole node is better than the rival
  bool stop = false;
  // What is recorded for a stopped node: an estimate.
  NodeScore score;
};

struct RefitJob {
  Script script;
  std::chrono::milliseconds wall_limit{0};
  // Of the node: label decisions are fitted on them.
  UnitPredictions own;
  // Of all train rows, as in UnitJob.
  double train_share = 1;
};

struct RefitResult {
  ExecutionResult execution;
  // Bytes of the submission, labels decided by the host; empty unless scored.
  std::string submission;
  // Real-test predictions, encoded as those of units.
  std::string predictions;
  // Why the predictions should not be used: far from the hidden ones.
  std::string doubt;
};

// The canary (evaluation/canary.h): a finalist is refitted on shuffled labels.
struct CanaryJob {
  Script script;
  std::chrono::milliseconds wall_limit{0};  // of one fit; there are at most two
  double train_share = 1;                   // as in UnitJob
  UnitPredictions own;
  uint64_t seed = 0;
};

// A node that may be chosen, with what choosing needs.
struct Finalist {
  NodeId node;
  std::string family;
  double cost = 0;
  MetricValue value;
  UnitPredictions predictions;
  // By fold of the first rung: whether it would exist if that had not been
  // scored (search/shortlist.h); empty: always.
  std::vector<uint8_t> exists_without = {};
};

// The first of the best scores. REQUIRES: at least one
const Finalist& BestOf(std::span<const Finalist> finalists);

struct Member {
  NodeId node;
  double weight = 1;
};

// The answer of a run: one member, or a blend.
struct Choice {
  std::vector<Member> members;
  // Where the members' mean is taken.
  BlendSpace space = BlendSpace::kPlain;
  // The hidden score of the answer; for a blend the nested one.
  double score = 0;
  double standard_error = 0;
  // The best single node and its score, always stated.
  NodeId best;
  // How the weights came about, one sentence.
  std::string why;
  // What the whole selection is worth on rows that nothing was chosen by, where
  // it could be estimated, and its standard error; logs of earlier versions
  // have no error.
  std::optional<double> honest_score;
  std::optional<double> honest_error;
};

struct BlendJob {
  Choice choice;
  // Of the choice's members, in their order.
  std::vector<UnitPredictions> hidden;
  std::vector<std::string> test;
};

struct BlendResult {
  std::string submission;  // bytes of submission.csv
  // Source of a program that makes the same file from the members' outputs
  // (design 5.6); empty for a single member.
  std::string program;
};

// The table that scripts learn from. 0: they cannot be sampled.
struct TrainRows {
  int64_t all = 0;
  int64_t fold = 0;  // of the first unit
  int64_t columns = 0;
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;

  [[nodiscard]] virtual Direction direction() const = 0;
  // Units of the first rung, then all units with the repeats.
  [[nodiscard]] virtual int first_rung_units() const = 0;
  [[nodiscard]] virtual int units() const = 0;
  // Whether there is a test file to predict: else no refit and no submission.
  [[nodiscard]] virtual bool has_test() const = 0;

  [[nodiscard]] virtual TrainRows train_rows() const { return {}; }

  virtual Result<UnitResult> RunUnit(const UnitJob& job,
                                     std::stop_token stop) = 0;
  virtual Result<ScoreResult> Score(const ScoreJob& job,
                                    std::stop_token stop) = 0;
  virtual Result<RaceResult> Race(const RaceJob& job, std::stop_token stop) = 0;
  virtual Result<RefitResult> Refit(const RefitJob& job,
                                    std::stop_token stop) = 0;
  // `finalists`: those that NestedShortList (search/shortlist.h) takes, so that
  // scores can be nested. REQUIRES: at least one
  virtual Result<Choice> Choose(std::span<const Finalist> finalists,
                                SelectRule rule, uint64_t seed,
                                std::stop_token stop) = 0;
  virtual Result<BlendResult> Blend(const BlendJob& job,
                                    std::stop_token stop) = 0;
  // How the choice's hidden predictions lie beside the truth, encoded
  // (evaluation/portrait.h); empty where the host has none. `hidden`: of the
  // members, in their order.
  virtual Result<std::string> Portray(
      const Choice& choice, const std::vector<UnitPredictions>& hidden,
      std::stop_token stop);

  // The best score that there can be, where it is known.
  [[nodiscard]] virtual std::optional<double> ideal_score() const {
    return std::nullopt;
  }
  // Whether labels can be shuffled: the host must have them.
  [[nodiscard]] virtual bool has_canary() const { return false; }
  // REQUIRES: has_canary()
  virtual Result<Check> Canary(const CanaryJob& job, std::stop_token stop);
};

}  // namespace treesmith
