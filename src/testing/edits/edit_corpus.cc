#include "testing/edits/edit_corpus.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/rng.h"
#include "code/edit.h"
#include "code/normal_form.h"
#include "code/syntax_check.h"
#include "testing/edits/draft_edit.h"

namespace treesmith {
namespace {

// One block of an answer, as lines.
struct Block {
  TextLines search;
  TextLines replace;
  std::string label;  // after SEARCH
};

size_t IndentOfLine(const std::string& line) {
  return std::min(line.find_first_not_of(' '), line.size());
}
bool IsEmpty(const std::string& line) {
  return line.find_first_not_of(" \t") == std::string::npos;
}

Block BlockOf(const DraftEdit& edit) {
  return {edit.Quoted(), edit.Replaced(), ""};
}

std::string Worded(const Block& block) {
  std::string text = "<<<<<<< SEARCH";
  if (!block.label.empty()) text += ' ' + block.label;
  return text + '\n' + JoinLines(block.search) + "=======\n" +
         JoinLines(block.replace) + ">>>>>>> REPLACE\n";
}

// --- careless white space
// -----------------------------------------------------

void ForAllLines(Block& block, auto change) {
  for (TextLines* lines : {&block.search, &block.replace}) {
    for (std::string& line : *lines) {
      if (!IsEmpty(line)) line = change(line);
    }
  }
}

size_t LeastIndent(const Block& block) {
  size_t least = std::string::npos;
  for (const TextLines* lines : {&block.search, &block.replace}) {
    for (const std::string& line : *lines) {
      if (!IsEmpty(line)) least = std::min(least, IndentOfLine(line));
    }
  }
  return least == std::string::npos ? 0 : least;
}

void Dedent(Block& block, Rng&) {
  const size_t least = LeastIndent(block);
  ForAllLines(block,
              [&](const std::string& line) { return line.substr(least); });
}
void ShiftRight(Block& block, Rng& rng) {
  const std::string more(1 + rng.Below(8), ' ');
  ForAllLines(block, [&](const std::string& line) { return more + line; });
}
void ShiftLeft(Block& block, Rng& rng) {
  const size_t least = LeastIndent(block);
  const size_t less = least == 0 ? 0 : 1 + rng.Below(least);
  ForAllLines(block,
              [&](const std::string& line) { return line.substr(less); });
}
void UseTabs(Block& block, Rng&) {
  ForAllLines(block, [](const std::string& line) {
    const size_t indent = IndentOfLine(line);
    return std::string(indent / 4, '\t') + line.substr(indent / 4 * 4);
  });
}
void HalveLevels(Block& block, Rng&) {
  ForAllLines(block, [](const std::string& line) {
    const size_t indent = IndentOfLine(line);
    return std::string(indent / 4 * 2 + indent % 4, ' ') + line.substr(indent);
  });
}
void ShearFirstLine(Block& block, Rng&) {
  for (TextLines* lines : {&block.search, &block.replace}) {
    if (!lines->empty()) lines->front().erase(0, IndentOfLine(lines->front()));
  }
}
void TrailSpaces(Block& block, Rng& rng) {
  for (TextLines* lines : {&block.search, &block.replace}) {
    for (std::string& line : *lines) line += std::string(rng.Below(4), ' ');
  }
}
void LoseBlankLines(Block& block, Rng&) {
  std::erase_if(block.search, IsEmpty);
}
void AddBlankLines(Block& block, Rng& rng) {
  for (TextLines* lines : {&block.search, &block.replace}) {
    lines->insert(lines->begin(), rng.Below(3), "");
    lines->insert(lines->end(), rng.Below(3), "");
  }
}
// Without the spaces that people put around signs.
std::string Tight(const std::string& line) {
  if (line.find_first_of("'\"#") != std::string::npos) return line;
  std::string tight = line.substr(0, IndentOfLine(line));
  for (size_t i = tight.size(); i < line.size(); ++i) {
    constexpr std::string_view kSigns = "=+*-/(),[]:";
    const bool near =
        line[i] == ' ' &&
        ((i > 0 && kSigns.find(line[i - 1]) != std::string_view::npos) ||
         (i + 1 < line.size() &&
          kSigns.find(line[i + 1]) != std::string_view::npos));
    if (!near) tight += line[i];
  }
  return tight;
}
void TightenSearch(Block& block, Rng&) {
  for (std::string& line : block.search) line = Tight(line);
}
void WidenSearch(Block& block, Rng&) {
  for (std::string& line : block.search) {
    if (line.find_first_of("'\"#") != std::string::npos) continue;
    std::string wide;
    for (const char c : line) {
      wide += c;
      if (c == ',' || c == '(') wide += ' ';
    }
    line = wide;
  }
}
void NumberLines(TextLines& lines, size_t first, const std::string& mark) {
  for (std::string& line : lines) {
    line.insert(0, mark);
    line.insert(0, std::to_string(first++));
  }
}
constexpr std::array<std::string_view, 4> kMarks = {": ", " | ", "\t", "| "};
void NumberBoth(Block& block, Rng& rng) {
  const std::string mark(kMarks[rng.Below(kMarks.size())]);
  const size_t first = 1 + rng.Below(900);
  NumberLines(block.search, first, mark);
  NumberLines(block.replace, first, mark);
}
void NumberSearch(Block& block, Rng& rng) {
  NumberLines(block.search, 1 + rng.Below(900),
              std::string(kMarks[rng.Below(kMarks.size())]));
}
void FenceParts(Block& block, Rng&) {
  for (TextLines* lines : {&block.search, &block.replace}) {
    lines->insert(lines->begin(), "```python");
    lines->push_back("```");
  }
}
void Nothing(Block&, Rng&) {}

struct Drift {
  std::string_view kind;
  void (*apply)(Block&, Rng&);
};
constexpr std::array<Drift, 16> kDrifts = {{
    {"as it is", Nothing},
    {"trailing spaces", TrailSpaces},
    {"dedented", Dedent},
    {"shifted right", ShiftRight},
    {"shifted left", ShiftLeft},
    {"tabs", UseTabs},
    {"levels of two", HalveLevels},
    {"first line shorn", ShearFirstLine},
    {"blank lines lost", LoseBlankLines},
    {"blank lines added", AddBlankLines},
    {"search without spaces", TightenSearch},
    {"search with more spaces", WidenSearch},
    {"numbered lines", NumberBoth},
    {"numbered search", NumberSearch},
    {"fenced parts", FenceParts},
    {"dedented, no spaces",
     [](Block& block, Rng& rng) {
       Dedent(block, rng);
       TightenSearch(block, rng);
     }},
}};

// --- careless forms
// -----------------------------------------------------------

class CaseMaker {
 public:
  CaseMaker(const std::string& script, Rng& rng)
      : script_(script), lines_(SplitLines(script)), rng_(rng) {}

