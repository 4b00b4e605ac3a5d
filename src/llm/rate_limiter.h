// RateLimiter: keeps all callers of one provider under its limits.
//
// It knows no limits beforehand and learns them: from the headers of each
// answer, from `Retry-After`, and, where a provider tells nothing, by halving
// the number of calls at once after each 429 and adding slowly again. Shared by
// all models of one provider and key. Any thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "llm/llm_client.h"
#include "llm/pause.h"

namespace treesmith {

class RateLimiter {
 public:
  // `at_once`: the most calls at the same time. `clock` and `pause` must
  // outlive this.
  RateLimiter(double at_once, Clock& clock, Pause& pause);

  // Blocks until a call of about `tokens` may go out; false when stopped.
  // Each granted call must be followed by Finish.
  bool Start(int64_t tokens, const std::stop_token& stop);
  void Finish(const RateHints& hints, const LlmFailure* failure);

  // The number of calls at once that it allows now.
  [[nodiscard]] int allowed() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  // One of the provider's counters; it starts anew at `reset`.
  struct Window {
    std::optional<int64_t> remaining;
    Time reset{};
  };
  static void Learn(Window& window, std::optional<int64_t> remaining,
                    std::optional<Milliseconds> reset, Time now);
  // REQUIRES: the lock is held. How long to wait by the clock; zero: go.
  Milliseconds WaitTime(int64_t tokens);

  mutable std::mutex mutex_;
  std::condition_variable_any finished_;
  Clock& clock_;
  Pause& pause_;
  double most_at_once_;
  double at_once_;
  int running_ = 0;
  Time closed_until_{};
  Window requests_;
  Window tokens_;
};

// Asks only when the limiter lets it.
class RateLimited : public LlmClient {
 public:
  // The limiter is owned by all clients of the provider together.
  RateLimited(std::unique_ptr<LlmClient> inner,
              std::shared_ptr<RateLimiter> limiter);

  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  std::unique_ptr<LlmClient> inner_;
  std::shared_ptr<RateLimiter> limiter_;
};

}  // namespace treesmith
