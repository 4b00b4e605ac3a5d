#include "llm/adapting.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace treesmith {
namespace {

// More than a model can reject one after another.
constexpr int kMostAdaptations = 12;
// A limit of output tokens that is not named in the error is halved, down to
// what a script needs: with less it is the question that has to be shorter.
constexpr int kSmallestOutput = 2'048;

// Switches one thing off; what it was, or empty when it was off already.
std::string Drop(const LlmFailure& failure, WireOptions& options) {
  switch (failure.parameter) {
    case Parameter::kTemperature:
      return std::exchange(options.temperature, false) ? "temperature" : "";
    case Parameter::kMaxTokens:
      return std::exchange(options.max_completion_tokens, true)
                 ? ""
                 : "max_tokens, in favour of max_completion_tokens";
    case Parameter::kMaxCompletionTokens:
      return std::exchange(options.max_completion_tokens, false)
                 ? "max_completion_tokens, in favour of max_tokens"
                 : "";
    case Parameter::kSystemRole:
      return std::exchange(options.system_role, false) ? "system role" : "";
    case Parameter::kStreamOptions:
      return std::exchange(options.stream_usage, false) ? "stream_options" : "";
    case Parameter::kStream:
      return std::exchange(options.stream, false) ? "stream" : "";
    case Parameter::kCacheControl:
      return std::exchange(options.cache_marks, false) ? "cache_control" : "";
    case Parameter::kResponseFormat:
      if (options.structured != StructuredMode::kSchema) return "";
      options.structured = StructuredMode::kTool;
      return "JSON schema, in favour of a tool call";
    case Parameter::kTools:
      if (options.structured == StructuredMode::kText) return "";
      options.structured = StructuredMode::kText;
      return "tools, in favour of JSON in the text";
    default:
      return "";
  }
}

std::string LowerLimit(const LlmFailure& failure, int asked,
                       WireOptions& options) {
  const int named = failure.largest_output.value_or(asked);
  const int limit = named < asked ? named : asked / 2;
  if (named >= asked && limit < kSmallestOutput) return "";
  options.largest_output = limit;
  return "more than " + std::to_string(limit) + " output tokens";
}

}  // namespace

Adapting::Adapting(std::unique_ptr<LlmClient> inner, std::string label,
                   SharedOptions& options, NoticeSink notice)
    : inner_(std::move(inner)),
      label_(std::move(label)),
      options_(options),
      notice_(std::move(notice)) {}

LlmOutcome Adapting::Call(const LlmRequest& request, std::stop_token stop) {
  Usage spent;
  for (int changes = 0;; ++changes) {
    WireOptions asked = *options_.Lock();
    asked.largest_output = OutputLimit(request, asked);
    LlmOutcome outcome = inner_->Call(request, stop);
    const LlmFailure* failure = outcome.failure();
    const bool again =
        changes < kMostAdaptations &&
        (failure != nullptr ? failure->kind == FailureKind::kParameter &&
                                  Adapt(*failure, asked)
                            : LeaveTools(request, asked, *outcome.reply()));
    Usage& used = outcome.usage();
    if (!again) {
      // With the least room for an answer it is the question that is too long.
      if (failure != nullptr && failure->kind == FailureKind::kParameter &&
          failure->parameter == Parameter::kOutputLimit) {
        outcome.failure()->kind = FailureKind::kTooLong;
      }
      used += spent;
      return outcome;
    }
    spent += used;
  }
}

bool Adapting::Adapt(const LlmFailure& failure, const WireOptions& asked) {
  WireOptions changed = asked;
  const std::string dropped =
      failure.parameter == Parameter::kOutputLimit
          ? LowerLimit(failure, *asked.largest_output, changed)
          : Drop(failure, changed);
  if (dropped.empty()) return false;
  bool first = false;
  {
    auto options = options_.Lock();
    WireOptions current = *options;
    // Another thread may have met the same rejection meanwhile.
    if (failure.parameter == Parameter::kOutputLimit) {
      first = !current.largest_output ||
              *current.largest_output > *changed.largest_output;
      if (first) options->largest_output = changed.largest_output;
    } else {
      first = !Drop(failure, current).empty();
      if (first) *options = current;
    }
  }
  if (first) Tell("does not take " + dropped);
  return true;
}

bool Adapting::LeaveTools(const LlmRequest& request, const WireOptions& asked,
                          const LlmReply& reply) {
  if (!request.schema || asked.structured != StructuredMode::kTool ||
      !reply.structured.empty() || reply.finish == LlmFinish::kRefusal) {
    return false;
  }
  if (std::exchange(options_.Lock()->structured, StructuredMode::kText) !=
      StructuredMode::kText) {
    Tell("does not call tools, asked for JSON in the text from now on");
  }
  return true;
}

void Adapting::Tell(const std::string& what) {
  const std::string line = label_ + " " + what;
  LOG(kWarning, "llm", line);
  if (notice_) notice_(line);
}

}  // namespace treesmith
