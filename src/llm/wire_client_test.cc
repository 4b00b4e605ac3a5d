// The wire over the real transport against a stub of the provider.
#include "llm/wire_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "llm/json_node.h"
#include "llm/retrying.h"
#include "testing/fake_time.h"
#include "testing/http/stub_llm_server.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kKey[] = "sk-test-0123456789abcdef";

LlmRequest Question() {
  return {.system = "Be brief.", .prefix = "Long part. ", .tail = "What now?"};
}

class WireClientTest : public ::testing::TestWithParam<StubDialect> {
 protected:
  static const WireFormat& Format(StubDialect dialect) {
    switch (dialect) {
      case StubDialect::kOpenAiResponses:
        return OpenAiResponsesFormat();
      case StubDialect::kAnthropic:
        return AnthropicFormat();
      case StubDialect::kGemini:
        return GeminiFormat();
      default:
        return OpenAiChatFormat();
    }
  }

  std::unique_ptr<WireClient> Client(
      const StubLlmServer& server,
      StubDialect dialect = StubDialect::kOpenAiChat) {
    options_.Lock()->model = "stub-model";
    return std::make_unique<WireClient>(
        Endpoint{.label = "stub:stub-model",
                 .format = &Format(dialect),
                 .base_url = server.url(),
                 .query = "",
                 .headers = {},
                 .key_header = "authorization",
                 .key_prefix = "Bearer ",
                 .key = Secret(kKey),
                 .timeouts = timeouts_},
        Prices{.input = 1, .cached = 0.1, .cache_write = 1.25, .output = 10},
        options_, *transport_, clock_);
  }

  LlmOutcome Ask(StubAnswer answer,
                 StubDialect dialect = StubDialect::kOpenAiChat,
                 const LlmRequest& request = Question()) {
    const StubLlmServer server([&](const StubRequest&) { return answer; });
    return Client(server, dialect)->Call(request, {});
  }

  FailureKind KindOf(LlmOutcome outcome) {
    EXPECT_NE(outcome.failure(), nullptr);
    if (outcome.failure() == nullptr) return FailureKind::kCancelled;
    EXPECT_EQ(outcome.failure()->usage.calls, 1);
    return outcome.failure()->kind;
  }

  HttpTimeouts timeouts_;
  SystemClock clock_;
  SharedOptions options_;
  std::unique_ptr<HttpTransport> transport_ = MakeCurlTransport();
};

INSTANTIATE_TEST_SUITE_P(Dialects, WireClientTest,
                         ::testing::Values(StubDialect::kOpenAiChat,
                                           StubDialect::kOpenAiResponses,
                                           StubDialect::kAnthropic,
                                           StubDialect::kGemini));

StubAnswer FullAnswer() {
  return {.text = "All \"good\" \xC3\xA9\xE2\x82\xAC.",
          .reasoning = "Let me think.",
          .input_tokens = 40,
          .cached_tokens = 30,
          .output_tokens = 12,
          .reasoning_tokens = 5};
}

void ExpectFullAnswer(LlmOutcome outcome, StubDialect dialect) {
  ASSERT_NE(outcome.reply(), nullptr) << outcome.failure()->message;
  const LlmReply& reply = *outcome.reply();
  EXPECT_EQ(reply.text, "All \"good\" \xC3\xA9\xE2\x82\xAC.");
  EXPECT_EQ(reply.reasoning, "Let me think.");
  EXPECT_EQ(reply.finish, LlmFinish::kStop);
  EXPECT_EQ(reply.model, "stub-model");
  EXPECT_EQ(reply.usage.tokens_in, 40);
  EXPECT_EQ(reply.usage.tokens_cached, 30);
  EXPECT_EQ(reply.usage.tokens_out, 12);
  // Anthropic does not tell them.
  if (dialect != StubDialect::kAnthropic) {
    EXPECT_EQ(reply.usage.tokens_reasoning, 5);
  }
  EXPECT_FALSE(reply.usage_estimated);
  ASSERT_TRUE(reply.usage.cost_usd);
  EXPECT_NEAR(*reply.usage.cost_usd, (10 * 1 + 30 * 0.1 + 12 * 10) / 1e6,
              1e-12);
}

