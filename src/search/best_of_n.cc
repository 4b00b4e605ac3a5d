#include "search/best_of_n.h"

#include <utility>

#include "search/words.h"

namespace treesmith {

BestOfNPolicy::BestOfNPolicy(PolicySettings settings)
    : settings_(std::move(settings)),
      repairs_(settings_, Repairs::Which::kAll) {}

std::optional<Proposal> BestOfNPolicy::Next(const Tree& tree, Rng& rng,
                                            Milliseconds /*elapsed*/) {
  repairs_.CatchUp(tree);
  if (rng.Uniform() < settings_.parameters.debug_prob) {
    if (const auto leaf = repairs_.Choose(tree, rng)) {
      return Repair(tree, *leaf, settings_.parameters.max_debug_depth);
    }
  }
  if (!Accepts(settings_, Operator::kDraft, {})) return std::nullopt;
  return Proposal{
      Operator::kDraft,
      {},
      "drafts only: " + Count(tree.drafts().size(), "draft") + " so far"};
}

}  // namespace treesmith
