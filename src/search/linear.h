// One chain: what was made last is improved, or repaired where it failed.
//
// Strictly one step after the other, whatever the number of workers. A failure
// that `max_debug_depth` repairs did not mend is left, and the last scored node
// is improved instead (a new draft where there is none).
#pragma once

#include "search/policy.h"

namespace treesmith {

class LinearPolicy : public Policy {
 public:
  explicit LinearPolicy(PolicySettings settings);
  std::optional<Proposal> Next(const Tree& tree, Rng& rng,
                               Milliseconds elapsed) override;
  [[nodiscard]] std::string_view name() const override { return "linear"; }

 private:
  void CatchUp(const Tree& tree);
  [[nodiscard]] bool Repairable(const Tree& tree, NodeId id) const;

  const PolicySettings settings_;
  size_t seen_ = 0;
  // The last scored node that the coder can improve.
  std::optional<NodeId> last_good_;
};

}  // namespace treesmith
