// Whether a script validates itself.
//
// The host scores scripts on hidden folds, so a script that cuts folds of its
// own wastes its time: each costs a fit that no one reads. This is for
// warnings; it can err, and decides nothing. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace treesmith {

// A place where models are fitted once for every fold of the training rows.
struct FoldLoop {
  int line = 0;   // of the `for`, or of the call, from 1
  int folds = 0;  // 0: not written as a number
};
// The first outermost one; nothing for a script that cannot be parsed.
std::optional<FoldLoop> FindFoldLoop(std::string_view script);

}  // namespace treesmith
