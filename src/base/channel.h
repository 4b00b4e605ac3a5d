// Channel<T>: a queue between threads whose every wait ends when stop is asked.
//
// Unbounded: producers are bounded by the number of jobs in flight. Any thread
// may send; any thread may receive.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace treesmith {

template <typename T>
class Channel {
 public:
  void Send(T value) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(value));
    }
    arrived_.notify_one();
  }

  // Waits for a value; nothing when stop was asked for first.
  std::optional<T> Receive(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, stop, [this] { return !queue_.empty(); });
    return TakeFirst();
  }

  // Waits at most `limit`; nothing when it passed or stop was asked for.
  std::optional<T> ReceiveFor(std::chrono::milliseconds limit,
                              std::stop_token stop) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, stop, limit, [this] { return !queue_.empty(); });
    return TakeFirst();
  }

  // Never waits.
  std::optional<T> TryReceive() {
    const std::lock_guard lock(mutex_);
    return TakeFirst();
  }

 private:
  // REQUIRES: the lock is held.
  std::optional<T> TakeFirst() {
    if (queue_.empty()) return std::nullopt;
    std::optional<T> value(std::move(queue_.front()));
    queue_.pop_front();
    return value;
  }

  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<T> queue_;
};

}  // namespace treesmith
