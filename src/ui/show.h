// Show: a run, or one node of it, as text or JSON (design 5.9).
//
// Texts end with a newline and are safe to print on a terminal. JSON is one
// line; absent and non-finite scores and unknown costs are null.
#pragma once

#include <string>
#include <string_view>

#include "engine/run_reader.h"
#include "ui/screen.h"

namespace treesmith {

// The node that a person named. BadInput: no number, or no such node.
Result<NodeId> ParseNode(const RunRecord& record, std::string_view text);

// The run in short, why it ended, and its tree, which is cut to `max_lines`
// lines (0: all of it).
Result<std::string> ShowRun(const RunRecord& record, const ScreenTraits& traits,
                            size_t max_lines = 0);
// One node whole. REQUIRES: the node exists
Result<std::string> ShowNode(const RunRecord& record, NodeId id,
                             const ScreenTraits& traits);

Result<std::string> ShowJson(const RunRecord& record);
// The node's object of ShowJson, with its texts.
Result<std::string> ShowNodeJson(const RunRecord& record, NodeId id);

// What two equal runs have in common, a line an event.
std::string ShowCanonical(const RunRecord& record);

// Calls, tokens, time and money by operator (review and report among them),
// model and node, as they were booked.
// A sum with an unknown part is unknown.
std::string ShowCost(const RunRecord& record);

}  // namespace treesmith
