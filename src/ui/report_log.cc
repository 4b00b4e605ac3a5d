#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ui/html.h"
#include "ui/report_parts.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

std::string Row(std::chrono::milliseconds time, std::string_view what,
                std::string_view text) {
  return fmt::format(
      "<tr><td class=\"r\">{}</td><td>{}</td><td class=\"w\">{}</td></tr>\n",
      FormatDuration(time), what, text);
}

// Words for an event that a reader of the log wants to see; empty for others.
class Teller {
 public:
  std::string operator()(const Proposed& event) const {
    std::string text = fmt::format("step {}: {}", event.step.value,
                                   OperatorName(event.proposal.op));
    for (const NodeId parent : event.proposal.parents) {
      text += " " + NodeLink(parent);
    }
    if (!event.proposal.why.empty()) {
      text += ": " + EscapeHtml(event.proposal.why);
    }
    return text;
  }
  std::string operator()(const Raced& event) const {
    if (!event.stopped) return "";
    return fmt::format(
        "step {} after {} folds: {:.2g} % chance to beat {}, stopped",
        event.step.value, event.units, 100 * event.probability,
        NodeLink(event.against));
  }
  std::string operator()(const Refitted& event) const {
    std::string text = NodeLink(event.node);
    if (!event.outcome.scored()) {
      return text + " failed on " + FormatRows(event.share) + ": " +
             EscapeHtml(event.outcome.detail);
    }
    text += " fitted on " + FormatRows(event.share) + " in " +
            FormatDuration(event.wall);
    if (!event.doubt.empty()) text += ", not used: " + EscapeHtml(event.doubt);
    return text;
  }
  std::string operator()(const Checked& event) const {
    return (event.node.valid() ? NodeLink(event.node) + " " : std::string()) +
           event.check.name + ": " +
           std::string(VerdictName(event.check.verdict));
  }
  std::string operator()(const Resumed&) const { return "the run went on"; }
  std::string operator()(const BudgetChanged& event) const {
    return "new budget: <code>" + EscapeHtml(event.budget) + "</code>";
  }
  std::string operator()(const Planned& event) const {
    const Result<TimePlan> plan = DecodeTimePlan(event.plan);
    return plan.ok() ? "plan: " + EscapeHtml(plan->text) : "";
  }
  std::string operator()(const SearchEnded& event) const {
    return "the search ended: " + EscapeHtml(event.reason);
  }
  std::string operator()(const Steered& event) const {
    return "<code>" + EscapeHtml(event.command) + "</code>";
  }
  std::string operator()(const Finished& event) const {
    return EscapeHtml(event.reason);
  }
  template <typename Other>
  std::string operator()(const Other&) const {
    return "";
  }
};

std::string Plain(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string Term(std::string_view term, std::string_view text) {
  if (text.empty()) return "";
  return fmt::format("<dt>{}</dt><dd>{}</dd>", EscapeHtml(term),
                     EscapeHtml(text));
}

std::string Versions(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return Term("versions", text);
  std::string html;
  for (const auto& [name, value] : json.items()) {
    html += Term(name, Plain(value));
  }
  return html;
}

}  // namespace

std::string ReportLog(const RunFacts& facts) {
  std::string rows;
  size_t count = 0;
  const std::vector<Event>& events = facts.record->events;
  std::vector<std::string> shown;
  for (size_t i = events.size(); i > 0; --i) {
    const Event& event = events[i - 1];
    const std::string text = std::visit(Teller(), event.body);
    if (text.empty() || ++count > kReportNodes) continue;
    shown.push_back(Row(event.elapsed, EventKind(event.body), text));
  }
  for (size_t i = shown.size(); i > 0; --i) rows += shown[i - 1];
  if (rows.empty()) return "";
  const std::string left_out =
      count > kReportNodes
          ? fmt::format("The last {} of {} entries.", kReportNodes, count)
          : "Every choice and why it was made.";
  return ReportSection(
      "log", "The log of choices",
      "<details class=\"more\"><summary>" + std::to_string(shown.size()) +
          " entries</summary><div class=\"scroll\" tabindex=\"0\" "
          "role=\"region\" aria-label=\"Log of choices\"><table><caption>" +
          left_out +
          "</caption><thead><tr><th scope=\"col\" class=\"r\">Time</th><th "
          "scope=\"col\">Event</th><th scope=\"col\">What and why</th></tr>"
          "</thead><tbody>" +
          rows + "</tbody></table></div></details>");
}

std::string ReportSetup(const RunFacts& facts) {
  const RunConfig& config = facts.record->config;
  std::string settings;
  for (const std::string& setting : config.settings) {
    settings += (settings.empty() ? "" : ", ") + setting;
  }
  return ReportSection(
      "setup", "How it was run",
      "<dl>" + Term("run", facts.record->folder.string()) +
          Term("task", config.task_folder) + Term("coder", config.coder) +
          Term("policy", config.policy) +
          Term("seed", std::to_string(config.seed)) +
          Term("workers", std::to_string(config.workers)) +
          Term("sandbox", config.sandbox) +
          Term("folds of a node", std::to_string(config.units)) +
          Term("settings", settings) + Term("hint", config.hint) +
          Versions(facts.record->versions) + "</dl>");
}

}  // namespace treesmith
