#include "search/memory.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace treesmith {
namespace {

constexpr std::array<std::pair<MemoryScope, std::string_view>, 5> kNames = {
    {{MemoryScope::kNone, "none"},
     {MemoryScope::kAllGood, "all-good"},
     {MemoryScope::kSiblings, "siblings"},
     {MemoryScope::kAncestors, "ancestors"},
     {MemoryScope::kDigest, "digest"}}};

// Of a digest.
constexpr size_t kBest = 8;
constexpr size_t kChildren = 8;
constexpr size_t kFailures = 4;

bool IsParent(const MemoryQuery& query, NodeId id) {
  return std::ranges::find(query.parents, id) != query.parents.end();
}

bool Tellable(const Node& node) {
  return node.outcome.kind != OutcomeKind::kDuplicate;
}

// Ranked candidates in, those that fit out.
class Fitting {
 public:
  explicit Fitting(const MemoryQuery& query)
      : nodes_left_(query.max_nodes), tokens_left_(query.max_tokens) {}

  // Takes it unless it is there already or does not fit.
  void Offer(const Node& node) {
    const int64_t tokens = MemoryTokens(node);
    if (nodes_left_ == 0 || tokens > tokens_left_) return;
    if (!chosen_.insert(node.id).second) return;
    --nodes_left_;
    tokens_left_ -= tokens;
  }
  [[nodiscard]] bool full() const { return nodes_left_ == 0; }
  [[nodiscard]] std::vector<NodeId> Chosen() const {
    return {chosen_.begin(), chosen_.end()};
  }

 private:
  size_t nodes_left_;
  int64_t tokens_left_;
  std::set<NodeId> chosen_;
};

// Better first; of equals the earlier.
bool Ranks(const Node* a, const Node* b) {
  const MetricValue& left = a->score->value;
  const MetricValue& right = b->score->value;
  if (left.BetterThan(right)) return true;
  return !right.BetterThan(left) && a->id < b->id;
}

// AIDE tells of the parent as well; a digest does not, for its code is shown.
bool IsGood(const Node& node, const MemoryQuery& query) {
  if (!node.complete() || !node.score->value.present()) return false;
  return query.scope == MemoryScope::kAllGood || !IsParent(query, node.id);
}

// The `count` best of the good nodes, best first.
std::vector<const Node*> Best(const NodeSnapshot& nodes,
                              const MemoryQuery& query, size_t count) {
  std::vector<const Node*> good;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (IsGood(nodes[i], query)) good.push_back(&nodes[i]);
  }
  const auto end =
      good.begin() + static_cast<std::ptrdiff_t>(std::min(count, good.size()));
  std::ranges::partial_sort(good, end, Ranks);
  good.erase(end, good.end());
  return good;
}

bool IsSibling(const Node& node, const MemoryQuery& query) {
  if (!Tellable(node) || IsParent(query, node.id)) return false;
  if (query.parents.empty()) return node.parents.empty();
  return std::ranges::find(node.parents, query.parents.front()) !=
         node.parents.end();
}

void OfferSiblings(const NodeSnapshot& nodes, const MemoryQuery& query,
                   size_t count, Fitting& fitting) {
  for (size_t i = nodes.size(); i > 0 && count > 0 && !fitting.full(); --i) {
    if (!IsSibling(nodes[i - 1], query)) continue;
    fitting.Offer(nodes[i - 1]);
    --count;
  }
}

void OfferAncestors(const NodeSnapshot& nodes, const MemoryQuery& query,
                    Fitting& fitting) {
  if (query.op != Operator::kDebug || query.parents.empty()) return;
  const Node* node = &nodes[query.parents.front().index()];
  while (node->buggy() && !node->parents.empty() && !fitting.full()) {
    node = &nodes[node->parents.front().index()];
    if (Tellable(*node)) fitting.Offer(*node);
  }
}

void OfferDigest(const NodeSnapshot& nodes, const MemoryQuery& query,
                 Fitting& fitting) {
  for (const Node* node : Best(nodes, query, kBest)) fitting.Offer(*node);
  std::map<std::string_view, const Node*> by_family;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!IsGood(nodes[i], query)) continue;
    const Node*& best = by_family[nodes[i].family];
    if (best == nullptr || Ranks(&nodes[i], best)) best = &nodes[i];
  }
  for (const auto& [family, node] : by_family) fitting.Offer(*node);
  OfferSiblings(nodes, query, kChildren, fitting);
  size_t failures = 0;
  for (size_t i = nodes.size(); i > 0 && failures < kFailures; --i) {
    const Node& node = nodes[i - 1];
    if (!node.buggy() || !Tellable(node) || IsParent(query, node.id)) continue;
    fitting.Offer(node);
    ++failures;
  }
}

}  // namespace

std::string_view MemoryScopeName(MemoryScope scope) {
  return std::ranges::find(kNames, scope,
                           &std::pair<MemoryScope, std::string_view>::first)
      ->second;
}

std::optional<MemoryScope> ParseMemoryScope(std::string_view name) {
  for (const auto& [scope, known] : kNames) {
    if (known == name) return scope;
  }
  return std::nullopt;
}

int64_t MemoryTokens(const Node& node) {
  constexpr int64_t kNumbers = 20;
  constexpr size_t kBytesPerToken = 4;
  const size_t bytes = std::min(node.plan.size(), kToldPlanBytes) +
                       std::min(node.finding.size(), kToldFindingBytes) +
                       node.change.size();
  return kNumbers + static_cast<int64_t>(bytes / kBytesPerToken);
}

std::vector<NodeId> SelectMemory(const NodeSnapshot& nodes,
                                 const MemoryQuery& query) {
  Fitting fitting(query);
  switch (query.scope) {
    case MemoryScope::kNone:
      break;
    case MemoryScope::kAllGood:
      for (const Node* node : Best(nodes, query, query.max_nodes)) {
        fitting.Offer(*node);
      }
      break;
    case MemoryScope::kSiblings:
      OfferSiblings(nodes, query, query.max_nodes, fitting);
      break;
    case MemoryScope::kAncestors:
      OfferAncestors(nodes, query, fitting);
      break;
    case MemoryScope::kDigest:
      OfferDigest(nodes, query, fitting);
      break;
  }
  return fitting.Chosen();
}

}  // namespace treesmith
