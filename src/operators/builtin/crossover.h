// Crossover: the features of one recipe with the model of another.
#pragma once

#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

// The children worth trying, best first: both ways round, then both feature
// sets together.
std::vector<Recipe> CrossRecipes(const TaskFacts& facts, const Recipe& first,
                                 const Recipe& second);

}  // namespace treesmith
