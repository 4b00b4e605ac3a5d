// The normal form of a script: what of its text decides what it does.
//
// Two scripts of one normal form do the same: they differ in comments,
// docstrings, layout, quotes, redundant parentheses, the notation of numbers
// or the names of their own variables alone. Strings, numbers, the order of
// statements and the names of modules, attributes and keywords count. Scripts
// of different forms may still do the same; the novelty gate only saves runs.
#pragma once

#include <string>
#include <string_view>

#include "base/hash.h"

namespace treesmith {

// A text that no one needs to read, equal for scripts that do the same. A
// script that is no Python, or is too large to be parsed (syntax_tree.h), is
// its own normal form. Any thread; about 1 ms for 10 kB.
std::string NormalForm(std::string_view script);

// Its name. Logs keep it (model/event.h): a change of what NormalForm says
// makes old runs blind to their duplicates, no more.
Hash128 NormalHash(std::string_view script);

}  // namespace treesmith
