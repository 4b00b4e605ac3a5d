// JsonLines: a run as one JSON object a line on stdout (`run --json`).
//
// The keys are a promise (design 5.9); more may come.
#pragma once

#include <cstdio>
#include <string>

#include "engine/answer.h"
#include "engine/observer.h"

namespace treesmith {

class JsonLines : public Observer {
 public:
  explicit JsonLines(std::FILE* stream) : stream_(stream) {}
  void OnEvent(const Event& event, const RunView& view) override;
  void OnTick(const RunView&) override {}

 private:
  std::FILE* stream_;
};

// What `run` leaves, for the last line.
struct RunOutcome {
  std::string reason;
  std::string folder;
  std::string submission;  // empty: none
  std::string script;
  std::string report;
  double seconds = 0;
};

std::string FinishedLine(const RunOutcome& outcome, const Answer& answer,
                         const RunState& state);

}  // namespace treesmith
