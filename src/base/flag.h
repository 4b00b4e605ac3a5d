// Flag: raised once; whoever waits for it goes on. Any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace treesmith {

class Flag {
 public:
  void Raise() {
    {
      const std::lock_guard lock(mutex_);
      raised_ = true;
    }
    changed_.notify_all();
  }
  // Whether it was raised; false when stop was asked for first.
  bool Wait(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    return changed_.wait(lock, std::move(stop), [this] { return raised_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool raised_ = false;
};

}  // namespace treesmith
