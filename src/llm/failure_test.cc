// Error bodies in the shapes that providers document or were seen to send.
#include "llm/failure.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

LlmFailure Read(int status, const std::string& body,
                const HttpHeaders& headers = {}) {
  return FailureFromStatus("m", status, headers, body, Secret());
}

TEST(FailureTest, RejectedParametersAreNamed) {
  const auto parameter = [](const std::string& message) {
    const LlmFailure failure =
        Read(400, R"({"error":{"type":"invalid_request_error","message":")" +
                      message + "\"}}");
    EXPECT_EQ(failure.kind, FailureKind::kParameter) << message;
    return failure.parameter;
  };
  EXPECT_EQ(parameter("Unsupported parameter: 'max_tokens' is not supported "
                      "with this model. Use 'max_completion_tokens' instead."),
            Parameter::kMaxTokens);
  EXPECT_EQ(parameter("Unrecognized request argument supplied: "
                      "max_completion_tokens"),
            Parameter::kMaxCompletionTokens);
  EXPECT_EQ(parameter("max_tokens: 64000 > 8192, which is the maximum allowed "
                      "number of output tokens"),
            Parameter::kOutputLimit);
  EXPECT_EQ(parameter("Developer instruction is not enabled for this model"),
            Parameter::kSystemRole);
  EXPECT_EQ(parameter("This model does not support tool_choice"),
            Parameter::kTools);
  EXPECT_EQ(parameter("'response_format' of type 'json_schema' is not "
                      "supported with this model"),
            Parameter::kResponseFormat);
  EXPECT_EQ(parameter("`temperature` may only be set to 1 when thinking is "
                      "enabled"),
            Parameter::kTemperature);
}

TEST(FailureTest, TheLargestOutputIsReadFromTheMessage) {
  EXPECT_EQ(Read(400, R"({"error":{"message":"max_tokens: 64000 > 8192, )"
                      R"(which is the maximum"}})")
                .largest_output,
            8192);
}

// A limit of 400 tokens would hold for the whole run and cut every script.
TEST(FailureTest, ACodeIsNoLimitOfOutput) {
  const auto limit = [](const std::string& message) {
    return Read(400, R"({"error":{"message":")" + message + "\"}}")
        .largest_output;
  };
  EXPECT_EQ(limit("Error code: 400 - max_tokens is too large: 99999. This "
                  "model supports at most 16384 completion tokens"),
            16384);
  EXPECT_EQ(limit("code 1210, max_tokens must be at most 4096"), 4096);
  EXPECT_EQ(limit("(Code=1210) max_tokens must be at most 4096"), 4096);
  EXPECT_EQ(limit("max_tokens must be at most 16,384"), std::nullopt);
  EXPECT_EQ(limit("max_tokens: the maximum is 511"), std::nullopt);
  EXPECT_EQ(limit("max_tokens: the maximum is 512"), 512);
}

// A small local model cannot give the default room for an answer.
TEST(FailureTest, TooMuchRoomForTheAnswerIsNoPromptThatIsTooLong) {
  const LlmFailure failure = Read(
      400,
      R"({"message":"This model's maximum context length is 8192 tokens. )"
      R"(However, you requested 20480 tokens (4096 in the messages, 16384 in )"
      R"(the completion).","type":"BadRequestError","code":400})");
  EXPECT_EQ(failure.kind, FailureKind::kParameter);
  EXPECT_EQ(failure.parameter, Parameter::kOutputLimit);
  EXPECT_EQ(failure.largest_output, std::nullopt);
}

TEST(FailureTest, ProvidersOwnWordsHaveTheirClasses) {
  EXPECT_EQ(Read(400, R"({"error":{"message":"Your credit balance is too low )"
                      R"(to access the API"}})")
                .kind,
            FailureKind::kQuota);
  EXPECT_EQ(
      Read(402, R"({"error":{"code":402,"message":"Insufficient credits"}})")
          .kind,
      FailureKind::kQuota);
  EXPECT_EQ(Read(400, R"([{"error":{"code":400,"message":"API key not valid.",)"
                      R"("status":"INVALID_ARGUMENT"}}])")
                .kind,
            FailureKind::kKeyRejected);
  EXPECT_EQ(Read(404, R"({"error":"model 'x' not found"})").kind,
            FailureKind::kUnknownModel);
  EXPECT_EQ(Read(400, R"({"error":{"code":400,"message":"the request exceeds )"
                      R"(the available context size","type":)"
                      R"("exceed_context_size_error"}})")
                .kind,
            FailureKind::kTooLong);
  EXPECT_EQ(Read(502, "<html>").kind, FailureKind::kServer);
}

// Azure's filter answers 400, OpenRouter's 403: no reason to end a run as a
// rejected key or a bad request would.
TEST(FailureTest, WhatAFilterDeclinesIsARefusal) {
  const auto refusal = [](int status, const std::string& body) {
    return RefusalFromStatus(status, body, Secret());
  };
  EXPECT_EQ(refusal(400, R"({"error":{"code":"content_filter","message":)"
                         R"("The response was filtered","status":400}})"),
            "The response was filtered");
  EXPECT_TRUE(refusal(400, R"({"error":{"code":"invalid_prompt","message":)"
                           R"("Invalid prompt"}})"));
  EXPECT_TRUE(refusal(400, R"({"type":"error","error":{"type":)"
                           R"("invalid_request_error","message":"Output )"
                           R"(blocked by content filtering policy"}})"));
  EXPECT_TRUE(refusal(403, R"({"error":{"code":403,"message":)"
                           R"("Your input was flagged"}})"));
  EXPECT_FALSE(refusal(400, R"({"error":{"message":"Bad request"}})"));
  EXPECT_FALSE(refusal(403, R"({"error":{"message":"Forbidden"}})"));
  EXPECT_FALSE(refusal(500, R"({"error":{"code":"content_filter"}})"));
}

