// Artifacts: the files of a run folder that a user takes home.
//
// All are derived from the log and can be made again at any time; each is
// written whole or not at all.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "engine/answer.h"
#include "engine/observer.h"
#include "engine/run_state.h"
#include "store/run_store.h"

namespace treesmith {

// The script with a prologue by which it runs by itself: in (or given) the
// task's folder it lays out input/ and working/ as the sandbox does.
std::string StandAlone(const std::string& code, const std::string& title);

// best/solution.py of the best node, and submission.csv where a node's real
// predictions are there; with an answer what it chose, the members' scripts
// under best/ensemble/ among them.
Status WriteArtifacts(const RunState& state, RunStore& store,
                      const Answer* answer,
                      const std::filesystem::path& folder);

// Keeps the files of the best node so far in the folder while the run goes on,
// so that a run that is killed leaves them.
class ArtifactWriter : public Observer {
 public:
  // Borrows the store, which the engine loop's thread reads as well.
  ArtifactWriter(RunStore& store, std::filesystem::path folder)
      : store_(store), folder_(std::move(folder)) {}
  void OnEvent(const Event& event, const RunView& view) override;
  void OnTick(const RunView&) override {}

 private:
  RunStore& store_;
  const std::filesystem::path folder_;
};

// Where the log can be read by nobody else while it is written (network file
// systems, RunStore::exclusive), leaves a copy for `show` and `report`: every
// ten seconds, more seldom where copying takes long. Elsewhere it does nothing.
class SnapshotKeeper : public Observer {
 public:
  explicit SnapshotKeeper(RunStore& store) : store_(store) {}
  void OnEvent(const Event&, const RunView&) override {}
  void OnTick(const RunView& view) override;

 private:
  RunStore& store_;
  std::chrono::milliseconds next_{0};  // of the run's elapsed time
};

}  // namespace treesmith
