// Line numbers that a model copied, or made up, in front of quoted lines.
#pragma once

#include <vector>

#include "code/source_lines.h"

namespace treesmith {

// Takes numbers such as "12: ", "12 | " or "12<tab>" off every line of both
// lists; blank lines have none. False, and nothing changed, unless all lines of
// `quoted` have one of the same form and those of `wanted` all or none.
bool DropLineNumbers(std::vector<SourceLine>& quoted,
                     std::vector<SourceLine>& wanted);

}  // namespace treesmith
