// Repairs: the buggy leaves that a policy may have repaired.
//
// A leaf is offered until somebody tries: a repair that fails is a leaf of its
// own, one deeper, so repairs of one failure form a chain and never a fan. A
// chain has at most `max_debug_depth` repairs; aideml compared with <= and
// allowed one more (A30). Kept up to date from the tree's growth.
#pragma once

#include <optional>
#include <vector>

#include "base/rng.h"
#include "model/tree.h"
#include "search/policy.h"

namespace treesmith {

class Repairs {
 public:
  // kOfDrafts: of failures that began with a draft, not with an improvement.
  enum class Which { kAll, kOfDrafts, kOfOthers };

  Repairs(const PolicySettings& settings, Which which);

  // Call before Choose.
  void CatchUp(const Tree& tree);
  // One that nobody works on, all alike likely; nothing when there is none.
  [[nodiscard]] std::optional<NodeId> Choose(const Tree& tree, Rng& rng) const;

 private:
  [[nodiscard]] bool Offers(const Tree& tree, const Node& node) const;

  const PolicySettings& settings_;
  const Which which_;
  size_t seen_ = 0;
  std::vector<NodeId> leaves_;  // sorted; those being worked on included
};

// Whether the coder can do this.
bool Accepts(const PolicySettings& settings, Operator op,
             const std::vector<NodeId>& parents);

// How many first drafts there are to be: `num_drafts`, or what the coder has,
// and those that the user gave.
size_t FirstDrafts(const PolicySettings& settings);

// Whether there is a complete node with a score.
bool HasGood(const Tree& tree);

// "repair node 7: KeyError: 'hour', try 2 of 3".
Proposal Repair(const Tree& tree, NodeId id, int max_debug_depth);

}  // namespace treesmith
