#include "search/linear.h"

#include <utility>

#include "search/repairs.h"
#include "search/words.h"

namespace treesmith {

LinearPolicy::LinearPolicy(PolicySettings settings)
    : settings_(std::move(settings)) {}

void LinearPolicy::CatchUp(const Tree& tree) {
  for (; seen_ < tree.size(); ++seen_) {
    const NodeId id{static_cast<int64_t>(seen_)};
    if (!tree.at(id).buggy() && Accepts(settings_, Operator::kImprove, {id})) {
      last_good_ = id;
    }
  }
}

bool LinearPolicy::Repairable(const Tree& tree, NodeId id) const {
  const Node& node = tree.at(id);
  return node.buggy() && node.outcome.kind != OutcomeKind::kDuplicate &&
         tree.debug_depth(id) < settings_.parameters.max_debug_depth &&
         Accepts(settings_, Operator::kDebug, {id});
}

std::optional<Proposal> LinearPolicy::Next(const Tree& tree, Rng& /*rng*/,
                                           Milliseconds /*elapsed*/) {
  CatchUp(tree);
  // Only the last node and the last good one are ever worked on.
  const NodeId last{static_cast<int64_t>(tree.size()) - 1};
  if (tree.drafts_in_flight() > 0 ||
      (last.valid() && tree.in_flight(last) > 0) ||
      (last_good_ && tree.in_flight(*last_good_) > 0)) {
    return std::nullopt;
  }
  if (last.valid() && Repairable(tree, last)) {
    return Repair(tree, last, settings_.parameters.max_debug_depth);
  }
  if (last_good_) {
    return Proposal{Operator::kImprove,
                    {*last_good_},
                    "improve " + Describe(tree, *last_good_) +
                        ", the last that was scored"};
  }
  if (!Accepts(settings_, Operator::kDraft, {})) return std::nullopt;
  return Proposal{Operator::kDraft, {}, "no node is scored yet"};
}

}  // namespace treesmith
