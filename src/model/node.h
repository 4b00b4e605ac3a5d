// Node: one point of the tree. Immutable once added.
//
// Long texts (the script, its output, its predictions) lie in the store under
// their hashes; a node holds what policies, memory and screens need, so that a
// tree of 100,000 nodes fits in memory.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "model/ids.h"
#include "model/operator.h"
#include "model/outcome.h"
#include "model/score.h"
#include "model/usage.h"

namespace treesmith {

struct Node {
  NodeId id;
  StepId step;
  Operator op = Operator::kDraft;
  std::vector<NodeId> parents;
  std::string plan;
  std::string change;
  std::string family;
  std::string origin;
  double nominal_cost = 0;
  Outcome outcome;
  // Present exactly when outcome.scored().
  std::optional<NodeScore> score;
  // One or two sentences for the memory: what was learnt.
  std::string finding;
  // Wall time of all its runs.
  std::chrono::milliseconds seconds{0};
  Usage usage;
  Hash128 script;  // blob: the code
  Hash128 form;    // of its normal form; zero in old logs
  Hash128 output;  // blob: printed output of the unit that decided; may be zero
  Hash128 diagnosis;  // blob: text for coders; may be zero
  // Blobs: hidden predictions, one a finished unit, in the units' order.
  std::vector<Hash128> predictions;

  // Scored on every unit: may be best, finalist and member of an ensemble.
  [[nodiscard]] bool complete() const { return score && !score->partial; }
  [[nodiscard]] bool buggy() const { return !outcome.scored(); }
};

}  // namespace treesmith
