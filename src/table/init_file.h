// The task.toml that `treesmith init` writes: all that was inferred, each line
// under a comment that says why.
#pragma once

#include <string>

#include "table/infer.h"

namespace treesmith {

// A text that ParseTaskFile reads as `made.task`, with the split that "auto"
// comes to written out.
std::string InitFileText(const Inference& made);

}  // namespace treesmith
