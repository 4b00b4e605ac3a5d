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

int Smaller(const std::optional<int>& limit, int other) {
  return std::min(limit.value_or(other), other);
}

}  // namespace

Adapting::Adapting(std::unique_ptr<LlmClient> inner, std::string label,
                   SharedOptions& options, NoticeSink notice)
    : inner_(std::move(inner)),
      label_(std::move(label)),
      options_(options),
      notice_(std::move(notice)),
      known_limit_(options.Lock()->largest_output) {}

LlmOutcome Adapting::Call(const LlmRequest& request, std::stop_token stop) {
  Usage spent;
  bool on_trial = false;  // with less room than any limit that is known
  for (int changes = 0;; ++changes) {
    WireOptions asked = *options_.Lock();
    asked.largest_output = OutputLimit(request, asked);
    LlmOutcome outcome = inner_->Call(request, stop);
    const LlmFailure* failure = outcome.failure();
    const bool again =
        changes < kMostAdaptations &&
        (failure != nullptr ? failure->kind == FailureKind::kParameter &&
                                  Adapt(*failure, asked, on_trial)
                            : LeaveTools(request, asked, *outcome.reply()));
    Usage& used = outcome.usage();
    if (!again) {
      // With the least room for an answer it is the question that is too long.
      if (failure != nullptr && failure->kind == FailureKind::kParameter &&
          failure->parameter == Parameter::kOutputLimit) {
        outcome.failure()->kind = FailureKind::kTooLong;
      }
      if (on_trial)
        EndTrial(/*answered=*/failure == nullptr, *asked.largest_output);
      used += spent;
      return outcome;
    }
    spent += used;
  }
}

bool Adapting::Adapt(const LlmFailure& failure, const WireOptions& asked,
                     bool& on_trial) {
  if (failure.parameter == Parameter::kOutputLimit) {
    const int room = *asked.largest_output;
    const int named = failure.largest_output.value_or(room);
    if (named < room) {
      KnowLimit(named);
      return true;
    }
    if (room / 2 < kSmallestOutput) return false;
    on_trial = true;
    auto options = options_.Lock();
    options->largest_output = Smaller(options->largest_output, room / 2);
    return true;
  }
  WireOptions changed = asked;
  const std::string dropped = Drop(failure, changed);
  if (dropped.empty()) return false;
  bool first = false;
  {
    auto options = options_.Lock();
    // Another thread may have met the same rejection meanwhile.
    first = !Drop(failure, *options).empty();
  }
  if (first) Tell("does not take " + dropped);
  return true;
}

void Adapting::KnowLimit(int limit) {
  bool first = false;
  {
    auto options = options_.Lock();
    first = !known_limit_ || limit < *known_limit_;
    known_limit_ = Smaller(known_limit_, limit);
    options->largest_output = Smaller(options->largest_output, limit);
  }
  if (first) {
    Tell("does not take more than " + std::to_string(limit) + " output tokens");
  }
}

void Adapting::EndTrial(bool answered, int limit) {
  if (answered) {
    KnowLimit(limit);
    return;
  }
  auto options = options_.Lock();
  options->largest_output = known_limit_;
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
