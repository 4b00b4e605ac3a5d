#include "code/layout.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace treesmith {
namespace {

// Python's own limits (MAXLEVEL and MAXINDENT of its tokenizer).
constexpr size_t kMostBrackets = 200;
constexpr size_t kMostIndents = 100;

char Opening(char closing) {
  return closing == ')' ? '(' : closing == ']' ? '[' : '{';
}

std::string Quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

class LayoutReader {
 public:
  explicit LayoutReader(std::string_view script) : script_(script) {
    if (script_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  Layout Read() {
    bool fresh = true;  // at the start of a logical line
    while (!problem_ && at_ < script_.size()) {
      if (fresh && brackets_.empty()) {
        fresh = false;
        if (!ReadIndent()) {
          fresh = true;  // nothing on that line
          continue;
        }
      }
      if (problem_) break;
      fresh = ReadOne();
    }
    if (!problem_ && opened_at_ > 0) Report(opened_at_, NoBlock());
    if (!problem_ && !brackets_.empty()) {
      Report(brackets_.back().line,
             Quoted({&brackets_.back().sign, 1}) + " was never closed");
    }
    return {std::move(problem_), std::move(joints_), std::move(long_strings_)};
  }

 private:
  struct Bracket {
    char sign = '(';
    int line = 0;
  };
  // Columns with tabs to the next multiple of eight, and with tabs as one:
  // where the two disagree about deeper, Python refuses.
  struct Indent {
    int columns = 0;
    int characters = 0;
  };

  void Report(int line, std::string cause) {
    if (!problem_) problem_ = {line, std::move(cause)};
  }
  [[nodiscard]] char Peek(size_t ahead = 0) const {
    return at_ + ahead < script_.size() ? script_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool AtLineEnd() const {
    return at_ >= script_.size() || Peek() == '\n' ||
           (Peek() == '\r' && Peek(1) == '\n');
  }

  // Reads the white space of a line. False if nothing but a comment follows;
  // then the whole line is read.
  bool ReadIndent() {
    Indent indent;
    while (Peek() == ' ' || Peek() == '\t' || Peek() == '\f') {
      const char c = script_[at_++];
      if (c == '\f') {
        indent = {};
      } else {
        indent.columns =
            c == ' ' ? indent.columns + 1 : (indent.columns / 8 + 1) * 8;
        ++indent.characters;
      }
    }
    if (Peek() == '#' || AtLineEnd()) {
      SkipLine();
      return false;
    }
    // A line that goes on is indented by where it began; leave that alone.
    if (Peek() != '\\') Compare(indent);
    opened_at_ = 0;
    statement_line_ = line_;
    lacks_colon_ = OpensBlock();
    return true;
  }

  // True if the statement that begins here must have a ":".
  [[nodiscard]] bool OpensBlock() const {
    static constexpr std::array<std::string_view, 11> kOpeners = {
        "if",   "elif", "else",  "for",    "while",  "def",
        "with", "try",  "class", "except", "finally"};
    size_t end = at_;
    while (end < script_.size() && script_[end] >= 'a' && script_[end] <= 'z') {
      ++end;
    }
    const std::string_view word = script_.substr(at_, end - at_);
    return std::find(kOpeners.begin(), kOpeners.end(), word) != kOpeners.end();
  }

  void Compare(Indent indent) {
    const Indent top = indents_.back();
    if (opened_at_ > 0 && indent.columns <= top.columns) {
      Report(line_, NoBlock());
    }
    if (opened_at_ == 0 && indent.columns > top.columns) {
      if (lacks_colon_) Report(statement_line_, "expected ':'");
      Report(line_, "unexpected indent");
    }
    if (indent.columns == top.columns) {
      if (indent.characters != top.characters) MixedTabs();
    } else if (indent.columns > top.columns) {
      if (indent.characters <= top.characters) MixedTabs();
      if (indents_.size() >= kMostIndents) {
        Report(line_, "too many levels of indentation");
      }
      indents_.push_back(indent);
    } else {
      while (indents_.back().columns > indent.columns) indents_.pop_back();
      if (indents_.back().columns != indent.columns) {
        Report(line_, "unindent does not match any outer indentation level");
      } else if (indents_.back().characters != indent.characters) {
        MixedTabs();
      }
    }
  }

  [[nodiscard]] std::string NoBlock() const {
    return "expected an indented block after line " +
           std::to_string(opened_at_);
  }

  void MixedTabs() {
    Report(line_, "inconsistent use of tabs and spaces in indentation");
  }

  void SkipLine() {
    while (at_ < script_.size() && script_[at_] != '\n') ++at_;
    if (at_ < script_.size()) {
      ++at_;
      ++line_;
    }
  }

  // Reads one character, string or comment. True if a line has ended.
  bool ReadOne() {
    const char c = Peek();
    if (c == '\n' || c == '#') {
      if (brackets_.empty() && last_ == ':') opened_at_ = line_;
      const size_t begin = at_;
      SkipLine();
      if (!brackets_.empty()) Join(begin);
      return true;
    }
    if (c == ':' && brackets_.empty()) lacks_colon_ = false;
    if (c != ' ' && c != '\t' && c != '\r' && c != '\f') last_ = c;
    if (c == '\'' || c == '"') {
      ReadString(c);
      return false;
    }
    if (c == '\\') {
      ++at_;
      ReadContinuation();
      return false;
    }
    if (c == '(' || c == '[' || c == '{') {
      if (brackets_.size() >= kMostBrackets) {
        Report(line_, "too many nested parentheses");
      }
      brackets_.push_back({c, line_});
    } else if (c == ')' || c == ']' || c == '}') {
      Close(c);
    } else if (c == '\0') {
      Report(line_, "source code cannot contain null bytes");
    } else if (c == '$' || c == '?' || c == '`' ||
               (c == '!' && Peek(1) != '=')) {
      Report(line_, "invalid syntax: " + Quoted({&c, 1}));
    } else if ((c & 0x80) != 0) {
      CheckLetter();
    }
    ++at_;
    return false;
  }

  void ReadContinuation() {
    const size_t begin = at_ - 1;
    if (Peek() == '\r' && Peek(1) == '\n') ++at_;
    if (at_ < script_.size() && Peek() != '\n') {
      Report(line_, "unexpected character after line continuation character");
      return;
    }
    if (at_ + 1 >= script_.size()) {
      Report(line_, "unexpected end of the script after a backslash");
      return;
    }
    ++at_;
    ++line_;
    Join(begin);
  }

  // Notes that what was read since `begin` does not end a statement.
  void Join(size_t begin) { AddSpan(begin, joints_); }

  // What was read since `begin`.
  void AddSpan(size_t begin, std::vector<Layout::Span>& spans) const {
    spans.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)});
  }