  [[nodiscard]] const std::string& wanted() const { return wanted_; }

  // Each answers as a model of its kind; empty where the script gives no case.
  std::string Drifted(const Drift& drift) {
    const auto edit = Some();
    if (!edit) return {};
    Block block = BlockOf(*edit);
    drift.apply(block, rng_);
    return "Here is the change.\n\n" + Worded(block);
  }
  std::string InAFence() {
    return "```python\n" + Plain() + "```\nThat is all.";
  }
  std::string WithLongMarkers() {
    return Changed(Changed(Changed(Plain(), "<<<<<<<", "<<<<<<<<<"),
                           "=======", "========="),
                   ">>>>>>>", ">>>>>");
  }
  std::string WithWindowsLineEnds() {
    std::string text;
    for (const std::string& line : SplitLines(Plain())) text += line + "\r\n";
    return text;
  }
  std::string AsDiff() {
    return "```diff\n" + Hunk(WrongNumbers(), " ") + "```\n";
  }
  std::string AsDiffWithFiles() {
    return "--- a/solution.py\n+++ b/solution.py\n" + Hunk(WrongNumbers(), " ");
  }
  std::string AsDiffWithoutMargin() {
    return "```diff\n" + Hunk("@@ ... @@", "") + "```\n";
  }
  std::string AsPatch() {
    return "*** Begin Patch\n*** Update File: solution.py\n" + Hunk("@@", " ") +
           "*** End Patch\n";
  }
  std::string SentTwice() {
    const std::string once = Plain();
    return once + "\nAgain:\n" + once;
  }

