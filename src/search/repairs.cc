#include "search/repairs.h"

#include <algorithm>

#include "search/words.h"

namespace treesmith {
namespace {

// A failure's chain of repairs starts at what was no repair.
bool BeganWithDraft(const Tree& tree, const Node& node) {
  const Node* at = &node;
  while (at->op == Operator::kDebug) at = &tree.at(at->parents.front());
  return at->op == Operator::kDraft;
}

}  // namespace

Repairs::Repairs(const PolicySettings& settings, Which which)
    : settings_(settings), which_(which) {}

bool Repairs::Offers(const Tree& tree, const Node& node) const {
  if (!node.buggy() || node.outcome.kind == OutcomeKind::kDuplicate) {
    return false;
  }
  if (tree.debug_depth(node.id) >= settings_.parameters.max_debug_depth) {
    return false;
  }
  if (which_ != Which::kAll &&
      BeganWithDraft(tree, node) != (which_ == Which::kOfDrafts)) {
    return false;
  }
  return Accepts(settings_, Operator::kDebug, {node.id});
}

void Repairs::CatchUp(const Tree& tree) {
  for (; seen_ < tree.size(); ++seen_) {
    const Node& node = tree.at(NodeId{static_cast<int64_t>(seen_)});
    for (const NodeId parent : node.parents) {
      const auto place = std::ranges::lower_bound(leaves_, parent);
      if (place != leaves_.end() && *place == parent) leaves_.erase(place);
    }
    if (Offers(tree, node)) leaves_.push_back(node.id);
  }
}

std::optional<NodeId> Repairs::Choose(const Tree& tree, Rng& rng) const {
  if (leaves_.empty()) return std::nullopt;
  // Few are being worked on, so a draw or two find a free one.
  constexpr int kDraws = 16;
  for (int draw = 0; draw < kDraws; ++draw) {
    const NodeId id = leaves_[rng.Below(leaves_.size())];
    if (tree.in_flight(id) == 0) return id;
  }
  std::vector<NodeId> free;
  for (const NodeId id : leaves_) {
    if (tree.in_flight(id) == 0) free.push_back(id);
  }
  if (free.empty()) return std::nullopt;
  return free[rng.Below(free.size())];
}

bool Accepts(const PolicySettings& settings, Operator op,
             const std::vector<NodeId>& parents) {
  return !settings.accepts || settings.accepts(op, parents);
}

size_t FirstDrafts(const PolicySettings& settings) {
  const int stated = settings.parameters.num_drafts;
  const int own = stated > 0 ? stated : std::max(settings.draft_count, 1);
  return static_cast<size_t>(own) + static_cast<size_t>(settings.given_drafts);
}

bool HasGood(const Tree& tree) {
  return tree.best() && tree.at(*tree.best()).score->value.present();
}

Proposal Repair(const Tree& tree, NodeId id, int max_debug_depth) {
  const Outcome& outcome = tree.at(id).outcome;
  std::string cause(OutcomeName(outcome.kind));
  if (!outcome.detail.empty()) cause += " (" + outcome.detail + ")";
  return {Operator::kDebug,
          {id},
          "repair node " + std::to_string(id.value) + ": " + cause + ", try " +
              std::to_string(tree.debug_depth(id) + 1) + " of " +
              std::to_string(max_debug_depth)};
}

}  // namespace treesmith
