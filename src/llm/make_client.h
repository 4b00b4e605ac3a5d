// MakeClient: all layers of asking one model, in their order.
//
//   Continuing > Retrying > Adapting > Answered > Cached > RateLimited >
//   Metered > Recorded > wire
//
// so that each try is reserved, booked and recorded by itself, waits never hold
// a reservation, and what the cache answers takes none. In a replay Replaying
// takes the place of Recorded and wire, so that it books what the recording
// booked, and nobody waits.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "llm/adapting.h"
#include "llm/answer_cache.h"
#include "llm/answered.h"
#include "llm/cassette.h"
#include "llm/llm_client.h"
#include "llm/metered.h"
#include "llm/model_registry.h"
#include "llm/rate_limiter.h"
#include "llm/retrying.h"

namespace treesmith {

// What all clients of a run share. Everything must outlive the clients.
struct ClientServices {
  HttpTransport& transport;
  Clock& clock;
  Pause& pause;
  Meter& meter;
  CallObserver& observer;
  uint64_t seed = 0;
  RetryPolicy retry = {};
  NoticeSink notice = {};
  // At most one of the three.
  Cassette* record = nullptr;
  Cassette* replay = nullptr;
  AnswerCache* cache = nullptr;
  // Of a resumed run.
  AnsweredCalls* answered = nullptr;
};

// Makes clients; the ones of one provider and key share a rate limiter. One
// thread makes them, any thread asks.
class ClientMaker {
 public:
  explicit ClientMaker(ClientServices services)
      : services_(std::move(services)) {}
  std::unique_ptr<LlmClient> Make(const ModelConfig& config);

 private:
  std::shared_ptr<RateLimiter> Limiter(const ModelConfig& config);

  ClientServices services_;
  // Owned by the maker and by each client of the group.
  std::map<std::string, std::shared_ptr<RateLimiter>> limiters_;
};

}  // namespace treesmith
