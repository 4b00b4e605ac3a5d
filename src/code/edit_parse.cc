// Finds edits in a model's answer; see edit.h for the forms that are read.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "code/edit.h"
#include "code/source_lines.h"

namespace treesmith {
namespace {

using Lines = std::vector<SourceLine>;

// Seven in all descriptions of the form; models miscount.
constexpr size_t kFewestMarks = 5;
constexpr size_t kUsualMarks = 7;

size_t MarkCount(std::string_view line, char mark) {
  size_t count = 0;
  while (count < line.size() && line[count] == mark) ++count;
  return count;
}

bool IsOpener(std::string_view line) {
  return MarkCount(Trimmed(line), '<') >= kFewestMarks;
}
bool IsCloser(std::string_view line) {
  return MarkCount(Trimmed(line), '>') >= kFewestMarks;
}
bool IsDivider(std::string_view line) {
  line = Trimmed(line);
  return line.size() >= kFewestMarks && MarkCount(line, '=') == line.size();
}
bool IsFence(std::string_view line) {
  line = Trimmed(line);
  return line.starts_with("```") || line.starts_with("~~~");
}

std::string Joined(const Lines& lines, size_t from, size_t to) {
  std::string text;
  for (size_t i = from; i < to; ++i) {
    text += lines[i].text;
    text += '\n';
  }
  return text;
}

// A part of a block without a fence that the model put around it.
std::string Part(const Lines& lines, size_t from, size_t to) {
  if (from < to && IsFence(lines[from].text)) ++from;
  if (from < to && IsFence(lines[to - 1].text)) --to;
  return Joined(lines, from, to);
}

// What follows "<<<<<<< SEARCH", such as "def fit(x):".
std::string_view Label(std::string_view opener) {
  std::string_view rest = Trimmed(opener);
  rest = Trimmed(rest.substr(MarkCount(rest, '<')));
  for (const std::string_view word : {"SEARCH", "ORIGINAL", "HEAD"}) {
    if (!rest.starts_with(word)) continue;
    rest = Trimmed(rest.substr(word.size()));
    break;
  }
  return rest;
}

Error Cut(size_t number, const std::string& why) {
  return BadInput("read edit " + std::to_string(number) + ": " + why);
}

// The block whose opener is line `opener` and whose closer is line `closer`.
Result<Edit> ReadBlock(const Lines& lines, size_t opener, size_t closer,
                       size_t number) {
  std::vector<size_t> dividers;
  for (size_t i = opener + 1; i < closer; ++i) {
    if (IsDivider(lines[i].text)) dividers.push_back(i);
  }
  if (dividers.size() > 1) {
    // Text of the script may be underlined too; the usual length decides.
    std::erase_if(dividers, [&](size_t i) {
      return lines[i].text.size() != kUsualMarks;
    });
    if (dividers.size() != 1) {
      return Cut(number, "it is unclear which ======= line divides it");
    }
  }
  if (dividers.empty()) {
    return Cut(number, "its ======= line is missing, the block is cut");
  }
  return Edit{.search = Part(lines, opener + 1, dividers[0]),
              .replace = Part(lines, dividers[0] + 1, closer),
              .within = std::string(Label(lines[opener].text))};
}

Result<std::vector<Edit>> ReadBlocks(const Lines& lines) {
  std::vector<Edit> edits;
  std::optional<size_t> opener;
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t number = edits.size() + 1;
    if (IsOpener(lines[i].text)) {
      if (opener) {
        return Cut(number, "its >>>>>>> REPLACE line is missing, it is cut");
      }
      opener = i;
    } else if (IsCloser(lines[i].text)) {
      if (!opener) {
        return Cut(number, "its <<<<<<< SEARCH line is missing, it is cut");
      }
      TRY_ASSIGN(Edit edit, ReadBlock(lines, *opener, i, number));
      edits.push_back(std::move(edit));
      opener.reset();
    }
  }
  if (opener) {
    return Cut(edits.size() + 1, "the answer ends in the middle of it");
  }
  return edits;
}

// Lines [from, to) of an answer that are a diff.
struct DiffRegion {
  size_t from = 0;
  size_t to = 0;
};

bool IsDiffFence(std::string_view line) {
  if (!IsFence(line)) return false;
  const std::string_view info = Trimmed(Trimmed(line).substr(3));
  return info == "diff" || info == "patch" || info == "udiff";
}

bool OpensFiles(const Lines& lines, size_t i) {
  return i + 1 < lines.size() && lines[i].text.starts_with("--- ") &&
         lines[i + 1].text.starts_with("+++ ");
}

Result<std::vector<DiffRegion>> FindDiffs(const Lines& lines) {
  std::vector<DiffRegion> regions;
  bool fenced = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view text = lines[i].text;
    const bool patch = Trimmed(text) == "*** Begin Patch";
    const bool fence = !fenced && IsDiffFence(text);
    if (!patch && !fence && !OpensFiles(lines, i)) {
      if (IsFence(text)) fenced = !fenced;
      continue;
    }
    size_t to = patch || fence ? i + 1 : i;
    const auto ends = [&](std::string_view line) {
      return patch ? Trimmed(line) == "*** End Patch" : IsFence(line);
    };
    while (to < lines.size() && !ends(lines[to].text)) ++to;
    if (to == lines.size() && (patch || fence || fenced)) {
      return BadInput("read the diff: the answer ends in the middle of it");
    }
    regions.push_back({patch || fence ? i + 1 : i, to});
    if (!patch) fenced = false;
    i = to;
  }
  return regions;
}