  // --- several edits
  std::string TwoEdits() {
    const auto first = Some();
    if (!first) return {};
    const auto second = DraftSomeEdit(lines_, rng_);
    if (!second) return {};
    const auto& [upper, lower] = first->begin < second->begin
                                     ? std::pair(*first, *second)
                                     : std::pair(*second, *first);
    if (upper.begin + upper.Quoted().size() > lower.begin) return {};
    wanted_ = JoinLines(upper.Applied(lower.Applied(lines_)));
    // Out of order as often as not.
    return Worded(BlockOf(*first)) + "and\n" + Worded(BlockOf(*second));
  }
  std::string EditOfAnEdit() {
    const auto first = Some();
    if (!first || first->Replaced().size() < 2) return {};
    DraftEdit second;
    second.begin = first->begin;
    for (const std::string& line : first->Replaced()) {
      second.lines.push_back({DraftLine::Role::kKept, line});
    }
    const std::string indent(IndentOfLine(second.lines.back().text), ' ');
    second.lines.push_back({DraftLine::Role::kNew, indent + "after = 1"});
    const TextLines after = second.Applied(first->Applied(lines_));
    if (CheckSyntax(JoinLines(after))) return {};
    wanted_ = JoinLines(after);
    return Worded(BlockOf(*first)) + Worded(BlockOf(second));
  }

  // --- places
  std::string Ambiguous() {
    const auto edit = DraftAmbiguousEdit(lines_, rng_);
    return edit ? Answer(*edit) : std::string();
  }
  std::string AmbiguousAndDedented() {
    const auto edit = DraftAmbiguousEdit(lines_, rng_);
    if (!edit) return {};
    wanted_ = JoinLines(edit->Applied(lines_));
    Block block = BlockOf(*edit);
    Dedent(block, rng_);
    return Worded(block);
  }
  std::string AmbiguousInANamedBlock() {
    const auto edit = DraftAmbiguousEdit(lines_, rng_);
    if (!edit) return {};
    size_t opener = edit->begin;
    while (opener > 0 && !lines_[opener].starts_with("def ")) --opener;
    if (opener == 0 || lines_[edit->begin].front() != ' ') return {};
    wanted_ = JoinLines(edit->Applied(lines_));
    Block block = BlockOf(*edit);
    block.label = lines_[opener];
    return Worded(block);
  }
  std::string AmbiguousWithContext() {
    auto edit = DraftAmbiguousEdit(lines_, rng_);
    if (!edit) return {};
    QuoteMore(lines_, *edit);
    QuoteMore(lines_, *edit);
    return Answer(*edit);
  }
  std::string InventedLine() {
    const auto edit = Some();
    if (!edit) return {};
    Block block = BlockOf(*edit);
    const size_t at = rng_.Below(block.search.size() + 1);
    block.search.insert(block.search.begin() + static_cast<std::ptrdiff_t>(at),
                        "    model = make_model(depth=7)");
    return Worded(block);
  }
  std::string StaleQuote() {
    const auto edit = Some();
    if (!edit) return {};
    Block block = BlockOf(*edit);
    for (std::string& line : block.search) {
      const size_t digit = line.find_first_of("0123456789");
      if (digit == std::string::npos) continue;
      line.insert(digit, "9");
      return Worded(block);
    }
    return {};
  }

