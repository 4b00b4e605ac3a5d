// Render: a recipe as a Python script that a person would have written.
//
// The script honours the contract of design 5.2, imports only what it uses and
// is the same for the same recipe and facts, byte for byte.
#pragma once

#include <string>

#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

// `headline` becomes the script's docstring, wrapped. REQUIRES: the recipe's
// family and blocks exist.
std::string RenderScript(const Recipe& recipe, const TaskFacts& facts,
                         const std::string& headline);

// What it costs beside other recipes of the task, in millions of cell visits.
double NominalCost(const Recipe& recipe, const TaskFacts& facts);

}  // namespace treesmith
