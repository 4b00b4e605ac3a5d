// Series of a panel: what needs each row's series beside the table of features.
//
// A script that needs it is given `series`, a number for each combination of
// the columns that name one, and `date`, both of all rows, train above test.
#pragma once

#include "operators/builtin/facts.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

bool NeedsSeries(const Recipe& recipe);
// The script reads the dates of train and test, whatever its features are.
bool ReadsDates(const Recipe& recipe);
// Lines of `predict` that make `date` and `series`.
std::string SeriesLines(const TaskFacts& facts);

// The model learns how rows differ from the level of their series in a year
// (Recipe choice "base" = "level").
bool LevelFits(const TaskFacts& facts);
bool StartsFromLevel(const Recipe& recipe);
void StartFromLevel(const TaskFacts& facts, Recipe& recipe);
// Defines `fit_level(date, series, y)`: the level of every row.
std::string RenderLevel();

// Starts from a level or from the additive model.
bool HasBase(const Recipe& recipe);

}  // namespace treesmith
