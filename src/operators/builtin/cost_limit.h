// CostLimit: keeps scripts within the time that one run of them may take.
//
// A run is taken to last `start + pace(family) * cost`: what starting up takes
// and the pace of each family are learnt from the nodes of this run.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "model/tree.h"
#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

struct CostLimitOptions {
  // What one run may take; 0: any time.
  std::chrono::milliseconds timeout{0};
  // Of the task's rows: what one run is fitted on.
  double train_share = 1;
  // Whether the nodes' seconds count. With a budget of steps the clock must not
  // decide: then this is taken to be a usual core.
  bool learn = false;
};

class CostLimit {
 public:
  CostLimit(const TaskFacts& facts, const NodeSnapshot& nodes,
            const CostLimitOptions& options);

  [[nodiscard]] bool Exceeds(const Recipe& recipe) const;
  // The recipe with fewer seeds, larger steps or a sample of rows, so that it
  // does not exceed the limit.
  [[nodiscard]] Recipe Fit(Recipe recipe) const;

 private:
  // Seconds of a unit of nominal cost, with what weighs for it.
  struct Pace {
    double seconds = 0;
    double cost = 0;
  };

  void Learn(const NodeSnapshot& nodes);
  [[nodiscard]] double Cost(const Recipe& recipe) const;
  [[nodiscard]] double PaceOf(const std::string& family) const;
  // Of one run, start-up left out.
  [[nodiscard]] double SecondsOf(const Recipe& recipe) const;

  TaskFacts facts_;  // with the rows of one run
  double start_;
  Pace all_;
  std::map<std::string, Pace> families_;
  std::optional<double> most_;  // of SecondsOf
};

}  // namespace treesmith