// What follows "@@ -1,2 +3,4 @@" or, in patches, "@@".
std::string_view Heading(std::string_view line) {
  line = Trimmed(line.substr(2));
  const size_t second = line.find("@@");
  if (second != std::string_view::npos) line = Trimmed(line.substr(second + 2));
  return line;
}

bool IsFileLine(const Lines& lines, size_t i) {
  const std::string_view text = lines[i].text;
  const auto starts = [&](std::string_view prefix) {
    return text.starts_with(prefix);
  };
  return starts("diff --git ") || starts("index ") || starts("*** ") ||
         starts("\\ No newline") || OpensFiles(lines, i) ||
         (i > 0 && OpensFiles(lines, i - 1));
}

bool IsContext(std::string_view line) {
  return !IsBlank(line) && !line.starts_with('+') && !line.starts_with('-');
}

// False if the model left out the first column of the context lines: one of
// them begins with text, or all are indented by even columns, where a margin
// would make them odd.
bool HasMargin(const Lines& lines, size_t from, size_t to) {
  bool odd = false;
  for (size_t i = from; i < to; ++i) {
    const std::string_view text = lines[i].text;
    if (IsFileLine(lines, i) || !IsContext(text)) continue;
    if (!text.starts_with(' ')) return false;
    odd = odd || IndentOf(text).size() % 2 == 1;
  }
  return odd;
}

// Adds the edit that lines [from, to) of a hunk are; none if they change
// nothing.
void ReadHunk(const Lines& lines, size_t from, size_t to,
              std::string_view heading, std::vector<Edit>& edits) {
  Edit edit;
  bool changes = false;
  const bool margin = HasMargin(lines, from, to);
  for (size_t i = from; i < to; ++i) {
    const std::string_view text = lines[i].text;
    if (IsFileLine(lines, i)) continue;
    const char mark = text.empty() ? ' ' : text.front();
    const bool changed = mark == '+' || mark == '-';
    const bool marked = changed || (margin && text.starts_with(' '));
    const std::string_view line = marked ? text.substr(1) : text;
    changes = changes || changed;
    if (mark != '+') edit.search.append(line).append(1, '\n');
    if (mark != '-') edit.replace.append(line).append(1, '\n');
  }
  if (!changes) return;
  edit.within = heading;
  edits.push_back(std::move(edit));
}

void ReadDiff(const Lines& lines, DiffRegion region, std::vector<Edit>& edits) {
  size_t from = region.from;
  std::string_view heading;
  for (size_t i = region.from; i <= region.to; ++i) {
    const bool hunk = i < region.to && lines[i].text.starts_with("@@");
    if (!hunk && i < region.to) continue;
    ReadHunk(lines, from, i, heading, edits);
    if (i < region.to) heading = Heading(lines[i].text);
    from = i + 1;
  }
}

}  // namespace

Result<std::vector<Edit>> ParseEdits(std::string_view answer) {
  const Lines lines = SourceLines(answer);
  const bool blocks =
      std::any_of(lines.begin(), lines.end(), [](const SourceLine& line) {
        return IsOpener(line.text) || IsCloser(line.text);
      });
  if (blocks) return ReadBlocks(lines);
  TRY_ASSIGN(const std::vector<DiffRegion> regions, FindDiffs(lines));
  std::vector<Edit> edits;
  for (const DiffRegion& region : regions) ReadDiff(lines, region, edits);
  return edits;
}

}  // namespace treesmith
