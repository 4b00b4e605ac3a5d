// StubLlmServer: a language model's HTTP interface on the loopback, for tests
// and benchmarks.
//
// Speaks what the vendors document: OpenAI chat completions and responses,
// Anthropic messages, Gemini (streamed and not), with tools, JSON schema, usage
// figures and errors in each one's own shape. What it answers is decided by a
// handler; faults are part of the answer. Written from the vendors' references
// and not from our client, so that the two can disagree.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace treesmith {

enum class StubDialect { kOpenAiChat, kOpenAiResponses, kAnthropic, kGemini };

struct StubRequest {
  std::string path;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  StubDialect dialect = StubDialect::kOpenAiChat;
  bool stream = false;
  bool wants_schema = false;
  bool wants_tool = false;
  std::string tool_name;
  int64_t serial = 0;  // 0 for the first request of the server
};

// What goes wrong while an answer is sent.
enum class StubFault {
  kNone,
  kResetBeforeAnswer,  // the connection breaks before the first byte
  kResetMidStream,     // ... after half of the body
  kStallBeforeAnswer,  // silence instead of an answer
  kStallMidStream,     // silence after half of the body
  kHalfJson,           // an orderly end after half of the body
  kNoEnd,              // a stream without the event that ends it
};

struct StubAnswer {
  int status = 200;
  std::map<std::string, std::string> headers = {};
  // With a status of 400 and more: the error's words, in the dialect's shape.
  std::string error = {};
  std::string error_type = {};
  std::string error_code = {};

  std::string text = {};
  std::string reasoning = {};
  // Sent as a tool call when the request has a tool, else as the text.
  std::string json = {};
  std::string stop = "stop";  // stop, length, refusal
  int64_t input_tokens = 10;
  int64_t cached_tokens = 0;
  int64_t output_tokens = 5;
  int64_t reasoning_tokens = 0;
  bool tell_usage = true;
  // The answer's text arrives in this many events.
  int pieces = 4;
  std::chrono::milliseconds between_pieces{0};
  // Bytes of one network write; 0: an event a write. 1 splits everything.
  size_t write_bytes = 0;
  bool crlf = false;
  // Ignores `stream: true`, as some servers do.
  bool never_stream = false;
  StubFault fault = StubFault::kNone;
  // Sent as it is instead of all of the above.
  std::optional<std::string> raw_body = std::nullopt;
};

using StubHandler = std::function<StubAnswer(const StubRequest& request)>;

class StubLlmServer {
 public:
  // Called by the connections' threads, several at once.
  explicit StubLlmServer(StubHandler handler);
  ~StubLlmServer();
  StubLlmServer(const StubLlmServer&) = delete;
  StubLlmServer& operator=(const StubLlmServer&) = delete;

  // "http://127.0.0.1:PORT"
  [[nodiscard]] std::string url() const;
  // All requests so far, in order of arrival.
  [[nodiscard]] std::vector<StubRequest> requests() const;
  // The largest number of requests that were being answered at once.
  [[nodiscard]] int most_at_once() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace treesmith
