// TreeRows: the order in which a tree is drawn, one row a node.
//
// A node stands below its first parent, so a crossover appears once. Where not
// all nodes fit, the most interesting are kept and hang from their nearest kept
// ancestor, with the number of nodes between said. No recursion: chains may be
// thousands long.
#pragma once

#include <cstddef>
#include <vector>

#include "model/tree.h"

namespace treesmith {

struct TreeRow {
  NodeId id;
  // Of the drawing: 0 for a root.
  size_t depth = 0;
  // Nodes between this one and the row above it in the tree, not drawn.
  size_t skipped = 0;
  bool last = false;  // of its siblings
};

// At most `most` rows (0: all), parents before their children. Kept first: the
// best node, the best of each family, the leaders, the newest.
std::vector<TreeRow> TreeRows(const Tree& tree, size_t most);

}  // namespace treesmith
