#include "ui/report.h"

#include <fmt/format.h>

#include "base/file.h"
#include "ui/charts.h"
#include "ui/html.h"
#include "ui/report_parts.h"
#include "ui/report_style.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

constexpr std::string_view kScoreLegend =
    "<ul class=\"legend\"><li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
    "<circle class=\"dot\" cx=\"8\" cy=\"8\" r=\"4\"/></svg>a node</li>"
    "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><circle class=\"dot "
    "partial\" cx=\"8\" cy=\"8\" r=\"4\"/></svg>stopped early</li>"
    "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><circle class=\"dot "
    "best\" cx=\"8\" cy=\"8\" r=\"6\"/></svg>the best node</li>"
    "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path "
    "class=\"bestline\" d=\"M0 12H8V5H16\"/></svg>best so far</li>"
    "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path class=\"bug\" "
    "d=\"M4 4l8 8m0 -8l-8 8\"/></svg>buggy</li>"
    "<li>better is up; scores far off lie on the lower edge</li></ul>";

std::string ScoreSection(const RunFacts& facts) {
  const std::string chart = ScoreChart(facts);
  if (chart.empty()) return "";
  return ReportSection("scores", "Score over time",
                       chart + std::string(kScoreLegend));
}

std::string Head(const RunRecord& record) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,"
      "initial-scale=1\"><meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:\"><link rel=\"icon\" href=\"data:,\"><title>{} - treesmith "
      "report</title><style>{}</style></head>\n<body><main>\n",
      EscapeHtml(record.config.task_name), kReportStyle);
}

}  // namespace

std::string ReportSection(std::string_view id, std::string_view heading,
                          std::string_view body) {
  if (body.empty()) return "";
  return fmt::format(
      "<section aria-labelledby=\"{0}\"><h2 id=\"{0}\">{1}</h2>\n{2}"
      "</section>\n",
      id, heading, body);
}

std::string NodeLink(NodeId id) {
  return fmt::format("<a href=\"#node-{0}\">node {0}</a>", id.value);
}

Result<std::string> ReportHtml(const RunRecord& record) {
  TRY_ASSIGN(const RunFacts facts, FactsOf(record));
  TRY_ASSIGN(const std::string script, ReportScript(facts));
  TRY_ASSIGN(const std::string portrait, ReportPortrait(facts));
  return Head(record) + ReportHead(facts) + ReportAnswer(facts) +
         ReportChecks(facts) + portrait + ScoreSection(facts) +
         ReportGains(facts) + script + ReportTree(facts) + ReportLog(facts) +
         ReportData(facts) + ReportSetup(facts) +
         "<footer>Made by treesmith from the run's log; it can be made again "
         "at any time.</footer>\n</main></body></html>\n";
}

Status WriteReport(const RunRecord& record, const std::filesystem::path& path) {
  TRY_ASSIGN(const std::string html, ReportHtml(record));
  return WriteFile(path, html);
}

}  // namespace treesmith
