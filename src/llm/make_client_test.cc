// The whole stack against the stub server: faults, books, cassettes, probe.
#include "llm/make_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/file.h"
#include "base/rng.h"
#include "llm/probe.h"
#include "testing/fake_llm.h"
#include "testing/fake_time.h"
#include "testing/http/stub_llm_server.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kKey[] = "sk-test-0123456789abcdef";

LlmRequest Question(int number) {
  return {.system = "Be brief.",
          .prefix = "Stable. ",
          .tail = "Question " + std::to_string(number)};
}

class MakeClientTest : public ::testing::Test {
 protected:
  ModelConfig Config(const StubLlmServer& server) {
    ModelTables tables;
    tables["stub"] = {.provider = "compatible",
                      .model = "stub-model",
                      .base_url = server.url(),
                      .key_env = "STUB_KEY",
                      .price_input = 1,
                      .price_output = 2};
    Result<ModelConfig> config =
        ResolveModel("stub", tables, {{"STUB_KEY", kKey}});
    EXPECT_TRUE(config.ok());
    // Stalls of the stub are short in real time.
    config->endpoint.timeouts = {.connect = Milliseconds(5000),
                                 .first_byte = Milliseconds(100),
                                 .silence = Milliseconds(100),
                                 .total = Milliseconds(20000)};
    config->endpoint.timeouts.connect = Milliseconds(200);
    return *std::move(config);
  }

  std::unique_ptr<LlmClient> Make(const StubLlmServer& server, Meter& meter) {
    return Make(Config(server), meter, nullptr, nullptr);
  }
  std::unique_ptr<LlmClient> Make(const ModelConfig& config, Meter& meter,
                                  Cassette* record, Cassette* replay,
                                  AnswerCache* cache = nullptr) {
    ClientMaker maker({.transport = *transport_,
                       .clock = clock_,
                       .pause = pause_,
                       .meter = meter,
                       .observer = observer_,
                       .seed = 1,
                       .retry = retry_,
                       .record = record,
                       .replay = replay,
                       .cache = cache});
    return maker.Make(config);
  }

  std::unique_ptr<HttpTransport> transport_ = MakeCurlTransport();
  FakeClock clock_;
  FakePause pause_{clock_};
  CountingObserver observer_;
  // Of 1,000 calls at 30 % faults 0.3^20 x 1,000 = 0.00000003 fail each time.
  RetryPolicy retry_{.max_tries = 20,
                     .first_wait = Milliseconds(1000),
                     .longest_wait = Milliseconds(60000),
                     .longest_total = std::chrono::hours(1)};
};

// One of every kind of fault, by the request's own stream of chance.
StubAnswer FaultyAnswer(const StubRequest& request) {
  Rng rng(7, static_cast<uint64_t>(request.serial), "fault");
  StubAnswer good{.text = "answer " + std::to_string(request.serial),
                  .input_tokens = 30,
                  .output_tokens = 6};
  if (rng.Uniform() >= 0.3) return good;
  const auto error = [](int status, const char* type) {
    return StubAnswer{.status = status, .error = "fault", .error_type = type};
  };
  switch (rng.Below(12)) {
    case 0:
      return error(429, "rate_limit_error");
    case 1: {
      StubAnswer answer = error(429, "rate_limit_error");
      answer.headers["retry-after"] = "3";
      return answer;
    }
    case 2:
      return error(500, "server_error");
    case 3:
      return error(503, "overloaded_error");
    case 4:
      good.fault = StubFault::kResetBeforeAnswer;
      return good;
    case 5:
      good.fault = StubFault::kResetMidStream;
      return good;
    case 6:
      // One in ten, as each takes real time.
      good.fault =
          rng.Below(10) == 0 ? StubFault::kStallMidStream : StubFault::kNoEnd;
      return good;
    case 7:
      good.fault = StubFault::kHalfJson;
      return good;
    case 8:
      good.fault = StubFault::kNoEnd;
      return good;
    case 9:
      good.raw_body = "{\"choices\": [{\"mess";
      return good;
    case 10:
      good.raw_body = "<html>Bad gateway</html>";
      return good;
    default:
      return error(529, "overloaded_error");
  }
}

