#include "ui/html.h"

#include <algorithm>
#include <array>

namespace treesmith {
namespace {

constexpr std::array<std::string_view, 35> kKeywords = {
    "False",  "None",   "True",    "and",      "as",       "assert", "async",
    "await",  "break",  "class",   "continue", "def",      "del",    "elif",
    "else",   "except", "finally", "for",      "from",     "global", "if",
    "import", "in",     "is",      "lambda",   "nonlocal", "not",    "or",
    "pass",   "raise",  "return",  "try",      "while",    "with",   "yield"};

bool Letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool Digit(char c) { return c >= '0' && c <= '9'; }

size_t WordEnd(std::string_view code, size_t from) {
  while (from < code.size() && (Letter(code[from]) || Digit(code[from]))) {
    ++from;
  }
  return from;
}

size_t NumberEnd(std::string_view code, size_t from) {
  while (from < code.size() &&
         (Letter(code[from]) || Digit(code[from]) || code[from] == '.')) {
    ++from;
  }
  return from;
}

// Past the closing quote; past the line where a simple string is not closed.
size_t StringEnd(std::string_view code, size_t quote) {
  const std::string triple(3, code[quote]);
  if (code.substr(quote, 3) == triple) {
    for (size_t i = quote + 3; i < code.size(); ++i) {
      if (code[i] == '\\') {
        ++i;
      } else if (code.substr(i, 3) == triple) {
        return i + 3;
      }
    }
    return code.size();
  }
  for (size_t i = quote + 1; i < code.size(); ++i) {
    if (code[i] == '\\') {
      ++i;
    } else if (code[i] == code[quote]) {
      return i + 1;
    } else if (code[i] == '\n') {
      return i;
    }
  }
  return code.size();
}

struct Token {
  size_t end = 0;
  char kind = 0;  // a class of the style sheet; 0: plain
};

Token WordToken(std::string_view code, size_t at) {
  const size_t end = WordEnd(code, at);
  const std::string_view word = code.substr(at, end - at);
  const bool quoted =
      end < code.size() && (code[end] == '"' || code[end] == '\'');
  // r"", b'', f"", rb"" and so on.
  if (quoted && word.size() <= 2 &&
      word.find_first_not_of("rRbBfFuU") == std::string_view::npos) {
    return {StringEnd(code, end), 's'};
  }
  return {end, std::ranges::binary_search(kKeywords, word) ? 'k' : '\0'};
}

Token NextToken(std::string_view code, size_t at) {
  const char c = code[at];
  if (c == '#') return {std::min(code.find('\n', at), code.size()), 'c'};
  if (c == '"' || c == '\'') return {StringEnd(code, at), 's'};
  if (Letter(c)) return WordToken(code, at);
  if (Digit(c)) return {NumberEnd(code, at), 'n'};
  return {at + 1, 0};
}

std::string_view Entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return "";
  }
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < ' ' && c != '\n' && c != '\t') || byte == 0x7F) continue;
    const std::string_view entity = Entity(c);
    if (entity.empty()) {
      out += c;
    } else {
      out += entity;
    }
  }
  return out;
}

std::string HighlightPython(std::string_view code) {
  std::string out;
  size_t at = 0;
  while (at < code.size()) {
    Token token = NextToken(code, at);
    token.end = std::min(token.end, code.size());
    const std::string text = EscapeHtml(code.substr(at, token.end - at));
    if (token.kind == 0) {
      out += text;
    } else {
      out +=
          std::string("<span class=\"") + token.kind + "\">" + text + "</span>";
    }
    at = token.end;
  }
  return out;
}

std::string ShellQuote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace treesmith
