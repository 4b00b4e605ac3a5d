// RecipeChange: one atomic edit of a recipe, with its reason and its prior.
//
// The list for a recipe is joined from the block table (add a block, take one
// away), the family's own changes and the changes of objective and target
// (loss_changes.cc), seeds and columns (recipe_change.cc). To add a change: one
// row in one of these.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

struct RecipeChange {
  // What bandits and `show` count: "encode.target-oof", "lightgbm.slower".
  std::string label;
  // One sentence.
  std::string reason;
  Prior prior = {};
  Recipe result;
};

// Every change that fits and alters the recipe, in a fixed order.
std::vector<RecipeChange> ChangesOf(const TaskFacts& facts,
                                    const Recipe& recipe);

}  // namespace treesmith
