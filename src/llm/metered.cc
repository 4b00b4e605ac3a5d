#include "llm/metered.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace treesmith {

Metered::Metered(std::unique_ptr<LlmClient> inner, std::string label,
                 std::optional<Prices> prices, SharedOptions& options,
                 Meter& meter, CallObserver& observer)
    : inner_(std::move(inner)),
      label_(std::move(label)),
      prices_(prices),
      options_(options),
      meter_(meter),
      observer_(observer) {}

LlmOutcome Metered::Call(const LlmRequest& request, std::stop_token stop) {
  const Reservation reserved = Worst(request);
  if (auto refused = meter_.Reserve(reserved, stop)) {
    return {.answer = *std::move(refused)};
  }
  const CallNote note{request, label_, HashRequest(request, label_)};
  LlmOutcome outcome{.answer =
                         LlmFailure{.kind = FailureKind::kCancelled,
                                    .message = "ask " + label_ + ": stopped"}};
  if (observer_.OnCallStarted(note, reserved, stop)) {
    outcome = inner_->Call(request, std::move(stop));
  }
  const Usage used = outcome.usage();
  if (used.tokens() > reserved.tokens) {
    LOG(kWarning, "llm",
        label_ + " used " + std::to_string(used.tokens()) +
            " tokens where at most " + std::to_string(reserved.tokens) +
            " were asked for");
  }
  meter_.Settle(reserved, used);
  observer_.OnCallEnded(note, outcome);
  return outcome;
}

Reservation Metered::Worst(const LlmRequest& request) {
  const Usage worst{.calls = 1,
                    .tokens_in = MostInputTokens(request),
                    .tokens_out = OutputLimit(request, *options_.Lock())};
  Reservation reservation{.tokens = worst.tokens(), .usd = std::nullopt};
  if (prices_) reservation.usd = CostOf(worst, worst.tokens_in, *prices_);
  return reservation;
}

}  // namespace treesmith
