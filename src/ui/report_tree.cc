#include <fmt/format.h>

#include <algorithm>

#include "ui/charts.h"
#include "ui/html.h"
#include "ui/report_parts.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

// Levels that the list indents; deeper ones would leave no room for text.
constexpr size_t kDeepest = 20;

constexpr std::string_view kTreeLegend =
    "<ul class=\"legend\"><li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
    "<circle class=\"q0\" cx=\"8\" cy=\"8\" r=\"5\"/></svg>best fifth</li>"
    "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><circle "
    "class=\"q4\" cx=\"8\" cy=\"8\" r=\"5\"/></svg>worst fifth</li>"
    "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><circle "
    "class=\"ring\" cx=\"8\" cy=\"8\" r=\"6\"/></svg>the best node</li>"
    "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><circle class=\"dot "
    "partial\" cx=\"8\" cy=\"8\" r=\"5\"/></svg>stopped early</li>"
    "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path class=\"bug\" "
    "d=\"M4 4l8 8m0 -8l-8 8\"/></svg>buggy</li>"
    "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path class=\"edge "
    "cross\" d=\"M0 8H16\"/></svg>second parent</li></ul>";

void AddTerm(std::string& html, std::string_view term, std::string_view text) {
  if (text.empty()) return;
  html += fmt::format("<dt>{}</dt><dd>{}</dd>", term, EscapeHtml(text));
}

std::string Details(const RunFacts& facts, const Node& node) {
  std::string html = "<dl>";
  if (!node.parents.empty()) {
    html += "<dt>parents</dt><dd>";
    for (size_t i = 0; i < node.parents.size(); ++i) {
      html += (i == 0 ? "" : ", ") + NodeLink(node.parents[i]);
    }
    html += "</dd>";
  }
  AddTerm(html, "why", facts.story(node.id).why);
  AddTerm(html, "plan", node.plan);
  AddTerm(html, "family", node.family);
  if (node.buggy()) AddTerm(html, "error", node.outcome.detail);
  if (node.score) AddTerm(html, "score", FormatScoreWithError(*node.score));
  if (node.score && node.score->over_parent) {
    AddTerm(html, "over parent", FormatGain(*node.score->over_parent));
  }
  if (node.score && node.score->over_best) {
    AddTerm(html, "over best", FormatGain(*node.score->over_best));
  }
  if (node.score && node.score->over_ensemble) {
    AddTerm(html, "for the ensemble", FormatGain(*node.score->over_ensemble));
  }
  std::string units;
  for (const FoldRun& unit : facts.story(node.id).units) {
    if (!unit.value) continue;
    units += fmt::format("{}{:.5g}", units.empty() ? "" : ", ", *unit.value);
  }
  AddTerm(html, "folds", units);
  AddTerm(html, "finding", node.finding);
  AddTerm(html, "time", FormatDuration(node.seconds));
  return html + "</dl>";
}

std::string Tags(const RunFacts& facts, const std::set<NodeId>& chosen,
                 const Node& node) {
  std::string html;
  if (facts.best() == node.id) html += "<span class=\"tag\">best</span>";
  if (chosen.contains(node.id)) html += "<span class=\"tag\">chosen</span>";
  const auto& checks = facts.record->state->checks();
  if (std::ranges::any_of(checks, [&](const Checked& checked) {
        return checked.node == node.id && checked.check.alarm();
      })) {
    html += "<span class=\"tag alarm\">alarm</span>";
  }
  return html;
}

std::string ScoreCell(const Node& node) {
  if (node.buggy()) {
    return fmt::format("<span class=\"score down\">{}</span>",
                       OutcomeName(node.outcome.kind));
  }
  return fmt::format("<span class=\"score\">{}{}</span>",
                     FormatScore(node.score->value),
                     node.score->partial ? " partial" : "");
}

std::string List(const RunFacts& facts, const std::vector<TreeRow>& rows) {
  const std::set<NodeId> chosen = facts.chosen();
  std::string html = "<div class=\"nodes\">";
  for (const TreeRow& row : rows) {
    const Node& node = facts.tree().at(row.id);
    html += fmt::format(
        "<details id=\"node-{}\" style=\"--d:{}\"><summary><span class=\"id\">"
        "{}</span><span>{} {}</span>{}{}</summary><div class=\"body\">{}</div>"
        "</details>\n",
        row.id.value, std::min(row.depth, kDeepest), row.id.value,
        OperatorName(node.op), EscapeHtml(node.change),
        Tags(facts, chosen, node), ScoreCell(node), Details(facts, node));
  }
  return html + "</div>";
}

}  // namespace

std::string ReportTree(const RunFacts& facts) {
  const std::vector<TreeRow> rows = TreeRows(facts.tree(), kReportNodes);
  if (rows.empty()) return "";
  std::string html =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Picture of the tree\">" +
      TreeChart(facts, rows) + "</div>" + std::string(kTreeLegend);
  if (rows.size() < facts.tree().size()) {
    html += fmt::format(
        "<p class=\"soft\">The {} most interesting of {} nodes; a dotted line "
        "leaves some out.</p>",
        rows.size(), facts.tree().size());
  }
  return ReportSection("tree", "The tree", html + List(facts, rows));
}

}  // namespace treesmith
