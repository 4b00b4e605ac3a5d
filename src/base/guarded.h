// Guarded<T>: a value that can be reached only while its lock is held.
//
//   Guarded<Usage> total;
//   *total.Lock() += usage;
#pragma once

#include <mutex>
#include <utility>

namespace treesmith {

template <typename T>
class Guarded {
 public:
  class Access {
   public:
    T& operator*() { return *value_; }
    T* operator->() { return value_; }

   private:
    friend class Guarded;
    Access(std::mutex& mutex, T* value) : lock_(mutex), value_(value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  // Blocks until no other thread holds an Access. Keep it for one statement.
  Access Lock() { return Access(mutex_, &value_); }

 private:
  std::mutex mutex_;
  T value_{};
};

}  // namespace treesmith
