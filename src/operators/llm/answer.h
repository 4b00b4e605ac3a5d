// Reading what a model answered: its plan, and its script or edits.
//
// Models wrap what was asked for in reasoning, greetings, several fences and
// unclosed ones. What can be told apart for certain is taken apart; nothing is
// ever taken for code that was not offered as code (A23). Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace treesmith {

// What follows the reasoning that a model put into its answer (<think> ...
// </think>, the opening tag being optional); all of it where there is none.
std::string_view StripReasoning(std::string_view text);

// One fenced block: "```python" or "~~~", up to a line of the same signs.
struct Fence {
  std::string language;  // lower case; empty where none is named
  std::string content;   // without the fence's own indentation
  size_t begin = 0;      // of its opening line in the text
  size_t end = 0;        // behind its closing line
  bool closed = true;
};
std::vector<Fence> FindFences(std::string_view text);

struct ModelAnswer {
  // Prose, without the label's line, at most kPlanBytes. May be empty.
  std::string plan;
  // Of the line "Label: ...", as Candidate::change takes it; may be empty.
  std::string label;
  // A whole script; empty where the answer holds edits.
  std::string code;
  bool edits = false;
};
inline constexpr size_t kPlanBytes = 800;

// Reasoning is left aside, unless the closing tag stands in the script itself.
// kBadInput with the reason, for the model, where the text holds neither a
// script nor edits. Of several blocks that are whole scripts (they read the
// input and write a submission) the last is taken, else all of them are joined
// in order. A syntax error is not looked for here.
Result<ModelAnswer> ReadAnswer(std::string_view text);

// "encode.target-oof" of whatever a model wrote after "Label:": lower case,
// words joined by dashes, at most 40 characters.
std::string LabelOf(std::string_view text);

}  // namespace treesmith
