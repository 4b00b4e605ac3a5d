// HttpTransport: one HTTP POST whose answer arrives in pieces.
//
// Send never fails: how the transfer ended is part of its answer. It returns at
// once when stop is asked for. Redirects are not followed, since a key would
// travel with them. Any thread may call, several at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "llm/secret.h"

namespace treesmith {

// Names in lower case.
using HttpHeaders = std::map<std::string, std::string>;

struct HttpTimeouts {
  Milliseconds connect{10'000};
  // Reasoning models and slow local servers think long before the first byte.
  Milliseconds first_byte{600'000};
  // Between two pieces of an answer that has begun.
  Milliseconds silence{120'000};
  // Keep-alive comments would hold a dead stream open for ever.
  Milliseconds total{3'600'000};
};

struct HttpRequest {
  std::string url;
  HttpHeaders headers;
  // The header that carries the key: "authorization", with "Bearer " before
  // the key, or "x-api-key", with nothing. Not sent when the key is empty.
  std::string key_header = {};
  std::string key_prefix = {};
  Secret key = {};
  std::string body;
  HttpTimeouts timeouts = {};
};

enum class HttpEnd {
  kComplete,
  kCut,        // the sink wanted no more
  kCancelled,  // stop was asked for
  kNoConnection,
  kReset,  // the connection broke
  kConnectTimeout,
  kFirstByteTimeout,
  kSilence,
  kTotalTimeout,
  kUnusable,  // the address cannot be used at all
};

struct HttpResponse {
  HttpEnd end = HttpEnd::kComplete;
  int status = 0;  // 0 when no answer began
  HttpHeaders headers = {};
  std::string error = {};  // cause, when it did not end in order
  // The request went out, so that a provider may have begun to work for it.
  bool sent = false;
};

// Gets each piece of the body with status and headers known; false: no more.
using HttpSink =
    std::function<bool(const HttpResponse& head, std::string_view piece)>;

class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual HttpResponse Send(const HttpRequest& request, const HttpSink& sink,
                            std::stop_token stop) = 0;
};

// Over libcurl: HTTP/2 where the server has it, connections kept between calls.
// Proxies by the usual environment variables.
std::unique_ptr<HttpTransport> MakeCurlTransport();

}  // namespace treesmith
