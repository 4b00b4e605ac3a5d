// Signs that a model left lines out of an edit.
//
// A cut edit that is applied loses code or doubles it, and both can still run.
// These rules see the usual traces; a refusal costs one more question.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace treesmith {

// True for a line that stands for lines left out: "...", "# ... unchanged ...",
// "# rest of the code". `line` is one line; a script may well hold such a line
// itself, so ask only about lines that the edit adds.
bool StandsForMore(std::string_view line);

// One line as it would stand in the script: squeezed (source_lines.h), and the
// columns of its indentation.
struct PlacedLine {
  std::string text;
  int indent = 0;
  bool unique = false;  // a line of the script whose text stands nowhere else
};

// How many lines beyond as many as are added may be what the edit left out.
inline constexpr size_t kCutReach = 8;

// True if the lines `added` at the end of an edit seem to be meant instead of
// lines of `following` (what stands in the script after the quoted ones, as
// many lines and kCutReach more, if there are so many): they stand there
// already, or the next line at once writes over what the last one assigns.
// Blank lines in neither.
bool RepeatsWhatFollows(const std::vector<PlacedLine>& added,
                        const std::vector<PlacedLine>& following);

// The same at an edit's start; `before` is in the script's order.
bool RepeatsWhatPrecedes(const std::vector<PlacedLine>& added,
                         const std::vector<PlacedLine>& before);

// True if `added` is nothing but whole functions and classes at `indent`
// columns whose names `known` (the script's lines) does not define. Between
// two definitions such an edit is whole, whatever single lines it shares with
// them: "return table" says nothing. Blank lines in neither.
bool IsNewDefinitions(const std::vector<PlacedLine>& added, int indent,
                      const std::vector<PlacedLine>& known);
// Whether it begins a function or class.
bool IsDefinition(const PlacedLine& line);

}  // namespace treesmith