TEST_F(MakeClientTest, AThousandCallsAtThirtyPercentFaultsLoseNothing) {
  constexpr int kCalls = 1000;
  constexpr int kThreads = 8;
  const StubLlmServer server(FaultyAnswer);
  Meter meter({});
  const std::unique_ptr<LlmClient> client = Make(server, meter);
  std::atomic<int> next = 0;
  std::atomic<int> answered = 0;
  std::atomic<int64_t> most_calls = 0;
  Guarded<Usage> total;
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int call = next++; call < kCalls; call = next++) {
          const Result<LlmReply> reply = client->Ask(Question(call), {});
          if (!reply.ok()) continue;
          ++answered;
          *total.Lock() += reply->usage;
          int64_t most = most_calls;
          while (reply->usage.calls > most &&
                 !most_calls.compare_exchange_weak(most, reply->usage.calls)) {
          }
        }
      });
    }
  }
  EXPECT_EQ(answered, kCalls);
  EXPECT_LE(most_calls, retry_.max_tries);
  // Every request that reached the server stands in the books, whatever came
  // of it: the replies' sums, the meter's and the observer's agree.
  const auto sent = static_cast<int64_t>(server.requests().size());
  EXPECT_GT(sent, kCalls * 13 / 10);
  EXPECT_EQ(meter.spent().calls, sent);
  EXPECT_EQ(meter.reserved_tokens(), 0);
  EXPECT_EQ(observer_.started, sent);
  EXPECT_EQ(observer_.ended, sent);
  EXPECT_EQ(observer_.used().tokens(), meter.spent().tokens());
  EXPECT_EQ(total.Lock()->tokens(), meter.spent().tokens());
  EXPECT_EQ(total.Lock()->calls, sent);
  EXPECT_GE(meter.spent().tokens(), int64_t{kCalls} * 36);
}

TEST_F(MakeClientTest, ABudgetHoldsUnderManyThreadsAndEndsInOrder) {
  const StubLlmServer server([](const StubRequest&) {
    return StubAnswer{.text = "ok", .input_tokens = 300, .output_tokens = 80};
  });
  constexpr int64_t kBudget = 60000;
  Meter meter({.tokens = kBudget, .usd = std::nullopt});
  const std::unique_ptr<LlmClient> client = Make(server, meter);
  std::atomic<int> full = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        for (int call = 0;; ++call) {
          const Result<LlmReply> reply =
              client->Ask(Question(i * 1000 + call), {});
          if (reply.ok()) continue;
          if (reply.error().kind == ErrorKind::kFull) ++full;
          return;
        }
      });
    }
  }
  EXPECT_EQ(full, 8);
  EXPECT_LE(meter.spent().tokens(), kBudget);
  EXPECT_GT(meter.spent().tokens(), kBudget - 20000);
}

