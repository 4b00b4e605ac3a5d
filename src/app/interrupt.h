// Interrupt: Ctrl-C once ends in order, twice at once.
//
// SIGINT and SIGTERM are blocked in every thread and waited for by one of its
// own, so nothing runs in a signal handler. Make it before any other thread.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace treesmith {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;

  // Stop is asked for when the first signal comes.
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  void Wait(std::stop_token stop);

  std::stop_source source_;
  sigset_t signals_;
  sigset_t before_;
  std::jthread waiter_;
};

}  // namespace treesmith