TEST_P(WireClientTest, ReadsAStream) {
  ExpectFullAnswer(Ask(FullAnswer(), GetParam()), GetParam());
}

TEST_P(WireClientTest, ReadsAStreamCutIntoSingleBytesWithCrlf) {
  StubAnswer answer = FullAnswer();
  answer.write_bytes = 1;
  answer.crlf = true;
  ExpectFullAnswer(Ask(answer, GetParam()), GetParam());
}

TEST_P(WireClientTest, ReadsAWholeBodyWhenTheServerDoesNotStream) {
  StubAnswer answer = FullAnswer();
  answer.never_stream = true;
  ExpectFullAnswer(Ask(answer, GetParam()), GetParam());
}

TEST_P(WireClientTest, ReadsAWholeBodyWhenNoStreamIsAskedFor) {
  options_.Lock()->stream = false;
  ExpectFullAnswer(Ask(FullAnswer(), GetParam()), GetParam());
}

TEST_P(WireClientTest, AnswersASchemaByTheProvidersMode) {
  LlmRequest request = Question();
  request.schema = {.name = "verdict",
                    .description = "A verdict.",
                    .json = R"({"type":"object","properties":{"bug":)"
                            R"({"type":"boolean"}},"required":["bug"]})"};
  const StubAnswer answer{.json = R"({"bug": true})"};
  for (const auto mode : {StructuredMode::kSchema, StructuredMode::kTool,
                          StructuredMode::kText}) {
    options_.Lock()->structured = mode;
    const StubLlmServer server(
        [&](const StubRequest&) { return StubAnswer(answer); });
    LlmOutcome outcome = Client(server, GetParam())->Call(request, {});
    ASSERT_NE(outcome.reply(), nullptr) << outcome.failure()->message;
    EXPECT_EQ(outcome.reply()->structured, R"({"bug":true})");
    EXPECT_EQ(server.requests()[0].wants_schema,
              mode == StructuredMode::kSchema);
    EXPECT_EQ(server.requests()[0].wants_tool, mode == StructuredMode::kTool);
  }
}

TEST_P(WireClientTest, AFiltersRejectionIsARefusalInItsWords) {
  LlmOutcome outcome = Ask({.status = 400,
                            .error = "blocked by content filtering",
                            .error_type = "invalid_request_error"},
                           GetParam());
  ASSERT_NE(outcome.reply(), nullptr);
  EXPECT_EQ(outcome.reply()->finish, LlmFinish::kRefusal);
  EXPECT_EQ(outcome.reply()->text, "blocked by content filtering");
  EXPECT_EQ(outcome.reply()->usage.calls, 1);
}

TEST_P(WireClientTest, TellsRefusalEmptyAndCutAnswersApart) {
  const auto finish = [&](const StubAnswer& answer) {
    LlmOutcome outcome = Ask(answer, GetParam());
    EXPECT_NE(outcome.reply(), nullptr);
    return outcome.reply() == nullptr ? LlmFinish::kStop
                                      : outcome.reply()->finish;
  };
  EXPECT_EQ(finish({.text = "No.", .stop = "refusal"}), LlmFinish::kRefusal);
  EXPECT_EQ(finish({.text = " ", .output_tokens = 1}), LlmFinish::kEmpty);
  EXPECT_EQ(finish({.text = "impor", .stop = "length"}), LlmFinish::kLength);
}

