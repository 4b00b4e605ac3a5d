#include "code/line_numbers.h"

#include <algorithm>

namespace treesmith {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The bytes of a line up to and with what ends its number, 0 without one.
// Numbers end in `mark`, one of ":|\t", with spaces before it.
size_t NumberEnd(std::string_view line, char mark) {
  size_t at = IndentOf(line).size();
  const size_t digits = at;
  while (at < line.size() && IsDigit(line[at])) ++at;
  if (at == digits) return 0;
  while (at < line.size() && line[at] == ' ') ++at;
  return at < line.size() && line[at] == mark ? at + 1 : 0;
}

size_t CountNumbered(const std::vector<SourceLine>& lines, char mark) {
  return static_cast<size_t>(std::count_if(
      lines.begin(), lines.end(),
      [&](const SourceLine& line) { return NumberEnd(line.text, mark) > 0; }));
}

size_t CountFilled(const std::vector<SourceLine>& lines) {
  return static_cast<size_t>(std::count_if(
      lines.begin(), lines.end(),
      [](const SourceLine& line) { return !IsBlank(line.text); }));
}

// True if every number is followed by a space or by nothing: then that space
// belongs to the number.
bool SpaceFollows(const std::vector<SourceLine>& lines, char mark) {
  return std::all_of(lines.begin(), lines.end(), [&](const SourceLine& line) {
    const std::string_view rest = line.text.substr(NumberEnd(line.text, mark));
    return rest.empty() || rest.front() == ' ';
  });
}

void Drop(std::vector<SourceLine>& lines, char mark, bool space) {
  for (SourceLine& line : lines) {
    const size_t end = NumberEnd(line.text, mark);
    if (end == 0) continue;
    line.text.remove_prefix(end);
    if (space && !line.text.empty()) line.text.remove_prefix(1);
  }
}

}  // namespace

bool DropLineNumbers(std::vector<SourceLine>& quoted,
                     std::vector<SourceLine>& wanted) {
  for (const char mark : {'|', ':', '\t'}) {
    if (CountNumbered(quoted, mark) != CountFilled(quoted)) continue;
    const size_t numbered = CountNumbered(wanted, mark);
    if (numbered > 0 && numbered != CountFilled(wanted)) return false;
    const bool space = mark != '\t' && SpaceFollows(quoted, mark) &&
                       (numbered == 0 || SpaceFollows(wanted, mark));
    Drop(quoted, mark, space);
    if (numbered > 0) Drop(wanted, mark, space);
    return true;
  }
  return false;
}

}  // namespace treesmith