  // --- cuts
  std::string AnswerCut() {
    const std::string whole = Plain();
    // Anywhere but in the last marker, which is enough to be understood.
    return whole.empty() ? whole
                         : whole.substr(0, 1 + rng_.Below(whole.size() - 17));
  }
  std::string DividerLost() { return Changed(Plain(), "=======\n", ""); }
  std::string OpenerLost() { return Changed(Plain(), "<<<<<<< SEARCH\n", ""); }
  std::string CloserLost() {
    return Changed(TwoEdits(), ">>>>>>> REPLACE\n", "");
  }
  std::string DiffCut() {
    const std::string whole = AsDiff();
    return whole.empty() ? whole
                         : whole.substr(0, 10 + rng_.Below(whole.size() - 14));
  }
  std::string SearchLineCut() {
    const auto edit = Some();
    if (!edit) return {};
    Block block = BlockOf(*edit);
    std::string& last = block.search.back();
    const size_t indent = IndentOfLine(last);
    if (last.size() < indent + 4) return {};
    last.resize(indent + 1 + rng_.Below(last.size() - indent - 1));
    return Worded(block);
  }
  // The context at the end is in the new lines and not in the quoted ones,
  // with or without the lines that change.
  std::string SearchTailCut() {
    const auto edit = Some();
    if (!edit || edit->KeptTail() == 0) return {};
    Block block = BlockOf(*edit);
    const size_t lost = edit->KeptTail() + rng_.Below(2);
    if (lost >= block.search.size()) return {};
    if (IsEmpty(block.search.back())) return {};
    block.search.resize(block.search.size() - lost);
    return Worded(block);
  }
  std::string LeftOutInSearch() {
    const auto edit = Some();
    if (!edit || edit->Quoted().size() < 3) return {};
    Block block = BlockOf(*edit);
    block.search[1 + rng_.Below(block.search.size() - 2)] = LeftOut();
    return Worded(block);
  }
  std::string LeftOutInReplace() {
    auto edit = Some();
    for (int i = 0; edit && i < 3; ++i) QuoteMore(lines_, *edit);
    if (!edit) return {};
    wanted_ = JoinLines(edit->Applied(lines_));
    Block block = BlockOf(*edit);
    const size_t tail = edit->KeptTail();
    if (tail == 0) return {};
    block.replace.resize(block.replace.size() - tail);
    block.replace.push_back(LeftOut());
    return Worded(block);
  }
  std::string LeftOutInBoth() {
    auto edit = Some();
    for (int i = 0; edit && i < 4; ++i) QuoteMore(lines_, *edit);
    if (!edit || edit->KeptTail() < 3) return {};
    wanted_ = JoinLines(edit->Applied(lines_));
    Block block = BlockOf(*edit);
    const std::string left_out = LeftOut();
    for (TextLines* lines : {&block.search, &block.replace}) {
      lines->erase(lines->end() - 3, lines->end() - 1);
      lines->insert(lines->end() - 1, left_out);
    }
    return Worded(block);
  }

 private:
  std::optional<DraftEdit> Some() {
    auto edit = DraftSomeEdit(lines_, rng_);
    if (edit) wanted_ = JoinLines(edit->Applied(lines_));
    return edit;
  }
  std::string Answer(const DraftEdit& edit) {
    wanted_ = JoinLines(edit.Applied(lines_));
    return Worded(BlockOf(edit));
  }
  std::string Plain() {
    const auto edit = Some();
    return edit ? Worded(BlockOf(*edit)) : std::string();
  }
  // The first `from` of the text becomes `to`.
  static std::string Changed(std::string text, std::string_view from,
                             std::string_view to) {
    const size_t at = text.find(from);
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
  }
  std::string WrongNumbers() {
    std::string numbers = "@@ -" + std::to_string(1 + rng_.Below(500));
    numbers += ",9 +" + std::to_string(1 + rng_.Below(500)) + ",12 @@";
    return numbers;
  }
  std::string Hunk(const std::string& head, const std::string& margin) {
    const auto edit = Some();
    if (!edit) return {};
    std::string text = head + '\n';
    for (const DraftLine& line : edit->lines) {
      const bool kept = line.role == DraftLine::Role::kKept;
      text += kept ? margin : line.role == DraftLine::Role::kGone ? "-" : "+";
      text += line.text + '\n';
    }
    return text;
  }
  std::string LeftOut() {
    constexpr std::array<std::string_view, 5> kWords = {
        "# ... existing code ...", "    ...", "    # rest of the function",
        "# ... (unchanged)", "    # same as before"};
    return std::string(kWords[rng_.Below(kWords.size())]);
  }

