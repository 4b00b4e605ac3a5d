// FakeClock: time that moves only when a test says so. Any thread.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace treesmith {

class FakeClock : public Clock {
 public:
  [[nodiscard]] std::chrono::steady_clock::time_point Now() const override {
    return std::chrono::steady_clock::time_point(
        std::chrono::milliseconds(now_ms_.load()));
  }
  void Advance(std::chrono::milliseconds by) { now_ms_ += by.count(); }

 private:
  std::atomic<int64_t> now_ms_ = 0;
};

}  // namespace treesmith
