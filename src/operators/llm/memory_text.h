// MemoryText: what a prompt tells of earlier nodes.
//
// Which nodes is search/memory.h's choice; here they become text, under a bound
// that holds for a tree of any size.
#pragma once

#include <cstdint>
#include <string>

#include "search/memory.h"

namespace treesmith {

// Measured prompts have 3.6 to 4.7 characters a token.
inline constexpr int64_t kBytesPerToken = 4;

// One row a node: idea, score with its change and noise, finding. Siblings and
// ancestors in order of adding; all-good nodes too, as AIDE tells them; a
// digest by branch (the draft that a node comes from), best branch and best
// node first, failures last. At most `query.max_tokens` tokens. Empty where
// there is nothing to tell.
std::string MemoryText(const NodeSnapshot& nodes, const MemoryQuery& query);

// Plain words on one node: "node 12 (improve of node 5, lightgbm,
// target-encoding; 0.4123)".
std::string NodeName(const Node& node);

}  // namespace treesmith
