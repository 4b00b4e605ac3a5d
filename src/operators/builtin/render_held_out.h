// Scripts that learn a correction of their answer on rows held out.
//
// What would be `predict` is then `fitted`; `predict` calls it twice.
#pragma once

#include <string>
#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

// The recipe has a block of BlockStage::kHeldOut.
bool HoldsOut(const Recipe& recipe);
// `hold_out` and `predict`. `post`: lines that give `prediction` its last form,
// by `known`.
std::vector<std::string> RenderHeldOut(const Recipe& recipe,
                                       const TaskFacts& facts,
                                       const std::string& post);

}  // namespace treesmith