TEST_F(MakeClientTest, AReplayEqualsItsRecordingFaultsIncluded) {
  Result<TemporaryFolder> folder = TemporaryFolder::Make("cassette");
  ASSERT_TRUE(folder.ok());
  const auto path = folder->path() / "search.jsonl";
  const StubLlmServer server(FaultyAnswer);
  const auto run = [&](Cassette* record, Cassette* replay, Meter& meter) {
    const auto client = Make(Config(server), meter, record, replay);
    std::vector<std::string> texts;
    for (int call = 0; call < 40; ++call) {
      // Every question twice.
      const Result<LlmReply> reply = client->Ask(Question(call / 2), {});
      texts.push_back(reply.ok() ? reply->text : reply.error().message);
    }
    return texts;
  };
  Meter recorded({});
  std::vector<std::string> first;
  {
    auto cassette = Cassette::Open(path, CassetteMode::kRecord);
    ASSERT_TRUE(cassette.ok());
    first = run(cassette->get(), nullptr, recorded);
  }
  const size_t requests = server.requests().size();
  auto cassette = Cassette::Open(path, CassetteMode::kReplay);
  ASSERT_TRUE(cassette.ok());
  Meter replayed({});
  EXPECT_EQ(run(nullptr, cassette->get(), replayed), first);
  EXPECT_EQ(server.requests().size(), requests);
  EXPECT_EQ(replayed.spent().tokens(), recorded.spent().tokens());
  EXPECT_EQ(replayed.spent().calls, recorded.spent().calls);
  EXPECT_EQ(replayed.spent().cost_usd, recorded.spent().cost_usd);
  const Result<std::string> content = ReadFile(path);
  ASSERT_TRUE(content.ok());
  EXPECT_THAT(*content, Not(HasSubstr("0123456789abcdef")));
}

TEST_F(MakeClientTest, AReplaySaysWhichQuestionIsNotInIt) {
  Result<TemporaryFolder> folder = TemporaryFolder::Make("cassette");
  const auto path = folder->path() / "empty.jsonl";
  {
    ASSERT_TRUE(Cassette::Open(path, CassetteMode::kRecord).ok());
  }
  auto cassette = Cassette::Open(path, CassetteMode::kReplay);
  ASSERT_TRUE(cassette.ok());
  const StubLlmServer server([](const StubRequest&) { return StubAnswer{}; });
  Meter meter({});
  const auto client = Make(Config(server), meter, nullptr, cassette->get());
  LlmRequest request = Question(1);
  request.purpose = "draft";
  const Result<LlmReply> reply = client->Ask(request, {});
  ASSERT_FALSE(reply.ok());
  EXPECT_THAT(reply.error().message, HasSubstr("no answer for this draft"));
}

TEST_F(MakeClientTest, ACachedAnswerIsFreeInTheNextRunAndToldAsCached) {
  Result<TemporaryFolder> folder = TemporaryFolder::Make("cache");
  const StubLlmServer server([](const StubRequest& request) {
    return StubAnswer{.text = "answer " + std::to_string(request.serial)};
  });
  for (int run = 0; run < 2; ++run) {
    const auto cache = AnswerCache::Open(folder->path() / "answers");
    ASSERT_TRUE(cache.ok());
    // No room for a call: what the cache answers needs none.
    Meter meter({.tokens = run == 0 ? 100'000 : 1, .usd = std::nullopt});
    const auto client =
        Make(Config(server), meter, nullptr, nullptr, cache->get());
    EXPECT_EQ(client->Ask(Question(1), {})->text, "answer 0");
    // The same once more in one run is another answer.
    const Result<LlmReply> second = client->Ask(Question(1), {});
    EXPECT_EQ(second->text, "answer 1");
    EXPECT_EQ(second->usage.calls, run == 0 ? 1 : 0);
    EXPECT_EQ(meter.spent().calls, run == 0 ? 2 : 0);
    EXPECT_EQ(observer_.cached, run == 0 ? 0 : 2);
  }
  EXPECT_EQ(server.requests().size(), 2u);
  EXPECT_EQ(observer_.started, 2);
}

TEST_F(MakeClientTest, ACacheKeepsNoFailureNoRefusalAndNoKey) {
  Result<TemporaryFolder> folder = TemporaryFolder::Make("cache");
  const StubLlmServer server([](const StubRequest& request) {
    if (request.serial == 0) return StubAnswer{.status = 503, .error = "busy"};
    if (request.serial == 1) return StubAnswer{.text = "no", .stop = "refusal"};
    return StubAnswer{.text = std::string("the key is ") + kKey};
  });
  const auto cache = AnswerCache::Open(folder->path());
  ASSERT_TRUE(cache.ok());
  Meter meter({});
  const auto client =
      Make(Config(server), meter, nullptr, nullptr, cache->get());
  EXPECT_EQ(client->Ask(Question(1), {})->finish, LlmFinish::kRefusal);
  EXPECT_THAT(client->Ask(Question(1), {})->text, HasSubstr("the key is"));
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder->path())) {
    if (entry.is_regular_file()) files.push_back(*ReadFile(entry.path()));
  }
  ASSERT_EQ(files.size(), 1u);
  EXPECT_THAT(files[0], HasSubstr("the key is"));
  EXPECT_THAT(files[0], Not(HasSubstr(kKey)));
}

