#include "operators/llm/memory_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "operators/llm/text.h"
#include "search/words.h"

namespace treesmith {
namespace {

// One line: a row must not look like two.
std::string OneLine(const std::string& text) {
  std::string line = text;
  std::ranges::replace(line, '\n', ' ');
  return line;
}

std::string Row(const Node& node) {
  std::string row = "- " + NodeName(node);
  if (!node.plan.empty()) {
    row += ": " + OneLine(ClipSentences(node.plan, kToldPlanBytes));
  }
  row += " -> ";
  const std::string finding = OneLine(Clip(node.finding, kToldFindingBytes));
  if (node.buggy()) {
    row += finding.empty() ? std::string(OutcomeName(node.outcome.kind))
                           : "failed: " + finding;
  } else {
    row += finding.empty() ? "scored" : finding;
  }
  return row + "\n";
}

// Better first; failures last, newest first.
bool RanksBefore(const Node& a, const Node& b) {
  if (a.score.has_value() != b.score.has_value()) return a.score.has_value();
  if (a.score) {
    if (a.score->value.BetterThan(b.score->value)) return true;
    if (b.score->value.BetterThan(a.score->value)) return false;
    return a.id < b.id;
  }
  return b.id < a.id;
}

struct Branch {
  NodeId root;
  size_t nodes = 0;
  size_t failed = 0;
  const Node* best = nullptr;
  std::vector<const Node*> told;
};

std::string BranchHead(const NodeSnapshot& nodes, const Branch& branch) {
  std::string head = fmt::format("Branch of node {}", branch.root.value);
  const std::string& family = nodes[branch.root.index()].family;
  if (!family.empty()) head += " (" + family + ")";
  head += fmt::format(", {}, {} failed", Count(branch.nodes, "node"),
                      branch.failed);
  if (branch.best != nullptr) {
    head += ", best " + Short(branch.best->score->value.value());
  }
  return head + ":\n";
}

// Branches that have a node to tell of, the best first.
std::vector<Branch> Branches(const NodeSnapshot& nodes,
                             const std::vector<NodeId>& chosen) {
  std::map<NodeId, Branch> by_root;
  std::vector<NodeId> roots(nodes.size());
  const std::set<NodeId> told(chosen.begin(), chosen.end());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    roots[i] =
        node.parents.empty() ? node.id : roots[node.parents.front().index()];
    Branch& branch = by_root[roots[i]];
    branch.root = roots[i];
    ++branch.nodes;
    if (node.buggy()) ++branch.failed;
    const bool good = node.complete() && node.score->value.present();
    if (good && (branch.best == nullptr || RanksBefore(node, *branch.best))) {
      branch.best = &node;
    }
    if (told.contains(node.id)) branch.told.push_back(&node);
  }
  std::vector<Branch> branches;
  for (auto& [root, branch] : by_root) {
    if (branch.told.empty()) continue;
    std::ranges::stable_sort(branch.told, [](const Node* a, const Node* b) {
      return RanksBefore(*a, *b);
    });
    branches.push_back(std::move(branch));
  }
  std::ranges::stable_sort(branches, [](const Branch& a, const Branch& b) {
    if (a.best != nullptr && b.best != nullptr) {
      return RanksBefore(*a.best, *b.best);
    }
    return a.best != nullptr && b.best == nullptr;
  });
  return branches;
}

// Rows until the bound.
class Page {
 public:
  explicit Page(int64_t max_tokens)
      : room_(static_cast<size_t>(std::max<int64_t>(0, max_tokens) *
                                  kBytesPerToken)) {}

  // Whether there was room; `head` goes before the first row of a branch.
  bool Add(const std::string& head, const std::string& row) {
    if (text_.size() + head.size() + row.size() > room_) return false;
    text_ += head;
    text_ += row;
    return true;
  }
  [[nodiscard]] std::string Text() && {
    if (!text_.empty()) text_.pop_back();  // the last line's end
    return std::move(text_);
  }

 private:
  size_t room_;
  std::string text_;
};

}  // namespace

std::string NodeName(const Node& node) {
  std::string name = fmt::format("node {} (", node.id.value);
  name += OperatorName(node.op);
  if (!node.parents.empty()) {
    name += fmt::format(" of node {}", node.parents.front().value);
    for (size_t i = 1; i < node.parents.size(); ++i) {
      name += fmt::format(" and {}", node.parents[i].value);
    }
  }
  if (!node.family.empty()) name += ", " + node.family;
  if (!node.change.empty()) name += ", " + node.change;
  if (node.score && node.score->value.present()) {
    name += "; " + Short(node.score->value.value());
  }
  return name + ")";
}

std::string MemoryText(const NodeSnapshot& nodes, const MemoryQuery& query) {
  const std::vector<NodeId> chosen = SelectMemory(nodes, query);
  Page page(query.max_tokens);
  if (query.scope != MemoryScope::kDigest) {
    for (const NodeId id : chosen) page.Add("", Row(nodes[id.index()]));
    return std::move(page).Text();
  }
  for (const Branch& branch : Branches(nodes, chosen)) {
    std::string head = BranchHead(nodes, branch);
    for (const Node* node : branch.told) {
      if (page.Add(head, Row(*node))) head.clear();
    }
  }
  return std::move(page).Text();
}

}  // namespace treesmith
