#include <fmt/format.h>

#include <algorithm>

#include "ui/html.h"
#include "ui/report_parts.h"

namespace treesmith {
namespace {

// Alarms of nodes that nobody chose would fill the page.
constexpr size_t kMostRows = 100;

// What each check looks for, for readers of the page.
std::string_view Question(const std::string& check) {
  if (check == "copy") return "Are predictions a column of the input?";
  if (check == "too-good") return "Is the score too good to be true?";
  if (check == "canary") return "Does it score like chance on shuffled labels?";
  if (check == "twins") return "Do hidden rows have twins in train?";
  if (check == "ids") return "Do ids tell the labels of hidden rows?";
  if (check == "data") return "Did the files stay as they were?";
  return check;
}

// Worst first; then as they came.
std::vector<const Checked*> Sorted(const std::vector<Checked>& checks) {
  std::vector<const Checked*> sorted;
  sorted.reserve(checks.size());
  for (const Checked& checked : checks) sorted.push_back(&checked);
  std::ranges::stable_sort(sorted, [](const Checked* a, const Checked* b) {
    return a->check.verdict > b->check.verdict;
  });
  return sorted;
}

std::string Row(const Checked& checked) {
  const Check& check = checked.check;
  return fmt::format(
      "<tr><td class=\"{}\">{}</td><td>{}</td><td>{}</td><td "
      "class=\"w\">{}</td></tr>\n",
      check.alarm() ? "down" : "soft", VerdictName(check.verdict),
      checked.node.valid() ? NodeLink(checked.node) : std::string("the run"),
      Question(check.name), EscapeHtml(check.text));
}

}  // namespace

std::string ReportChecks(const RunFacts& facts) {
  const std::vector<Checked>& checks = facts.record->state->checks();
  if (checks.empty()) return "";
  const std::vector<const Checked*> sorted = Sorted(checks);
  const auto alarms = std::ranges::count_if(
      checks, [](const Checked& checked) { return checked.check.alarm(); });
  std::string html =
      alarms == 0 ? std::string("<p>No alarm.</p>")
                  : fmt::format(
                        "<p class=\"notice\">{} {}. A node that leaks is not "
                        "chosen while there is any other; a suspect one can "
                        "be.</p>",
                        alarms, alarms == 1 ? "alarm" : "alarms");
  html +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Checks\"><table><thead><tr><th scope=\"col\">Verdict</th>"
      "<th scope=\"col\">Of</th><th scope=\"col\">Question</th><th "
      "scope=\"col\">Answer</th></tr></thead><tbody>";
  for (size_t i = 0; i < std::min(sorted.size(), kMostRows); ++i) {
    html += Row(*sorted[i]);
  }
  html += "</tbody></table></div>";
  if (sorted.size() > kMostRows) {
    html += fmt::format("<p class=\"soft\">The worst {} of {} checks.</p>",
                        kMostRows, sorted.size());
  }
  return ReportSection("checks", "Can the scores be trusted?", html);
}

}  // namespace treesmith
