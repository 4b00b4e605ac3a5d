// Answers and failures as JSON texts: for the event log's blobs and cassettes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "llm/llm_client.h"

namespace treesmith {

// One line. An outcome's rate hints are left out: they are about a moment.
std::string EncodeReply(const LlmReply& reply);
std::string EncodeOutcome(LlmOutcome& outcome);

// kFailed when the text was not written by the functions above.
Result<LlmReply> DecodeReply(std::string_view json);
Result<LlmOutcome> DecodeOutcome(std::string_view json);

}  // namespace treesmith