  void Close(char c) {
    if (brackets_.empty()) {
      Report(line_, "unmatched " + Quoted({&c, 1}));
      return;
    }
    const Bracket open = brackets_.back();
    brackets_.pop_back();
    if (open.sign == Opening(c)) return;
    std::string cause = "closing parenthesis " + Quoted({&c, 1});
    cause += " does not match opening parenthesis " + Quoted({&open.sign, 1});
    if (open.line != line_) cause += " on line " + std::to_string(open.line);
    Report(line_, std::move(cause));
  }

  // Typographic quotes, dashes and spaces come of text processors and of
  // models; Python takes none of them outside of strings.
  void CheckLetter() {
    const std::string_view rest = script_.substr(at_);
    const auto third = static_cast<unsigned char>(Peek(2));
    const bool two = rest.starts_with("\xC2\xA0") ||  // no-break space
                     rest.starts_with("\xC3\x97");    // times
    const bool three =
        // Spaces, dashes, quotes, the ellipsis; not U+203F, a letter.
        (rest.starts_with("\xE2\x80") && third != 0xBF) ||
        // Arrows; before them stand Roman numerals, which are letters.
        (rest.starts_with("\xE2\x86") && third >= 0x90) ||
        // Mathematical operators.
        rest.starts_with("\xE2\x88") || rest.starts_with("\xE2\x89") ||
        // Full-width punctuation; digits and letters are between.
        (rest.starts_with("\xEF\xBC") && ((third >= 0x81 && third <= 0x8F) ||
                                          (third >= 0x9A && third <= 0xA0)));
    if (!two && !three) return;
    Report(line_, "invalid character " + Quoted(rest.substr(0, two ? 2 : 3)));
  }

  void ReadString(char quote) {
    const int opened = line_;
    const size_t begin = at_;
    const bool triple = Peek(1) == quote && Peek(2) == quote;
    at_ += triple ? 3 : 1;
    while (at_ < script_.size()) {
      const char c = script_[at_];
      if (c == '\\') {
        if (Peek(1) == '\r' && Peek(2) == '\n') ++at_;
        if (Peek(1) == '\n') ++line_;
        at_ += 2;
      } else if (c == '\n' && !triple) {
        break;
      } else if (c == quote &&
                 (!triple || (Peek(1) == quote && Peek(2) == quote))) {
        at_ += triple ? 3 : 1;
        if (line_ != opened) AddSpan(begin, long_strings_);
        return;
      } else {
        if (c == '\n') ++line_;
        ++at_;
      }
    }
    Report(opened, triple ? "unterminated triple-quoted string literal"
                          : "unterminated string literal");
  }

  std::string_view script_;
  size_t at_ = 0;
  int line_ = 1;
  char last_ = '\0';   // the last character that is no white space
  int opened_at_ = 0;  // the line that ended in ":", until the next begins
  int statement_line_ = 0;
  bool lacks_colon_ = false;  // the statement needs one and had none so far
  std::vector<Bracket> brackets_;
  std::vector<Indent> indents_ = {{}};
  std::optional<LayoutProblem> problem_;
  std::vector<Layout::Span> joints_;
  std::vector<Layout::Span> long_strings_;
};

}  // namespace

Layout ReadLayout(std::string_view script) {
  // A carriage return alone ends a line for Python, which nobody means.
  for (size_t at = script.find('\r'); at < script.size();
       at = script.find('\r', at + 1)) {
    if (at + 1 == script.size() || script[at + 1] != '\n') return {};
  }
  return LayoutReader(script).Read();
}

}  // namespace treesmith
