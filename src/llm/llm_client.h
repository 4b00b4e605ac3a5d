// LlmClient: asks a language model.
//
// A client is a provider's wire (llm/wire_client.h) or a decorator around
// another client: retrying, rate-limited, metered, recorded ... each in a file
// of its own, all put together by MakeClient (llm/make_client.h). Any thread
// may ask, several at once; a call returns at once when stop is asked for.
#pragma once

#include <memory>
#include <stop_token>
#include <variant>

#include "base/result.h"
#include "llm/failure.h"
#include "model/llm.h"

namespace treesmith {

// What one call came to, for decorators.
struct LlmOutcome {
  std::variant<LlmReply, LlmFailure> answer;
  RateHints hints = {};

  [[nodiscard]] LlmReply* reply() { return std::get_if<LlmReply>(&answer); }
  [[nodiscard]] LlmFailure* failure() {
    return std::get_if<LlmFailure>(&answer);
  }
  // Of the answer or of the failure.
  [[nodiscard]] Usage& usage() {
    return std::visit([](auto& either) -> Usage& { return either.usage; },
                      answer);
  }
};

class LlmClient {
 public:
  virtual ~LlmClient() = default;

  // For callers above this layer. A refusal, an empty and a cut answer are
  // replies (`finish` tells). Error kinds: kFull = the provider's quota or the
  // run's own budget is used up, so that no further call will pass; kBadInput
  // = the user's key or model name; kLost = tried in vain a bounded number of
  // times; kCancelled; kFailed = the provider refuses this request.
  Result<LlmReply> Ask(const LlmRequest& request, std::stop_token stop);

  // For decorators: the same with the class of failure and what it has cost.
  virtual LlmOutcome Call(const LlmRequest& request, std::stop_token stop) = 0;
};

}  // namespace treesmith
