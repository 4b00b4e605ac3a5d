// Where a script's own code begins.
#pragma once

#include <cstddef>
#include <string_view>

namespace treesmith {

// The offset at which other code may be put into a Python script, ended by a
// line break: behind its docstring and its imports from __future__, which
// Python wants first, and 0 where there are none. Blanks behind them are
// skipped. Pure; any thread.
size_t OwnCodeBegin(std::string_view script);

}  // namespace treesmith
