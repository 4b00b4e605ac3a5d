// FindJsonObject: the JSON object in what a model wrote, as valid JSON.
//
// Models put objects in fences and prose, leave commas, quotes and braces out,
// write Python's True and NaN, or are cut off in the middle. What can be read
// is read; nothing is invented: a member without a value is left out.
#pragma once

#include <string>
#include <string_view>

namespace treesmith {

// The last object of the text that has members, else empty. NaN and numbers
// that no double can hold become null.
std::string FindJsonObject(std::string_view text);

}  // namespace treesmith
