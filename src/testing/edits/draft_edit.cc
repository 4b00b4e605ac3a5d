#include "testing/edits/draft_edit.h"

#include <algorithm>
#include <array>
#include <utility>

#include "code/syntax_check.h"

namespace treesmith {
namespace {

using Role = DraftLine::Role;

constexpr int kTries = 40;
constexpr size_t kMostQuoted = 24;

size_t IndentOfLine(const std::string& line) {
  return std::min(line.find_first_not_of(' '), line.size());
}
bool IsEmpty(const std::string& line) {
  return line.find_first_not_of(' ') == std::string::npos;
}

std::string WithoutSpaces(const std::string& line) {
  std::string bare;
  std::copy_if(line.begin(), line.end(), std::back_inserter(bare),
               [](char c) { return c != ' '; });
  return bare;
}

// Where the quoted lines stand, blank lines and all spaces aside.
size_t CountPlaces(const TextLines& script, const TextLines& quoted) {
  const auto bare = [](const TextLines& lines) {
    TextLines all;
    for (const std::string& line : lines) {
      if (!IsEmpty(line)) all.push_back(WithoutSpaces(line));
    }
    return all;
  };
  const TextLines hay = bare(script);
  const TextLines needle = bare(quoted);
  size_t count = 0;
  for (auto at = hay.begin(); at != hay.end(); ++at) {
    at = std::search(at, hay.end(), needle.begin(), needle.end());
    if (at == hay.end()) break;
    ++count;
  }
  return count;
}

std::optional<std::string> OtherNumber(const std::string& line, Rng& rng) {
  const size_t digit = line.find_first_of("123456789");
  if (digit == std::string::npos) return std::nullopt;
  std::string other = line;
  other[digit] = static_cast<char>(
      '1' + (line[digit] - '1' + 1 + static_cast<int>(rng.Below(7))) % 9);
  return other;
}

class Drafter {
 public:
  Drafter(const TextLines& script, Rng& rng) : script_(script), rng_(rng) {}

  std::optional<DraftEdit> Some() {
    using Method = bool (Drafter::*)();
    static constexpr std::array<Method, 7> kMethods = {
        &Drafter::ChangeNumber, &Drafter::Insert, &Drafter::Delete,
        &Drafter::ReplaceBlock, &Drafter::Indent, &Drafter::AddFunction,
        &Drafter::ChangeSeveral};
    for (int i = 0; i < kTries; ++i) {
      edit_ = {};
      edit_.begin = rng_.Below(script_.size());
      const Method method = kMethods[rng_.Below(kMethods.size())];
      if ((this->*method)() && QuoteEnough()) return edit_;
    }
    return std::nullopt;
  }

