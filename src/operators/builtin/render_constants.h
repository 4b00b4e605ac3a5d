// The constants on top of a script: columns by what they are, files' spellings,
// knobs.
#pragma once

#include <string>
#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

// `NAME = ...` lines for the names that `body` uses.
std::string RenderConstants(const Recipe& recipe, const TaskFacts& facts,
                            const std::string& body);

// Columns of a role that the recipe keeps.
std::vector<std::string> Kept(const TaskFacts& facts, const Recipe& recipe,
                              ColumnRole role);
// Numbers that do not name series: those have levels instead.
std::vector<std::string> Measured(const TaskFacts& facts, const Recipe& recipe);
// Dates whose day stands before the month: pandas would take it for the month
// wherever that may be.
std::vector<std::string> DaysFirst(const TaskFacts& facts,
                                   const Recipe& recipe);
// What is kept as the files write it, as members of a Python list: ids, labels
// of classes, categories and texts. pandas would make 7 of "007", and 7.0 where
// a column has gaps.
std::string TextColumns(const TaskFacts& facts, const Recipe& recipe);
// What follows the text of the group column to make the group's name of it.
std::string GroupOfName(const TaskFacts& facts);
// Blocks of the stage are in the recipe; texts are kept beside the table.
bool HasStage(const Recipe& recipe, BlockStage stage);
bool NeedsText(const ModelFamily& family, const Recipe& recipe);

}  // namespace treesmith
