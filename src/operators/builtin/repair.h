// Repair: from what went wrong to a recipe that may work.
#pragma once

#include <string>

#include "base/result.h"
#include "model/outcome.h"
#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"
#include "operators/builtin/recipe_change.h"

namespace treesmith {

// The first repair that fits and alters the recipe; its label starts with
// "repair.". BadInput: nothing is left to try, with the reason.
Result<RecipeChange> RepairRecipe(const TaskFacts& facts, const Recipe& recipe,
                                  const Outcome& outcome,
                                  const std::string& output);

}  // namespace treesmith
