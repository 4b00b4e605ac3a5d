// Continuing: an answer that was cut for length is asked for again with more
// room, or, at the model's limit, goes on where it stopped (A26).
//
// A bounded number of times; what is still cut then is answered as kLength.
#pragma once

#include <memory>

#include "llm/llm_client.h"
#include "llm/wire_client.h"

namespace treesmith {

class Continuing : public LlmClient {
 public:
  // `options` must outlive this.
  Continuing(std::unique_ptr<LlmClient> inner, SharedOptions& options);

  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  std::unique_ptr<LlmClient> inner_;
  SharedOptions& options_;
};

// The two halves as one text: what the second repeats of the first's end, and
// a fence that it opens again, are left out.
std::string JoinHalves(const std::string& first, const std::string& second);

}  // namespace treesmith
