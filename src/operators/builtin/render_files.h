// The two functions of a script that know the task's files: `read()`, and
// `main()`, which writes the submission.
#pragma once

#include <string>

#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

std::string ReadFunction(const TaskFacts& facts, const Recipe& recipe);
std::string MainFunction(const Recipe& recipe, const TaskFacts& facts);

}  // namespace treesmith