TEST_P(WireClientTest, FaultsHaveTheirClasses) {
  timeouts_ = {.connect = Milliseconds(2000),
               .first_byte = Milliseconds(50),
               .silence = Milliseconds(50),
               .total = Milliseconds(5000)};
  timeouts_.connect = Milliseconds(50);
  const auto kind = [&](StubFault fault) {
    StubAnswer answer{.text = std::string(400, 'x')};
    answer.fault = fault;
    return KindOf(Ask(answer, GetParam()));
  };
  EXPECT_EQ(kind(StubFault::kResetBeforeAnswer), FailureKind::kConnection);
  EXPECT_EQ(kind(StubFault::kResetMidStream), FailureKind::kConnection);
  EXPECT_EQ(kind(StubFault::kStallBeforeAnswer), FailureKind::kTimeout);
  EXPECT_EQ(kind(StubFault::kStallMidStream), FailureKind::kTimeout);
  EXPECT_EQ(kind(StubFault::kHalfJson), FailureKind::kMalformed);
  EXPECT_EQ(kind(StubFault::kNoEnd), FailureKind::kMalformed);
}

TEST_P(WireClientTest, StatusesHaveTheirClasses) {
  const auto kind = [&](int status, const std::string& type,
                        const std::string& error) {
    return KindOf(Ask({.status = status, .error = error, .error_type = type},
                      GetParam()));
  };
  EXPECT_EQ(kind(401, "authentication_error", "bad key"),
            FailureKind::kKeyRejected);
  EXPECT_EQ(kind(404, "not_found_error", "model: stub-model"),
            FailureKind::kUnknownModel);
  EXPECT_EQ(kind(429, "rate_limit_error", "slow down"),
            FailureKind::kRateLimited);
  EXPECT_EQ(kind(429, "insufficient_quota", "pay"), FailureKind::kQuota);
  EXPECT_EQ(kind(529, "overloaded_error", "busy"), FailureKind::kOverloaded);
  EXPECT_EQ(kind(500, "server_error", "oops"), FailureKind::kServer);
  EXPECT_EQ(kind(400, "invalid_request_error", "prompt is too long: 9 > 8"),
            FailureKind::kTooLong);
  EXPECT_EQ(kind(400, "invalid_request_error",
                 "Unsupported parameter: 'temperature'"),
            FailureKind::kParameter);
}

TEST_F(WireClientTest, KeepsInvalidUtf8FromSpoilingAnAnswer) {
  LlmOutcome outcome = Ask({.text = "a\xFF"
                                    "b",
                            .output_tokens = 3});
  ASSERT_NE(outcome.reply(), nullptr) << outcome.failure()->message;
  EXPECT_EQ(outcome.reply()->text,
            "a\xEF\xBF\xBD"
            "b");
}

TEST_F(WireClientTest, TakesAHugeAnswer) {
  LlmOutcome outcome =
      Ask({.text = std::string(8 << 20, 'y'), .output_tokens = 3});
  ASSERT_NE(outcome.reply(), nullptr) << outcome.failure()->message;
  EXPECT_EQ(outcome.reply()->text.size(), size_t{8} << 20);
}

TEST_F(WireClientTest, EstimatesTokensThatAreNotTold) {
  LlmOutcome outcome = Ask({.text = "12345678", .tell_usage = false});
  ASSERT_NE(outcome.reply(), nullptr);
  EXPECT_TRUE(outcome.reply()->usage_estimated);
  EXPECT_EQ(outcome.reply()->usage.tokens_out, 2);
  EXPECT_GT(outcome.reply()->usage.tokens_in, 0);
}

TEST_F(WireClientTest, EstimatesTokensThatCannotBe) {
  LlmOutcome outcome = Ask({.text = "12345678", .input_tokens = -4});
  ASSERT_NE(outcome.reply(), nullptr);
  EXPECT_TRUE(outcome.reply()->usage_estimated);
}

TEST_F(WireClientTest, D23_CostWithoutAPriceIsUnknown) {
  const StubLlmServer server(
      [](const StubRequest&) { return StubAnswer{.text = "x"}; });
  options_.Lock()->model = "stub-model";
  WireClient client({.label = "stub:m",
                     .format = &OpenAiChatFormat(),
                     .base_url = server.url(),
                     .query = "",
                     .headers = {},
                     .key_header = "",
                     .key_prefix = "",
                     .key = {},
                     .timeouts = {}},
                    std::nullopt, options_, *transport_, clock_);
  LlmOutcome outcome = client.Call(Question(), {});
  ASSERT_NE(outcome.reply(), nullptr);
  EXPECT_FALSE(outcome.reply()->usage.cost_usd);
}

