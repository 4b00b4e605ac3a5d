// The parts of a script that do not depend on the family: reading, the way from
// tables to predictions, writing.
#pragma once

#include <string>
#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

// Functions read, prepare, predict and main, in order.
std::vector<std::string> RenderMain(const ModelFamily& family,
                                    const Recipe& recipe,
                                    const TaskFacts& facts);

}  // namespace treesmith
