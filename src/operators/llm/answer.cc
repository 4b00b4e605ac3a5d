#include "operators/llm/answer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/text.h"
#include "code/syntax_check.h"
#include "operators/llm/text.h"

namespace treesmith {
namespace {

constexpr size_t kLabelBytes = 40;
constexpr std::string_view kEditMark = "<<<<<<<";
constexpr std::string_view kPatchMark = "*** Begin Patch";

char Lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// The next line of `text` from `at` on, without its end; moves `at` behind it.
std::string_view NextLine(std::string_view text, size_t& at) {
  const size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

size_t IndentOf(std::string_view line) {
  return static_cast<size_t>(std::ranges::find_if_not(line, IsBlank) -
                             line.begin());
}

// A run of at least three ` or ~ at the beginning of a line.
struct Marks {
  char sign = 0;
  size_t count = 0;
  size_t indent = 0;
  std::string_view rest;
};

std::optional<Marks> FenceMarks(std::string_view line) {
  constexpr size_t kFewest = 3;
  Marks marks;
  marks.indent = IndentOf(line);
  line.remove_prefix(marks.indent);
  if (line.empty() || (line.front() != '`' && line.front() != '~')) return {};
  marks.sign = line.front();
  marks.count = std::min(line.find_first_not_of(marks.sign), line.size());
  if (marks.count < kFewest) return {};
  marks.rest = Trimmed(line.substr(marks.count));
  return marks;
}

bool Opens(const Marks& marks) {
  // "```x = 1```" on one line is a quotation.
  return marks.sign == '~' || !marks.rest.contains('`');
}

bool Closes(const Marks& marks, const Marks& opening) {
  return marks.rest.empty() && marks.sign == opening.sign &&
         marks.count >= opening.count;
}

void AppendLine(std::string_view line, size_t indent, std::string& content) {
  line.remove_prefix(std::min(indent, IndentOf(line)));
  content += line;
  content += '\n';
}

// "print(x)```" at the very end.
void DropGluedFence(std::string& content) {
  if (!Trimmed(content).ends_with("```")) return;
  content.resize(content.find_last_not_of("` \t\r\n") + 1);
  content += '\n';
}

bool IsPython(const Fence& fence) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"", "python", "py", "python3"});
  return std::ranges::find(kNames, fence.language) != kNames.end();
}

bool HoldsEdits(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    std::string_view line = NextLine(text, at);
    line.remove_prefix(IndentOf(line));
    if (line.starts_with(kEditMark) || line.starts_with(kPatchMark)) {
      return true;
    }
  }
  return false;
}

// Where the first edit begins; npos: there is none.
size_t FirstEdit(std::string_view text, const std::vector<Fence>& fences) {
  size_t first = std::string_view::npos;
  for (const Fence& fence : fences) {
    if (HoldsEdits(fence.content) || fence.language == "diff" ||
        fence.language == "patch") {
      first = std::min(first, fence.begin);
    }
  }
  size_t at = 0;
  while (at < text.size() && at < first) {
    const size_t begin = at;
    if (HoldsEdits(NextLine(text, at))) first = std::min(first, begin);
  }
  return first;
}

bool IsWholeScript(std::string_view code) {
  return code.contains("input") && code.contains("submission");
}

// Text that a model sent without any fence: is it a script?
bool LooksLikeScript(std::string_view text) {
  const std::string_view code = Trimmed(text);
  const bool begins = code.starts_with("import ") ||
                      code.starts_with("from ") || code.starts_with("#") ||
                      code.starts_with("\"\"\"");
  return begins && code.contains("import ") && IsWholeScript(code);
}

// The label's line out of the prose; leaves the rest as the plan.
void TakeProse(std::string_view prose, ModelAnswer& answer) {
  std::string plan;
  size_t at = 0;
  while (at < prose.size()) {
    const std::string_view line = NextLine(prose, at);
    const std::string lower = Lowered(line);
    const size_t label = lower.find("label:");
    const bool leads =
        label != std::string::npos &&
        std::ranges::none_of(lower.substr(0, label), [](char c) {
          return std::isalnum(static_cast<unsigned char>(c)) != 0;
        });
    if (leads && answer.label.empty()) {
      answer.label = LabelOf(line.substr(label + 6));
      continue;
    }
    plan += line;
    plan += '\n';
  }
  answer.plan = ClipSentences(Trimmed(plan), kPlanBytes);
}

