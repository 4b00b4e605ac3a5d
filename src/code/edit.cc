#include "code/edit.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "code/edit_align.h"
#include "code/edit_cut.h"
#include "code/edit_match.h"
#include "code/line_numbers.h"
#include "code/source_lines.h"

namespace treesmith {
namespace {

// Enough to tell the model where its quote stands; more would not help it.
constexpr size_t kMostPlaces = 8;

using Lines = std::vector<SourceLine>;

// What stands in the way of an edit; `absent` when its quote is nowhere, which
// a later round may mend.
struct Refusal {
  std::string reason;
  bool absent = false;
};

// One edit laid out against the script: lines, and what becomes of them.
struct LaidEdit {
  std::vector<Splice> splices;
  std::optional<Refusal> refusal;
};

std::string Quote(std::string_view line) {
  constexpr size_t kMost = 80;
  const std::string_view text = Trimmed(line);
  const std::string shown(text.substr(0, kMost));
  return '`' + shown + (text.size() > kMost ? "...`" : "`");
}

std::string WhyAbsent(const Lines& script, const Lines& quoted) {
  std::vector<std::string> known;
  known.reserve(script.size());
  for (const SourceLine& line : script) known.push_back(Squeezed(line.text));
  std::sort(known.begin(), known.end());
  for (const SourceLine& line : quoted) {
    if (IsBlank(line.text)) continue;
    if (std::binary_search(known.begin(), known.end(), Squeezed(line.text))) {
      continue;
    }
    const std::string shown = Quote(line.text);
    if (StandsForMore(line.text)) {
      return "its SEARCH part leaves lines out (" + shown +
             "); quote them all, or fewer";
    }
    return "its SEARCH part stands nowhere in the script: no whole line "
           "reads " +
           shown;
  }
  return "the lines of its SEARCH part are in the script, but not together in "
         "this order and indentation";
}

std::string WhyAmbiguous(const std::vector<EditPlace>& places) {
  std::string reason = "its SEARCH part stands in several places (lines ";
  for (size_t i = 0; i < places.size(); ++i) {
    if (i > 0) reason += ", ";
    reason += std::to_string(places[i].lines.front() + 1);
  }
  reason += "); quote more lines around the one that is meant";
  return reason;
}

// The one place that is meant, or why there is none.
std::optional<Refusal> FindPlace(const Lines& script, const Lines& quoted,
                                 const Edit& edit, EditPlace& place) {
  std::vector<EditPlace> places = FindPlaces(script, quoted, kMostPlaces);
  if (places.empty()) return Refusal{WhyAbsent(script, quoted), true};
  if (places.size() > 1 && places.size() < kMostPlaces &&
      !edit.within.empty()) {
    std::vector<EditPlace> inside;
    for (const EditPlace& each : places) {
      if (StandsWithin(script, each.lines.front(), edit.within)) {
        inside.push_back(each);
      }
    }
    // A quote that is exact elsewhere contradicts the block that is named.
    const auto exact = [](const EditPlace& each) { return each.exact; };
    if (std::ranges::any_of(inside, exact) ||
        (!inside.empty() && std::ranges::none_of(places, exact))) {
      places = std::move(inside);
    }
  }
  if (places.size() > 1) return Refusal{WhyAmbiguous(places)};
  place = std::move(places.front());
  return std::nullopt;
}

LaidEdit LayEdit(const Lines& script, const std::vector<bool>& in_string,
                 const Edit& edit) {
  Lines quoted = SourceLines(edit.search);
  Lines wanted = SourceLines(edit.replace);
  if (IsBlank(edit.search)) {
    return {{},
            Refusal{"its SEARCH part is empty; quote the lines to change, "
                    "or send the whole script"}};
  }
  EditPlace place;
  std::optional<Refusal> refusal = FindPlace(script, quoted, edit, place);
  if (refusal && refusal->absent && DropLineNumbers(quoted, wanted)) {
    refusal = FindPlace(script, quoted, edit, place);
  }
  if (refusal) return {{}, std::move(refusal)};
  Alignment alignment = Align(script, in_string, quoted, wanted, place);
  if (!alignment.refusal.empty()) return {{}, Refusal{alignment.refusal}};
  return {std::move(alignment.splices), std::nullopt};
}

Error Refuse(size_t number, size_t count, const std::string& reason) {
  std::string message = "apply edit " + std::to_string(number);
  message += " of " + std::to_string(count) + ": " + reason;
  return BadInput(std::move(message));
}

}  // namespace

Result<std::string> ApplyEdits(std::string_view script,
                               const std::vector<Edit>& edits) {
  std::string text(script);
  std::vector<size_t> pending;
  for (size_t i = 0; i < edits.size(); ++i) {
    // A model that sends a block twice means it once.
    const auto end = edits.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(edits.begin(), end, edits[i]) == end) pending.push_back(i);
  }
  // Each round makes all edits whose quote stands in the text as it is, so
  // that one that quotes another's new lines follows it.
  while (!pending.empty()) {
    const Lines lines = SourceLines(text);
    const std::vector<bool> in_string = BeginsInString(text, lines);
    std::vector<Splice> splices;
    std::vector<size_t> absent;
    std::string why_absent;
    for (const size_t i : pending) {
      LaidEdit laid = LayEdit(lines, in_string, edits[i]);
      if (laid.refusal && !laid.refusal->absent) {
        return Refuse(i + 1, edits.size(), laid.refusal->reason);
      }
      if (laid.refusal) {
        if (absent.empty()) why_absent = laid.refusal->reason;
        absent.push_back(i);
        continue;
      }
      for (Splice& splice : laid.splices) {
        splice.edit = i;
        splices.push_back(std::move(splice));
      }
    }
    if (absent.size() == pending.size()) {
      return Refuse(absent.front() + 1, edits.size(), why_absent);
    }
    if (const std::optional<size_t> clash = SortSplices(splices)) {
      return Refuse(*clash + 1, edits.size(),
                    "it changes lines that another edit changes too");
    }
    text = Spliced(lines, splices);
    pending = std::move(absent);
  }
  if (text == script) return BadInput("apply edits: they change nothing");
  return text;
}

}  // namespace treesmith
