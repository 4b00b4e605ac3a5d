#include "llm/wire_client.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "llm/structured.h"

namespace treesmith {
namespace {

// No script and no reasoning is as long as this; a server that never ends its
// answer is cut off here.
constexpr size_t kLargestAnswerBytes = size_t{64} << 20;
// Around each message of a chat template.
constexpr int64_t kTemplateTokens = 64;
constexpr double kBytesPerToken = 4.0;

bool IsStream(const HttpResponse& head) {
  const auto type = head.headers.find("content-type");
  return type != head.headers.end() &&
         type->second.find("text/event-stream") != std::string::npos;
}

// Local models write their reasoning into the text, between these marks; some
// templates open the mark in the prompt, so that only its end is seen.
void MoveThinking(WireReply& wire) {
  constexpr std::string_view kOpen = "<think>";
  constexpr std::string_view kClose = "</think>";
  const size_t start = wire.text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return;
  const bool opened = wire.text.compare(start, kOpen.size(), kOpen) == 0;
  const size_t close = wire.text.find(kClose);
  if (close == std::string::npos) {
    if (!opened) return;
    // Cut off while it was still thinking: nothing of it is the answer.
    wire.reasoning += wire.text.substr(start + kOpen.size());
    wire.text.clear();
    return;
  }
  if (!opened && wire.text.find(kOpen) < close) return;
  const size_t begin = opened ? start + kOpen.size() : 0;
  wire.reasoning += wire.text.substr(begin, close - begin);
  wire.text.erase(0, close + kClose.size());
}

// Figures that no answer can have: wrong by design or by a bug of the server.
bool Plausible(const Usage& usage, const LlmRequest& request,
               size_t answer_bytes) {
  if (usage.tokens_in <= 0 || usage.tokens_out < 0) return false;
  if (usage.tokens_out == 0 && answer_bytes > 0) return false;
  if (usage.tokens_cached < 0 || usage.tokens_reasoning < 0) return false;
  return usage.tokens_in <= 2 * MostInputTokens(request) &&
         usage.tokens_out <=
             4 * static_cast<int64_t>(request.max_output_tokens) +
                 static_cast<int64_t>(answer_bytes);
}

LlmFinish FinishOf(const WireReply& wire) {
  if (wire.finish == WireFinish::kRefusal || !wire.refusal.empty()) {
    return LlmFinish::kRefusal;
  }
  if (wire.finish == WireFinish::kLength) return LlmFinish::kLength;
  const bool empty =
      wire.text.find_first_not_of(" \t\r\n") == std::string::npos &&
      wire.tool_arguments.empty();
  return empty ? LlmFinish::kEmpty : LlmFinish::kStop;
}

}  // namespace

// What one HTTP answer has brought so far.
struct WireClient::Arrival {
  SseParser parser;
  WireReply wire;
  std::string body;  // when it is no stream
  size_t bytes = 0;
};

WireClient::WireClient(Endpoint endpoint, std::optional<Prices> prices,
                       SharedOptions& options, HttpTransport& transport,
                       Clock& clock)
    : endpoint_(std::move(endpoint)),
      prices_(prices),
      options_(options),
      transport_(transport),
      clock_(clock) {}

LlmOutcome WireClient::Call(const LlmRequest& request, std::stop_token stop) {
  const WireOptions options = *options_.Lock();
  const auto start = clock_.Now();
  Arrival arrival;
  const HttpResponse response = transport_.Send(
      MakeHttpRequest(request, options),
      [&](const HttpResponse& head, std::string_view piece) {
        arrival.bytes += piece.size();
        if (arrival.bytes > kLargestAnswerBytes) return false;
        if (head.status / 100 == 2 && IsStream(head)) {
          for (const SseEvent& event : arrival.parser.Push(piece)) {
            endpoint_.format->on_event(event, arrival.wire);
          }
          return arrival.wire.error.empty();
        }
        arrival.body += piece;
        return true;
      },
      std::move(stop));
  for (const SseEvent& event : arrival.parser.Finish()) {
    endpoint_.format->on_event(event, arrival.wire);
  }
  LlmOutcome outcome{.answer = Conclude(request, options, response, arrival),
                     .hints = ReadRateHints(response.headers)};
  outcome.usage().time =
      std::chrono::duration_cast<Milliseconds>(clock_.Now() - start);
  return outcome;
}

HttpRequest WireClient::MakeHttpRequest(const LlmRequest& request,
                                        const WireOptions& options) const {
  HttpRequest http{.url = endpoint_.base_url + endpoint_.format->path(options) +
                          endpoint_.query,
                   .headers = endpoint_.headers,
                   .key_header = endpoint_.key_header,
                   .key_prefix = endpoint_.key_prefix,
                   .key = endpoint_.key,
                   .body = endpoint_.format->body(request, options),
                   .timeouts = endpoint_.timeouts};
  http.headers["content-type"] = "application/json";
  http.headers["accept"] = options.stream
                               ? "text/event-stream, application/json"
                               : "application/json";
  return http;
}

std::variant<LlmReply, LlmFailure> WireClient::Conclude(
    const LlmRequest& request, const WireOptions& options,
    const HttpResponse& response, Arrival& arrival) const {
  WireReply& wire = arrival.wire;
  const bool success = response.status / 100 == 2;
  const auto fail = [&](LlmFailure failure, bool charged) {
    failure.usage.calls = 1;
    bool estimated = false;
    if (charged) failure.usage = Book(request, wire, estimated);
    return failure;
  };
  if (response.status != 0 && !success && response.end == HttpEnd::kComplete) {
    const auto refusal =
        RefusalFromStatus(response.status, arrival.body, endpoint_.key);
    if (!refusal) {
      // Rejected before any work: providers charge nothing for that.
      return fail(
          FailureFromStatus(endpoint_.label, response.status, response.headers,
                            arrival.body, endpoint_.key),
          false);
    }
    wire.refusal = *refusal;
    wire.finish = WireFinish::kRefusal;
    wire.ended = true;
  }
  if (!wire.error.empty()) {
    return fail(
        FailureFromErrorEvent(endpoint_.label, wire.error, endpoint_.key),
        true);
  }
  if (response.end != HttpEnd::kComplete && !wire.ended) {
    return fail(FailureFromTransfer(endpoint_.label, response, endpoint_.key),
                response.sent);
  }
  if (success && !IsStream(response) &&
      !endpoint_.format->on_body(arrival.body, wire)) {
    return fail({.kind = FailureKind::kMalformed,
                 .message = "ask " + endpoint_.label +
                            ": the answer is not the JSON it should be"},
                true);
  }
  if (!wire.error.empty()) {
    return fail(
        FailureFromErrorEvent(endpoint_.label, wire.error, endpoint_.key),
        true);
  }
  if (!wire.ended) {
    return fail(
        {.kind = FailureKind::kMalformed,
         .message = "ask " + endpoint_.label + ": the answer has no end"},
        true);
  }
  MoveThinking(wire);
  LlmReply reply;
  reply.finish = FinishOf(wire);
  if (request.schema && reply.finish != LlmFinish::kRefusal) {
    reply.structured = FindJsonObject(
        wire.tool_arguments.empty() ? wire.text : wire.tool_arguments);
  }
  reply.usage = Book(request, wire, reply.usage_estimated);
  reply.text = wire.text.empty() ? wire.refusal : std::move(wire.text);
  if (reply.text.empty()) reply.text = wire.tool_arguments;
  reply.text = endpoint_.key.ScrubExact(reply.text);
  reply.structured = endpoint_.key.ScrubExact(reply.structured);
  reply.reasoning = endpoint_.key.ScrubExact(wire.reasoning);
  reply.model = wire.model.empty() ? options.model : wire.model;
  reply.request_hash = HashRequest(request, endpoint_.label);
  return reply;
}

// The provider's figures where they can be true, else an estimate.
Usage WireClient::Book(const LlmRequest& request, const WireReply& wire,
                       bool& estimated) const {
  const size_t answer_bytes = wire.text.size() + wire.reasoning.size() +
                              wire.tool_arguments.size() + wire.refusal.size();
  Usage usage;
  estimated = !wire.usage || !Plausible(*wire.usage, request, answer_bytes);
  if (estimated) {
    usage.tokens_in = LikelyTokens(PromptBytes(request)) + 1;
    usage.tokens_out = LikelyTokens(answer_bytes);
    usage.tokens_reasoning = LikelyTokens(wire.reasoning.size());
  } else {
    usage = *wire.usage;
  }
  usage.calls = 1;
  usage.tokens_cached = std::min(usage.tokens_cached, usage.tokens_in);
  usage.tokens_reasoning = std::min(usage.tokens_reasoning, usage.tokens_out);
  usage.cost_usd.reset();
  if (wire.cost_usd) {
    usage.cost_usd = wire.cost_usd;
  } else if (prices_) {
    usage.cost_usd = CostOf(usage, estimated ? 0 : wire.cache_writes, *prices_);
  }
  return usage;
}

int64_t MostInputTokens(const LlmRequest& request) {
  return static_cast<int64_t>(PromptBytes(request)) +
         kTemplateTokens * (2 + static_cast<int64_t>(request.turns.size())) +
         (request.schema ? 8 * kTemplateTokens : 0);
}

int64_t LikelyTokens(size_t bytes) {
  return std::llround(static_cast<double>(bytes) / kBytesPerToken);
}

double CostOf(const Usage& usage, int64_t cache_writes, const Prices& prices) {
  const int64_t fresh = usage.tokens_in - usage.tokens_cached;
  const int64_t written = std::clamp<int64_t>(cache_writes, 0, fresh);
  return (static_cast<double>(fresh - written) * prices.input +
          static_cast<double>(written) * prices.cache_write +
          static_cast<double>(usage.tokens_cached) * prices.cached +
          static_cast<double>(usage.tokens_out) * prices.output) /
         1e6;
}

}  // namespace treesmith
