// RunState: all that is known of a run, as a fold over its events.
//
// The same events give the same state, whether they happen now or are read
// back by `resume`; nothing is changed in any other way. The engine loop owns
// it; jobs get copies of what they need.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "engine/time_plan.h"
#include "model/event.h"
#include "model/tree.h"

namespace treesmith {

// A step that has no node yet.
struct OpenStep {
  StepId id;
  Proposal proposal;
  std::chrono::milliseconds proposed_at{0};
  std::optional<Written> written;
  // By unit; absent: not run (yet).
  std::vector<std::optional<FoldRun>> units;
  // The last race that was run after `raced->units` units.
  std::optional<Raced> raced;
  std::optional<Reviewed> reviewed;
  // Calls to models that ended, in their order, and what they took; of a run
  // that was over and goes on, without those that failed before.
  std::vector<CallEnded> calls;
  Usage usage;
  // Set when the node is a contender and goes on to the later rungs.
  std::optional<NodeScore> first_rung;

  // Units from the first on that are done and scored.
  [[nodiscard]] int scored_prefix() const;
  // The first unit, in order, that did not end well or, in reported mode, told
  // no metric, and that waits for a model's word.
  [[nodiscard]] const FoldRun* unreviewed() const;
};

class RunState {
 public:
  RunState(Direction direction, int units)
      : tree_(direction), units_(units), views_(static_cast<size_t>(units)) {}
  RunState(const RunState&) = delete;

  // REQUIRES: the event follows those before it. An Error means that the log
  // does not fit together (a step that was never proposed).
  Status Apply(const Event& event);

  [[nodiscard]] const Tree& tree() const { return tree_; }
  // By step id: the oldest first.
  [[nodiscard]] const std::map<StepId, OpenStep>& open_steps() const {
    return open_;
  }
  [[nodiscard]] StepId next_step() const { return {next_step_}; }
  [[nodiscard]] std::chrono::milliseconds elapsed() const { return elapsed_; }
  // The newest refit of a node, if it was ever refitted.
  [[nodiscard]] const Refitted* refit(NodeId node) const;
  [[nodiscard]] const std::map<NodeId, Refitted>& refits() const {
    return refits_;
  }
  [[nodiscard]] size_t refit_count() const { return refits_run_; }
  // The shortest that a unit took which was scored; 0 before there is one.
  [[nodiscard]] std::chrono::milliseconds quickest_unit() const {
    return quickest_unit_;
  }
  [[nodiscard]] int64_t units_run() const { return units_run_; }
  // Answers to calls that belong to no open step, such as the final report's.
  [[nodiscard]] const std::vector<CallEnded>& answers_beyond_steps() const {
    return answers_beyond_steps_;
  }
  // Of all calls that ended, and of those that were under way when the run was
  // killed, at their reservation.
  [[nodiscard]] const Usage& usage() const { return usage_; }
  // The same with the calls that are under way now.
  [[nodiscard]] Usage committed_usage() const;
  [[nodiscard]] const std::optional<Finished>& finished() const {
    return finished_;
  }
  // The newest, settled or not; absent until there is one.
  [[nodiscard]] const std::optional<TimePlan>& plan() const { return plan_; }
  // Why the search has ended; absent while it goes on.
  [[nodiscard]] const std::optional<std::string>& search_ended() const {
    return search_ended_;
  }
  // From the last BudgetChanged; absent: as configured.
  [[nodiscard]] const std::optional<std::string>& budget() const {
    return budget_;
  }
  // Every check that was made, in order.
  [[nodiscard]] const std::vector<Checked>& checks() const { return checks_; }
  // The newest check of that name of a node, or of the run (no valid node).
  [[nodiscard]] const Check* check(NodeId node, std::string_view name) const;
  // A check found that the node's score is not what it learnt.
  [[nodiscard]] bool leaks(NodeId node) const;
  // What scripts saw of a unit so far; zero where none ran.
  [[nodiscard]] Hash128 view(int unit) const {
    return views_.at(static_cast<size_t>(unit));
  }

 private:
  Status On(const RunStarted& event);
  Status On(const Resumed& event);
  Status On(const FoldsCut& event);
  Status On(const Proposed& event);
  Status On(const CallStarted& event);
  Status On(const CallEnded& event);
  Status On(const Written& event);
  Status On(const FoldRun& event);
  Status On(const Raced& event);
  Status On(const Scored& event);
  Status On(const NodeAdded& event);
  Status On(const Refitted& event);
  Status On(const Steered& event);
  Status On(const BudgetChanged& event);
  Status On(const Finished& event);
  Status On(const Reviewed& event);
  Status On(const Planned& event);
  Status On(const SearchEnded& event);
  Status On(const Checked& event);
  Result<OpenStep*> Find(StepId step);
  void Book(StepId step, const Usage& usage);

  Tree tree_;
  const int units_;
  std::vector<Hash128> views_;  // by unit
  std::vector<Checked> checks_;
  std::map<StepId, OpenStep> open_;
  std::map<NodeId, Refitted> refits_;
  int64_t next_step_ = 0;
  int64_t units_run_ = 0;
  size_t refits_run_ = 0;
  std::chrono::milliseconds quickest_unit_{0};
  std::chrono::milliseconds elapsed_{0};
  Usage usage_;
  // Started and not ended. Two may be equal: the same question twice at once.
  using CallKey = std::tuple<StepId, std::string, std::string, int, Hash128>;
  std::vector<CallEnded> answers_beyond_steps_;
  std::multimap<CallKey, CallStarted> calls_;
  std::optional<TimePlan> plan_;
  std::optional<std::string> search_ended_;
  std::optional<std::string> budget_;
  std::optional<Finished> finished_;
};

}  // namespace treesmith
