// GeneralChange: a row of the table of changes that belong to no block and no
// family.
#pragma once

#include <string_view>
#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

struct GeneralChange {
  std::string_view label;
  std::string_view reason;
  Prior prior;
  bool (*fits)(const TaskFacts&, const Recipe&);
  void (*apply)(const TaskFacts&, Recipe&);
};

// Of the target's scale, the loss and the weights of rows (loss_changes.cc).
std::vector<GeneralChange> LossChanges();

}  // namespace treesmith
