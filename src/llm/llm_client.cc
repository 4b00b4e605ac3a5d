#include "llm/llm_client.h"

#include <utility>

namespace treesmith {

Result<LlmReply> LlmClient::Ask(const LlmRequest& request,
                                std::stop_token stop) {
  LlmOutcome outcome = Call(request, std::move(stop));
  if (const LlmFailure* failure = outcome.failure()) return ToError(*failure);
  return std::move(*outcome.reply());
}

}  // namespace treesmith
