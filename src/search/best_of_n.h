// Drafts and nothing else, the best of which is the answer: the control that
// shows what a tree is worth.
//
// `debug_prob` is 0 unless it is stated; then buggy leaves are repaired with
// that chance.
#pragma once

#include "search/policy.h"
#include "search/repairs.h"

namespace treesmith {

class BestOfNPolicy : public Policy {
 public:
  explicit BestOfNPolicy(PolicySettings settings);
  std::optional<Proposal> Next(const Tree& tree, Rng& rng,
                               Milliseconds elapsed) override;
  [[nodiscard]] std::string_view name() const override { return "best-of-n"; }

 private:
  const PolicySettings settings_;
  Repairs repairs_;
};

}  // namespace treesmith
