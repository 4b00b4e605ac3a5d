#include "llm/structured.h"

#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "llm/json_node.h"

namespace treesmith {
namespace {

constexpr int kDeepest = 64;

bool IsSpace(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// Characters of a bare word: true, None, 1e-5, -inf, unquoted_key.
bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         c == '+' || c == '-' || c == '.' || c == '$';
}

void AppendEscaped(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"') {
    out += "\\\"";
  } else if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (byte < 0x20) {
    out += "\\u00";
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  } else {
    out += c;
  }
}

// Reads one value with every mistake that models make, and writes it without.
class Mender {
 public:
  Mender(std::string_view text, size_t start) : text_(text), at_(start) {}

  // REQUIRES: an object starts here. Nothing when it cannot be read at all.
  std::optional<std::string> Object() {
    std::string out;
    if (!ReadObject(out, 0)) return std::nullopt;
    return out;
  }
  [[nodiscard]] size_t at() const { return at_; }
  [[nodiscard]] int members() const { return members_; }

 private:
  [[nodiscard]] bool AtEnd() const { return at_ >= text_.size(); }
  [[nodiscard]] char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  [[nodiscard]] bool StartsWith(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }

  void SkipBlanks() {
    while (!AtEnd()) {
      if (IsSpace(Peek())) {
        ++at_;
      } else if (StartsWith("//") || Peek() == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (StartsWith("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  bool ReadObject(std::string& out, int depth) {
    if (depth > kDeepest) return false;
    ++at_;  // the brace
    out += '{';
    bool first = true;
    while (true) {
      SkipBlanks();
      if (Peek() == ',') {
        ++at_;
        continue;
      }
      // An object that the end of the text or its parent's end cuts off.
      if (AtEnd() || Peek() == ']') break;
      if (Peek() == '}') {
        ++at_;
        break;
      }
      std::string member;
      if (!ReadMember(member, depth)) {
        if (AtEnd()) break;
        return false;
      }
      if (!first) out += ',';
      first = false;
      ++members_;
      out += member;
    }
    out += '}';
    return true;
  }

  bool ReadMember(std::string& out, int depth) {
    if (Peek() == '"' || Peek() == '\'') {
      ReadText(out);
    } else {
      const std::string word = Word();
      if (word.empty()) return false;
      out += '"' + word + '"';
    }
    SkipBlanks();
    if (Peek() != ':') return false;
    ++at_;
    SkipBlanks();
    return ReadValue(out, depth);
  }

  bool ReadValue(std::string& out, int depth) {
    out += ':';
    return ReadAny(out, depth);
  }

  bool ReadAny(std::string& out, int depth) {
    if (AtEnd()) return false;
    if (Peek() == '{') return ReadObject(out, depth + 1);
    if (Peek() == '[') return ReadArray(out, depth + 1);
    if (Peek() == '"' || Peek() == '\'') {
      ReadText(out);
      return true;
    }
    const std::string word = Word();
    if (word.empty()) return false;
    out += BareValue(word);
    return true;
  }

  bool ReadArray(std::string& out, int depth) {
    if (depth > kDeepest) return false;
    ++at_;
    out += '[';
    bool first = true;
    while (true) {
      SkipBlanks();
      if (Peek() == ',') {
        ++at_;
        continue;
      }
      if (AtEnd() || Peek() == '}') break;
      if (Peek() == ']') {
        ++at_;
        break;
      }
      if (!first) out += ',';
      first = false;
      if (!ReadAny(out, depth)) {
        if (!first && out.back() == ',') out.pop_back();
        if (AtEnd()) break;
        return false;
      }
    }
    out += ']';
    return true;
  }

  // A quote ends a text only where JSON can go on after it: models forget to
  // escape quotes inside of texts.
  [[nodiscard]] bool QuoteEnds(size_t quote) const {
    const size_t next = text_.find_first_not_of(" \t\r\n", quote + 1);
    if (next == std::string_view::npos) return true;
    const char c = text_[next];
    return c == ',' || c == '}' || c == ']' || c == ':' || c == '`';
  }

  void ReadText(std::string& out) {
    const char quote = Peek();
    ++at_;
    out += '"';
    while (!AtEnd()) {
      const char c = text_[at_];
      if (c == quote && QuoteEnds(at_)) {
        ++at_;
        break;
      }
      if (c == '\\' && at_ + 1 < text_.size()) {
        ReadEscape(out);
        continue;
      }
      if (c == '\\') {
        ++at_;
        break;
      }
      AppendEscaped(out, c);
      ++at_;
    }
    out += '"';
  }

  void ReadEscape(std::string& out) {
    const char next = text_[at_ + 1];
    if (next == 'u' && at_ + 6 <= text_.size() &&
        text_.substr(at_ + 2, 4).find_first_not_of("0123456789abcdefABCDEF") ==
            std::string_view::npos) {
      out += text_.substr(at_, 6);
      at_ += 6;
      return;
    }
    if (std::string_view("\"\\/bfnrt").find(next) != std::string_view::npos) {
      out += text_.substr(at_, 2);
    } else if (next == '\'') {
      out += '\'';
    } else {
      // "\d" of a regular expression: the backslash was meant.
      out += "\\\\";
      AppendEscaped(out, next);
    }
    at_ += 2;
  }

  std::string Word() {
    const size_t start = at_;
    while (!AtEnd() && IsWord(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  static std::string BareValue(const std::string& word) {
    if (word == "true" || word == "True") return "true";
    if (word == "false" || word == "False") return "false";
    if (word == "null" || word == "None") return "null";
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    if (end != word.c_str() && *end == '\0') {
      if (!std::isfinite(value)) return "null";
      const auto document = JsonDocument::Parse(word);
      return document ? word : JsonNumber(value);
    }
    return '"' + word + '"';
  }

  // ".5", "+1", "1." and hexadecimal numbers, as JSON has them.
  static std::string JsonNumber(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.17g", value);
    return buffer;
  }

  std::string_view text_;
  size_t at_;
  int members_ = 0;
};

}  // namespace

std::string FindJsonObject(std::string_view text) {
  const std::string clean = ReplaceInvalidUtf8(text);
  std::string found;
  // Each start costs at most the rest of the text; a text of braces only would
  // cost its square, hence the bound.
  int starts = 0;
  for (size_t at = clean.find('{'); at != std::string::npos && starts < 200;
       ++starts) {
    Mender mender(clean, at);
    const std::optional<std::string> object = mender.Object();
    if (object && mender.members() > 0 && JsonDocument::Parse(*object)) {
      found = *object;
      at = clean.find('{', mender.at());
    } else {
      at = clean.find('{', at + 1);
    }
  }
  return found;
}

}  // namespace treesmith
