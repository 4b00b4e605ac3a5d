#include "model/tree.h"

#include <algorithm>

#include "base/check.h"

namespace treesmith {
namespace {

// As many as racing looks at (design 5.4).
constexpr size_t kLeaders = 10;

}  // namespace

NodeId Tree::Add(Node node) {
  const NodeId id{static_cast<int64_t>(nodes_.size())};
  node.id = id;
  Links links;
  for (const NodeId parent : node.parents) {
    CHECK(parent.valid() && parent < id);
    links_[parent.index()].children.push_back(id);
    RefileBuggyLeaf(parent);
  }
  if (node.op == Operator::kDebug) {
    links.debug_depth = debug_depth(node.parents.front()) + 1;
  }
  links_.push_back(std::move(links));
  if (node.parents.empty()) drafts_.push_back(id);
  nodes_.Append(std::move(node));
  if (at(id).complete()) FileComplete(id);
  RefileBuggyLeaf(id);
  return id;
}

bool Tree::Better(NodeId a, NodeId b) const {
  return at(a).score->value.BetterThan(at(b).score->value);
}

void Tree::FileComplete(NodeId id) {
  complete_.push_back(id);
  const auto place = std::ranges::find_if(
      leaders_, [&](NodeId other) { return Better(id, other); });
  leaders_.insert(place, id);
  if (leaders_.size() > kLeaders) leaders_.pop_back();
  const auto [entry, first] = best_by_family_.emplace(at(id).family, id);
  if (!first && Better(id, entry->second)) entry->second = id;
}

std::span<const NodeId> Tree::children(NodeId id) const {
  return links_.at(id.index()).children;
}

int Tree::debug_depth(NodeId id) const {
  return links_.at(id.index()).debug_depth;
}

int Tree::in_flight(NodeId id) const { return links_.at(id.index()).in_flight; }

void Tree::StartProposal(const Proposal& proposal) {
  if (proposal.parents.empty()) ++drafts_in_flight_;
  for (const NodeId parent : proposal.parents) {
    ++links_.at(parent.index()).in_flight;
    RefileBuggyLeaf(parent);
  }
}

void Tree::EndProposal(const Proposal& proposal) {
  if (proposal.parents.empty()) --drafts_in_flight_;
  for (const NodeId parent : proposal.parents) {
    --links_.at(parent.index()).in_flight;
    RefileBuggyLeaf(parent);
  }
}

// Keeps buggy_leaves_ sorted by id: the order in which nodes were added.
void Tree::RefileBuggyLeaf(NodeId id) {
  if (id.index() >= nodes_.size()) return;
  const Node& node = at(id);
  const Links& links = links_[id.index()];
  const bool belongs = node.buggy() &&
                       node.outcome.kind != OutcomeKind::kDuplicate &&
                       links.children.empty() && links.in_flight == 0;
  const auto place = std::ranges::lower_bound(buggy_leaves_, id);
  const bool filed = place != buggy_leaves_.end() && *place == id;
  if (belongs && !filed) buggy_leaves_.insert(place, id);
  if (!belongs && filed) buggy_leaves_.erase(place);
}

}  // namespace treesmith
