// RunFacts: what show, report and export say of a run beyond its tree.
//
// Made once from a RunRecord, which it borrows: the record must outlive it.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/run_reader.h"
#include "table/profile.h"

namespace treesmith {

// How a node came about; by node id in RunFacts.
struct NodeStory {
  std::string why;  // of its proposal
  // The run's active time when the node was added.
  std::chrono::milliseconds added{0};
  std::vector<FoldRun> units;  // in the order they ended
};

struct RunFacts {
  const RunRecord* record = nullptr;
  std::vector<NodeStory> stories;
  BudgetLimits budget;  // as last changed
  Answer answer;        // without a choice while the run has not ended
  // What the data is like; absent where the run did not store it.
  std::optional<Profile> profile = {};

  [[nodiscard]] const Tree& tree() const { return record->state->tree(); }
  [[nodiscard]] const NodeStory& story(NodeId id) const {
    return stories[id.index()];
  }
  // The members of the answer; empty while nothing was chosen.
  [[nodiscard]] std::set<NodeId> chosen() const;
  // The node whose script is the best one: the answer's, else the tree's.
  [[nodiscard]] std::optional<NodeId> best() const;
};

// Fails when the budget, the answer or the profile in the log cannot be read.
Result<RunFacts> FactsOf(const RunRecord& record);

// Every node, in the order they were added; they live as long as the tree.
std::vector<const Node*> NodesOf(const Tree& tree);
// A blob of the run as text; empty for a zero hash.
Result<std::string> TextOf(const RunRecord& record, const Hash128& hash);

// "9 scored, 2 crash": how many nodes came to what, scored ones first.
std::string CountOutcomes(const Tree& tree);
// Why the run ended, or that it has not.
std::string EndOf(const RunRecord& record);
// "$0.0123", "unknown".
std::string FormatCost(const std::optional<double>& usd);
// "+0.0123 +- 0.0040": positive is better.
std::string FormatGain(const PairedGain& gain);
// "0.3123 +- 0.0021"; the error is left out where it is not known.
std::string FormatScoreWithError(const NodeScore& score);
// What the whole selection is worth, in the same form; empty where nothing is
// known of it.
std::string FormatPromise(const Choice& choice);

}  // namespace treesmith