  std::optional<DraftEdit> Ambiguous() {
    for (int i = 0; i < kTries; ++i) {
      edit_ = {};
      edit_.begin = rng_.Below(script_.size());
      const std::string& line = script_[edit_.begin];
      if (IsEmpty(line) || CountPlaces(script_, {line}) < 2) continue;
      Take(Role::kGone, 1);
      AddNew(IndentOfLine(line), 1);
      if (IsValid()) return edit_;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] size_t End() const {
    return edit_.begin + edit_.Quoted().size();
  }
  bool Take(Role role, size_t count) {
    for (; count > 0; --count) {
      if (End() >= script_.size()) return false;
      edit_.lines.push_back({role, script_[End()]});
    }
    return true;
  }
  void Add(std::string text) {
    edit_.lines.push_back({Role::kNew, std::move(text)});
  }
  // Lines that stand nowhere else.
  void AddNew(size_t indent, size_t count) {
    for (; count > 0; --count) {
      const std::string name = "extra_" + std::to_string(rng_.Below(100000));
      std::string line(indent, ' ');
      line += name + " = np.log1p(len(\"" + name + "\") + 1)";
      Add(std::move(line));
    }
  }

  bool ChangeNumber() {
    const auto other = OtherNumber(script_[edit_.begin], rng_);
    if (!other || !Take(Role::kGone, 1)) return false;
    Add(*other);
    return true;
  }
  bool Insert() {
    if (IsEmpty(script_[edit_.begin]) || !Take(Role::kKept, 1)) return false;
    AddNew(IndentOfLine(script_[edit_.begin]), 1 + rng_.Below(3));
    return true;
  }
  bool Delete() {
    return !IsEmpty(script_[edit_.begin]) &&
           Take(Role::kGone, 1 + rng_.Below(3));
  }
  bool ReplaceBlock() {
    if (IsEmpty(script_[edit_.begin])) return false;
    if (!Take(Role::kGone, 2 + rng_.Below(4))) return false;
    AddNew(IndentOfLine(script_[edit_.begin]), 1 + rng_.Below(4));
    return true;
  }
  // Puts a condition around one to three lines.
  bool Indent() {
    const size_t indent = IndentOfLine(script_[edit_.begin]);
    if (IsEmpty(script_[edit_.begin])) return false;
    if (!Take(Role::kGone, 1 + rng_.Below(3))) return false;
    const TextLines lines = edit_.Quoted();
    Add(std::string(indent, ' ') + "if SEED > 0:");
    for (const std::string& line : lines) {
      Add(IsEmpty(line) ? line : "    " + line);
    }
    return true;
  }
  bool AddFunction() {
    if (!script_[edit_.begin].starts_with("def ")) return false;
    const std::string name = "helper_" + std::to_string(rng_.Below(100000));
    Add("def " + name + "(table):");
    AddNew(4, 2);
    Add("    return table");
    Add("");
    Add("");
    return Take(Role::kKept, 1);
  }
  bool ChangeSeveral() {
    size_t changed = 0;
    for (size_t i = 0; i < 8; ++i) {
      if (End() >= script_.size()) return false;
      const auto other = OtherNumber(script_[End()], rng_);
      if (!Take(other ? Role::kGone : Role::kKept, 1)) return false;
      if (other) Add(*other);
      changed += other ? 1 : 0;
    }
    return changed > 1;
  }

  [[nodiscard]] bool IsValid() const {
    const TextLines after = edit_.Applied(script_);
    return after != script_ && !CheckSyntax(JoinLines(after));
  }

  // Context, as models give it, and as much as makes the place clear.
  bool QuoteEnough() {
    if (!IsValid()) return false;
    for (size_t more = rng_.Below(4); more > 0; --more) {
      QuoteMore(script_, edit_);
    }
    while (CountPlaces(script_, edit_.Quoted()) > 1) {
      if (edit_.Quoted().size() > kMostQuoted) return false;
      QuoteMore(script_, edit_);
    }
    return CountPlaces(script_, edit_.Quoted()) == 1;
  }

  const TextLines& script_;
  Rng& rng_;
  DraftEdit edit_;
};

}  // namespace

TextLines SplitLines(std::string_view text) {
  TextLines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string JoinLines(const TextLines& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line;
    text += '\n';
  }
  return text;
}

TextLines DraftEdit::Quoted() const {
  TextLines quoted;
  for (const DraftLine& line : lines) {
    if (line.role != Role::kNew) quoted.push_back(line.text);
  }
  return quoted;
}

TextLines DraftEdit::Replaced() const {
  TextLines replaced;
  for (const DraftLine& line : lines) {
    if (line.role != Role::kGone) replaced.push_back(line.text);
  }
  return replaced;
}

TextLines DraftEdit::Applied(const TextLines& script) const {
  const auto at = static_cast<std::ptrdiff_t>(begin);
  const auto quoted = static_cast<std::ptrdiff_t>(Quoted().size());
  TextLines after(script.begin(), script.begin() + at);
  const TextLines replaced = Replaced();
  after.insert(after.end(), replaced.begin(), replaced.end());
  after.insert(after.end(), script.begin() + at + quoted, script.end());
  return after;
}

size_t DraftEdit::KeptTail() const {
  size_t kept = 0;
  while (kept < lines.size() &&
         lines[lines.size() - 1 - kept].role == Role::kKept) {
    ++kept;
  }
  return kept;
}

std::optional<DraftEdit> DraftSomeEdit(const TextLines& script, Rng& rng) {
  return Drafter(script, rng).Some();
}

std::optional<DraftEdit> DraftAmbiguousEdit(const TextLines& script, Rng& rng) {
  return Drafter(script, rng).Ambiguous();
}

void QuoteMore(const TextLines& script, DraftEdit& edit) {
  const size_t end = edit.begin + edit.Quoted().size();
  if (end < script.size()) edit.lines.push_back({Role::kKept, script[end]});
  if (edit.begin == 0) return;
  --edit.begin;
  edit.lines.insert(edit.lines.begin(), {Role::kKept, script[edit.begin]});
}

}  // namespace treesmith
