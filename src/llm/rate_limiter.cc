#include "llm/rate_limiter.h"

#include <algorithm>
#include <utility>

#include "llm/wire_client.h"

namespace treesmith {
namespace {

// A wrong or hostile header must not stop a run for long; the next 429 tells
// the truth.
constexpr Milliseconds kLongestWait{120'000};
// A window whose reset is not told is believed for this long.
constexpr Milliseconds kUntoldReset{1'000};

}  // namespace

RateLimiter::RateLimiter(double at_once, Clock& clock, Pause& pause)
    : clock_(clock), pause_(pause), most_at_once_(at_once), at_once_(at_once) {}

bool RateLimiter::Start(int64_t tokens, const std::stop_token& stop) {
  while (true) {
    Milliseconds wait{0};
    {
      std::unique_lock lock(mutex_);
      if (!finished_.wait(lock, stop, [this] {
            return running_ < std::max(1, static_cast<int>(at_once_));
          })) {
        return false;
      }
      wait = WaitTime(tokens);
      if (wait.count() <= 0) {
        ++running_;
        if (requests_.remaining) --*requests_.remaining;
        if (tokens_.remaining) *tokens_.remaining -= tokens;
        return true;
      }
    }
    if (!pause_.For(wait, stop)) return false;
  }
}

Milliseconds RateLimiter::WaitTime(int64_t tokens) {
  const Time now = clock_.Now();
  Time until = closed_until_;
  const auto look = [&](Window& window, int64_t needed) {
    if (window.remaining && now >= window.reset) window.remaining.reset();
    // What is larger than a whole window passes when the window is new.
    if (window.remaining && *window.remaining < needed) {
      until = std::max(until, window.reset);
    }
  };
  look(requests_, 1);
  look(tokens_, tokens);
  return std::min(std::chrono::ceil<Milliseconds>(until - now), kLongestWait);
}

void RateLimiter::Finish(const RateHints& hints, const LlmFailure* failure) {
  {
    const std::lock_guard lock(mutex_);
    const Time now = clock_.Now();
    --running_;
    Learn(requests_, hints.remaining_requests, hints.requests_reset, now);
    Learn(tokens_, hints.remaining_tokens, hints.tokens_reset, now);
    const bool limited =
        failure != nullptr && (failure->kind == FailureKind::kRateLimited ||
                               failure->kind == FailureKind::kOverloaded);
    if (limited) {
      at_once_ = std::max(1.0, at_once_ / 2);
      if (failure->retry_after) {
        closed_until_ = std::max(
            closed_until_, now + std::min(*failure->retry_after, kLongestWait));
      }
    } else if (failure == nullptr) {
      at_once_ = std::min(most_at_once_, at_once_ + 1 / at_once_);
    }
  }
  finished_.notify_all();
}

void RateLimiter::Learn(Window& window, std::optional<int64_t> remaining,
                        std::optional<Milliseconds> reset, Time now) {
  if (!remaining) return;
  window.remaining = remaining;
  window.reset = now + std::min(reset.value_or(kUntoldReset), kLongestWait);
}

int RateLimiter::allowed() const {
  const std::lock_guard lock(mutex_);
  return std::max(1, static_cast<int>(at_once_));
}

RateLimited::RateLimited(std::unique_ptr<LlmClient> inner,
                         std::shared_ptr<RateLimiter> limiter)
    : inner_(std::move(inner)), limiter_(std::move(limiter)) {}

LlmOutcome RateLimited::Call(const LlmRequest& request, std::stop_token stop) {
  if (!limiter_->Start(
          LikelyTokens(static_cast<size_t>(MostInputTokens(request))), stop)) {
    return {.answer = LlmFailure{.kind = FailureKind::kCancelled,
                                 .message = "ask the model: stopped"}};
  }
  LlmOutcome outcome = inner_->Call(request, std::move(stop));
  limiter_->Finish(outcome.hints, outcome.failure());
  return outcome;
}

}  // namespace treesmith
