// The model family of a script that a language model wrote. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace treesmith {

// By the names that it uses: the builtin's words ("lightgbm", "linear" ...),
// "blend" for several, empty for none known.
std::string FamilyOf(std::string_view code);

}  // namespace treesmith
