#include "operators/llm/llm_reviewer.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "operators/llm/ask.h"
#include "operators/llm/text.h"
#include "operators/review.h"
#include "sandbox/classify.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

constexpr size_t kFindingBytes = 600;
constexpr size_t kCodeBytes = 24'000;
constexpr size_t kGoalBytes = 2'000;
// A short answer, but a reasoning model thinks before it.
constexpr int kReviewTokens = 4'096;

LlmSchema ReviewSchema(bool metric_wanted) {
  Json properties = {{"finding", {{"type", "string"}}}};
  Json required = {"finding"};
  if (metric_wanted) {
    properties["metric"] = {{"type", {"number", "null"}}};
    required.push_back("metric");
  }
  const Json schema = {{"type", "object"},
                       {"properties", properties},
                       {"required", required},
                       {"additionalProperties", false}};
  return {.name = "review",
          .description = "What is to be learnt from the run of a script.",
          .json = schema.dump()};
}

// Whether `output` shows this number: models round, invent and compute. Digits
// are compared as numbers, so 0.50 is 0.5.
bool Shows(std::string_view output, double value) {
  constexpr std::string_view kNumber = "+-.0123456789eE";
  constexpr double kRounding = 1e-12;
  size_t at = 0;
  while (at < output.size()) {
    const size_t begin = output.find_first_of("0123456789.+-", at);
    if (begin == std::string_view::npos) return false;
    const size_t end =
        std::min(output.find_first_not_of(kNumber, begin), output.size());
    const std::string word(output.substr(begin, end - begin));
    char* stopped = nullptr;
    const double number = std::strtod(word.c_str(), &stopped);
    if (stopped != word.c_str() &&
        std::abs(number - value) <= kRounding * std::abs(value)) {
      return true;
    }
    at = end;
  }
  return false;
}

std::optional<double> ReadNumber(const Json& json) {
  double value = std::numeric_limits<double>::quiet_NaN();
  if (json.is_number()) value = json.get<double>();
  if (json.is_string()) {
    const std::string text = json.get<std::string>();
    char* stopped = nullptr;
    value = std::strtod(text.c_str(), &stopped);
    if (stopped == text.c_str() || *stopped != '\0') return std::nullopt;
  }
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

Review ReadReview(const std::string& structured) {
  Review review;
  const Json answer = Json::parse(structured, nullptr, false);
  if (!answer.is_object()) return review;
  const auto finding = answer.find("finding");
  if (finding != answer.end() && finding->is_string()) {
    review.finding = ClipSentences(finding->get<std::string>(), kFindingBytes);
  }
  const auto metric = answer.find("metric");
  if (metric != answer.end()) review.metric = ReadNumber(*metric);
  return review;
}

}  // namespace

bool LlmReviewer::Wanted(const ReviewQuestion& question) {
  if (question.metric_wanted) return true;
  switch (question.outcome.kind) {
    case OutcomeKind::kCrash:
      return ExceptionLine(question.output).empty();
    case OutcomeKind::kNoSubmission:
      return !question.output.empty();
    default:
      return false;
  }
}

Result<Review> LlmReviewer::Ask(const ReviewQuestion& question,
                                std::stop_token stop) {
  const PromptFacts& facts = parts_.facts;
  const std::string output =
      ClipMiddle(question.output, parts_.options.output_bytes);
  LlmRequest request;
  request.tail = parts_.prompts.Render(
      "review", {{"metric_wanted", question.metric_wanted ? "yes" : ""},
                 {"metric", facts.metric},
                 {"goal", ClipSentences(facts.task.goal, kGoalBytes)},
                 {"plan", question.plan},
                 {"code", ClipMiddle(question.code, kCodeBytes)}});
  request.measured = parts_.prompts.Render(
      "measured",
      {{"failure", question.outcome.scored() ? "It ended in order."
                                             : ReviewFailure(question.outcome)},
       {"warning", ""},
       {"output", output.empty() ? "(nothing)" : output},
       {"other_output", ""},
       {"budget", ""}});
  request.schema = ReviewSchema(question.metric_wanted);
  request.max_output_tokens = kReviewTokens;
  request.purpose = LlmPurposeName(LlmPurpose::kReview);
  request.step = static_cast<uint64_t>(question.step.value);
  TRY_ASSIGN(const LlmReply reply,
             AskModel(parts_.clients.For(LlmPurpose::kReview), request,
                      std::move(stop)));
  Review review = ReadReview(reply.structured);
  review.usage = reply.usage;
  const bool shown = question.metric_wanted && review.metric &&
                     Shows(question.output, *review.metric);
  if (!shown) review.metric.reset();
  return review;
}

}  // namespace treesmith