  const std::string& script_;
  const TextLines lines_;
  Rng& rng_;
  std::string wanted_;
};

struct Form {
  std::string_view kind;
  std::string (CaseMaker::*answer)();
};
constexpr std::array<Form, 26> kForms = {{
    {"in a fence", &CaseMaker::InAFence},
    {"long markers", &CaseMaker::WithLongMarkers},
    {"windows line ends", &CaseMaker::WithWindowsLineEnds},
    {"diff, wrong numbers", &CaseMaker::AsDiff},
    {"diff with files", &CaseMaker::AsDiffWithFiles},
    {"diff without margin", &CaseMaker::AsDiffWithoutMargin},
    {"patch", &CaseMaker::AsPatch},
    {"sent twice", &CaseMaker::SentTwice},
    {"two edits", &CaseMaker::TwoEdits},
    {"edit of an edit", &CaseMaker::EditOfAnEdit},
    {"ambiguous", &CaseMaker::Ambiguous},
    {"ambiguous, dedented", &CaseMaker::AmbiguousAndDedented},
    {"ambiguous, block named", &CaseMaker::AmbiguousInANamedBlock},
    {"ambiguous, with context", &CaseMaker::AmbiguousWithContext},
    {"invented line", &CaseMaker::InventedLine},
    {"stale quote", &CaseMaker::StaleQuote},
    {"answer cut", &CaseMaker::AnswerCut},
    {"divider lost", &CaseMaker::DividerLost},
    {"opener lost", &CaseMaker::OpenerLost},
    {"closer lost", &CaseMaker::CloserLost},
    {"diff cut", &CaseMaker::DiffCut},
    {"search line cut", &CaseMaker::SearchLineCut},
    {"search tail cut", &CaseMaker::SearchTailCut},
    {"left out in search", &CaseMaker::LeftOutInSearch},
    {"left out in replace", &CaseMaker::LeftOutInReplace},
    {"left out in both", &CaseMaker::LeftOutInBoth},
}};

// Blank lines and spaces at the ends of lines are nobody's meaning.
TextLines Meant(std::string_view text) {
  TextLines lines;
  for (std::string& line : SplitLines(text)) {
    while (!line.empty() && line.back() == ' ') line.pop_back();
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::vector<EditCase> MakeEditCases(const std::vector<std::string>& scripts,
                                    size_t per_kind) {
  constexpr size_t kTriesPerCase = 6;
  std::vector<EditCase> cases;
  const auto make = [&](std::string_view kind, auto answer_of) {
    size_t made = 0;
    for (size_t i = 0; i < per_kind * kTriesPerCase && made < per_kind; ++i) {
      const std::string& script = scripts[i % scripts.size()];
      Rng rng(1, i, kind);
      CaseMaker maker(script, rng);
      std::string answer = answer_of(maker);
      if (answer.empty()) continue;
      cases.push_back(
          {std::string(kind), script, std::move(answer), maker.wanted()});
      ++made;
    }
  };
  for (const Drift& drift : kDrifts) {
    make(drift.kind, [&](CaseMaker& maker) { return maker.Drifted(drift); });
  }
  for (const Form& form : kForms) {
    make(form.kind, [&](CaseMaker& maker) { return (maker.*form.answer)(); });
  }
  return cases;
}

JudgedEdit Judge(const EditCase& edit) {
  const Result<std::vector<Edit>> edits = ParseEdits(edit.answer);
  if (!edits.ok()) return {EditVerdict::kRefused, edits.error().message, ""};
  if (edits->empty()) return {EditVerdict::kRefused, "no edit", ""};
  const Result<std::string> result = ApplyEdits(edit.script, *edits);
  if (!result.ok()) return {EditVerdict::kRefused, result.error().message, ""};
  if (const auto problem = CheckSyntax(*result)) {
    return {EditVerdict::kRefused, Describe(*problem), *result};
  }
  const bool right = Meant(*result) == Meant(edit.wanted) ||
                     NormalForm(*result) == NormalForm(edit.wanted);
  return {right ? EditVerdict::kRight : EditVerdict::kWrong, "", *result};
}

}  // namespace treesmith
