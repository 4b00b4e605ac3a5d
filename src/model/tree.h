// Tree: all nodes of a run and the indexes that policies share.
//
//   drafts:  0        1 (buggy)    4
//            |        |
//            2        3 debug, depth 1
//
// A node's first parent is its place in the drawing; crossover has a second.
// The engine loop owns the Tree and is the only thread that changes it; other
// threads read node snapshots (Nodes()).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/append_only.h"
#include "model/node.h"

namespace treesmith {

using NodeSnapshot = AppendOnly<Node>::Snapshot;

class Tree {
 public:
  explicit Tree(Direction direction) : direction_(direction) {}

  // Gives the node its id and files it. REQUIRES: parents exist; the score's
  // direction is the tree's.
  NodeId Add(Node node);

  [[nodiscard]] Direction direction() const { return direction_; }
  [[nodiscard]] size_t size() const { return nodes_.size(); }
  [[nodiscard]] const Node& at(NodeId id) const { return nodes_[id.index()]; }
  // The nodes so far, for any thread, as long as the tree lives.
  [[nodiscard]] NodeSnapshot Nodes() const { return nodes_.Take(); }

  // The best complete node; ties keep the earliest.
  [[nodiscard]] std::optional<NodeId> best() const {
    if (leaders_.empty()) return std::nullopt;
    return leaders_.front();
  }
  // Nodes without parents, duplicates and buggy ones included.
  [[nodiscard]] std::span<const NodeId> drafts() const { return drafts_; }
  // The ten best complete nodes, best first; ties keep the earliest first.
  [[nodiscard]] std::span<const NodeId> leaders() const { return leaders_; }
  // The best complete node of each family.
  [[nodiscard]] const std::map<std::string, NodeId>& best_by_family() const {
    return best_by_family_;
  }
  // Every complete node, in order of adding.
  [[nodiscard]] std::span<const NodeId> complete() const { return complete_; }
  // Buggy nodes that nobody has tried to repair, in order of adding, with work
  // in flight counted as a try. Duplicates are not repaired.
  [[nodiscard]] std::span<const NodeId> buggy_leaves() const {
    return buggy_leaves_;
  }
  [[nodiscard]] std::span<const NodeId> children(NodeId id) const;
  // 0 for a draft or an improvement, else 1 more than the repaired node's.
  [[nodiscard]] int debug_depth(NodeId id) const;

  // Work in flight: a proposal that was accepted and has no node yet. Policies
  // count it, so that N workers do not all repair the same node.
  void StartProposal(const Proposal& proposal);
  void EndProposal(const Proposal& proposal);
  [[nodiscard]] int drafts_in_flight() const { return drafts_in_flight_; }
  [[nodiscard]] int in_flight(NodeId id) const;

 private:
  struct Links {
    std::vector<NodeId> children;
    int debug_depth = 0;
    int in_flight = 0;
  };

  void RefileBuggyLeaf(NodeId id);
  void FileComplete(NodeId id);
  [[nodiscard]] bool Better(NodeId a, NodeId b) const;

  const Direction direction_;
  AppendOnly<Node> nodes_;
  std::vector<Links> links_;
  std::vector<NodeId> leaders_;
  std::map<std::string, NodeId> best_by_family_;
  std::vector<NodeId> drafts_;
  std::vector<NodeId> complete_;
  std::vector<NodeId> buggy_leaves_;
  int drafts_in_flight_ = 0;
};

}  // namespace treesmith