// What stands outside of the blocks: before the first one, or, where nothing
// does, after the last.
std::string_view ProseAround(std::string_view text, size_t begin, size_t end) {
  const std::string_view before = Trimmed(text.substr(0, begin));
  return before.empty() ? Trimmed(text.substr(std::min(end, text.size())))
                        : before;
}

std::string ChooseScript(const std::vector<const Fence*>& blocks) {
  for (size_t i = blocks.size(); i > 0; --i) {
    if (IsWholeScript(blocks[i - 1]->content)) return blocks[i - 1]->content;
  }
  std::string joined;
  for (const Fence* block : blocks) {
    if (!joined.empty()) joined += '\n';
    joined += block->content;
  }
  return joined;
}

// A block of no named language may be output or a list of columns.
bool MayBeScript(const Fence& fence) {
  if (!IsPython(fence) || Trimmed(fence.content).empty()) return false;
  if (!fence.language.empty()) return true;
  if (!fence.closed && !IsWholeScript(fence.content)) return false;
  const bool code =
      fence.content.contains("import ") || fence.content.contains(" = ");
  return code && !CheckSyntax(fence.content);
}

Result<ModelAnswer> ReadPlain(std::string_view text) {
  ModelAnswer answer;
  const std::vector<Fence> fences = FindFences(text);
  const size_t first_edit = FirstEdit(text, fences);
  std::vector<const Fence*> blocks;
  bool whole = false;
  for (const Fence& fence : fences) {
    if (!MayBeScript(fence) || HoldsEdits(fence.content)) continue;
    blocks.push_back(&fence);
    whole = whole || IsWholeScript(fence.content);
  }
  if (first_edit != std::string_view::npos && !whole) {
    answer.edits = true;
    TakeProse(ProseAround(text, first_edit, text.size()), answer);
    return answer;
  }
  if (!blocks.empty()) {
    answer.code = ChooseScript(blocks);
    TakeProse(ProseAround(text, blocks.front()->begin, blocks.back()->end),
              answer);
    return answer;
  }
  if (fences.empty() && LooksLikeScript(text)) {
    answer.code = std::string(Trimmed(text)) + "\n";
    return answer;
  }
  return BadInput(fences.empty() ? "it holds no fenced block with a script"
                                 : "none of its fenced blocks holds Python");
}

}  // namespace

std::string_view StripReasoning(std::string_view text) {
  static constexpr auto kTags = std::to_array<std::string_view>(
      {"</think>", "</thinking>", "</thought>", "</reasoning>"});
  size_t end = 0;
  for (const std::string_view tag : kTags) {
    const size_t found = text.rfind(tag);
    if (found != std::string_view::npos) {
      end = std::max(end, found + tag.size());
    }
  }
  return Trimmed(text.substr(end));
}

std::vector<Fence> FindFences(std::string_view text) {
  std::vector<Fence> fences;
  std::optional<Marks> opening;
  size_t at = 0;
  while (at < text.size()) {
    const size_t begin = at;
    const std::string_view line = NextLine(text, at);
    const std::optional<Marks> marks = FenceMarks(line);
    if (!opening) {
      if (!marks || !Opens(*marks)) continue;
      opening = marks;
      const size_t word =
          std::min(marks->rest.find_first_of(" \t{,"), marks->rest.size());
      fences.push_back({Lowered(marks->rest.substr(0, word)), "", begin,
                        text.size(), false});
    } else if (marks && Closes(*marks, *opening)) {
      fences.back().end = at;
      fences.back().closed = true;
      opening.reset();
    } else {
      AppendLine(line, opening->indent, fences.back().content);
    }
  }
  if (opening) DropGluedFence(fences.back().content);
  return fences;
}

std::string LabelOf(std::string_view text) {
  std::string label;
  for (const char c : Trimmed(text)) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (letter || (c == '.' && !label.empty())) {
      label += Lower(c);
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
    if (label.size() >= kLabelBytes) break;
  }
  while (!label.empty() && (label.back() == '-' || label.back() == '.')) {
    label.pop_back();
  }
  return label;
}

Result<ModelAnswer> ReadAnswer(std::string_view text) {
  const std::string_view rest = StripReasoning(text);
  Result<ModelAnswer> answer = ReadPlain(rest);
  if (answer.ok() || rest.size() == Trimmed(text).size()) return answer;
  Result<ModelAnswer> whole = ReadPlain(text);
  return whole.ok() ? std::move(whole) : std::move(answer);
}

}  // namespace treesmith
