// Small questions to texts. ASCII alone counts; other bytes stay as they are.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace treesmith {

// With small letters for capital ones.
std::string Lowered(std::string_view text);

// Without white space (space, tab, line ends, form feed, vertical tab) at
// either end.
std::string_view Trimmed(std::string_view text);

}  // namespace treesmith
