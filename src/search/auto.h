// The default policy: every family once, then what pays.
//
// In this order: (1) first drafts, as many as the coder has families; (2)
// drafts that failed are repaired at once, up to `max_debug_depth` times; (3)
// by chance a crossover of the best of two families, a new draft, or the repair
// of a failed improvement; (4) an improvement of one family's best node. The
// family is the one with the highest of
//
//   closeness * (paid + explore * sqrt(ln(1 + all tries) / (1 + tries))) / cost
//
// paid: what its tries paid on average (search/families.h); closeness: 1 for
// the family of the best node, falling with the distance, in units of the
// median distance; cost: the root of its nominal cost over the median's. Every
// eighth improvement goes to the close family that was tried least, so that
// the ensemble has more than one good member. Within a family the second best
// node gets a turn after six tries of the best.
//
// Reads no time: equal trees give equal proposals (design 5.5).
#pragma once

#include "search/families.h"
#include "search/policy.h"
#include "search/repairs.h"

namespace treesmith {

class AutoPolicy : public Policy {
 public:
  explicit AutoPolicy(PolicySettings settings);
  std::optional<Proposal> Next(const Tree& tree, Rng& rng,
                               Milliseconds elapsed) override;
  [[nodiscard]] std::string_view name() const override { return "auto"; }

 private:
  // A family that can be improved, and by which node.
  struct Option {
    const Family* family = nullptr;
    NodeId node;
    double tries = 0;  // faded
    int tries_ever = 0;
    double gap = 0;
    double closeness = 1;
    double index = 0;
  };

  [[nodiscard]] std::optional<Proposal> FirstDraft(const Tree& tree) const;
  [[nodiscard]] std::optional<Proposal> Cross(const std::vector<Option>& from,
                                              const Tree& tree, Rng& rng) const;
  [[nodiscard]] std::optional<Proposal> Improve(
      const std::vector<Option>& options, const Tree& tree, Rng& rng) const;
  // What is left when nothing can be improved.
  [[nodiscard]] std::optional<Proposal> Remaining(const Tree& tree,
                                                  Rng& rng) const;
  [[nodiscard]] std::optional<NodeId> NodeOf(const Family& family,
                                             const Tree& tree) const;
  [[nodiscard]] std::vector<Option> Options(const Tree& tree) const;
  void Weigh(std::vector<Option>& options) const;

  const PolicySettings settings_;
  Repairs draft_repairs_;
  Repairs other_repairs_;
  Families families_;
};

}  // namespace treesmith
