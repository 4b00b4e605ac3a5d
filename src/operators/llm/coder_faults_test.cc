// The coder on the whole stack of a client, against a server that fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/rng.h"
#include "llm/make_client.h"
#include "testing/fake_time.h"
#include "testing/http/stub_llm_server.h"
#include "testing/llm_coder_fixture.h"

namespace treesmith {
namespace {

constexpr double kFaults = 0.3;
constexpr double kUnusable = 0.2;

// Faults at the given rate; of the answers that come, some first ones hold
// prose only. An answer that is asked for again is good.
StubAnswer Answer(const StubRequest& request) {
  Rng rng(11, static_cast<uint64_t>(request.serial), "fault");
  StubAnswer answer{.text = ScriptAnswer(std::to_string(request.serial)),
                    .input_tokens = 900,
                    .output_tokens = 120};
  if (rng.Uniform() < kFaults) {
    switch (rng.Below(4)) {
      case 0:
        return {.status = 429, .headers = {{"retry-after", "2"}}, .error = "x"};
      case 1:
        return {.status = 500, .error = "x"};
      case 2:
        answer.fault = StubFault::kHalfJson;
        return answer;
      default:
        answer.fault = StubFault::kResetMidStream;
        return answer;
    }
  }
  const bool again = request.body.contains("could not be used");
  if (!again && rng.Uniform() < kUnusable) answer.text = "I would use trees.";
  return answer;
}

TEST(CoderFaultsTest, NoStepIsLostAndNoTokenUnaccounted) {
  constexpr int kSteps = 200;
  constexpr int kThreads = 4;
  const StubLlmServer server(Answer);
  const std::unique_ptr<HttpTransport> transport = MakeCurlTransport();
  FakeClock clock;
  FakePause pause(clock);
  Meter meter({});
  CountingObserver observer;
  ClientMaker maker({.transport = *transport,
                     .clock = clock,
                     .pause = pause,
                     .meter = meter,
                     .observer = observer,
                     .seed = 1,
                     .retry = {.max_tries = 12}});
  ModelTables tables;
  tables["stub"] = {.provider = "compatible",
                    .model = "stub-model",
                    .base_url = server.url(),
                    .price_input = 1,
                    .price_output = 2};
  const auto config = ResolveModel("stub", tables, {});
  ASSERT_TRUE(config.ok()) << config.error().message;
  const std::unique_ptr<LlmClient> client = maker.Make(*config);

  CoderFixture it(Answers({""}));
  LlmCoder coder({LlmClients(*client), it.prompts, it.facts,
                  DefaultLlmOptions(OperatorSet::kAira)});
  std::atomic<int> next = 0;
  std::atomic<int> written = 0;
  Guarded<Usage> total;
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int step = next++; step < kSteps; step = next++) {
          Assignment assignment = it.Ask(Operator::kDraft);
          assignment.step = {step};
          const auto candidate = coder.Write(assignment, {});
          if (!candidate.ok()) continue;
          ++written;
          *total.Lock() += candidate->usage;
        }
      });
    }
  }
  EXPECT_EQ(written, kSteps);
  const auto sent = static_cast<int64_t>(server.requests().size());
  EXPECT_GT(sent, kSteps * 3 / 2);
  EXPECT_EQ(total.Lock()->calls, sent);
  EXPECT_EQ(total.Lock()->tokens(), meter.spent().tokens());
  EXPECT_NEAR(total.Lock()->cost_usd.value_or(0),
              meter.spent().cost_usd.value_or(1), 1e-9);
  EXPECT_EQ(observer.ended, sent);
}

}  // namespace
}  // namespace treesmith
