// Whether a score stands out from those of the other nodes by more than their
// noise and their usual progress explain: a leak often looks like that. Pure.
#pragma once

#include <optional>
#include <set>

#include "model/check.h"
#include "model/tree.h"

namespace treesmith {

// A suspicion where `score` leaves less than a third of the error of the best
// other node and the difference is more than ten times its noise. Silent until
// five other nodes are complete. `ideal`: the best score there can be;
// `left_out`: nodes that are not others (the node itself, and those made of it,
// which share what it does).
std::optional<Check> StandsOut(const Tree& tree, const NodeScore& score,
                               double ideal, const std::set<NodeId>& left_out);

// The node and all that descend from it.
std::set<NodeId> WithDescendants(const Tree& tree, NodeId node);

}  // namespace treesmith
