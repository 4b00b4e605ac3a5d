// Policy: chooses what to expand next, and says why.
//
// A policy is a value derived from the tree: it may cache only what it can make
// again from the tree, so a fresh policy on the same tree, with the same stream
// of chance, proposes the same (a property test holds every policy to that).
// It does no I/O and reads no clock. The engine loop owns it.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/rng.h"
#include "model/operator.h"
#include "model/tree.h"
#include "search/parameters.h"

namespace treesmith {

class Policy {
 public:
  Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  virtual ~Policy() = default;

  // The next expansion; nothing when there is nothing useful to propose now:
  // wait for the work in flight, and when there is none the run ends. Work in
  // flight is what Tree::StartProposal was told of. A proposal that is dropped
  // leaves no trace. At most a few microseconds, at any size of the tree; the
  // first call on a tree that it has not seen grow reads all of it.
  // `elapsed`: of the last event. REQUIRES: always the same, growing, tree
  virtual std::optional<Proposal> Next(const Tree& tree, Rng& rng,
                                       Milliseconds elapsed) = 0;

  // As in the registry (search/registry.h).
  [[nodiscard]] virtual std::string_view name() const = 0;
};

// What a policy is made of.
struct PolicySettings {
  SearchParameters parameters = {};
  // Coder::draft_count: how many different drafts there are to be had.
  int draft_count = 5;
  // Drafts that the user gave (--start): they come on top of the first drafts.
  int given_drafts = 0;
  // Whether the coder can do this (Coder::Accepts); a policy proposes nothing
  // else. For other operators than draft the answer for the same parents never
  // changes. Empty: everything.
  std::function<bool(Operator, const std::vector<NodeId>&)> accepts = {};
};

}  // namespace treesmith
