// The policy of AIDE (arXiv 2502.13138, section 3): drafts, then repairs by
// chance, then always the best node.
//
// In this order: (1) fewer than `num_drafts` drafts: draft; (2) with chance
// `debug_prob`, and where there is one: repair a buggy leaf; (3) no good node:
// draft; (4) improve the best. Drafts in flight count as drafts, and a leaf in
// work is nobody else's. What the coder cannot do is passed over: the best node
// it can improve stands in for the best.
#pragma once

#include "search/policy.h"
#include "search/repairs.h"

namespace treesmith {

class AidePolicy : public Policy {
 public:
  explicit AidePolicy(PolicySettings settings);
  std::optional<Proposal> Next(const Tree& tree, Rng& rng,
                               Milliseconds elapsed) override;
  [[nodiscard]] std::string_view name() const override { return "aide"; }

 private:
  [[nodiscard]] bool WantsFirstDraft(const Tree& tree) const;
  void CatchUp(const Tree& tree);

  const PolicySettings settings_;
  Repairs repairs_;
  size_t seen_complete_ = 0;
  // The best node that the coder can improve.
  std::optional<NodeId> best_;
};

}  // namespace treesmith
