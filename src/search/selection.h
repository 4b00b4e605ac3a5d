// Selection: which single node of the finalists is the answer.
//
// A node's score is noisy, and the best of many is the luckiest as well as the
// best (A21). Scores are compared by paired differences only; where they do not
// tell two nodes apart, the cheaper one is taken. Pure; any thread.
#pragma once

#include <cstddef>
#include <span>

#include "model/metric_value.h"
#include "model/score.h"

namespace treesmith {

enum class SelectRule {
  kEnsemble,          // blends too; among single nodes as below
  kMax,               // the best score, whatever it costs (the papers' rule)
  kOneStandardError,  // the cheapest within one error of the best
};

struct SelectionCandidate {
  double value = 0;
  std::span<const double> replicates = {};  // score/bootstrap.h
  double cost = 0;
};

// The index of the node that `rule` takes; equal values keep the earliest.
// kEnsemble: the best score, or a cheaper node whose paired difference to it is
// under a quarter of that difference's own error.
// REQUIRES: at least one candidate; replicates of one plan.
size_t SelectSingle(SelectRule rule, Direction direction,
                    std::span<const SelectionCandidate> candidates);

}  // namespace treesmith
