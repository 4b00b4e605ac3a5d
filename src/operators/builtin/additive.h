// The additive model of calendar, series and trend: a family of its own
// (additive.cc) and what boosting may start from (Recipe choice "base").
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

// The columns that name a series (codes count as names), or the few-valued
// categories where there is none.
struct AdditiveNames {
  // Of few values, each of which has a calendar and a trend of its own.
  std::vector<std::string> groups;
  // Each value has a level, and a trend where that is a line.
  std::vector<std::string> levels;
  // All of them, where their combinations have levels beside these.
  std::vector<std::string> series;
};
AdditiveNames NamesInAdditive(const TaskFacts& facts, const Recipe& recipe);

// Nominal cost of fit_additive, as ModelFamily::cost.
double AdditiveCost(const TaskFacts& facts, const Recipe& recipe);

// Its knobs, and what may be done to a recipe that has them.
const std::vector<KnobRange>& AdditiveKnobs();
void AddAdditiveKnobs(const TaskFacts& facts, Recipe& recipe);
std::vector<FamilyChange> AdditiveChanges();

// The column that names countries, null where none does; and the source of
// `public_holidays(table, date)`.
const FactColumn* CountryColumn(const TaskFacts& facts);
std::string_view HolidayFunction();

// Lets the recipe's model learn what the additive model leaves over, and back.
void StartFromAdditive(const TaskFacts& facts, Recipe& recipe);
void StartFromNothing(Recipe& recipe);

}  // namespace treesmith
