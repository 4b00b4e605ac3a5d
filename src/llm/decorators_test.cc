// Adapting, Continuing, Metered and the rate limiter around a fake client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "llm/adapting.h"
#include "llm/continuing.h"
#include "llm/metered.h"
#include "llm/rate_limiter.h"
#include "llm/retrying.h"
#include "testing/fake_llm.h"
#include "testing/fake_time.h"

namespace treesmith {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<LlmClient> Borrow(LlmClient& client) {
  return std::make_unique<BorrowedLlm>(client);
}

LlmRequest Question() {
  return {.system = "s", .prefix = "p", .tail = "t", .temperature = 0.5};
}

// --- Adapting

TEST(AdaptingTest, DropsARejectedParameterOnceAndRemembersIt) {
  SharedOptions options;
  FakeLlm model([&](const LlmRequest&, int) {
    return options.Lock()->temperature
               ? FakeFailure(FailureKind::kParameter, Parameter::kTemperature)
               : FakeReply("ok");
  });
  std::vector<std::string> notices;
  Adapting client(Borrow(model), "m", options,
                  [&](const std::string& line) { notices.push_back(line); });
  EXPECT_TRUE(client.Ask(Question(), {}).ok());
  EXPECT_TRUE(client.Ask(Question(), {}).ok());
  EXPECT_EQ(model.requests().size(), 3);
  EXPECT_THAT(notices, ElementsAre("m does not take temperature"));
}

TEST(AdaptingTest, GivesUpWhenThereIsNothingLeftToDrop) {
  SharedOptions options;
  FakeLlm model([&](const LlmRequest&, int) {
    return FakeFailure(FailureKind::kParameter, Parameter::kTemperature);
  });
  Adapting client(Borrow(model), "m", options, {});
  LlmOutcome outcome = client.Call(Question(), {});
  ASSERT_NE(outcome.failure(), nullptr);
  EXPECT_EQ(outcome.failure()->usage.calls, 2);
}

TEST(AdaptingTest, GoesDownTheLadderOfStructuredAnswers) {
  SharedOptions options;
  FakeLlm model([&](const LlmRequest&, int) {
    switch (options.Lock()->structured) {
      case StructuredMode::kSchema:
        return FakeFailure(FailureKind::kParameter, Parameter::kResponseFormat);
      case StructuredMode::kTool:
        return FakeReply("no tool called");
      default:
        return FakeReply("{}");
    }
  });
  Adapting client(Borrow(model), "m", options, {});
  LlmRequest request = Question();
  request.schema = {.name = "n", .description = "", .json = "{}"};
  EXPECT_TRUE(client.Ask(request, {}).ok());
  EXPECT_EQ(model.requests().size(), 3);
  EXPECT_EQ(options.Lock()->structured, StructuredMode::kText);
}

TEST(AdaptingTest, LowersTheOutputLimitToWhatTheProviderNames) {
  SharedOptions options;
  FakeLlm model([&](const LlmRequest&, int serial) {
    LlmOutcome outcome =
        FakeFailure(FailureKind::kParameter, Parameter::kOutputLimit);
    outcome.failure()->largest_output = 8192;
    return serial == 0 ? outcome : FakeReply("ok");
  });
  Adapting client(Borrow(model), "m", options, {});
  EXPECT_TRUE(client.Ask(Question(), {}).ok());
  EXPECT_EQ(options.Lock()->largest_output, 8192);
}

TEST(AdaptingTest, ANamedLimitStaysWhereTheQuestionIsTooLong) {
  SharedOptions options;
  FakeLlm model([&](const LlmRequest&, int serial) {
    LlmOutcome outcome =
        FakeFailure(FailureKind::kParameter, Parameter::kOutputLimit);
    if (serial == 1) outcome.failure()->largest_output = 6'000;
    return outcome;
  });
  Adapting client(Borrow(model), "m", options, {});
  EXPECT_EQ(client.Call(Question(), {}).failure()->kind, FailureKind::kTooLong);
  EXPECT_EQ(options.Lock()->largest_output, 6'000);
}

// Fails until no more than `room` tokens are asked for.
FakeLlm::Handler RoomFor(SharedOptions& options, int room) {
  return [&options, room](const LlmRequest& request, int) {
    return OutputLimit(request, *options.Lock()) > room
               ? FakeFailure(FailureKind::kParameter, Parameter::kOutputLimit)
               : FakeReply("ok");
  };
}

// Of no use would be an answer that no script fits into. One question that is
// too long takes no room from the others.
TEST(AdaptingTest, WithNoRoomLeftToLowerTheQuestionIsTooLong) {
  SharedOptions options(WireOptions{.model = "m", .largest_output = 30'000});
  FakeLlm model(RoomFor(options, 1'000));
  std::vector<std::string> notices;
  Adapting client(Borrow(model), "m", options,
                  [&](const std::string& line) { notices.push_back(line); });
  LlmOutcome outcome = client.Call(Question(), {});
  ASSERT_NE(outcome.failure(), nullptr);
  EXPECT_EQ(outcome.failure()->kind, FailureKind::kTooLong);
  EXPECT_EQ(model.requests().size(), 4);
  EXPECT_EQ(options.Lock()->largest_output, 30'000);
  EXPECT_THAT(notices, ElementsAre());
}

TEST(AdaptingTest, AHalvedLimitIsKeptOnceItWasAnswered) {
  SharedOptions options;
  FakeLlm model(RoomFor(options, 5'000));
  std::vector<std::string> notices;
  Adapting client(Borrow(model), "m", options,
                  [&](const std::string& line) { notices.push_back(line); });
  EXPECT_TRUE(client.Ask(Question(), {}).ok());
  EXPECT_EQ(options.Lock()->largest_output, 4'096);
  EXPECT_TRUE(client.Ask(Question(), {}).ok());
  EXPECT_EQ(model.requests().size(), 4);
  EXPECT_THAT(notices,
              ElementsAre("m does not take more than 4096 output tokens"));
}

// The second one starts while the first tries less room and ends after it: it
// must not take that trial for the limit that held before.
TEST(AdaptingTest, TwoQuestionsThatAreTooLongLeaveTheLimitAsItWas) {
  constexpr std::chrono::seconds kLongest(20);
  SharedOptions options;
  Adapting* shared = nullptr;
  std::promise<void> second_tries;
  std::promise<void> first_ended;
  std::jthread second;
  int second_calls = 0;
  LlmRequest other = Question();
  other.tail = "second";
  FakeLlm model([&](const LlmRequest& request, int serial) {
    if (request.tail == "second") {
      if (++second_calls == 2) {
        second_tries.set_value();
        first_ended.get_future().wait_for(kLongest);
      }
    } else if (serial == 1) {
      second = std::jthread([&] { shared->Call(other, {}); });
      second_tries.get_future().wait_for(kLongest);
    }
    return FakeFailure(FailureKind::kParameter, Parameter::kOutputLimit);
  });
  Adapting client(Borrow(model), "m", options, {});
  shared = &client;
  client.Call(Question(), {});
  first_ended.set_value();
  second.join();
  EXPECT_GE(second_calls, 3);
  EXPECT_EQ(options.Lock()->largest_output, std::nullopt);
}

// --- Continuing

TEST(ContinuingTest, A26_ACutScriptGoesOnWhereItStopped) {
  SharedOptions options;
  FakeLlm model([](const LlmRequest&, int serial) {
    return serial == 0
               ? FakeReply("```python\nimport pandas as pd\nx = pd.read",
                           LlmFinish::kLength)
               : FakeReply("```python\nimport pandas as pd\nx = pd.read_csv()");
  });
  Continuing client(Borrow(model), options);
  const Result<LlmReply> reply = client.Ask(Question(), {});
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->text, "```python\nimport pandas as pd\nx = pd.read_csv()");
  EXPECT_EQ(reply->finish, LlmFinish::kStop);
  EXPECT_EQ(reply->usage.calls, 2);
  EXPECT_EQ(model.requests()[1].turns.size(), 2);
}

TEST(ContinuingTest, A26_ReasoningThatFillsTheRoomGetsMoreOfIt) {
  SharedOptions options;
  FakeLlm model([](const LlmRequest& request, int) {
    return request.max_output_tokens > kDefaultMaxOutputTokens
               ? FakeReply("ok")
               : FakeReply("", LlmFinish::kLength);
  });
  Continuing client(Borrow(model), options);
  EXPECT_EQ(client.Ask(Question(), {})->text, "ok");
}

TEST(ContinuingTest, StopsAfterABoundedNumberOfCuts) {
  SharedOptions options;
  FakeLlm model([](const LlmRequest&, int) {
    return FakeReply("more ", LlmFinish::kLength);
  });
  Continuing client(Borrow(model), options);
  EXPECT_EQ(client.Ask(Question(), {})->finish, LlmFinish::kLength);
  EXPECT_EQ(model.requests().size(), 3);
}

// --- Meter

TEST(MeterTest, ABudgetInTokensIsNeverPassed) {
  SharedOptions options;
  FakeLlm model([](const LlmRequest&, int) { return FakeReply("ok"); });
  const int64_t largest = MostInputTokens(Question()) + 100;
  Meter meter({.tokens = largest + 40, .usd = std::nullopt});
  CountingObserver observer;
  Metered client(Borrow(model), "m", std::nullopt, options, meter, observer);
  LlmRequest request = Question();
  request.max_output_tokens = 100;
  std::optional<Error> error;
  while (!error) {
    const Result<LlmReply> reply = client.Ask(request, {});
    if (!reply.ok()) error = reply.error();
  }
  EXPECT_EQ(error->kind, ErrorKind::kFull);
  // Each call takes 15 and leaves room for the largest next one.
  EXPECT_EQ(meter.spent().tokens(), 45);
  EXPECT_EQ(meter.reserved_tokens(), 0);
}

TEST(MeterTest, ACallWaitsForRoomThatOthersOnlyReserve) {
  Meter meter({.tokens = 100, .usd = std::nullopt});
  const Reservation large{.tokens = 80, .usd = std::nullopt};
  EXPECT_FALSE(meter.Reserve(large, {}));
  std::optional<LlmFailure> refused;
  std::jthread waiter([&] { refused = meter.Reserve(large, {}); });
  Usage used;
  used.tokens_in = 20;
  meter.Settle(large, used);
  waiter.join();
  EXPECT_FALSE(refused);
  EXPECT_EQ(meter.reserved_tokens(), 80);
}

TEST(MeterTest, AWaitEndsWhenStopIsAskedFor) {
  Meter meter({.tokens = 100, .usd = std::nullopt});
  const Reservation large{.tokens = 80, .usd = std::nullopt};
  EXPECT_FALSE(meter.Reserve(large, {}));
  std::stop_source stop;
  std::optional<LlmFailure> refused;
  std::jthread waiter(
      [&] { refused = meter.Reserve(large, stop.get_token()); });
  stop.request_stop();
  waiter.join();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind, FailureKind::kCancelled);
}

TEST(MeterTest, D23_UnknownPricesAreRefusedUnderABudgetInMoney) {
  Meter meter({.tokens = std::nullopt, .usd = 1.0});
  const auto refused = meter.Reserve({.tokens = 10, .usd = std::nullopt}, {});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind, FailureKind::kBudget);
  EXPECT_THAT(refused->message, HasSubstr("price is not known"));
}

TEST(MeterTest, MoneyIsNeverPassed) {
  Meter meter({.tokens = std::nullopt, .usd = 1.0});
  EXPECT_FALSE(meter.Reserve({.tokens = 1, .usd = 0.7}, {}));
  Usage used;
  used.cost_usd = 0.5;
  meter.Settle({.tokens = 1, .usd = 0.7}, used);
  EXPECT_FALSE(meter.Reserve({.tokens = 1, .usd = 0.5}, {}));
  meter.Settle({.tokens = 1, .usd = 0.5}, used);
  EXPECT_TRUE(meter.Reserve({.tokens = 1, .usd = 0.01}, {}));
}

// --- RateLimiter

TEST(RateLimiterTest, AllCallersWaitAsLongAsOneWasTold) {
  FakeClock clock;
  FakePause pause(clock);
  RateLimiter limiter(8, clock, pause);
  ASSERT_TRUE(limiter.Start(10, {}));
  LlmOutcome limited = FakeFailure(FailureKind::kRateLimited);
  limited.failure()->retry_after = Milliseconds(5000);
  limiter.Finish({}, limited.failure());
  ASSERT_TRUE(limiter.Start(10, {}));
  EXPECT_THAT(pause.waits(), ElementsAre(Milliseconds(5000)));
}

TEST(RateLimiterTest, WaitsForTheWindowThatTheHeadersTell) {
  FakeClock clock;
  FakePause pause(clock);
  RateLimiter limiter(8, clock, pause);
  ASSERT_TRUE(limiter.Start(10, {}));
  RateHints hints;
  hints.remaining_requests = 1;
  hints.requests_reset = Milliseconds(3000);
  limiter.Finish(hints, nullptr);
  ASSERT_TRUE(limiter.Start(10, {}));
  EXPECT_TRUE(pause.waits().empty());
  ASSERT_TRUE(limiter.Start(10, {}));
  EXPECT_THAT(pause.waits(), ElementsAre(Milliseconds(3000)));
}

TEST(RateLimiterTest, HalvesTheCallsAtOnceAfterA429AndAddsAgain) {
  FakeClock clock;
  FakePause pause(clock);
  RateLimiter limiter(8, clock, pause);
  LlmOutcome limited = FakeFailure(FailureKind::kRateLimited);
  ASSERT_TRUE(limiter.Start(1, {}));
  limiter.Finish({}, limited.failure());
  EXPECT_EQ(limiter.allowed(), 4);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(limiter.Start(1, {}));
    limiter.Finish({}, nullptr);
  }
  EXPECT_EQ(limiter.allowed(), 8);
}

// --- Retrying

TEST(RetryingTest, AnEndlessHintEndsTheTries) {
  FakeClock clock;
  FakePause pause(clock);
  FakeLlm model([](const LlmRequest&, int) {
    LlmOutcome limited = FakeFailure(FailureKind::kRateLimited);
    limited.failure()->retry_after = std::chrono::hours(20);
    return limited;
  });
  Retrying client(Borrow(model), {}, pause, 1);
  EXPECT_FALSE(client.Ask(Question(), {}).ok());
  EXPECT_EQ(model.requests().size(), 1);
}

TEST(RetryingTest, WaitsGrowAndStayBelowTheBound) {
  FakeClock clock;
  FakePause pause(clock);
  FakeLlm model(
      [](const LlmRequest&, int) { return FakeFailure(FailureKind::kServer); });
  Retrying client(Borrow(model),
                  {.max_tries = 10, .longest_wait = Milliseconds(8000)}, pause,
                  1);
  EXPECT_FALSE(client.Ask(Question(), {}).ok());
  const std::vector<Milliseconds> waits = pause.waits();
  ASSERT_EQ(waits.size(), 9);
  EXPECT_GE(waits[0], Milliseconds(500));
  EXPECT_LE(waits[0], Milliseconds(1000));
  for (const Milliseconds wait : waits) EXPECT_LE(wait, Milliseconds(8000));
  EXPECT_GE(waits[8], Milliseconds(4000));
}

}  // namespace
}  // namespace treesmith
