#include "app/interrupt.h"

#include <unistd.h>

#include <cstdio>

#include "app/exit_code.h"
#include "ui/screen.h"

namespace treesmith {
namespace {

// How soon the waiter sees that it is no longer needed.
constexpr timespec kPoll{0, 50'000'000};

}  // namespace

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  waiter_ = std::jthread([this](std::stop_token stop) { Wait(stop); });
}

Interrupt::~Interrupt() {
  waiter_.request_stop();
  waiter_.join();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupt::Wait(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (::sigtimedwait(&signals_, nullptr, &kPoll) < 0) continue;
    // The second time: at once. The log is whole at any moment, and what runs
    // in a sandbox dies with us.
    if (!source_.request_stop()) {
      ShowCursorFromSignal();
      ::_exit(kExitInterrupted);
    }
  }
}

}  // namespace treesmith
