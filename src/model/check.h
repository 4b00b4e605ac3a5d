// Check: whether a score is what it seems, as the host found out.
//
// A suspicion is told wherever the node is shown and does not keep it from
// being the answer; a leak does, while there is any other node to choose
// (docs/events.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace treesmith {

enum class CheckVerdict {
  kClear,    // looked for and not found
  kSkipped,  // not looked for; the text says why
  kSuspect,  // too good or too simple to pass without a word
  kLeak,     // the score does not come from what the script learnt
};

std::string_view VerdictName(CheckVerdict verdict);
std::optional<CheckVerdict> ParseVerdict(std::string_view name);

struct Check {
  // "copy", "too-good", "canary", "twins", "ids", "data".
  std::string name;
  CheckVerdict verdict = CheckVerdict::kClear;
  // One sentence for people.
  std::string text;

  [[nodiscard]] bool alarm() const {
    return verdict == CheckVerdict::kSuspect || verdict == CheckVerdict::kLeak;
  }
  bool operator==(const Check&) const = default;
};

}  // namespace treesmith
