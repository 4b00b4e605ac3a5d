// Observer: sees every event when it has been written, and the run between.
//
// All calls come from the engine loop's thread. An observer draws or prints; it
// decides nothing.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "engine/config.h"
#include "engine/run_state.h"
#include "model/event.h"

namespace treesmith {

// A job that runs now.
struct Activity {
  enum class Kind {
    kWrite,
    kUnit,
    kRace,
    kScore,
    kReview,
    kRefit,
    kCanary,
    kChoose,
    kReport
  };
  Kind kind = Kind::kWrite;
  StepId step;                         // of all up to kReview
  NodeId node;                         // of kRefit and kCanary
  int unit = 0;                        // of kUnit
  std::string label;                   // the change, where it is known
  std::chrono::milliseconds since{0};  // elapsed of the run at its start
};

struct RunView {
  const RunState& state;
  const BudgetLimits& budget;
  std::span<const Activity> running;
  std::chrono::milliseconds elapsed;
  int64_t disk_bytes = 0;  // of the log
};

class Observer {
 public:
  virtual ~Observer() = default;
  // `event` is in the log and in `view.state`.
  virtual void OnEvent(const Event& event, const RunView& view) = 0;
  // A few times a second, so that clocks on the screen move.
  virtual void OnTick(const RunView& view) = 0;
};

}  // namespace treesmith
