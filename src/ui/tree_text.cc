#include "ui/tree_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "ui/tree_rows.h"

namespace treesmith {
namespace {

// Levels that are indented; the rows of deeper ones name their parent instead,
// or a chain of n nodes would take n * n characters.
constexpr size_t kDeepest = 24;

struct Branches {
  std::string through, last, bar, blank;
};

Branches BranchesOf(const ScreenTraits& traits) {
  if (traits.unicode) return {"├─ ", "└─ ", "│  ", "   "};
  return {"|- ", "`- ", "|  ", "   "};
}

// What the drawing cannot show: nodes left out above, a parent too deep.
std::string Between(const Node& node, const TreeRow& row) {
  if (row.skipped > 0) return "(+" + std::to_string(row.skipped) + ") ";
  if (row.depth <= kDeepest) return "";
  return "(of " + std::to_string(node.parents.front().value) + ") ";
}

}  // namespace

std::string FormatScore(const MetricValue& value) {
  if (!value.present()) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.5g", value.value());
  return text.data();
}

std::string FormatRows(double share) {
  if (share >= 1) return "all rows";
  return fmt::format("{:.2g} % of the rows", 100 * share);
}

std::string FormatDuration(std::chrono::milliseconds time) {
  std::array<char, 32> text{};
  const auto ms = static_cast<long long>(time.count());
  if (ms < 1000) {
    std::snprintf(text.data(), text.size(), "%lld ms", ms);
  } else if (ms < 60'000) {
    std::snprintf(text.data(), text.size(), "%.1f s",
                  static_cast<double>(ms) / 1000);
  } else if (ms < 3'600'000) {
    std::snprintf(text.data(), text.size(), "%lld:%02lld", ms / 60'000,
                  ms / 1000 % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld",
                  ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60);
  }
  return text.data();
}

std::string FormatBytes(int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(),
                value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", value,
                kUnits[unit]);
  return text.data();
}

std::string FormatDisk(int64_t used, const BudgetLimits& budget, int64_t steps,
                       std::chrono::milliseconds elapsed) {
  constexpr double kTelling = 0.1;
  double done = 0;
  if (budget.steps && *budget.steps > 0) {
    done = static_cast<double>(steps) / static_cast<double>(*budget.steps);
  }
  if (budget.time && budget.time->count() > 0) {
    done = std::max(done, static_cast<double>(elapsed.count()) /
                              static_cast<double>(budget.time->count()));
  }
  std::string text = FormatBytes(used);
  if (done < kTelling || done >= 1) return text;
  const auto expected = static_cast<int64_t>(static_cast<double>(used) / done);
  return text + " of about " + FormatBytes(expected);
}

std::string NodeText(const Tree& tree, const Node& node,
                     const ScreenTraits& traits) {
  std::string text = std::to_string(node.id.value) + " ";
  text +=
      std::string(OperatorName(node.op)) + " " + Harmless(node.change) + "  ";
  if (node.buggy()) {
    std::string what(OutcomeName(node.outcome.kind));
    if (!node.outcome.detail.empty())
      what += ": " + Harmless(node.outcome.detail);
    return text + Paint(traits, Color::kRed, what);
  }
  const bool best = tree.best() == node.id;
  text += Paint(traits, best ? Color::kBold : Color::kGreen,
                FormatScore(node.score->value));
  if (node.score->partial) text += Paint(traits, Color::kDim, " partial");
  text += Paint(traits, Color::kDim, "  " + FormatDuration(node.seconds));
  if (best) text += Paint(traits, Color::kYellow, "  best");
  return text;
}

std::vector<std::string> TreeText(const Tree& tree,
                                  const TreeTextOptions& options) {
  // One line is kept for the count of what is left out.
  const bool fits = options.max_lines == 0 || tree.size() <= options.max_lines;
  const std::vector<TreeRow> rows =
      TreeRows(tree, fits ? 0 : std::max<size_t>(options.max_lines, 2) - 1);
  const Branches branches = BranchesOf(options.traits);
  std::vector<std::string> lines;
  // Prefix of the children of the last row drawn on each level.
  std::vector<std::string> prefixes(kDeepest + 1);
  for (const TreeRow& row : rows) {
    const Node& node = tree.at(row.id);
    std::string drawing;
    if (row.depth > 0) {
      const std::string& above = prefixes[std::min(row.depth, kDeepest) - 1];
      drawing = above + (row.last ? branches.last : branches.through);
      if (row.depth < kDeepest) {
        prefixes[row.depth] =
            above + (row.last ? branches.blank : branches.bar);
      }
    }
    drawing += Between(node, row);
    std::string line = Paint(options.traits, Color::kDim, drawing) +
                       NodeText(tree, node, options.traits);
    if (options.chosen.contains(row.id)) {
      line += Paint(options.traits, Color::kCyan, "  chosen");
    }
    lines.push_back(std::move(line));
  }
  if (rows.size() < tree.size()) {
    lines.push_back(Paint(
        options.traits, Color::kDim,
        "(" + std::to_string(tree.size() - rows.size()) + " more nodes)"));
  }
  return lines;
}

}  // namespace treesmith
