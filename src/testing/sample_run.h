// SampleRun: a run folder of its own, to be shown, reported and exported.
#pragma once

#include "base/check.h"
#include "base/file.h"
#include "engine/run_reader.h"
#include "testing/run_harness.h"

namespace treesmith {

class SampleRun {
 public:
  SampleRun() : folder_(*TemporaryFolder::Make("sample_run")) {
    options_.database = DatabaseOf(folder_.path());
    options_.config.task_name = "bikes";
    options_.config.metric = "rmsle";
    options_.config.seed = 7;
    options_.config.units = 3;
    options_.config.budget.steps = 12;
    options_.evaluator.units = 3;
  }

  // To change before Make.
  HarnessOptions& options() { return options_; }
  [[nodiscard]] const std::filesystem::path& folder() const {
    return folder_.path();
  }

  // Runs the search to its end; `coder` replaces the scripted one.
  RunRecord Make(Coder* coder = nullptr) {
    RunHarness harness(options_);
    if (coder != nullptr) harness.set_coder(*coder);
    CHECK(harness.Run().ok());
    return Read();
  }
  // More events, as if they had happened; then the whole run again.
  RunRecord Append(std::vector<Event> events) {
    auto store = RunStore::Open(options_.database, RunStore::Mode::kReadWrite);
    CHECK(store.ok());
    CHECK(store->Append(events).ok());
    return Read();
  }
  RunRecord Read() {
    auto record = ReadRun(folder_.path());
    CHECK(record.ok());
    return *std::move(record);
  }

 private:
  TemporaryFolder folder_;
  HarnessOptions options_;
};

}  // namespace treesmith
