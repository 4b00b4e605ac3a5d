// Clock: the only way to read time, so that tests can turn the hands.
//
// Decisions of a run never read a Clock: they read the `elapsed` of the last
// event (docs/events.md). Safe to call from any thread.
#pragma once

#include <chrono>

namespace treesmith {

using Milliseconds = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic; the start is arbitrary.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point Now() const = 0;
};

class SystemClock : public Clock {
 public:
  [[nodiscard]] std::chrono::steady_clock::time_point Now() const override {
    return std::chrono::steady_clock::now();
  }
};

}  // namespace treesmith
