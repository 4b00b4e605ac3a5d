#include "code/edit_cut.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "code/source_lines.h"

namespace treesmith {
namespace {

constexpr std::string_view kEllipsis = "\u2026";

bool HasWord(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

// What a line gives a value to: the text before its first "=", a key with its
// ":", or "def name("; empty for any other line.
std::string_view Target(std::string_view squeezed) {
  for (const std::string_view opener : {"def ", "class "}) {
    if (!squeezed.starts_with(opener)) continue;
    return squeezed.substr(0, squeezed.find_first_of("(:"));
  }
  if (squeezed.starts_with('"') || squeezed.starts_with('\'')) {
    const size_t end = squeezed.find(squeezed[0], 1);
    const bool key = end != std::string_view::npos &&
                     squeezed.substr(end + 1).starts_with(':');
    return key ? squeezed.substr(0, end + 2) : std::string_view();
  }
  const size_t equals = squeezed.find('=');
  if (equals == std::string_view::npos || equals == 0) return {};
  if (squeezed.substr(equals + 1).starts_with('=')) return {};
  const std::string_view left = squeezed.substr(0, equals);
  // Not "+=", "<=", calls or conditions: those do not just give a value.
  const bool plain =
      left.find_first_of("+-*/%&|^<>!@:( #") == std::string_view::npos;
  return plain ? left : std::string_view();
}

// `next` gives a value to what `line` just gave one, without reading it.
bool IsOverwrittenBy(const PlacedLine& line, const PlacedLine& next) {
  const std::string_view target = Target(line.text);
  if (target.empty() || line.indent != next.indent) return false;
  if (Target(next.text) != target) return false;
  return next.text.find(target, target.size()) == std::string::npos;
}

bool IsSameLine(const PlacedLine& a, const PlacedLine& b) {
  return a.indent == b.indent && a.text == b.text;
}

// True if lines of `added` stand in `other` as well, which begins at the seam:
// any of them as a line that the script has once, whatever its indentation; or
// the outermost, the last, next to the seam, as far from it as in the edit, or
// after the same line.
bool RepeatsAcross(const std::vector<PlacedLine>& added,
                   const std::vector<PlacedLine>& other) {
  const size_t count = added.size();
  for (size_t i = 0; i < other.size(); ++i) {
    const auto is_other = [&](const PlacedLine& line) {
      return line.text == other[i].text;
    };
    if (!HasWord(other[i].text)) continue;
    if (other[i].unique && std::any_of(added.begin(), added.end(), is_other)) {
      return true;
    }
    if (!IsSameLine(other[i], added.back())) continue;
    if (i == 0 || i + 1 == count) return true;
    if (count > 1 && IsSameLine(other[i - 1], added[count - 2])) return true;
  }
  return false;
}

}  // namespace

bool StandsForMore(std::string_view line) {
  std::string text = Lowered(Trimmed(line));
  if (text == "..." || text == kEllipsis) return true;
  if (!text.starts_with('#')) return false;
  const std::string_view comment = Trimmed(std::string_view(text).substr(
      text.find_first_not_of('#') == std::string::npos
          ? text.size()
          : text.find_first_not_of('#')));
  for (const std::string_view dots : {std::string_view("..."), kEllipsis}) {
    if (comment.starts_with(dots) || comment.ends_with(dots)) return true;
  }
  static constexpr std::array<std::string_view, 12> kPhrases = {
      "rest of the",      "rest of code",   "remaining code", "existing code",
      "unchanged",        "same as before", "same as above",  "as before",
      "remains the same", "stays the same", "previous code",  "code continues"};
  return std::any_of(kPhrases.begin(), kPhrases.end(),
                     [&](std::string_view phrase) {
                       return comment.find(phrase) != std::string_view::npos;
                     });
}

bool RepeatsWhatFollows(const std::vector<PlacedLine>& added,
                        const std::vector<PlacedLine>& following) {
  if (added.empty() || following.empty()) return false;
  return RepeatsAcross(added, following) ||
         IsOverwrittenBy(added.back(), following.front());
}

bool RepeatsWhatPrecedes(const std::vector<PlacedLine>& added,
                         const std::vector<PlacedLine>& before) {
  if (added.empty() || before.empty()) return false;
  const std::vector<PlacedLine> outwards(added.rbegin(), added.rend());
  const std::vector<PlacedLine> other(before.rbegin(), before.rend());
  return RepeatsAcross(outwards, other) ||
         IsOverwrittenBy(before.back(), added.front());
}

bool IsDefinition(const PlacedLine& line) {
  return line.text.starts_with("def ") || line.text.starts_with("class ");
}

bool IsNewDefinitions(const std::vector<PlacedLine>& added, int indent,
                      const std::vector<PlacedLine>& known) {
  if (added.empty() || added.front().indent != indent ||
      !IsDefinition(added.front())) {
    return false;
  }
  return std::ranges::all_of(added, [&](const PlacedLine& line) {
    if (line.indent > indent) return true;
    // The end of a signature over several lines.
    if (line.indent == indent && line.text.starts_with(')')) return true;
    return line.indent == indent && IsDefinition(line) &&
           std::ranges::none_of(known, [&](const PlacedLine& other) {
             return IsDefinition(other) &&
                    Target(other.text) == Target(line.text);
           });
  });
}

}  // namespace treesmith
