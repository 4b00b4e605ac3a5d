// Pause: the only way to wait for time to pass, so that tests need not.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/clock.h"

namespace treesmith {

class Pause {
 public:
  virtual ~Pause() = default;
  // False when stop was asked for before the time was over. Any thread.
  virtual bool For(Milliseconds time, std::stop_token stop) = 0;
};

class SystemPause : public Pause {
 public:
  bool For(Milliseconds time, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
  }
};

// For replays: what was waited for then is not waited for again.
class NoPause : public Pause {
 public:
  bool For(Milliseconds, std::stop_token stop) override {
    return !stop.stop_requested();
  }
};

}  // namespace treesmith
