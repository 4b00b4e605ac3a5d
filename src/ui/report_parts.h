// The sections of report.html, each a piece of HTML; empty where the run has
// nothing to say about it.
#pragma once

#include <string>

#include "ui/run_facts.h"

namespace treesmith {

// Nodes that the page describes at most; beyond it the least interesting are
// counted (ui/tree_rows.h), or a browser would choke on the page.
inline constexpr size_t kReportNodes = 2000;

// Title, tiles with the figures, notices.
std::string ReportHead(const RunFacts& facts);
// What was chosen and why; the members of the ensemble.
std::string ReportAnswer(const RunFacts& facts);
// What was found when scores were doubted, alarms first, and what was not
// looked for.
std::string ReportChecks(const RunFacts& facts);
// Calibration, residuals and confusion of the answer's hidden predictions.
Result<std::string> ReportPortrait(const RunFacts& facts);
// What was tried and what it gained; the buggy outcomes by class.
std::string ReportGains(const RunFacts& facts);
// The tree as a picture and as a list with details.
std::string ReportTree(const RunFacts& facts);
// Every choice of the policy and why; what else happened.
std::string ReportLog(const RunFacts& facts);
// The best script, and how to run it.
Result<std::string> ReportScript(const RunFacts& facts);
// What stands out in the data.
std::string ReportData(const RunFacts& facts);
// Configuration and versions.
std::string ReportSetup(const RunFacts& facts);

// <section> with a heading; empty for an empty body.
std::string ReportSection(std::string_view id, std::string_view heading,
                          std::string_view body);
// "node 12" with a link to its description.
std::string NodeLink(NodeId id);

}  // namespace treesmith
