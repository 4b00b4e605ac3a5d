#include "ui/report_parts.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "ui/gain_table.h"
#include "ui/html.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

std::string Tile(std::string_view figure, std::string_view what,
                 std::string_view style = "tile") {
  return fmt::format("<div class=\"{}\"><b>{}</b><span>{}</span></div>", style,
                     EscapeHtml(figure), EscapeHtml(what));
}

std::string Tiles(const RunFacts& facts) {
  const RunState& state = *facts.record->state;
  const std::optional<NodeId> best = facts.best();
  std::string html = "<div class=\"tiles\">";
  html += Tile(best ? FormatScoreWithError(*facts.tree().at(*best).score)
                    : std::string("none"),
               best ? fmt::format("best node: {}, {}", best->value,
                                  facts.tree().at(*best).change)
                    : std::string("no node is scored on every fold"),
               "tile main");
  if (facts.answer.choice && facts.answer.choice->members.size() > 1) {
    const Choice& choice = *facts.answer.choice;
    html += Tile(
        fmt::format("{:.5g} +- {:.2g}", choice.score, choice.standard_error),
        fmt::format("ensemble of {} nodes", choice.members.size()),
        "tile main");
  }
  html += Tile(std::to_string(facts.tree().size()),
               "nodes: " + CountOutcomes(facts.tree()));
  html += Tile(FormatDuration(state.elapsed()),
               facts.budget.time
                   ? "of " + FormatDuration(*facts.budget.time) + " used"
                   : std::string("of search"));
  if (state.usage().calls > 0) {
    html += Tile(FormatCost(state.usage().cost_usd),
                 fmt::format("{} tokens in {} calls", state.usage().tokens(),
                             state.usage().calls));
  }
  return html + "</div>\n";
}

std::string Gain(const std::optional<PairedGain>& gain) {
  if (!gain) return "<td class=\"r soft\">-</td>";
  // A gain within its own error is no news.
  const bool clear = std::abs(gain->mean) > gain->standard_error;
  return fmt::format("<td class=\"r {}\">{}</td>",
                     !clear ? "" : (gain->mean > 0 ? "up" : "down"),
                     FormatGain(*gain));
}

std::string GainRow(const Tree& tree, const ChangeGain& row) {
  std::string html = fmt::format(
      "<tr><td class=\"w\">{}</td><td class=\"r\">{}</td><td class=\"r\">{}"
      "</td>{}",
      EscapeHtml(row.change.empty() ? "(nothing written)" : row.change),
      row.tried, row.scored, Gain(row.gain));
  html += row.compared == 0
              ? std::string("<td class=\"r soft\">-</td>")
              : fmt::format("<td class=\"r\">{:.0f} % of {}</td>",
                            100.0 * static_cast<double>(row.better) /
                                static_cast<double>(row.compared),
                            row.compared);
  html += row.best ? fmt::format("<td class=\"r\">{} ({})</td>",
                                 FormatScore(tree.at(*row.best).score->value),
                                 NodeLink(*row.best))
                   : std::string("<td class=\"r soft\">-</td>");
  return html + "</tr>\n";
}

struct Failures {
  size_t count = 0;
  NodeId last;
};

std::string BuggyTable(const Tree& tree) {
  std::map<OutcomeKind, Failures> classes;
  for (const Node* node : NodesOf(tree)) {
    if (!node->buggy()) continue;
    Failures& failures = classes[node->outcome.kind];
    ++failures.count;
    failures.last = node->id;
  }
  if (classes.empty()) return "";
  std::string html =
      "<h3>What went wrong</h3><div class=\"scroll\"><table><thead><tr><th "
      "scope=\"col\">Outcome</th><th scope=\"col\" class=\"r\">Nodes</th><th "
      "scope=\"col\">The last one</th></tr></thead><tbody>";
  for (const auto& [kind, failures] : classes) {
    html += fmt::format(
        "<tr><td>{}</td><td class=\"r\">{}</td><td class=\"w\">{} {}</td>"
        "</tr>\n",
        OutcomeName(kind), failures.count, NodeLink(failures.last),
        EscapeHtml(tree.at(failures.last).outcome.detail));
  }
  return html + "</tbody></table></div>";
}

