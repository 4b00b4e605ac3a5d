#include "evaluation/portrait.h"
#include "ui/charts.h"
#include "ui/report_parts.h"

namespace treesmith {

Result<std::string> ReportPortrait(const RunFacts& facts) {
  if (facts.answer.portrait.IsZero()) return std::string();
  TRY_ASSIGN(const std::string json,
             TextOf(*facts.record, facts.answer.portrait));
  TRY_ASSIGN(const Portrait portrait, DecodePortrait(json));
  std::string pictures;
  for (const Calibration& one : portrait.calibrations) {
    pictures += CalibrationChart(one);
  }
  for (const Residuals& one : portrait.residuals) {
    pictures += ResidualChart(one);
  }
  std::string html;
  if (!pictures.empty()) {
    html = "<div class=\"pictures\">" + pictures + "</div>";
  }
  for (const Confusion& one : portrait.confusions) html += ConfusionTable(one);
  if (html.empty()) return html;
  return ReportSection(
      "portrait", "How the answer's predictions lie",
      "<p>On hidden rows, which the scripts did not learn from.</p>" + html);
}

}  // namespace treesmith
