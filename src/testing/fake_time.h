// FakePause: hours of waiting in no time. Any thread.
#pragma once

#include <vector>

#include "base/guarded.h"
#include "llm/pause.h"
#include "testing/fake_clock.h"

namespace treesmith {

// Turns the clock instead of waiting, and remembers how far.
class FakePause : public Pause {
 public:
  explicit FakePause(FakeClock& clock) : clock_(clock) {}

  bool For(Milliseconds time, std::stop_token stop) override {
    waits_.Lock()->push_back(time);
    clock_.Advance(time);
    return !stop.stop_requested();
  }
  [[nodiscard]] std::vector<Milliseconds> waits() { return *waits_.Lock(); }

 private:
  FakeClock& clock_;
  Guarded<std::vector<Milliseconds>> waits_;
};

}  // namespace treesmith
