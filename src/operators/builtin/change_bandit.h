// ChangeBandit: which change to try next, from priors and what the tree says.
//
// Thompson sampling. An arm's value is what such changes gained, over their
// parents and, weighing twice, for the present ensemble, in standard errors of
// the paired difference; the prior counts as two observations. Changes that
// cost more must promise more.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "model/tree.h"
#include "operators/builtin/recipe_change.h"

namespace treesmith {

struct ArmRecord {
  int64_t tries = 0;
  double sum = 0;  // of gains in standard errors, each within +-4
};

// What each change label gained so far. A buggy node counts as a loss.
std::map<std::string, ArmRecord> ReadArms(const NodeSnapshot& nodes);

// The changes best first by one draw of each arm. `in_flight` labels, which
// another worker is trying, come last.
std::vector<RecipeChange> OrderChanges(
    std::vector<RecipeChange> changes,
    const std::map<std::string, ArmRecord>& arms,
    const std::vector<std::string>& in_flight, Rng& rng);

}  // namespace treesmith
