// The one place where a message becomes an Outcome's detail.
#pragma once

#include <string>
#include <string_view>

namespace treesmith {

// The message cut to what a detail may hold (500 bytes), between characters of
// UTF-8.
std::string OutcomeDetail(std::string_view message);

}  // namespace treesmith
