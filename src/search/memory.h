// Memory: which earlier nodes a coder is told of.
//
// Pure selection of ids; what is shown of a node is the coder's business
// (operators/llm). Bounded whatever the size of the tree, so that prompts are.
// Reads only what is in an Assignment; called by worker threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/operator.h"
#include "model/tree.h"

namespace treesmith {

enum class MemoryScope {
  kNone,
  // Every scored node, as in AIDE, the parent too; over the bound the best
  // stay.
  kAllGood,
  // What was made of the same parent (drafts for a draft), failures included;
  // over the bound the newest stay.
  kSiblings,
  // For a repair: the failed repairs before it, back to what was no failure
  // (that one included); over the bound the newest stay.
  kAncestors,
  // The best nodes, the best of each family, the newest children of the parent,
  // and the newest failures, in this order until the bound.
  kDigest,
};

// "none", "all-good", "siblings", "ancestors", "digest".
std::string_view MemoryScopeName(MemoryScope scope);
std::optional<MemoryScope> ParseMemoryScope(std::string_view name);

// What is told of a node, in bytes. What changed stands in a plan's first
// sentence, as models are asked to put it: whole plans are what AIDE's prompts
// are mostly made of after fifty nodes.
inline constexpr size_t kToldPlanBytes = 240;
inline constexpr size_t kToldFindingBytes = 300;

struct MemoryQuery {
  MemoryScope scope = MemoryScope::kDigest;
  Operator op = Operator::kDraft;
  std::vector<NodeId> parents = {};
  size_t max_nodes = 30;
  // Estimated (MemoryTokens); a node that does not fit is passed over.
  int64_t max_tokens = 2'000;
};

// In order of adding. The parents, whose code is shown anyway, are among them
// with kAllGood only. Duplicates never are: they say nothing.
std::vector<NodeId> SelectMemory(const NodeSnapshot& nodes,
                                 const MemoryQuery& query);

// About what a row of memory on this node takes: what is told of its plan and
// finding, and its change, at four bytes a token, and its numbers.
int64_t MemoryTokens(const Node& node);

}  // namespace treesmith