std::string MemberTable(const RunFacts& facts, const Choice& choice) {
  std::string html =
      "<div class=\"scroll\"><table><caption>Members of the ensemble</caption>"
      "<thead><tr><th scope=\"col\">Node</th><th scope=\"col\" class=\"r\">"
      "Weight</th><th scope=\"col\" class=\"r\">Score</th><th scope=\"col\">"
      "Family</th><th scope=\"col\">Change</th></tr></thead><tbody>";
  for (const Member& member : choice.members) {
    const Node& node = facts.tree().at(member.node);
    html += fmt::format(
        "<tr><td>{}</td><td class=\"r\">{:.3f}</td><td class=\"r\">{}</td>"
        "<td>{}</td><td class=\"w\">{}</td></tr>\n",
        NodeLink(member.node), member.weight,
        node.score ? FormatScoreWithError(*node.score) : "-",
        EscapeHtml(node.family), EscapeHtml(node.change));
  }
  return html + "</tbody></table></div>";
}

}  // namespace

std::string ReportHead(const RunFacts& facts) {
  const RunConfig& config = facts.record->config;
  std::string html =
      fmt::format("<h1>{}</h1><p class=\"sub\">Metric {}, {}. Ended: {}.</p>\n",
                  EscapeHtml(config.task_name), EscapeHtml(config.metric),
                  config.direction == Direction::kMinimize ? "lower is better"
                                                           : "higher is better",
                  EscapeHtml(EndOf(*facts.record)));
  if (config.sandbox == "none") {
    html += "<p class=\"notice\">The scripts ran without a sandbox.</p>\n";
  }
  return html + Tiles(facts);
}

std::string ReportAnswer(const RunFacts& facts) {
  if (!facts.answer.choice) return "";
  const Choice& choice = *facts.answer.choice;
  std::string html;
  if (choice.members.size() == 1) {
    html += fmt::format("<p>The answer is {}: {}.</p>",
                        NodeLink(choice.members.front().node),
                        EscapeHtml(choice.why));
  } else {
    html += fmt::format(
        "<p>The answer is an ensemble: {}. The best single node is {}.</p>",
        EscapeHtml(choice.why), NodeLink(choice.best));
    html += MemberTable(facts, choice);
  }
  const std::string promise = FormatPromise(choice);
  if (!promise.empty()) {
    html += fmt::format(
        "<p>Promised on new rows, once the luck of the selection is taken off: "
        "<b>{}</b>.</p>",
        promise);
  }
  return ReportSection("answer", "What was chosen", html);
}

std::string ReportGains(const RunFacts& facts) {
  if (facts.tree().size() == 0) return "";
  std::string html =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Gains by change\"><table><caption>Gains are over the "
      "parent on the same hidden rows, positive is better, with their "
      "standard error.</caption><thead><tr><th scope=\"col\">Change</th><th "
      "scope=\"col\" class=\"r\">Tried</th><th scope=\"col\" class=\"r\">"
      "Scored</th><th scope=\"col\" class=\"r\">Mean gain</th><th "
      "scope=\"col\" class=\"r\">Better</th><th scope=\"col\" class=\"r\">"
      "Best score</th></tr></thead><tbody>";
  for (const ChangeGain& row : GainsByChange(facts.tree())) {
    html += GainRow(facts.tree(), row);
  }
  html += "</tbody></table></div>" + BuggyTable(facts.tree());
  return ReportSection("gains", "What was tried and what it gained", html);
}

Result<std::string> ReportScript(const RunFacts& facts) {
  const std::optional<NodeId> best = facts.best();
  if (!best) return std::string();
  TRY_ASSIGN(const std::string code,
             TextOf(*facts.record, facts.tree().at(*best).script));
  const auto absolute = [](const std::filesystem::path& path) {
    std::error_code empty;  // set where the path is, which stays so
    const auto whole = std::filesystem::absolute(path, empty);
    return ShellQuote(whole.lexically_normal().string());
  };
  const std::string commands =
      fmt::format("mkdir try && cd try\npython3 {} {}",
                  absolute(BestScriptOf(facts.record->folder)),
                  absolute(facts.record->config.task_folder));
  return ReportSection(
      "script", "The best script",
      fmt::format("<p>From {}. It lays the task's folder out as "
                  "<code>input/</code> and writes "
                  "<code>working/submission.csv</code>:</p>"
                  "<pre>{}</pre><h3>Source</h3><pre tabindex=\"0\"><code>{}"
                  "</code></pre>",
                  NodeLink(*best), EscapeHtml(commands),
                  HighlightPython(code)));
}

}  // namespace treesmith
