#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ui/charts.h"
#include "ui/html.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

constexpr double kStep = 26;    // from a level to the next
constexpr double kLine = 16;    // from a leaf to the next
constexpr double kMargin = 14;  // around the picture
constexpr int kShades = 5;

struct Spot {
  double x = 0;
  double y = 0;
};

// Leaves take the next free line; a parent is level with its first child, so
// a chain is a straight line.
std::map<NodeId, Spot> Layout(const std::vector<TreeRow>& rows) {
  std::map<NodeId, Spot> spots;
  size_t line = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    // A row that goes no deeper than the one above opens a new line.
    if (i > 0 && rows[i].depth <= rows[i - 1].depth) ++line;
    spots[rows[i].id] = {kMargin + kStep * static_cast<double>(rows[i].depth),
                         kMargin + kLine * static_cast<double>(line)};
  }
  return spots;
}

// 0 for the best fifth of the complete nodes ... 4 for the worst.
std::map<NodeId, int> Shades(const Tree& tree) {
  std::vector<NodeId> order(tree.complete().begin(), tree.complete().end());
  std::ranges::stable_sort(order, [&](NodeId a, NodeId b) {
    return tree.at(a).score->value.BetterThan(tree.at(b).score->value);
  });
  std::map<NodeId, int> shades;
  for (size_t i = 0; i < order.size(); ++i) {
    shades[order[i]] = static_cast<int>(i * kShades / order.size());
  }
  return shades;
}

// Down the parent's trunk, which all its children share, then across.
std::string Branch(const Spot& from, const Spot& to, std::string_view style) {
  return fmt::format("<path class=\"{}\" d=\"M{:.0f} {:.0f}V{:.0f}H{:.0f}\"/>",
                     style, from.x, from.y, to.y, to.x);
}

// To a second parent, across whatever lies between.
std::string Cross(const Spot& from, const Spot& to) {
  return fmt::format(
      "<path class=\"edge cross\" d=\"M{:.0f} {:.0f}Q{:.0f} {:.0f} {:.0f} "
      "{:.0f}\"/>",
      from.x, from.y, std::max(from.x, to.x) + kStep, (from.y + to.y) / 2, to.x,
      to.y);
}

std::string Edges(const Tree& tree, const std::vector<TreeRow>& rows,
                  const std::map<NodeId, Spot>& spots) {
  std::string svg;
  std::vector<NodeId> path;  // the drawn ancestors of the present row
  for (const TreeRow& row : rows) {
    path.resize(row.depth);
    const Spot& to = spots.at(row.id);
    if (row.depth > 0) {
      svg += Branch(spots.at(path.back()), to,
                    row.skipped > 0 ? "edge gap" : "edge");
    }
    path.push_back(row.id);
    const std::vector<NodeId>& parents = tree.at(row.id).parents;
    for (size_t i = 1; i < parents.size(); ++i) {
      const auto second = spots.find(parents[i]);
      if (second != spots.end()) svg += Cross(second->second, to);
    }
  }
  return svg;
}

std::string Mark(const RunFacts& facts, const Node& node, const Spot& spot,
                 const std::map<NodeId, int>& shades) {
  std::string svg =
      fmt::format("<a href=\"#node-{}\"><title>{}</title>", node.id.value,
                  EscapeHtml(NodeText(facts.tree(), node, ScreenTraits{})));
  if (node.buggy()) {
    svg +=
        fmt::format("<path class=\"bug\" d=\"M{:.0f} {:.0f}l8 8m0 -8l-8 8\"/>",
                    spot.x - 4, spot.y - 4);
  } else {
    const auto shade = shades.find(node.id);
    svg += fmt::format(
        "<circle class=\"{}\" cx=\"{:.0f}\" cy=\"{:.0f}\" r=\"5\"/>",
        shade == shades.end() ? "dot partial"
                              : "q" + std::to_string(shade->second),
        spot.x, spot.y);
    if (facts.best() == node.id) {
      svg += fmt::format(
          "<circle class=\"ring\" cx=\"{:.0f}\" cy=\"{:.0f}\" r=\"8\"/>",
          spot.x, spot.y);
    }
  }
  return svg + "</a>";
}

}  // namespace

std::string TreeChart(const RunFacts& facts, const std::vector<TreeRow>& rows) {
  if (rows.empty()) return "";
  const std::map<NodeId, Spot> spots = Layout(rows);
  const std::map<NodeId, int> shades = Shades(facts.tree());
  Spot end;
  for (const auto& [id, spot] : spots) {
    end = {std::max(end.x, spot.x), std::max(end.y, spot.y)};
  }
  std::string svg = fmt::format(
      "<svg class=\"tree\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"group\" aria-label=\"The tree of "
      "{2} nodes: {3}; each is described in the list below\">",
      end.x + kMargin, end.y + kMargin, rows.size(),
      CountOutcomes(facts.tree()));
  svg += Edges(facts.tree(), rows, spots);
  for (const TreeRow& row : rows) {
    svg += Mark(facts, facts.tree().at(row.id), spots.at(row.id), shades);
  }
  return svg + "</svg>";
}

}  // namespace treesmith
