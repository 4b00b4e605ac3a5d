#include "llm/make_client.h"

#include <utility>

#include "base/check.h"
#include "llm/continuing.h"
#include "llm/wire_client.h"

namespace treesmith {
namespace {

// Holds what several layers share.
class Stack : public LlmClient {
 public:
  explicit Stack(WireOptions options) : options_(std::move(options)) {}

  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override {
    return top_->Call(request, std::move(stop));
  }
  SharedOptions& options() { return options_; }
  Pause& no_pause() { return no_pause_; }
  void SetTop(std::unique_ptr<LlmClient> top) { top_ = std::move(top); }

 private:
  SharedOptions options_;
  NoPause no_pause_;
  std::unique_ptr<LlmClient> top_;
};

}  // namespace

std::shared_ptr<RateLimiter> ClientMaker::Limiter(const ModelConfig& config) {
  std::shared_ptr<RateLimiter>& limiter = limiters_[config.limiter_group];
  if (limiter == nullptr) {
    limiter = std::make_shared<RateLimiter>(config.at_once, services_.clock,
                                            services_.pause);
  }
  return limiter;
}

std::unique_ptr<LlmClient> ClientMaker::Make(const ModelConfig& config) {
  CHECK((services_.record != nullptr) + (services_.replay != nullptr) +
            (services_.cache != nullptr) <=
        1);
  auto stack = std::make_unique<Stack>(config.options);
  SharedOptions& options = stack->options();
  std::unique_ptr<LlmClient> client;
  if (services_.replay != nullptr) {
    client = std::make_unique<Replaying>(config.label, *services_.replay);
  } else {
    client =
        std::make_unique<WireClient>(config.endpoint, config.prices, options,
                                     services_.transport, services_.clock);
  }
  if (services_.record != nullptr) {
    client = std::make_unique<Recorded>(std::move(client), config.label,
                                        *services_.record);
  }
  client =
      std::make_unique<Metered>(std::move(client), config.label, config.prices,
                                options, services_.meter, services_.observer);
  if (services_.replay == nullptr) {
    client = std::make_unique<RateLimited>(std::move(client), Limiter(config));
  }
  if (services_.cache != nullptr) {
    client = std::make_unique<Cached>(std::move(client), config.label,
                                      *services_.cache, services_.observer);
  }
  if (services_.answered != nullptr) {
    client = std::make_unique<Answered>(std::move(client), *services_.answered);
  }
  client = std::make_unique<Adapting>(std::move(client), config.label, options,
                                      services_.notice);
  Pause& pause =
      services_.replay != nullptr ? stack->no_pause() : services_.pause;
  client = std::make_unique<Retrying>(std::move(client), services_.retry, pause,
                                      services_.seed);
  client = std::make_unique<Continuing>(std::move(client), options);
  stack->SetTop(std::move(client));
  return stack;
}

}  // namespace treesmith
