// What a cell's text means: a gap, a number, a value to compare by.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace treesmith {

// pandas' default missing words, and the empty text. For numbers; as a category
// "None" is a value in many files.
bool IsMissingWord(std::string_view text);

// A number as people and programs write it (spaces around it, a leading plus,
// "inf"); nullopt for anything else, a missing word included.
std::optional<double> ParseNumber(std::string_view text);

// One spelling for equal values: 1, 1.0, 01 and 1e0 are "1"; True and TRUE are
// "true"; other text is itself without surrounding space. For matching ids and
// labels.
std::string CanonicalValue(std::string_view text);

// Lower case, no byte order mark, no surrounding space: how column names are
// compared.
std::string FoldName(std::string_view name);
// Whether one of `names` is the column's, so compared.
bool HasName(std::span<const std::string> names, std::string_view column);

}  // namespace treesmith
