#include "code/source_lines.h"

#include "base/text.h"
#include "code/layout.h"

namespace treesmith {
namespace {

constexpr int kTabColumns = 4;

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

// Appends the string literal that opens at `at`; the place after it.
size_t CopyQuoted(std::string_view line, size_t at, std::string& out) {
  const char quote = line[at];
  out += line[at++];
  while (at < line.size()) {
    const char c = line[at++];
    out += c;
    if (c == '\\' && at < line.size()) {
      out += line[at++];
    } else if (c == quote) {
      break;
    }
  }
  return at;
}

}  // namespace

std::vector<SourceLine> SourceLines(std::string_view source) {
  std::vector<SourceLine> lines;
  size_t at = 0;
  while (at < source.size()) {
    size_t newline = source.find('\n', at);
    const bool last = newline == std::string_view::npos;
    if (last) newline = source.size();
    size_t text_end = newline;
    if (text_end > at && source[text_end - 1] == '\r') --text_end;
    const size_t next = last ? newline : newline + 1;
    lines.push_back({source.substr(at, text_end - at),
                     source.substr(text_end, next - text_end)});
    at = next;
  }
  return lines;
}

std::vector<bool> BeginsInString(std::string_view source,
                                 const std::vector<SourceLine>& script) {
  std::vector<bool> inside(script.size(), false);
  size_t line = 0;
  for (const Layout::Span& span : ReadLayout(source).long_strings) {
    const auto begin_of = [&](size_t i) {
      return static_cast<size_t>(script[i].text.data() - source.data());
    };
    while (line < script.size() && begin_of(line) <= span.begin) ++line;
    while (line < script.size() && begin_of(line) < span.end) {
      inside[line++] = true;
    }
  }
  return inside;
}

bool IsWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

bool IsBlank(std::string_view line) { return Trimmed(line).empty(); }

std::string_view IndentOf(std::string_view line) {
  size_t end = 0;
  while (end < line.size() && IsSpace(line[end])) ++end;
  return line.substr(0, end);
}

int IndentWidth(std::string_view line) {
  int width = 0;
  for (const char c : IndentOf(line)) {
    width += c == '\t' ? kTabColumns - width % kTabColumns : 1;
  }
  return width;
}

std::string Squeezed(std::string_view line) {
  line = Trimmed(line);
  std::string out;
  out.reserve(line.size());
  bool in_comment = false;
  size_t at = 0;
  while (at < line.size()) {
    const char c = line[at];
    if (IsSpace(c)) {
      while (IsSpace(line[at])) ++at;  // trimmed: another character follows
      if (in_comment || (IsWord(out.back()) && IsWord(line[at]))) out += ' ';
    } else if (!in_comment && (c == '\'' || c == '"')) {
      at = CopyQuoted(line, at, out);
    } else {
      in_comment = in_comment || c == '#';
      out += c;
      ++at;
    }
  }
  return out;
}

}  // namespace treesmith
