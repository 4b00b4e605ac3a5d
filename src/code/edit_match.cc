#include "code/edit_match.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace treesmith {
namespace {

struct Squeeze {
  std::vector<std::string> texts;  // of the lines that are not blank
  std::vector<size_t> lines;       // their places
};

Squeeze SqueezeAll(const std::vector<SourceLine>& lines) {
  Squeeze all;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (IsBlank(lines[i].text)) continue;
    all.texts.push_back(Squeezed(lines[i].text));
    all.lines.push_back(i);
  }
  return all;
}

// Starts of `needle` in `hay`, at most `most` (Knuth, Morris, Pratt: linear
// even for a megabyte of equal lines).
std::vector<size_t> Occurrences(const std::vector<std::string>& hay,
                                const std::vector<std::string>& needle,
                                size_t most) {
  std::vector<size_t> fallback(needle.size(), 0);
  for (size_t i = 1, length = 0; i < needle.size(); ++i) {
    while (length > 0 && needle[i] != needle[length]) {
      length = fallback[length - 1];
    }
    if (needle[i] == needle[length]) ++length;
    fallback[i] = length;
  }
  std::vector<size_t> found;
  size_t matched = 0;
  for (size_t i = 0; i < hay.size() && found.size() < most; ++i) {
    while (matched > 0 && hay[i] != needle[matched]) {
      matched = fallback[matched - 1];
    }
    if (hay[i] == needle[matched]) ++matched;
    if (matched < needle.size()) continue;
    found.push_back(i + 1 - matched);
    matched = fallback[matched - 1];
  }
  return found;
}

// The place at `lines` if its indentation fits the quote's from line `first`
// of the quote on.
std::optional<EditPlace> Fit(const std::vector<SourceLine>& script,
                             const std::vector<size_t>& lines,
                             const std::vector<SourceLine>& quoted,
                             const std::vector<size_t>& quoted_lines,
                             size_t first) {
  EditPlace place;
  for (size_t i = first; i < lines.size(); ++i) {
    const int width = IndentWidth(quoted[quoted_lines[i]].text);
    const std::string_view actual = IndentOf(script[lines[i]].text);
    if (!place.indents.Note(width, actual)) return std::nullopt;
  }
  place.lines = lines;
  place.first_line_shorn = first > 0;
  place.exact = true;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view text = quoted[quoted_lines[i]].text;
    const std::string_view actual = script[lines[i]].text;
    place.exact = place.exact && Trimmed(text) == Trimmed(actual) &&
                  IndentOf(text) == IndentOf(actual);
  }
  return place;
}

}  // namespace

bool IndentMap::Note(int quoted, std::string_view actual) {
  const int width = IndentWidth(actual);
  const auto [at, fresh] = actual_.emplace(quoted, actual);
  if (!fresh) return IndentWidth(at->second) == width;
  // Deeper in the quote is deeper in the script.
  if (at != actual_.begin() && IndentWidth(std::prev(at)->second) >= width) {
    return false;
  }
  const auto next = std::next(at);
  return next == actual_.end() || IndentWidth(next->second) > width;
}

std::string IndentMap::Translate(int quoted, int quoted_unit,
                                 int script_unit) const {
  CHECK(!actual_.empty());
  auto base = actual_.upper_bound(quoted);
  if (base != actual_.begin()) --base;
  if (base->first == quoted) return base->second;
  const int more = quoted - base->first;
  const int columns =
      more % quoted_unit == 0 ? more / quoted_unit * script_unit : more;
  const std::string& known = base->second;
  if (columns < 0) {
    const int width = std::max(0, IndentWidth(known) + columns);
    return std::string(static_cast<size_t>(width), ' ');
  }
  const bool tabs = known.find('\t') != std::string::npos;
  if (tabs && columns % script_unit == 0) {
    return known +
           std::string(static_cast<size_t>(columns / script_unit), '\t');
  }
  return known + std::string(static_cast<size_t>(columns), ' ');
}

int IndentMap::least_actual_width() const {
  CHECK(!actual_.empty());
  return IndentWidth(actual_.begin()->second);
}

std::vector<EditPlace> FindPlaces(const std::vector<SourceLine>& script,
                                  const std::vector<SourceLine>& quoted,
                                  size_t most) {
  const Squeeze hay = SqueezeAll(script);
  const Squeeze needle = SqueezeAll(quoted);
  std::vector<EditPlace> places;
  if (needle.texts.empty()) return places;
  for (const size_t start : Occurrences(hay.texts, needle.texts, most)) {
    const auto from = hay.lines.begin() + static_cast<std::ptrdiff_t>(start);
    const std::vector<size_t> lines(
        from, from + static_cast<std::ptrdiff_t>(needle.lines.size()));
    std::optional<EditPlace> place =
        Fit(script, lines, quoted, needle.lines, 0);
    const bool flush = IndentOf(quoted[needle.lines[0]].text).empty();
    if (!place && flush) place = Fit(script, lines, quoted, needle.lines, 1);
    if (place) places.push_back(*std::move(place));
  }
  return places;
}

bool StandsWithin(const std::vector<SourceLine>& script, size_t line,
                  std::string_view opener) {
  const std::string wanted = Squeezed(opener);
  int width = IndentWidth(script[line].text);
  for (size_t i = line; i-- > 0 && width > 0;) {
    if (IsBlank(script[i].text)) continue;
    const int above = IndentWidth(script[i].text);
    if (above >= width) continue;
    width = above;
    if (Squeezed(script[i].text) == wanted) return true;
  }
  return false;
}

}  // namespace treesmith
