#include "search/aide.h"

#include <utility>

#include "search/words.h"

namespace treesmith {

AidePolicy::AidePolicy(PolicySettings settings)
    : settings_(std::move(settings)),
      repairs_(settings_, Repairs::Which::kAll) {}

bool AidePolicy::WantsFirstDraft(const Tree& tree) const {
  const size_t drafts =
      tree.drafts().size() + static_cast<size_t>(tree.drafts_in_flight());
  return drafts < FirstDrafts(settings_) &&
         Accepts(settings_, Operator::kDraft, {});
}

void AidePolicy::CatchUp(const Tree& tree) {
  repairs_.CatchUp(tree);
  for (; seen_complete_ < tree.complete().size(); ++seen_complete_) {
    const NodeId id = tree.complete()[seen_complete_];
    const MetricValue& value = tree.at(id).score->value;
    const bool better = best_ ? value.BetterThan(tree.at(*best_).score->value)
                              : value.present();
    if (better && Accepts(settings_, Operator::kImprove, {id})) best_ = id;
  }
}

std::optional<Proposal> AidePolicy::Next(const Tree& tree, Rng& rng,
                                         Milliseconds /*elapsed*/) {
  CatchUp(tree);
  if (WantsFirstDraft(tree)) {
    return Proposal{Operator::kDraft,
                    {},
                    "first drafts: " + std::to_string(tree.drafts().size()) +
                        " of " + std::to_string(FirstDrafts(settings_)) +
                        " are there"};
  }
  if (rng.Uniform() < settings_.parameters.debug_prob) {
    if (const auto leaf = repairs_.Choose(tree, rng)) {
      return Repair(tree, *leaf, settings_.parameters.max_debug_depth);
    }
  }
  if (!HasGood(tree) && Accepts(settings_, Operator::kDraft, {})) {
    return Proposal{Operator::kDraft, {}, "no node is scored yet"};
  }
  if (best_) {
    return Proposal{Operator::kImprove,
                    {*best_},
                    "improve " + Describe(tree, *best_) + ", the best of " +
                        Count(tree.complete().size(), "scored node")};
  }
  // The coder can neither draft nor improve: a repair is all that is left.
  if (const auto leaf = repairs_.Choose(tree, rng)) {
    return Repair(tree, *leaf, settings_.parameters.max_debug_depth);
  }
  return std::nullopt;
}

}  // namespace treesmith
