// The additive model of calendar, series and trend: a family of its own
// (additive.cc) and what boosting may start from (Recipe choice "base").
#pragma once

#include "operators/builtin/facts.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

// A numeric target over time, with enough days to tell seasons.
bool AdditiveFits(const TaskFacts& facts);

// The recipe's model learns what the additive model leaves over.
bool StartsFromAdditive(const Recipe& recipe);

// Defines `fit_additive(table, y)`: its answer for every row of the table.
ModelSource RenderAdditive(const TaskFacts& facts, const Recipe& recipe);

// The columns that name a series, or the few-valued categories instead.
std::vector<std::string> AdditiveGroups(const TaskFacts& facts,
                                        const Recipe& recipe);

// Lets the recipe's model learn what the additive model leaves over, and back.
void StartFromAdditive(const TaskFacts& facts, Recipe& recipe);
void StartFromNothing(Recipe& recipe);

}  // namespace treesmith
