// Families: what improving each model family has paid so far.
//
// A fold over the tree in the order of its nodes. A try (an improvement that
// ended, whatever came of it) of a family's node is paid 1 when the child
// became the best of the run and 1/2 when it became the best of its family,
// less where the paired difference is within its noise; older tries weigh less.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/tree.h"
#include "search/policy.h"

namespace treesmith {

struct Family {
  std::string name;
  // The best complete nodes that the coder can improve, best first; at most
  // three.
  std::vector<NodeId> leaders;
  // Best value of its complete nodes, improvable or not.
  std::optional<MetricValue> best;
  // Sums over tries, the older ones faded; `tries_ever` counts plainly.
  double paid = 0;
  double tries = 0;
  int tries_ever = 0;
  int paid_ever = 0;
  // Mean nominal cost of its scripts, the newer weighing more; 0: unknown.
  double cost = 0;

  // What a try is expected to pay; what is little known is taken to pay 0.3.
  [[nodiscard]] double MeanPaid() const { return (paid + 0.3) / (tries + 1); }
};

class Families {
 public:
  // `settings` must outlive this.
  explicit Families(const PolicySettings& settings) : settings_(settings) {}

  void CatchUp(const Tree& tree);

  // In order of first appearance. Those without a leader are there as well.
  [[nodiscard]] const std::vector<Family>& all() const { return families_; }
  // Improvements of the node in a row, to the last, that were duplicates: the
  // coder has little left to try.
  [[nodiscard]] int dead_ends(NodeId id) const;
  // The pair was crossed before, in whatever order.
  [[nodiscard]] bool Crossed(NodeId a, NodeId b) const;

 private:
  void File(const Tree& tree, const Node& node);
  void CountTry(const Tree& tree, const Node& node);
  void FileComplete(const Tree& tree, const Node& node);
  [[nodiscard]] double PaidBy(const Node& node, const Family& family) const;
  size_t IndexOf(const std::string& name);

  const PolicySettings& settings_;
  size_t seen_ = 0;
  std::vector<Family> families_;
  std::map<std::string, size_t> index_;
  std::optional<MetricValue> best_;
  std::map<NodeId, int> dead_ends_;
  std::map<std::pair<NodeId, NodeId>, int> crossed_;
};

}  // namespace treesmith
