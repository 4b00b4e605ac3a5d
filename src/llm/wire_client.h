// WireClient: one provider's model over HTTP; the innermost LlmClient.
//
// One Call is one HTTP request: no retries, no limits, no books.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/guarded.h"
#include "llm/http_transport.h"
#include "llm/llm_client.h"
#include "llm/wire_format.h"

namespace treesmith {

struct Endpoint {
  std::string label;  // "openai:gpt-5", for messages and hashes
  const WireFormat* format = nullptr;
  std::string base_url;
  std::string query;  // "?api-version=..." or empty
  HttpHeaders headers;
  std::string key_header;
  std::string key_prefix;
  Secret key;
  HttpTimeouts timeouts;
};

// US dollars for a million tokens.
struct Prices {
  double input = 0;
  double cached = 0;
  // Tokens that a provider puts into its cache (Anthropic bills them higher).
  double cache_write = 0;
  double output = 0;
  bool operator==(const Prices&) const = default;
};

// The options in force, shared by the wire that reads them and the decorator
// that learns them.
using SharedOptions = Guarded<WireOptions>;

class WireClient : public LlmClient {
 public:
  // `transport`, `clock` and `options` must outlive this.
  WireClient(Endpoint endpoint, std::optional<Prices> prices,
             SharedOptions& options, HttpTransport& transport, Clock& clock);

  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  struct Arrival;
  HttpRequest MakeHttpRequest(const LlmRequest& request,
                              const WireOptions& options) const;
  std::variant<LlmReply, LlmFailure> Conclude(const LlmRequest& request,
                                              const WireOptions& options,
                                              const HttpResponse& response,
                                              Arrival& arrival) const;
  Usage Book(const LlmRequest& request, const WireReply& wire,
             bool& estimated) const;

  Endpoint endpoint_;
  std::optional<Prices> prices_;
  SharedOptions& options_;
  HttpTransport& transport_;
  Clock& clock_;
};

// The most tokens that a prompt can have: no tokenizer makes more tokens than
// bytes, and chat templates add a few for each message.
int64_t MostInputTokens(const LlmRequest& request);
// A plain guess, for providers that tell none: measured prompts have 3.6 to
// 4.7 characters a token.
int64_t LikelyTokens(size_t bytes);
// What tokens cost. `cache_writes`: those of the fresh input tokens that went
// into the provider's cache.
double CostOf(const Usage& usage, int64_t cache_writes, const Prices& prices);

}  // namespace treesmith
