#include "operators/llm/ask.h"

#include <utility>

namespace treesmith {

Error StepError(const LlmFailure& failure) {
  Error error = ToError(failure);
  if (error.kind == ErrorKind::kBadInput) error.kind = ErrorKind::kEnvironment;
  return error;
}

Result<LlmReply> AskModel(LlmClient& client, const LlmRequest& request,
                          std::stop_token stop) {
  LlmOutcome outcome = client.Call(request, std::move(stop));
  if (const LlmFailure* failure = outcome.failure()) {
    return StepError(*failure);
  }
  return std::move(*outcome.reply());
}

}  // namespace treesmith
