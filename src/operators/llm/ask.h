// One question of a step to a client.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "llm/llm_client.h"

namespace treesmith {

// As ToError (llm/failure.h), but a rejected key or model name is kEnvironment:
// for a coder kBadInput means that one step has no candidate, and the next step
// would be asked just as vainly.
Error StepError(const LlmFailure& failure);

// As LlmClient::Ask, with errors as above.
Result<LlmReply> AskModel(LlmClient& client, const LlmRequest& request,
                          std::stop_token stop);

}  // namespace treesmith
