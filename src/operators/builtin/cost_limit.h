// CostLimit: keeps scripts within the time that one run of them may take.
#pragma once

#include <chrono>
#include <optional>

#include "model/tree.h"
#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

class CostLimit {
 public:
  // `timeout` is what one run may take, 0: any time. How long a unit of nominal
  // cost takes here is learnt from nodes that were scored or timed out where
  // `learn` (a budget of time; with a budget of steps the clock must not
  // decide) and else taken to be that of a usual core.
  CostLimit(const NodeSnapshot& nodes, std::chrono::milliseconds timeout,
            bool learn);

  [[nodiscard]] bool Exceeds(const TaskFacts& facts,
                             const Recipe& recipe) const;
  // The recipe with fewer seeds, larger steps or a sample of rows, so that it
  // does not exceed the limit.
  [[nodiscard]] Recipe Fit(const TaskFacts& facts, Recipe recipe) const;

 private:
  std::optional<double> most_;  // nominal cost
};

}  // namespace treesmith