TEST_F(MakeClientTest, ACachedReviewCountsWithWhatItWasReadOffOnly) {
  Result<TemporaryFolder> folder = TemporaryFolder::Make("cache");
  const auto cache = AnswerCache::Open(folder->path());
  ASSERT_TRUE(cache.ok());
  FakeLlm model([](const LlmRequest& request, int) {
    return FakeReply("read: " + request.measured);
  });
  // A new client a question, as a new run has.
  const auto ask = [&](const std::string& output, bool review) {
    (*cache)->Continue({});
    Cached client(std::make_unique<BorrowedLlm>(model), "m", **cache,
                  observer_);
    LlmRequest request = Question(1);
    request.measured = output;
    if (review) request.schema = {.name = "r", .description = "", .json = "{}"};
    return client.Ask(request, {})->text;
  };
  EXPECT_EQ(ask("one", true), "read: one");
  EXPECT_EQ(ask("two", true), "read: two");
  EXPECT_EQ(ask("one", true), "read: one");
  // Of a script, seconds and prints are no part of the question.
  EXPECT_EQ(ask("three", false), "read: three");
  EXPECT_EQ(ask("four", false), "read: three");
  EXPECT_EQ(model.requests().size(), 3u);
}

TEST_F(MakeClientTest, AResumedRunAsksItsCacheForTheNextAnswer) {
  Result<TemporaryFolder> folder = TemporaryFolder::Make("cache");
  const auto cache = AnswerCache::Open(folder->path());
  ASSERT_TRUE(cache.ok());
  FakeLlm model([](const LlmRequest&, int serial) {
    return FakeReply(std::to_string(serial));
  });
  Cached client(std::make_unique<BorrowedLlm>(model), "m", **cache, observer_);
  EXPECT_EQ(client.Ask(Question(1), {})->text, "0");
  EXPECT_EQ(client.Ask(Question(1), {})->text, "1");
  const Hash128 name = HashRequest(Question(1), "m");
  (*cache)->Continue(std::vector<Hash128>{name});
  EXPECT_EQ(client.Ask(Question(1), {})->text, "1");
}

TEST_F(MakeClientTest, AFileOfTheCacheThatCannotBeReadIsAsGoodAsNone) {
  Result<TemporaryFolder> folder = TemporaryFolder::Make("cache");
  const auto cache = AnswerCache::Open(folder->path());
  ASSERT_TRUE(cache.ok());
  const auto asking =
      (*cache)->Next(HashRequest(Question(1), "m"), Question(1));
  LlmReply reply;
  reply.text = "whole";
  ASSERT_TRUE((*cache)->Add(asking, reply).ok());
  ASSERT_EQ((*cache)->Find(asking)->text, "whole");
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder->path())) {
    if (!entry.is_regular_file()) continue;
    ASSERT_TRUE(WriteFile(entry.path(), R"({"text":"who)").ok());
  }
  EXPECT_FALSE((*cache)->Find(asking).has_value());
}

