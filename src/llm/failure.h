// LlmFailure: why a call of a language model gave no answer.
//
// The class decides what happens next: some are tried again, some end the run
// in order, some are the user's to mend. A refusal or an empty answer is not a
// failure but an LlmReply.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "llm/http_transport.h"
#include "llm/secret.h"
#include "model/usage.h"

namespace treesmith {

enum class FailureKind {
  // Tried again, a bounded number of times.
  kRateLimited,
  kOverloaded,
  kServer,      // 5xx
  kConnection,  // reset, cut off
  kTimeout,
  kMalformed,  // half JSON, a stream without an end
  // The run ends in order, its state kept.
  kQuota,   // the provider's account is used up
  kBudget,  // --max-tokens or --max-cost would be passed
  // The user's to mend.
  kKeyRejected,
  kUnknownModel,
  // About this request.
  kParameter,  // the model does not take a parameter
  kTooLong,    // prompt and answer do not fit the model's context
  kBadRequest,
  kCancelled,
  // Nobody is there: refused, no such host, no connection in time. Tried again
  // a few times only. (Last, since logs and cassettes keep the numbers.)
  kUnreachable,
};

// What a model may reject and can do without.
enum class Parameter {
  kNone,
  kTemperature,
  kMaxTokens,            // wants max_completion_tokens
  kMaxCompletionTokens,  // wants max_tokens
  kSystemRole,
  kTools,
  kResponseFormat,
  kStreamOptions,
  kStream,
  kCacheControl,
  kOutputLimit,  // the number of output tokens is above the model's
};

// When to ask again, as the provider's headers tell. Absent: it does not tell.
struct RateHints {
  std::optional<Milliseconds> retry_after;
  std::optional<int64_t> remaining_requests;
  std::optional<int64_t> remaining_tokens;
  std::optional<Milliseconds> requests_reset;
  std::optional<Milliseconds> tokens_reset;
};

struct LlmFailure {
  FailureKind kind = FailureKind::kBadRequest;
  // "<act> <object>: <cause>", one line, scrubbed of keys.
  std::string message;
  std::string hint = {};
  int http_status = 0;
  std::optional<Milliseconds> retry_after = std::nullopt;
  bool retry_forbidden = false;  // the provider said so
  Parameter parameter = Parameter::kNone;
  // The largest value that the provider names, for kOutputLimit.
  std::optional<int> largest_output = std::nullopt;
  // What the failed call has used; `calls` counts it once it was sent.
  Usage usage = {};
};

[[nodiscard]] bool IsTransient(FailureKind kind);
// Short word for logs and tables: "rate limited", "server" ...
[[nodiscard]] std::string_view FailureName(FailureKind kind);

// kFull for quota and budget, kBadInput for key and model, kCancelled,
// kLost for what was tried again in vain, else kFailed.
[[nodiscard]] Error ToError(const LlmFailure& failure);

// Reads a status that is not 2xx and its body, in any provider's words.
// `who` names provider and model.
[[nodiscard]] LlmFailure FailureFromStatus(const std::string& who, int status,
                                           const HttpHeaders& headers,
                                           std::string_view body,
                                           const Secret& key);
// A status that is not 2xx because a filter of the provider declined question
// or answer: the model's refusal in other clothes. What the filter says, with
// keys scrubbed; nothing where it is another error.
[[nodiscard]] std::optional<std::string> RefusalFromStatus(
    int status, std::string_view body, const Secret& key);
// An error object inside a stream that began with 200.
[[nodiscard]] LlmFailure FailureFromErrorEvent(const std::string& who,
                                               std::string_view json,
                                               const Secret& key);
// A transfer that did not end in order. REQUIRES: end is not kComplete.
[[nodiscard]] LlmFailure FailureFromTransfer(const std::string& who,
                                             const HttpResponse& response,
                                             const Secret& key);

[[nodiscard]] RateHints ReadRateHints(const HttpHeaders& headers);

}  // namespace treesmith
