// Tuning: hyper-parameters chosen by a small model of what they gained.
//
// A Gaussian process over the knobs of one family, fitted to that family's
// scored nodes; its best guess among random steps from the parent becomes an
// ordinary node. Pure: equal nodes and chance give the same answer.
#pragma once

#include <optional>

#include "base/rng.h"
#include "model/tree.h"
#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"
#include "operators/builtin/recipe_change.h"

namespace treesmith {

// A step of the parent's knobs, labelled "tune.FAMILY"; nullopt where it has
// none to move. The learning rate moves the number of rounds with it.
std::optional<RecipeChange> TuneRecipe(const TaskFacts& facts,
                                       const Recipe& parent,
                                       const NodeSnapshot& nodes, Rng& rng);

}  // namespace treesmith
