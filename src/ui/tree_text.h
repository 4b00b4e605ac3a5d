// The tree as lines of text, for the live view, for `show` and for logs.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/config.h"
#include "model/tree.h"
#include "ui/screen.h"

namespace treesmith {

struct TreeTextOptions {
  ScreenTraits traits;
  // Lines at most, at least 2; beyond it the least interesting nodes
  // (ui/tree_rows.h) are counted instead of drawn. 0: no bound.
  size_t max_lines = 0;
  // Nodes to mark as chosen.
  std::set<NodeId> chosen;
};

// "0.12345" with as many digits as tell neighbours apart; "-" when absent.
std::string FormatScore(const MetricValue& value);
// "850 ms", "12.3 s", "4:05", "1:02:03".
std::string FormatDuration(std::chrono::milliseconds time);
// Of what a refit had: "all rows", "12 % of the rows".
std::string FormatRows(double share);
// "312 B", "4.2 MB": powers of 1,000, as --max-disk reads them.
std::string FormatBytes(int64_t bytes);
// "4.2 MB of about 30 MB": used, and what the log will have grown to when the
// budget is spent, as far as a tenth of it tells.
std::string FormatDisk(int64_t used, const BudgetLimits& budget, int64_t steps,
                       std::chrono::milliseconds elapsed);

std::vector<std::string> TreeText(const Tree& tree,
                                  const TreeTextOptions& options);

// One node in a line, without the drawing: for plain logs.
std::string NodeText(const Tree& tree, const Node& node,
                     const ScreenTraits& traits);

}  // namespace treesmith
