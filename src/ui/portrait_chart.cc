#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/charts.h"
#include "ui/html.h"

namespace treesmith {
namespace {

constexpr double kWidth = 480;
constexpr double kHeight = 320;
constexpr double kLeft = 64;
constexpr double kRight = 16;
constexpr double kTop = 16;
constexpr double kBottom = 48;
constexpr int kTicks = 5;
constexpr double kLeastRadius = 3;
constexpr double kMostRadius = 8;

// A plane of values on the picture; x grows to the right and y upwards.
class Plane {
 public:
  Plane(double left, double right, double low, double high)
      : left_(left), right_(right), low_(low), high_(high) {
    if (!(right_ > left_)) right_ = left_ + 1;
    if (!(high_ > low_)) high_ = low_ + 1;
  }
  [[nodiscard]] double X(double value) const {
    return kLeft +
           (value - left_) / (right_ - left_) * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double Y(double value) const {
    return kHeight - kBottom -
           (value - low_) / (high_ - low_) * (kHeight - kBottom - kTop);
  }
  [[nodiscard]] std::string Axes(std::string_view across,
                                 std::string_view up) const {
    std::string svg;
    for (int i = 0; i < kTicks; ++i) {
      const double share = static_cast<double>(i) / (kTicks - 1);
      const double x = left_ + share * (right_ - left_);
      const double y = low_ + share * (high_ - low_);
      svg += fmt::format(
          "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" "
          "y2=\"{:.1f}\"/><text x=\"{}\" y=\"{:.1f}\" "
          "text-anchor=\"end\">{:.3g}</text><text x=\"{:.1f}\" y=\"{}\" "
          "text-anchor=\"middle\">{:.3g}</text>",
          kLeft, kWidth - kRight, Y(y), Y(y), kLeft - 6, Y(y) + 4, y, X(x),
          kHeight - kBottom + 18, x);
    }
    svg += fmt::format(
        "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>"
        "<text transform=\"translate(13 {:.1f}) rotate(-90)\" "
        "text-anchor=\"middle\">{}</text>",
        (kLeft + kWidth - kRight) / 2, kHeight - 8, across,
        (kTop + kHeight - kBottom) / 2, up);
    return svg;
  }

 private:
  double left_;
  double right_;
  double low_;
  double high_;
};

std::string Picture(const std::string& name, const std::string& content) {
  return fmt::format(
      "<figure><figcaption>{0}</figcaption><svg class=\"chart\" viewBox=\"0 0 "
      "{1} {2}\" role=\"img\" aria-label=\"{0}\">{3}</svg></figure>",
      name, kWidth, kHeight, content);
}

}  // namespace

std::string CalibrationChart(const Calibration& calibration) {
  if (calibration.bins.empty()) return "";
  double most = 0;
  int64_t largest = 1;
  for (const CalibrationBin& bin : calibration.bins) {
    most = std::max({most, bin.predicted, bin.observed});
    largest = std::max(largest, bin.rows);
  }
  // Rare classes have small probabilities only.
  most = std::min(1.0, most * 1.1);
  const Plane plane(0, most, 0, most);
  std::string svg = plane.Axes("predicted probability", "share that is") +
                    fmt::format(
                        "<path class=\"edge cross\" d=\"M{:.1f} {:.1f}L{:.1f} "
                        "{:.1f}\"/>",
                        plane.X(0), plane.Y(0), plane.X(most), plane.Y(most));
  std::string path;
  std::string dots;
  for (const CalibrationBin& bin : calibration.bins) {
    const double x = plane.X(bin.predicted);
    const double y = plane.Y(bin.observed);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, y);
    const double size =
        std::sqrt(static_cast<double>(bin.rows) / static_cast<double>(largest));
    dots += fmt::format(
        "<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" "
        "r=\"{:.1f}\"><title>predicted {:.3g}, is {:.3g} in {} "
        "rows</title></circle>",
        x, y, std::max(kLeastRadius, kMostRadius * size), bin.predicted,
        bin.observed, bin.rows);
  }
  svg += fmt::format("<path class=\"bestline\" d=\"{}\"/>", path) + dots;
  return Picture(fmt::format("Calibration of {}: probabilities are off by "
                             "{:.2g} on average",
                             EscapeHtml(calibration.of), calibration.error),
                 svg);
}

std::string ResidualChart(const Residuals& residuals) {
  if (residuals.bins.empty()) return "";
  double low = 0;
  double high = 0;
  for (const ResidualBin& bin : residuals.bins) {
    low = std::min(low, bin.low);
    high = std::max(high, bin.high);
  }
  const double room = 0.05 * (high - low);
  const Plane plane(residuals.bins.front().predicted,
                    residuals.bins.back().predicted, low - room, high + room);
  const std::string unit = residuals.logarithms ? ", log(1 + value)" : "";
  std::string svg =
      plane.Axes("predicted" + unit, "truth - predicted" + unit) +
      fmt::format("<path class=\"edge cross\" d=\"M{} {:.1f}H{}\"/>", kLeft,
                  plane.Y(0), kWidth - kRight);
  for (const ResidualBin& bin : residuals.bins) {
    const double x = plane.X(bin.predicted);
    svg += fmt::format(
        "<path class=\"bestline\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/><circle "
        "class=\"dot best\" cx=\"{0:.1f}\" cy=\"{3:.1f}\" "
        "r=\"4\"><title>predicted {4:.4g}: the truth is {5:.3g} ({6:.3g} to "
        "{7:.3g}) beyond it, {8} rows</title></circle>",
        x, plane.Y(bin.low), plane.Y(bin.high), plane.Y(bin.middle),
        bin.predicted, bin.middle, bin.low, bin.high, bin.rows);
  }
  return Picture(fmt::format("Residuals of {}: median, and the middle 80 %, of "
                             "the truth beyond the prediction",
                             EscapeHtml(residuals.of)),
                 svg);
}

std::string ConfusionTable(const Confusion& confusion) {
  if (confusion.classes.empty()) return "";
  std::string html = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Confusion\"><table class=\"confusion\"><caption>Confusion "
      "of {}: rows are the truth, columns what was said; rows of "
      "data</caption><thead><tr><th scope=\"col\"></th>",
      EscapeHtml(confusion.of));
  for (const std::string& name : confusion.classes) {
    html += "<th scope=\"col\" class=\"r\">" + EscapeHtml(name) + "</th>";
  }
  html += "</tr></thead><tbody>";
  for (size_t i = 0; i < confusion.classes.size(); ++i) {
    const std::vector<int64_t>& counts = confusion.counts[i];
    const auto sum = std::max<int64_t>(
        1, std::accumulate(counts.begin(), counts.end(), int64_t{0}));
    html +=
        "<tr><th scope=\"row\">" + EscapeHtml(confusion.classes[i]) + "</th>";
    for (const int64_t count : counts) {
      html += fmt::format(
          "<td class=\"r\" style=\"--p:{:.0f}%\">{}</td>",
          60.0 * static_cast<double>(count) / static_cast<double>(sum), count);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>";
}

}  // namespace treesmith
