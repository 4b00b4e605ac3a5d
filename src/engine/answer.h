// Answer: what a run chose in the end, as it is stored in Finished.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "engine/run_state.h"
#include "evaluation/evaluator.h"
#include "model/tree.h"

namespace treesmith {

struct Answer {
  // Absent: no node was good enough to be chosen.
  std::optional<Choice> choice;
  Hash128 submission;  // blob; zero without a test file
  Hash128 program;     // blob: run.py of an ensemble; zero for a single node
  Hash128 portrait;    // blob (evaluation/portrait.h); zero where there is none
  Hash128 report;      // blob: what a model wrote of the run; zero without
};

std::string EncodeAnswer(const Answer& answer);
Result<Answer> DecodeAnswer(const std::string& json);

// What somebody who takes the answer must know: alarms of its members and of
// the run, and checks that were not made; each check's newest word.
std::vector<Checked> ConcernsOf(const RunState& state, const Choice& choice);
// "node 3: its predictions are column 'x' itself ..."; of the run the text.
std::string CheckText(const Checked& checked);

struct Listed {
  NodeId node;
  // By fold: whether it would exist if that had not been scored; empty: always.
  std::vector<uint8_t> exists_without = {};
};

// The best complete nodes, and those among which the end chooses: they hold
// besides whoever would be among the best without one of the `folds` of the
// first rung (search/shortlist.h; design 5.6).
std::vector<NodeId> ShortList(const Tree& tree);
std::vector<Listed> NestedShortList(const Tree& tree, int folds);

}  // namespace treesmith
