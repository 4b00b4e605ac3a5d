// Small words of prompts: bounded texts, numbers, durations.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace treesmith {

// Without line ends at its end.
std::string TrimEnd(std::string text);

// At most `most_bytes`, cut between characters; what was cut ends in "...".
std::string Clip(std::string_view text, size_t most_bytes);

// Cut at the end of a sentence or line where there is one in the second half.
std::string ClipSentences(std::string_view text, size_t most_bytes);

// Beginning and end, with a line between that counts what was left out.
std::string ClipMiddle(std::string_view text, size_t most_bytes);

// "a, b and 3 more".
std::string ListSome(const std::vector<std::string>& words, size_t most);

// "40 s", "12 min", "3.5 h".
std::string DurationText(std::chrono::milliseconds duration);

}  // namespace treesmith
