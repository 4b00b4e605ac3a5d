// GainTable: what was tried and what it gained, by the label of the change.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/tree.h"

namespace treesmith {

struct ChangeGain {
  std::string change;
  size_t tried = 0;
  size_t scored = 0;
  // Over the nodes that were compared with their parent on the same rows.
  size_t compared = 0;
  size_t better = 0;
  // Mean of the paired gains, positive is better. Its error is that of a mean
  // over nodes; of a single node it is the node's own.
  std::optional<PairedGain> gain;
  // The best complete node of this change.
  std::optional<NodeId> best;
};

// By mean gain, the largest first; what was never compared comes last, the most
// often tried first.
std::vector<ChangeGain> GainsByChange(const Tree& tree);

}  // namespace treesmith
