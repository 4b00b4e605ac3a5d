// report.html: one run, told in one file that needs no network and no script.
//
// Derived from run.db alone, so it can be made again at any time, also while
// the run goes on. What scripts and models wrote is escaped, and a content
// security policy in the page forbids scripts and every request besides.
#pragma once

#include <filesystem>
#include <string>

#include "engine/run_reader.h"

namespace treesmith {

// Fails when a blob, the budget or the answer cannot be read.
Result<std::string> ReportHtml(const RunRecord& record);

// Writes it to `path`, whole or not at all.
Status WriteReport(const RunRecord& record, const std::filesystem::path& path);

}  // namespace treesmith
