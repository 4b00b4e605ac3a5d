#include "llm/failure.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "llm/json_node.h"

namespace treesmith {
namespace {

constexpr size_t kLongestMessage = 400;
// Smaller numbers are statuses, versions and parts of others ("16,384"), not
// limits of output.
constexpr int kSmallestLimit = 512;

// What a provider's error body says, in whichever of the known shapes.
struct ErrorBody {
  std::string message;
  std::string type;  // type, code and status together, lower case
  std::string parameter;
  std::optional<Milliseconds> retry_after;
  bool daily = false;  // the quota that was met counts days, not minutes
};

std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kLongestMessage)) {
    line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return ReplaceInvalidUtf8(line);
}

bool Has(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

// Gemini's details: `retryDelay` "31s" and the id of the quota that was met.
void ReadDetails(JsonNode details, ErrorBody& error) {
  for (size_t i = 0; i < details.size(); ++i) {
    std::string delay = details.At(i)["retryDelay"].Text();
    if (delay.ends_with('s')) {
      delay.pop_back();
      double seconds = 0;
      const auto [end, code] =
          std::from_chars(delay.data(), delay.data() + delay.size(), seconds);
      if (code == std::errc() && seconds >= 0 && seconds < 1e6) {
        error.retry_after = Milliseconds(static_cast<int64_t>(seconds * 1e3));
      }
    }
    const JsonNode violations = details.At(i)["violations"];
    for (size_t v = 0; v < violations.size(); ++v) {
      if (violations.At(v)["quotaId"].Text().find("PerDay") !=
          std::string::npos) {
        error.daily = true;
      }
    }
  }
}

ErrorBody ReadErrorBody(std::string_view body) {
  ErrorBody error;
  const std::optional<JsonDocument> document = JsonDocument::Parse(body);
  if (!document) {
    error.message = OneLine(body);
    return error;
  }
  JsonNode root = document->root();
  if (root.IsArray()) root = root.At(0);  // Gemini without SSE
  JsonNode object = root["error"];
  if (object.IsText()) error.message = OneLine(object.Text());  // Ollama
  if (!object.IsObject()) object = root["response"]["error"];
  if (!object.IsObject()) object = root;  // vLLM
  if (error.message.empty()) error.message = OneLine(object["message"].Text());
  // OpenRouter hands on the text of the provider behind it.
  const std::string inner = object["metadata"]["raw"].Text();
  if (!inner.empty()) error.message += " (" + OneLine(inner) + ")";
  for (const char* key : {"type", "code", "status"}) {
    error.type += Lowered(object[key].Text()) + " ";
  }
  error.parameter = object["param"].Text();
  ReadDetails(object["details"], error);
  return error;
}

// Which parameter a message complains about. The words are those of OpenAI,
// Anthropic, Gemini, vLLM and llama.cpp; `param` is exact where it is given.
Parameter RejectedParameter(const ErrorBody& error) {
  const std::string text = Lowered(error.parameter + " " + error.message);
  if (Has(text, {"max_completion_tokens"}) && Has(text, {"max_tokens"})) {
    // "'max_tokens' is not supported ... Use 'max_completion_tokens' instead."
    return text.find("max_tokens") < text.find("max_completion_tokens")
               ? Parameter::kMaxTokens
               : Parameter::kMaxCompletionTokens;
  }
  if (Has(text, {"max_tokens", "max_completion_tokens", "max_output_tokens",
                 "maxoutputtokens"}) &&
      Has(text, {"too large", "at most", "maximum", "less than", "range",
                 "exceed", "<="})) {
    return Parameter::kOutputLimit;
  }
  if (Has(text, {"max_completion_tokens"})) {
    return Parameter::kMaxCompletionTokens;
  }
  if (Has(text, {"temperature"})) return Parameter::kTemperature;
  if (Has(text, {"stream_options", "include_usage"})) {
    return Parameter::kStreamOptions;
  }
  if (Has(text, {"cache_control"})) return Parameter::kCacheControl;
  if (Has(text,
          {"response_format", "json_schema", "output_config", "text.format",
           "responseschema", "response_schema", "responsejsonschema",
           "structured output", "responsemimetype", "json mode"})) {
    return Parameter::kResponseFormat;
  }
  if (Has(text, {"tool_choice", "tools", "tool use", "function call"})) {
    return Parameter::kTools;
  }
  if (Has(text, {"system role", "role 'system'", "role \"system\"",
                 "developer instruction", "system message",
                 "system_instruction", "messages[0].role", "'system'"})) {
    return Parameter::kSystemRole;
  }
  if (Has(text, {"stream"})) return Parameter::kStream;
  return Parameter::kNone;
}

// "Error code: 1210 ...", "(Code=400)": what stands before the number.
bool NamesACode(std::string_view before) {
  while (!before.empty() &&
         std::isalnum(static_cast<unsigned char>(before.back())) == 0) {
    before.remove_suffix(1);
  }
  return Lowered(before).ends_with("code");
}

// "... max_tokens: 99999 > 8192, which is the maximum": the smallest number
// that can be a limit.
std::optional<int> NamedLimit(std::string_view message) {
  std::vector<int> numbers;
  for (size_t i = 0; i < message.size();) {
    if (std::isdigit(static_cast<unsigned char>(message[i])) == 0) {
      ++i;
      continue;
    }
    const bool is_code = NamesACode(message.substr(0, i));
    int value = 0;
    const auto [end, error] = std::from_chars(
        message.data() + i, message.data() + message.size(), value);
    i = static_cast<size_t>(end - message.data());
    if (error == std::errc() && value >= kSmallestLimit && !is_code) {
      numbers.push_back(value);
    }
  }
  if (numbers.empty()) return std::nullopt;
  return *std::ranges::min_element(numbers);
}

bool SaysQuota(int status, const ErrorBody& error) {
  if (status == 402 || error.daily) return true;
  return Has(error.type, {"insufficient_quota", "billing_hard_limit",
                          "billing_not_active", "billing_error"}) ||
         Has(Lowered(error.message),
             {"exceeded your current quota, please check your plan",
              "credit balance is too low", "insufficient credits",
              "insufficient balance", "billing hard limit"});
}

// The prompt would fit, but not with the room that was asked for the answer.
bool SaysTooMuchRoom(const ErrorBody& error) {
  return Has(Lowered(error.message),
             {"max_tokens", "max_completion_tokens", "in the completion",
              "request too large"});
}

bool SaysTooLong(int status, const ErrorBody& error) {
  return status == 413 ||
         Has(error.type,
             {"context_length_exceeded", "exceed_context_size_error"}) ||
         Has(Lowered(error.message),
             {"maximum context length", "prompt is too long",
              "exceeds the available context size", "input token count",
              // More tokens than a minute's limit (429): waiting does not help.
              "context window", "request too large"});
}

bool SaysUnknownModel(int status, const ErrorBody& error) {
  return Has(error.type, {"model_not_found", "deploymentnotfound"}) ||
         ((status == 404 || status == 400) &&
          Has(Lowered(error.message), {"model"}) &&
          Has(Lowered(error.message),
              {"not found", "does not exist", "not a valid model", "unknown",
               "not supported for generatecontent"})) ||
         (status == 404 && Has(error.type, {"not_found"}));
}

FailureKind KindOfStatus(int status, const ErrorBody& error) {
  if (SaysQuota(status, error)) return FailureKind::kQuota;
  if (SaysUnknownModel(status, error)) return FailureKind::kUnknownModel;
  if (status == 401 || status == 403 ||
      Has(error.type, {"authentication_error", "invalid_api_key"}) ||
      Has(Lowered(error.message), {"api key not valid"})) {
    return FailureKind::kKeyRejected;
  }
  // llama.cpp answers 500 for a prompt that is too long and for wrong fields.
  if (SaysTooLong(status, error)) return FailureKind::kTooLong;
  if (status == 429 || Has(error.type, {"rate_limit", "resource_exhausted"})) {
    return FailureKind::kRateLimited;
  }
  if (status == 529 || status == 503 || Has(error.type, {"overloaded"})) {
    return FailureKind::kOverloaded;
  }
  if (status == 408) return FailureKind::kTimeout;
  if (status >= 500 || status == 409 ||
      Has(error.type, {"server_error", "api_error", "internal"})) {
    return FailureKind::kServer;
  }
  return FailureKind::kBadRequest;
}

std::string HintFor(FailureKind kind) {
  switch (kind) {
    case FailureKind::kQuota:
      return "the provider's account is used up; mend it, then resume the run";
    case FailureKind::kKeyRejected:
      return "check the environment variable that holds the key";
    case FailureKind::kUnknownModel:
      return "check the model's name with `treesmith doctor --model MODEL`";
    case FailureKind::kUnreachable:
      return "is the server up, and its address right? then resume the run";
    default:
      return {};
  }
}

// `text`: "HTTP 429" or what stands for it.
LlmFailure FailureFromBody(const std::string& who, int status,
                           const std::string& text, const ErrorBody& error,
                           const Secret& key) {
  LlmFailure failure;
  failure.kind = KindOfStatus(status, error);
  failure.http_status = status;
  failure.retry_after = error.retry_after;
  if (failure.kind == FailureKind::kBadRequest) {
    failure.parameter = RejectedParameter(error);
    if (failure.parameter == Parameter::kOutputLimit) {
      failure.largest_output = NamedLimit(error.message);
    }
  } else if (failure.kind == FailureKind::kTooLong && SaysTooMuchRoom(error)) {
    failure.parameter = Parameter::kOutputLimit;
  }
  if (failure.parameter != Parameter::kNone) {
    failure.kind = FailureKind::kParameter;
  }
  failure.message = "ask " + who + ": " + text;
  if (!error.message.empty()) {
    failure.message += ", " + key.Scrub(error.message);
  }
  failure.hint = HintFor(failure.kind);
  return failure;
}

std::string Header(const HttpHeaders& headers, const std::string& name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

}  // namespace

bool IsTransient(FailureKind kind) {
  switch (kind) {
    case FailureKind::kRateLimited:
    case FailureKind::kOverloaded:
    case FailureKind::kServer:
    case FailureKind::kConnection:
    case FailureKind::kTimeout:
    case FailureKind::kMalformed:
    case FailureKind::kUnreachable:
      return true;
    default:
      return false;
  }
}

std::string_view FailureName(FailureKind kind) {
  switch (kind) {
    case FailureKind::kRateLimited:
      return "rate limited";
    case FailureKind::kOverloaded:
      return "overloaded";
    case FailureKind::kServer:
      return "server error";
    case FailureKind::kConnection:
      return "connection";
    case FailureKind::kTimeout:
      return "timeout";
    case FailureKind::kMalformed:
      return "malformed answer";
    case FailureKind::kQuota:
      return "quota used up";
    case FailureKind::kBudget:
      return "budget used up";
    case FailureKind::kKeyRejected:
      return "key rejected";
    case FailureKind::kUnknownModel:
      return "unknown model";
    case FailureKind::kParameter:
      return "parameter rejected";
    case FailureKind::kTooLong:
      return "prompt too long";
    case FailureKind::kBadRequest:
      return "bad request";
    case FailureKind::kCancelled:
      return "cancelled";
    case FailureKind::kUnreachable:
      return "unreachable";
  }
  CHECK(false);
}

Error ToError(const LlmFailure& failure) {
  ErrorKind kind = ErrorKind::kFailed;
  switch (failure.kind) {
    case FailureKind::kQuota:
    case FailureKind::kBudget:
      kind = ErrorKind::kFull;
      break;
    case FailureKind::kKeyRejected:
    case FailureKind::kUnknownModel:
      kind = ErrorKind::kBadInput;
      break;
    case FailureKind::kCancelled:
      kind = ErrorKind::kCancelled;
      break;
    default:
      if (IsTransient(failure.kind)) kind = ErrorKind::kLost;
  }
  return {kind, failure.message, failure.hint};
}

LlmFailure FailureFromStatus(const std::string& who, int status,
                             const HttpHeaders& headers, std::string_view body,
                             const Secret& key) {
  LlmFailure failure = FailureFromBody(
      who, status, "HTTP " + std::to_string(status), ReadErrorBody(body), key);
  const RateHints hints = ReadRateHints(headers);
  if (hints.retry_after) failure.retry_after = hints.retry_after;
  failure.retry_forbidden = Header(headers, "x-should-retry") == "false";
  return failure;
}

std::optional<std::string> RefusalFromStatus(int status, std::string_view body,
                                             const Secret& key) {
  if (status != 400 && status != 403 && status != 422) return std::nullopt;
  const ErrorBody error = ReadErrorBody(body);
  const bool filtered =
      Has(error.type, {"content_filter", "content_policy_violation",
                       "invalid_prompt", "data_inspection_failed"}) ||
      Has(Lowered(error.message),
          {"content filter", "content management policy", "input was flagged",
           "prompt was flagged", "content exists risk"});
  if (!filtered) return std::nullopt;
  return key.Scrub(error.message);
}

LlmFailure FailureFromErrorEvent(const std::string& who, std::string_view json,
                                 const Secret& key) {
  // A number in `code` is the status that the provider would have sent.
  int status = 0;
  if (const auto document = JsonDocument::Parse(json)) {
    status = static_cast<int>(std::clamp<int64_t>(
        document->root()["error"]["code"].Integer().value_or(0), 0, 999));
  }
  LlmFailure failure = FailureFromBody(who, status, "error in the answer",
                                       ReadErrorBody(json), key);
  // The request was accepted before; whatever came up later may pass.
  if (status == 0 && failure.kind == FailureKind::kBadRequest) {
    failure.kind = FailureKind::kServer;
  }
  return failure;
}

LlmFailure FailureFromTransfer(const std::string& who,
                               const HttpResponse& response,
                               const Secret& key) {
  CHECK(response.end != HttpEnd::kComplete);
  const auto make = [&](FailureKind kind, const std::string& cause) {
    LlmFailure failure{.kind = kind, .message = "ask " + who + ": " + cause};
    if (!response.error.empty()) {
      failure.message += ", " + key.Scrub(OneLine(response.error));
    }
    return failure;
  };
  const auto unreachable = [&](const std::string& cause) {
    LlmFailure failure = make(FailureKind::kUnreachable, cause);
    failure.hint = HintFor(failure.kind);
    return failure;
  };
  switch (response.end) {
    case HttpEnd::kCancelled:
      return make(FailureKind::kCancelled, "stopped");
    case HttpEnd::kNoConnection:
      return unreachable("no connection");
    case HttpEnd::kConnectTimeout:
      return unreachable("no connection in time");
    case HttpEnd::kFirstByteTimeout:
      return make(FailureKind::kTimeout, "no answer in time");
    case HttpEnd::kSilence:
      return make(FailureKind::kTimeout, "the answer stalled");
    case HttpEnd::kTotalTimeout:
      return make(FailureKind::kTimeout, "the answer took too long");
    case HttpEnd::kUnusable:
      return make(FailureKind::kBadRequest, "the address cannot be used");
    case HttpEnd::kCut:
      return make(FailureKind::kMalformed, "the answer is too large");
    default:
      return make(FailureKind::kConnection, "the connection broke");
  }
}

}  // namespace treesmith
