#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/charts.h"
#include "ui/html.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

constexpr double kWidth = 960;
constexpr double kHeight = 320;
constexpr double kLeft = 72;
constexpr double kRight = 16;
constexpr double kTop = 16;
constexpr double kBottom = 56;
// Buggy nodes stand in a strip of their own below the scores.
constexpr double kBuggyY = kHeight - kBottom + 12;
// Scores worse than this share of all are drawn at the edge: one bad draft
// would squeeze everything that matters into a line.
constexpr double kShown = 0.9;
constexpr int kTicks = 5;

// Where values and times lie on the picture. Better is always up.
class Scale {
 public:
  Scale(const RunFacts& facts, const std::vector<const Node*>& scored) {
    std::vector<double> values;
    values.reserve(scored.size());
    for (const Node* node : scored) {
      values.push_back(node->score->value.value());
    }
    std::ranges::sort(values);
    const auto last = static_cast<double>(values.size() - 1);
    const bool up = facts.tree().direction() == Direction::kMaximize;
    const auto at = [&](double share) {
      return values[static_cast<size_t>(std::lround(share * last))];
    };
    best_ = up ? at(1) : at(0);
    worst_ = up ? at(1 - kShown) : at(kShown);
    const double least = std::max(std::abs(best_) * 1e-6, 1e-12);
    double span = worst_ - best_;
    if (std::abs(span) < least) span = up ? -least : least;
    // Room for the dots at both ends.
    worst_ = best_ + span * 1.08;
    best_ -= span * 0.05;
    end_ = std::max<double>(
        1, static_cast<double>(facts.record->state->elapsed().count()));
  }

  [[nodiscard]] double X(std::chrono::milliseconds time) const {
    return XOf(static_cast<double>(time.count()) / end_);
  }
  [[nodiscard]] double Y(double value) const {
    const double share = (value - best_) / (worst_ - best_);
    return kTop + std::clamp(share, 0.0, 1.0) * (kHeight - kBottom - kTop);
  }
  // The value at a share of the height, the time at one of the width.
  [[nodiscard]] double ValueAt(double share) const {
    return best_ + share * (worst_ - best_);
  }
  [[nodiscard]] std::chrono::milliseconds TimeAt(double share) const {
    return std::chrono::milliseconds(std::llround(share * end_));
  }
  static double XOf(double share) {
    return kLeft + std::clamp(share, 0.0, 1.0) * (kWidth - kLeft - kRight);
  }

 private:
  double best_ = 0;
  double worst_ = 0;
  double end_ = 1;
};

std::string Axes(const Scale& scale) {
  std::string svg;
  for (int i = 0; i < kTicks; ++i) {
    const double share = static_cast<double>(i) / (kTicks - 1);
    const double value = scale.ValueAt(share);
    const double y = scale.Y(value);
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text class=\"tick\" x=\"{}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{:.4g}</text>",
        kLeft, kWidth - kRight, y, y, kLeft - 8, y + 4, value);
    svg += fmt::format(
        "<text class=\"tick\" x=\"{:.1f}\" y=\"{}\" "
        "text-anchor=\"{}\">{}</text>",
        Scale::XOf(share), kHeight - 18,
        i == 0 ? "start" : (i == kTicks - 1 ? "end" : "middle"),
        FormatDuration(scale.TimeAt(share)));
  }
  return svg;
}

std::string BestLine(const RunFacts& facts, const Scale& scale,
                     const std::vector<const Node*>& scored) {
  std::string path;
  const Node* best = nullptr;
  for (const Node* node : scored) {
    if (node->score->partial) continue;
    if (best != nullptr && !node->score->value.BetterThan(best->score->value)) {
      continue;
    }
    const double x = scale.X(facts.story(node->id).added);
    const double y = scale.Y(node->score->value.value());
    path += path.empty() ? fmt::format("M{:.1f} {:.1f}", x, y)
                         : fmt::format("H{:.1f}V{:.1f}", x, y);
    best = node;
  }
  if (path.empty()) return "";
  return fmt::format("<path class=\"bestline\" d=\"{}H{:.1f}\"/>", path,
                     kWidth - kRight);
}

std::string Dots(const RunFacts& facts, const Scale& scale) {
  std::string svg;
  for (const Node* node : NodesOf(facts.tree())) {
    const double x = scale.X(facts.story(node->id).added);
    const std::string title =
        EscapeHtml(NodeText(facts.tree(), *node, ScreenTraits{}));
    if (!node->score || !node->score->value.present()) {
      svg += fmt::format(
          "<path class=\"bug\" d=\"M{:.1f} {}l6 6m0 -6l-6 6\"><title>{}"
          "</title></path>",
          x - 3, kBuggyY - 3, title);
      continue;
    }
    const bool best = facts.best() == node->id;
    svg += fmt::format(
        "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"><title>{}"
        "</title></circle>",
        best ? "dot best" : (node->score->partial ? "dot partial" : "dot"), x,
        scale.Y(node->score->value.value()), best ? 6 : 3.5, title);
  }
  return svg;
}

}  // namespace

std::string ScoreChart(const RunFacts& facts) {
  std::vector<const Node*> scored;
  for (const Node* node : NodesOf(facts.tree())) {
    if (node->score && node->score->value.present()) scored.push_back(node);
  }
  if (scored.empty()) return "";
  const Scale scale(facts, scored);
  const std::string name = fmt::format(
      "{} of {} scored nodes over {}; the best is {}",
      EscapeHtml(facts.record->config.metric), scored.size(),
      FormatDuration(facts.record->state->elapsed()),
      facts.tree().best()
          ? FormatScore(facts.tree().at(*facts.tree().best()).score->value)
          : "not known");
  return fmt::format(
             "<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" "
             "aria-label=\"{}\">",
             kWidth, kHeight, name) +
         Axes(scale) + BestLine(facts, scale, scored) + Dots(facts, scale) +
         "</svg>";
}

}  // namespace treesmith