TEST_F(WireClientTest, SendsTheKeyAndNeverShowsIt) {
  const StubLlmServer server([](const StubRequest& request) {
    return StubAnswer{
        .status = 401,
        .error = "Incorrect key " + request.headers.at("authorization"),
        .error_type = "invalid_request_error"};
  });
  LlmOutcome outcome = Client(server)->Call(Question(), {});
  EXPECT_EQ(server.requests()[0].headers.at("authorization"),
            std::string("Bearer ") + kKey);
  ASSERT_NE(outcome.failure(), nullptr);
  EXPECT_THAT(outcome.failure()->message, Not(HasSubstr("0123456789")));
  EXPECT_THAT(outcome.failure()->message, HasSubstr("[key]"));
}

TEST_F(WireClientTest, StopEndsAStalledCallAtOnce) {
  std::stop_source stop;
  const StubLlmServer server([&](const StubRequest&) {
    stop.request_stop();
    return StubAnswer{.fault = StubFault::kStallBeforeAnswer};
  });
  EXPECT_EQ(KindOf(Client(server)->Call(Question(), stop.get_token())),
            FailureKind::kCancelled);
}

TEST_F(WireClientTest, MovesThinkingOutOfTheText) {
  LlmOutcome outcome = Ask({.text = "<think>hm</think>yes"});
  ASSERT_NE(outcome.reply(), nullptr);
  EXPECT_EQ(outcome.reply()->text, "yes");
  EXPECT_EQ(outcome.reply()->reasoning, "hm");
}

TEST_F(WireClientTest, RetryingWaitsAsLongAsTheProviderSays) {
  const StubLlmServer server([](const StubRequest& request) {
    if (request.serial == 0) {
      return StubAnswer{.status = 429,
                        .headers = {{"retry-after", "7"}},
                        .error = "slow down",
                        .error_type = "rate_limit_error"};
    }
    return StubAnswer{.text = "ok"};
  });
  FakeClock clock;
  FakePause pause(clock);
  Retrying client(Client(server), {}, pause, 1);
  LlmOutcome outcome = client.Call(Question(), {});
  ASSERT_NE(outcome.reply(), nullptr);
  EXPECT_EQ(outcome.reply()->usage.calls, 2);
  ASSERT_EQ(pause.waits().size(), 1);
  EXPECT_GE(pause.waits()[0], Milliseconds(7000));
  EXPECT_LE(pause.waits()[0], Milliseconds(7200));
}

TEST_F(WireClientTest, A17_RetriesAreBounded) {
  const StubLlmServer server([](const StubRequest&) {
    return StubAnswer{.status = 500, .error = "no"};
  });
  FakeClock clock;
  FakePause pause(clock);
  Retrying client(Client(server), {.max_tries = 4}, pause, 1);
  const Result<LlmReply> reply = client.Ask(Question(), {});
  EXPECT_EQ(server.requests().size(), 4);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().kind, ErrorKind::kLost);
}

TEST_F(WireClientTest, A17_ExhaustedQuotaIsNotTriedAgain) {
  const StubLlmServer server([](const StubRequest&) {
    return StubAnswer{.status = 429,
                      .error =
                          "You exceeded your current quota, please check "
                          "your plan and billing details.",
                      .error_type = "insufficient_quota",
                      .error_code = "insufficient_quota"};
  });
  FakeClock clock;
  FakePause pause(clock);
  Retrying client(Client(server), {}, pause, 1);
  const Result<LlmReply> reply = client.Ask(Question(), {});
  EXPECT_EQ(server.requests().size(), 1);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().kind, ErrorKind::kFull);
}

}  // namespace
}  // namespace treesmith