// A minute's tokens of a small account: asking the same again never helps.
TEST(FailureTest, ARequestAboveTheMinutesTokensIsAskedForWithLessRoom) {
  const LlmFailure failure = Read(
      429,
      R"({"error":{"type":"tokens","code":"rate_limit_exceeded","message":)"
      R"("Request too large for m on tokens per min (TPM): Limit 10000, )"
      R"(Requested 22345. The input or output tokens must be reduced."}})");
  EXPECT_EQ(failure.kind, FailureKind::kParameter);
  EXPECT_EQ(failure.parameter, Parameter::kOutputLimit);
  EXPECT_EQ(Read(429, R"({"error":{"code":"rate_limit_exceeded","message":)"
                      R"("Rate limit reached for m on tokens per min"}})")
                .kind,
            FailureKind::kRateLimited);
}

TEST(FailureTest, GeminisDetailsTellDelayAndDailyQuota) {
  const auto body = [](const std::string& quota) {
    return R"({"error":{"code":429,"message":"Quota","status":)"
           R"("RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":")" +
           quota + R"("}]},{"retryDelay":"31.5s"}]}})";
  };
  const LlmFailure minute = Read(429, body("RequestsPerMinutePerProject"));
  EXPECT_EQ(minute.kind, FailureKind::kRateLimited);
  EXPECT_EQ(minute.retry_after, Milliseconds(31500));
  EXPECT_EQ(Read(429, body("RequestsPerDayPerProject")).kind,
            FailureKind::kQuota);
}

TEST(FailureTest, AnErrorInsideAStreamKeepsItsClass) {
  EXPECT_EQ(FailureFromErrorEvent(
                "m",
                R"({"type":"error","error":{"type":"overloaded_error",)"
                R"("message":"Overloaded"}})",
                Secret())
                .kind,
            FailureKind::kOverloaded);
  EXPECT_EQ(
      FailureFromErrorEvent("m", R"({"error":{"code":429}})", Secret()).kind,
      FailureKind::kRateLimited);
}

TEST(RateHintsTest, ReadsEveryFormOfRetryAfter) {
  const auto wait = [](const HttpHeaders& headers) {
    return ReadRateHints(headers).retry_after;
  };
  EXPECT_EQ(wait({{"retry-after", "2"}}), Milliseconds(2000));
  EXPECT_EQ(wait({{"retry-after-ms", "250"}, {"retry-after", "1"}}),
            Milliseconds(250));
  EXPECT_EQ(wait({{"date", "Wed, 21 Oct 2026 07:28:00 GMT"},
                  {"retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"}}),
            Milliseconds(30000));
  EXPECT_EQ(wait({{"retry-after", "soon"}}), std::nullopt);
  EXPECT_EQ(wait({{"retry-after", "-5"}}), std::nullopt);
}

TEST(RateHintsTest, ReadsTheWindowsOfOpenAiAndAnthropic) {
  const RateHints openai =
      ReadRateHints({{"x-ratelimit-remaining-requests", "59"},
                     {"x-ratelimit-reset-requests", "6m0.5s"},
                     {"x-ratelimit-remaining-tokens", "149984"},
                     {"x-ratelimit-reset-tokens", "20ms"}});
  EXPECT_EQ(openai.remaining_requests, 59);
  EXPECT_EQ(openai.requests_reset, Milliseconds(360500));
  EXPECT_EQ(openai.tokens_reset, Milliseconds(20));
  const RateHints anthropic = ReadRateHints(
      {{"date", "Wed, 21 Oct 2026 07:28:00 GMT"},
       {"anthropic-ratelimit-requests-remaining", "0"},
       {"anthropic-ratelimit-requests-reset", "2026-10-21T07:28:12Z"}});
  EXPECT_EQ(anthropic.remaining_requests, 0);
  EXPECT_EQ(anthropic.requests_reset, Milliseconds(12000));
}

TEST(SecretTest, ScrubsItselfAndWhateverLooksLikeAKey) {
  const Secret key("custom-key-123");
  EXPECT_EQ(key.Scrub("bad custom-key-123, sk-ant-abcdefghijklmnop!"),
            "bad [key], [key]!");
  EXPECT_EQ(key.Scrub("Incorrect API key: sk-1234*****************wxyz."),
            "Incorrect API key: [key]");
  EXPECT_EQ(key.Scrub("a task-oriented-description-here"),
            "a task-oriented-description-here");
  EXPECT_EQ(key.ScrubExact("sk-ant-abcdefghijklmnop"),
            "sk-ant-abcdefghijklmnop");
}

// A short "key" for a local server must not eat ordinary words.
TEST(SecretTest, ShortValuesAreNoSecrets) {
  EXPECT_EQ(Secret("none").Scrub("none of it"), "none of it");
}

}  // namespace
}  // namespace treesmith