TEST_F(MakeClientTest, NobodyThereIsAskedAFewTimesAndToldInOneLine) {
  ModelConfig config;
  {
    const StubLlmServer server([](const StubRequest&) { return StubAnswer{}; });
    config = Config(server);
  }
  Meter meter({});
  const auto client = Make(config, meter, nullptr, nullptr);
  const Result<LlmReply> reply = client->Ask(Question(1), {});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().kind, ErrorKind::kLost);
  EXPECT_THAT(reply.error().message, HasSubstr("no connection"));
  EXPECT_THAT(reply.error().message, Not(HasSubstr("\n")));
  EXPECT_THAT(reply.error().hint, HasSubstr("is the server up"));
  EXPECT_EQ(observer_.ended, RetryPolicy().max_unreachable);
  Milliseconds waited{0};
  for (const Milliseconds wait : pause_.waits()) waited += wait;
  EXPECT_LE(waited, Milliseconds(7'000));
}

TEST_F(MakeClientTest, ACutLastLineOfACassetteIsIgnored) {
  Result<TemporaryFolder> folder = TemporaryFolder::Make("cassette");
  const auto path = folder->path() / "cut.jsonl";
  const StubLlmServer server(
      [](const StubRequest&) { return StubAnswer{.text = "yes"}; });
  {
    auto cassette = Cassette::Open(path, CassetteMode::kRecord);
    Meter meter({});
    const auto client = Make(Config(server), meter, cassette->get(), nullptr);
    EXPECT_TRUE(client->Ask(Question(1), {}).ok());
  }
  const std::string whole = *ReadFile(path);
  ASSERT_TRUE(WriteFile(path, whole + R"({"hash":"00)").ok());
  {
    ASSERT_TRUE(Cassette::Open(path, CassetteMode::kRecord).ok());
  }
  EXPECT_EQ(*ReadFile(path), whole);
}

TEST_F(MakeClientTest, AdaptsToAModelThatRejectsTemperature) {
  const StubLlmServer server([](const StubRequest& request) {
    if (request.body.find("temperature") != std::string::npos) {
      return StubAnswer{.status = 400,
                        .error =
                            "Unsupported value: 'temperature' does not "
                            "support 0.5 with this model.",
                        .error_type = "invalid_request_error",
                        .error_code = "unsupported_value"};
    }
    return StubAnswer{.text = "ok"};
  });
  Meter meter({});
  const auto client = Make(server, meter);
  LlmRequest request = Question(1);
  request.temperature = 0.5;
  EXPECT_TRUE(client->Ask(request, {}).ok());
  EXPECT_TRUE(client->Ask(request, {}).ok());
  EXPECT_EQ(server.requests().size(), 3);
}

TEST_F(MakeClientTest, AProbeTellsWhatWorks) {
  const StubLlmServer server([](const StubRequest& request) {
    if (request.wants_schema) {
      return StubAnswer{.status = 400,
                        .error = "response_format is not supported",
                        .error_type = "invalid_request_error"};
    }
    return StubAnswer{.text = "ready", .json = R"({"ready": true})"};
  });
  const auto lines = Probe(Config(server), *transport_, clock_, {});
  ASSERT_GE(lines.size(), 6);
  EXPECT_TRUE(lines[0].works) << lines[0].detail;
  EXPECT_TRUE(lines[1].works);
  EXPECT_TRUE(lines[2].works);
  EXPECT_EQ(lines[4].what, "JSON schema");
  EXPECT_FALSE(lines[4].works);
  EXPECT_EQ(lines[5].what, "tools");
  EXPECT_TRUE(lines[5].works);
}

TEST_F(MakeClientTest, AProbeOfARejectedKeySaysSo) {
  const StubLlmServer server([](const StubRequest&) {
    return StubAnswer{.status = 401,
                      .error = std::string("bad key ") + kKey,
                      .error_type = "authentication_error"};
  });
  const auto lines = Probe(Config(server), *transport_, clock_, {});
  ASSERT_EQ(lines.size(), 1);
  EXPECT_FALSE(lines[0].works);
  EXPECT_THAT(lines[0].detail, Not(HasSubstr(kKey)));
}

}  // namespace
}  // namespace treesmith
