#include "ui/tree_rows.h"

#include <optional>

namespace treesmith {
namespace {

std::vector<bool> Kept(const Tree& tree, size_t most) {
  std::vector<bool> kept(tree.size(), most == 0 || tree.size() <= most);
  if (most == 0 || tree.size() <= most) return kept;
  size_t count = 0;
  const auto keep = [&](NodeId id) {
    if (count == most || kept[id.index()]) return;
    kept[id.index()] = true;
    ++count;
  };
  if (tree.best()) keep(*tree.best());
  for (const auto& [family, id] : tree.best_by_family()) keep(id);
  for (const NodeId id : tree.leaders()) keep(id);
  for (size_t i = tree.size(); i > 0 && count < most; --i) {
    keep({static_cast<int64_t>(i - 1)});
  }
  return kept;
}

struct Drawing {
  std::vector<NodeId> roots;
  std::vector<std::vector<NodeId>> children;
  std::vector<size_t> skipped;
};

// A parent is always older than its child, so one pass in order suffices.
Drawing Connect(const Tree& tree, const std::vector<bool>& kept) {
  Drawing drawing;
  drawing.children.resize(tree.size());
  drawing.skipped.resize(tree.size());
  // The nearest kept node at or above each node.
  std::vector<NodeId> anchor(tree.size());
  for (size_t i = 0; i < tree.size(); ++i) {
    const NodeId id = {static_cast<int64_t>(i)};
    const Node& node = tree.at(id);
    NodeId above;
    if (!node.parents.empty()) {
      const NodeId parent = node.parents.front();
      above = anchor[parent.index()];
      drawing.skipped[i] =
          kept[parent.index()] ? 0 : drawing.skipped[parent.index()] + 1;
    }
    anchor[i] = kept[i] ? id : above;
    if (!kept[i]) continue;
    if (above.valid()) {
      drawing.children[above.index()].push_back(id);
    } else {
      drawing.roots.push_back(id);
    }
  }
  return drawing;
}

}  // namespace

std::vector<TreeRow> TreeRows(const Tree& tree, size_t most) {
  const Drawing drawing = Connect(tree, Kept(tree, most));
  std::vector<TreeRow> rows;
  std::vector<TreeRow> stack;
  const auto push = [&](const std::vector<NodeId>& ids, size_t depth) {
    for (size_t i = ids.size(); i > 0; --i) {
      const NodeId id = ids[i - 1];
      stack.push_back(
          {id, depth, drawing.skipped[id.index()], i == ids.size()});
    }
  };
  push(drawing.roots, 0);
  while (!stack.empty()) {
    rows.push_back(stack.back());
    stack.pop_back();
    push(drawing.children[rows.back().id.index()], rows.back().depth + 1);
  }
  return rows;
}

}  // namespace treesmith
