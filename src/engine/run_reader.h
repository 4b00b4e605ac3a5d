// RunReader: a run folder as others see it: show, report, export, predict.
//
// Reads only; a run that goes on meanwhile is seen as it was when it was read.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/answer.h"
#include "engine/config.h"
#include "engine/run_state.h"
#include "store/run_store.h"

namespace treesmith {

struct RunRecord {
  std::filesystem::path folder;
  // Of the start, but `sandbox` is "none" as soon as one process that went on
  // with the run had none.
  RunConfig config;
  std::string sandbox;   // of the last process
  std::string versions;  // JSON, of the start
  std::unique_ptr<RunStore> store;
  std::unique_ptr<RunState> state;
  // Every event in order; proposals hold why a node was made.
  std::vector<Event> events;

  // What was chosen in the end, where the run has ended.
  [[nodiscard]] Result<Answer> answer() const;
};

// The hidden split as it was stored; null before it was cut.
const FoldsCut* FoldsOf(const RunRecord& record);
// What the data is like, encoded (table/profile.h); empty where it was not
// stored.
Result<std::string> ProfileOf(const RunRecord& record);

// BadInput: no such folder, no run in it, or one of a newer version.
Result<RunRecord> ReadRun(const std::filesystem::path& folder);

// Files of a run folder (design 5.7).
std::filesystem::path DatabaseOf(const std::filesystem::path& folder);
std::filesystem::path SubmissionOf(const std::filesystem::path& folder);
std::filesystem::path BestScriptOf(const std::filesystem::path& folder);
std::filesystem::path EnsembleOf(const std::filesystem::path& folder);
std::filesystem::path ReportOf(const std::filesystem::path& folder);

}  // namespace treesmith
