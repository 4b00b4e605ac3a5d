// Inputs: how the table of features becomes what a model is fitted on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

struct InputSource {
  std::vector<std::string> imports = {};
  // Defines `encode(table, n)`: the inputs of all rows, of which the first n
  // are for training. Empty for kNamed, where the table itself is the input.
  std::string source = {};
};

// As many names of one column get a column of their own with kScaled.
int64_t MostNames(const Recipe& recipe);
InputSource RenderInput(const ModelFamily& family, const Recipe& recipe,
                        const TaskFacts& facts);

}  // namespace treesmith
