// Retrying: asks again after failures that may pass, never without end (A17).
//
// Between two tries it waits as long as the provider says, else longer each
// time with jitter. What it answers carries the usage of all its tries.
#pragma once

#include <cstdint>
#include <memory>

#include "llm/llm_client.h"
#include "llm/pause.h"

namespace treesmith {

struct RetryPolicy {
  // With the waits below some minutes: an overload lasts that long.
  int max_tries = 10;
  // Where nobody is there (kUnreachable): some seconds, for a server that is
  // just starting.
  int max_unreachable = 4;
  Milliseconds first_wait{1'000};
  // Of our own choice; a provider's hint may be longer.
  Milliseconds longest_wait{60'000};
  // All waits of one question together. A hint that would pass it ends the
  // tries at once: a daily limit is not waited for.
  Milliseconds longest_total{600'000};
};

class Retrying : public LlmClient {
 public:
  // `pause` must outlive this. `seed` makes the jitter, with the request.
  Retrying(std::unique_ptr<LlmClient> inner, RetryPolicy policy, Pause& pause,
           uint64_t seed);

  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  std::unique_ptr<LlmClient> inner_;
  RetryPolicy policy_;
  Pause& pause_;
  uint64_t seed_;
};

}  // namespace treesmith
