#include "engine/run_reader.h"

#include <utility>

namespace treesmith {

std::filesystem::path DatabaseOf(const std::filesystem::path& folder) {
  return folder / "run.db";
}
std::filesystem::path SubmissionOf(const std::filesystem::path& folder) {
  return folder / "submission.csv";
}
std::filesystem::path BestScriptOf(const std::filesystem::path& folder) {
  return folder / "best" / "solution.py";
}
std::filesystem::path EnsembleOf(const std::filesystem::path& folder) {
  return folder / "best" / "ensemble";
}
std::filesystem::path ReportOf(const std::filesystem::path& folder) {
  return folder / "report.html";
}

Result<Answer> RunRecord::answer() const {
  if (!state->finished()) return Answer{};
  return DecodeAnswer(state->finished()->answer);
}

const FoldsCut* FoldsOf(const RunRecord& record) {
  for (const Event& event : record.events) {
    if (const auto* cut = std::get_if<FoldsCut>(&event.body)) return cut;
  }
  return nullptr;
}

Result<std::string> ProfileOf(const RunRecord& record) {
  const FoldsCut* folds = FoldsOf(record);
  if (folds == nullptr || folds->profile.IsZero()) return std::string();
  return record.store->ReadBlob(folds->profile);
}

Result<RunRecord> ReadRun(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(DatabaseOf(folder), ignored)) {
    return BadInput("open run " + folder.string() + ": there is no run.db",
                    "a run folder lies below runs/, as `treesmith run` says");
  }
  RunRecord record;
  record.folder = folder;
  TRY_ASSIGN(RunStore store,
             RunStore::Open(DatabaseOf(folder), RunStore::Mode::kReadOnly));
  record.store = std::make_unique<RunStore>(std::move(store));
  TRY(record.store->ForEachEvent([&](const Event& event) -> Status {
    record.events.push_back(event);
    return {};
  }));
  const RunStarted* started =
      record.events.empty()
          ? nullptr
          : std::get_if<RunStarted>(&record.events.front().body);
  if (started == nullptr) {
    return BadInput("open run " + folder.string() +
                    ": it was ended before it had begun");
  }
  TRY_ASSIGN(record.config, DecodeConfig(started->config));
  record.versions = started->versions;
  record.state =
      std::make_unique<RunState>(record.config.direction, record.config.units);
  record.sandbox = record.config.sandbox;
  for (const Event& event : record.events) {
    TRY(record.state->Apply(event));
    const auto* resumed = std::get_if<Resumed>(&event.body);
    if (resumed != nullptr && !resumed->sandbox.empty()) {
      record.sandbox = resumed->sandbox;
    }
    if (record.sandbox == "none") record.config.sandbox = "none";
  }
  return record;
}

}  // namespace treesmith
