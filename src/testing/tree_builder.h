// TreeBuilder: a tree in a few lines, for tests and benchmarks.
//
//   TreeBuilder tree;
//   const NodeId draft = tree.Draft(0.71, "linear");
//   tree.Improve(draft, 0.69);
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/tree.h"

namespace treesmith {

class TreeBuilder {
 public:
  explicit TreeBuilder(Direction direction = Direction::kMinimize)
      : tree_(std::make_unique<Tree>(direction)) {}

  [[nodiscard]] Tree& tree() const { return *tree_; }

  // Scored nodes; a child is of its first parent's family.
  NodeId Draft(double value, const std::string& family = "") {
    return Add(Scored(value, Operator::kDraft, {}, family));
  }
  NodeId Improve(NodeId parent, double value) {
    return Add(Scored(value, Operator::kImprove, {parent}, Family(parent)));
  }
  NodeId Debug(NodeId parent, double value) {
    return Add(Scored(value, Operator::kDebug, {parent}, Family(parent)));
  }
  NodeId Crossover(NodeId a, NodeId b, double value) {
    return Add(Scored(value, Operator::kCrossover, {a, b}, Family(a)));
  }
  // Stopped by racing.
  NodeId Partial(NodeId parent, double value) {
    Node node = Scored(value, Operator::kImprove, {parent}, Family(parent));
    node.score->partial = true;
    return Add(std::move(node));
  }

  // Nodes that failed.
  NodeId BuggyDraft(const std::string& family = "") {
    return Add(Failed(OutcomeKind::kCrash, Operator::kDraft, {}, family));
  }
  NodeId BuggyImprove(NodeId parent) {
    return Add(Failed(OutcomeKind::kCrash, Operator::kImprove, {parent},
                      Family(parent)));
  }
  NodeId BuggyDebug(NodeId parent) {
    return Add(Failed(OutcomeKind::kCrash, Operator::kDebug, {parent},
                      Family(parent)));
  }
  NodeId Duplicate(NodeId parent) {
    return Add(Failed(OutcomeKind::kDuplicate, Operator::kImprove, {parent},
                      Family(parent)));
  }

  NodeId Add(Node node) { return tree_->Add(std::move(node)); }
  // Somebody works on this.
  void Start(Operator op, std::vector<NodeId> parents = {}) {
    tree_->StartProposal({op, std::move(parents), ""});
  }

  // A node that is not added yet, to be changed further. The gains over parent
  // and best are the plain differences, without noise.
  [[nodiscard]] Node Scored(double value, Operator op,
                            std::vector<NodeId> parents,
                            const std::string& family) const {
    Node node;
    node.op = op;
    node.parents = std::move(parents);
    node.family = family;
    node.score = NodeScore{};
    node.score->value = MetricValue(value, tree_->direction());
    if (!node.parents.empty()) {
      node.score->over_parent = GainOver(node, node.parents.front());
    }
    if (tree_->best()) node.score->over_best = GainOver(node, *tree_->best());
    return node;
  }

 private:
  [[nodiscard]] std::optional<PairedGain> GainOver(const Node& node,
                                                   NodeId other) const {
    const std::optional<NodeScore>& score = tree_->at(other).score;
    if (!score || !score->value.present() || !node.score->value.present()) {
      return std::nullopt;
    }
    return PairedGain{node.score->value.GainOver(score->value), 0};
  }
  [[nodiscard]] static Node Failed(OutcomeKind kind, Operator op,
                                   std::vector<NodeId> parents,
                                   const std::string& family) {
    Node node;
    node.op = op;
    node.parents = std::move(parents);
    node.family = family;
    node.outcome = {kind, "ValueError"};
    return node;
  }
  [[nodiscard]] std::string Family(NodeId id) const {
    return tree_->at(id).family;
  }

  std::unique_ptr<Tree> tree_;
};

}  // namespace treesmith
