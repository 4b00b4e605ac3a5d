#include "llm/retrying.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/rng.h"

namespace treesmith {
namespace {

// Full jitter over the upper half: a crowd that failed together spreads, and
// nobody comes back at once.
Milliseconds Backoff(const RetryPolicy& policy, int tries, Rng& rng) {
  const double doubled =
      static_cast<double>(policy.first_wait.count()) *
      static_cast<double>(uint64_t{1} << std::min(tries, 30));
  const double bound =
      std::min(doubled, static_cast<double>(policy.longest_wait.count()));
  return Milliseconds(
      static_cast<int64_t>(bound * (0.5 + 0.5 * rng.Uniform())));
}

}  // namespace

Retrying::Retrying(std::unique_ptr<LlmClient> inner, RetryPolicy policy,
                   Pause& pause, uint64_t seed)
    : inner_(std::move(inner)), policy_(policy), pause_(pause), seed_(seed) {}

LlmOutcome Retrying::Call(const LlmRequest& request, std::stop_token stop) {
  Rng rng(seed_, HashRequest(request, {}).low, "retry");
  LlmRequest attempt = request;
  Usage spent;
  Milliseconds waited{0};
  int unreachable = 0;
  for (int tries = 0;; ++tries) {
    LlmOutcome outcome = inner_->Call(attempt, stop);
    const LlmFailure* failure = outcome.failure();
    const bool nobody_there =
        failure != nullptr && failure->kind == FailureKind::kUnreachable;
    if (nobody_there) ++unreachable;
    if (failure == nullptr || !IsTransient(failure->kind) ||
        failure->retry_forbidden || tries + 1 >= policy_.max_tries ||
        unreachable >= policy_.max_unreachable) {
      outcome.usage() += spent;
      return outcome;
    }
    const Milliseconds own = Backoff(policy_, tries, rng);
    const Milliseconds wait =
        failure->retry_after ? *failure->retry_after + own / 8 : own;
    if (waited + wait > policy_.longest_total) {
      outcome.failure()->message +=
          " (told to wait longer than a run is held up)";
      outcome.usage() += spent;
      return outcome;
    }
    const std::string line =
        "try " + std::to_string(tries + 1) + " of " +
        std::to_string(nobody_there ? policy_.max_unreachable
                                    : policy_.max_tries) +
        ": " + failure->message + "; again in " + std::to_string(wait.count()) +
        " ms";
    // Of one that cannot be reached the end of the run tells, once.
    if (nobody_there) {
      LOG(kInfo, "llm", line);
    } else {
      LOG(kWarning, "llm", line);
    }
    spent += outcome.usage();
    waited += wait;
    ++attempt.attempt;
    if (!pause_.For(wait, stop)) {
      return {.answer = LlmFailure{.kind = FailureKind::kCancelled,
                                   .message = "ask again: stopped",
                                   .usage = spent}};
    }
  }
}

}  // namespace treesmith
