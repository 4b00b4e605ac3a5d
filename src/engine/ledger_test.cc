// The books of a run: every call an event, every token counted, whatever
// happens to the process.
#include "engine/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>

#include "base/file.h"
#include "base/unique_fd.h"
#include "engine/answer.h"
#include "engine/run_reader.h"
#include "llm/cassette.h"
#include "llm/retrying.h"
#include "testing/fake_llm.h"
#include "testing/run_harness.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;

constexpr char kModel[] = "fake:model";

// Asks once a candidate; the answer is the script.
class AskingCoder : public ScriptedCoder {
 public:
  explicit AskingCoder(LlmClient& client) : client_(client) {}
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token stop) override {
    TRY_ASSIGN(Candidate candidate, ScriptedCoder::Write(assignment, stop));
    LlmRequest request;
    request.tail = candidate.script.code;
    request.purpose = std::string(OperatorName(assignment.op));
    request.step = static_cast<uint64_t>(assignment.step.value);
    request.max_output_tokens = 100;
    TRY_ASSIGN(const LlmReply reply, client_.Ask(request, stop));
    candidate.script.code += "# " + reply.text + "\n";
    candidate.usage = reply.usage;
    return candidate;
  }

 private:
  LlmClient& client_;
};

// Retrying > Answered > Metered > the client given, as in MakeClient.
class Books {
 public:
  explicit Books(std::unique_ptr<LlmClient> inner, CallBudget budget = {})
      : ledger_(budget) {
    auto metered = std::make_unique<Metered>(
        std::move(inner), kModel, Prices{}, options_, ledger_.meter(), ledger_);
    auto answered =
        std::make_unique<Answered>(std::move(metered), ledger_.answered());
    client_ = std::make_unique<Retrying>(std::move(answered), RetryPolicy{},
                                         pause_, 1);
  }
  Ledger& ledger() { return ledger_; }
  LlmClient& client() { return *client_; }

 private:
  SharedOptions options_;
  NoPause pause_;
  Ledger ledger_;
  std::unique_ptr<LlmClient> client_;
};

// Every third call fails the first time it is made.
LlmOutcome Moody(const LlmRequest& request, int) {
  if (request.step % 3 == 1 && request.attempt == 1) {
    return FakeFailure(FailureKind::kOverloaded);
  }
  return FakeReply("answer " + std::to_string(request.step));
}

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() : folder_(*TemporaryFolder::Make("ledger_test")) {
    options_.database = DatabaseOf(folder_.path());
    options_.config.seed = 5;
    options_.config.budget.steps = 8;
    options_.evaluator.buggy_share = 0;
  }

  Result<Finished> Run(LlmClient& fake) {
    Books books(std::make_unique<BorrowedLlm>(fake),
                {options_.config.budget.tokens, {}});
    AskingCoder coder(books.client());
    RunHarness run(options_);
    run.set_coder(coder);
    run.set_ledger(books.ledger());
    return run.Run();
  }
  RunRecord Read() { return *ReadRun(folder_.path()); }
  size_t Count(std::string_view kind) {
    const RunRecord record = Read();
    return static_cast<size_t>(std::ranges::count_if(
        record.events,
        [&](const Event& event) { return EventKind(event.body) == kind; }));
  }

  TemporaryFolder folder_;
  HarnessOptions options_;
};

TEST_F(LedgerTest, EveryCallIsAnEventBeforeAndAfterFailedOnesToo) {
  FakeLlm fake(Moody);
  ASSERT_TRUE(Run(fake).ok());
  EXPECT_EQ(fake.requests().size(), 11u);  // steps 1, 4 and 7 twice
  EXPECT_EQ(Count("CallStarted"), 11u);
  EXPECT_EQ(Count("CallEnded"), 11u);
  const RunRecord record = Read();
  EXPECT_EQ(record.state->usage().calls, 11);
  EXPECT_EQ(record.state->usage().tokens(), 8 * 15);
  EXPECT_EQ(record.state->tree().at({1}).usage.calls, 2);
}

TEST_F(LedgerTest, AThousandStepsAtThirtyPercentFaultsLoseNoStepAndNoToken) {
  constexpr int kSteps = 1000;
  options_.config.budget.steps = kSteps;
  std::atomic<int64_t> sent = 0;
  std::atomic<int> most_tries = 0;
  FakeLlm faulty([&](const LlmRequest& request, int serial) {
    most_tries = std::max(most_tries.load(), request.attempt);
    Rng rng(3, static_cast<uint64_t>(serial), "fault");
    LlmOutcome outcome = FakeReply("answer " + std::to_string(serial));
    if (rng.Uniform() < 0.3) {
      constexpr FailureKind kKinds[] = {
          FailureKind::kRateLimited, FailureKind::kServer,
          FailureKind::kConnection, FailureKind::kTimeout,
          FailureKind::kMalformed};
      outcome = FakeFailure(kKinds[rng.Below(std::size(kKinds))]);
      // Half of them after the prompt was read.
      if (rng.Below(2) == 0) outcome.usage().tokens_in = 10;
    }
    sent += outcome.usage().tokens();
    return outcome;
  });
  const auto ended = Run(faulty);
  ASSERT_TRUE(ended.ok()) << ended.error().message;
  EXPECT_EQ(ended->reason, "steps");
  const RunRecord record = Read();
  EXPECT_EQ(record.state->tree().size(), static_cast<size_t>(kSteps));
  EXPECT_EQ(record.state->usage().tokens(), sent);
  const auto calls = static_cast<int64_t>(faulty.requests().size());
  EXPECT_EQ(record.state->usage().calls, calls);
  EXPECT_GT(calls, kSteps * 13 / 10);
  EXPECT_LE(most_tries, RetryPolicy().max_tries);
  int64_t by_node = 0;
  for (int64_t i = 0; i < kSteps; ++i) {
    by_node += record.state->tree().at({i}).usage.tokens();
  }
  EXPECT_EQ(by_node, sent);
}

TEST_F(LedgerTest, A17_AnExhaustedQuotaEndsTheRunInOrderAndCanGoOn) {
  for (const FailureKind kind :
       {FailureKind::kQuota, FailureKind::kUnreachable}) {
    std::filesystem::remove_all(folder_.path());
    std::filesystem::create_directory(folder_.path());
    options_.go_on = false;
    FakeLlm poor([&](const LlmRequest& request, int serial) {
      return serial < 3 ? Moody(request, serial) : FakeFailure(kind);
    });
    const auto ended = Run(poor);
    ASSERT_TRUE(ended.ok()) << ended.error().message;
    EXPECT_EQ(ended->reason,
              kind == FailureKind::kQuota ? "quota" : "model unreachable");
    EXPECT_TRUE(DecodeAnswer(ended->answer)->choice.has_value());
    EXPECT_LT(Read().state->tree().size(), 8u);
    // What failed then is asked for again, and not answered from the log.
    options_.go_on = true;
    FakeLlm rich(Moody);
    const auto gone_on = Run(rich);
    ASSERT_TRUE(gone_on.ok()) << gone_on.error().message;
    EXPECT_EQ(gone_on->reason, "steps");
    EXPECT_EQ(Read().state->tree().size(), 8u);
  }
}

TEST_F(LedgerTest, D23_OneLayerTriesAgainThenTheRunEndsInOrder) {
  for (const auto& [kind, tries] :
       {std::pair{FailureKind::kConnection, RetryPolicy().max_tries},
        std::pair{FailureKind::kUnreachable, RetryPolicy().max_unreachable}}) {
    std::filesystem::remove_all(folder_.path());
    std::filesystem::create_directory(folder_.path());
    int asked = 0;
    FakeLlm silent([&, failure = kind](const LlmRequest& request, int serial) {
      if (request.step < 2) return Moody(request, serial);
      ++asked;
      return FakeFailure(failure);
    });
    const auto ended = Run(silent);
    ASSERT_TRUE(ended.ok()) << ended.error().message;
    EXPECT_EQ(ended->reason, "model unreachable");
    EXPECT_EQ(Read().state->tree().size(), 2u);
    // The engine does not begin again where the client has given up.
    EXPECT_EQ(asked, tries);
  }
}

TEST_F(LedgerTest, ABudgetInTokensIsNeverPassedAndLeavesAnAnswer) {
  options_.config.budget.steps = 1000;
  options_.config.budget.tokens = 400;
  FakeLlm fake(Moody);
  const auto ended = Run(fake);
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ended->reason, "tokens");
  EXPECT_TRUE(DecodeAnswer(ended->answer)->choice.has_value());
  const int64_t used = Read().state->usage().tokens();
  EXPECT_LE(used, 400);
  // A call may take about 240: there was no room for one more.
  EXPECT_GT(used, 150);
}

TEST_F(LedgerTest, ARejectedKeyIsAnErrorOfTheRun) {
  FakeLlm fake([](const LlmRequest&, int) {
    return FakeFailure(FailureKind::kKeyRejected);
  });
  Books books(std::make_unique<BorrowedLlm>(fake));
  // As operators/llm says it: kBadInput would end one step after the other.
  class Coder : public AskingCoder {
   public:
    using AskingCoder::AskingCoder;
    Result<Candidate> Write(const Assignment& assignment,
                            std::stop_token stop) override {
      auto candidate = AskingCoder::Write(assignment, stop);
      if (candidate.ok()) return candidate;
      return Error{ErrorKind::kEnvironment, candidate.error().message};
    }
  } coder(books.client());
  RunHarness run(options_);
  run.set_coder(coder);
  run.set_ledger(books.ledger());
  const auto ended = run.Run();
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().kind, ErrorKind::kEnvironment);
  EXPECT_EQ(Count("CallEnded"), 1u);
}

// Blocks until stop is asked for, which it does itself.
class Hanging : public LlmClient {
 public:
  explicit Hanging(std::stop_source interrupt)
      : interrupt_(std::move(interrupt)) {}
  LlmOutcome Call(const LlmRequest&, std::stop_token stop) override {
    interrupt_.request_stop();
    Flag never;
    never.Wait(stop);
    return {.answer = LlmFailure{.kind = FailureKind::kCancelled,
                                 .message = "ask: stopped",
                                 .usage = {.calls = 1, .tokens_in = 7}}};
  }

 private:
  std::stop_source interrupt_;
};

TEST_F(LedgerTest, ACallThatAnInterruptCutsOffIsBooked) {
  std::stop_source interrupt;
  Books books(std::make_unique<Hanging>(interrupt));
  AskingCoder coder(books.client());
  RunHarness run(options_);
  run.set_coder(coder);
  run.set_ledger(books.ledger());
  ASSERT_TRUE(run.Run(interrupt.get_token()).ok());
  EXPECT_EQ(Read().state->usage().tokens(), 7);
  EXPECT_EQ(Count("CallEnded"), 1u);
}

// --- kill -9 -----------------------------------------------------------------

class PipeObserver : public Observer {
 public:
  explicit PipeObserver(int fd) : fd_(fd) {}
  void OnEvent(const Event&, const RunView&) override {
    ASSERT_EQ(::write(fd_, "e", 1), 1);
  }
  void OnTick(const RunView&) override {}

 private:
  const int fd_;
};

// The calls that the log has, as a resumed run hands them to its cassette.
std::vector<Cassette::Asked> AskedIn(const std::filesystem::path& folder) {
  std::vector<Cassette::Asked> asked;
  const auto record = ReadRun(folder);
  if (!record.ok()) return asked;
  for (const Event& event : record->events) {
    const auto* call = std::get_if<CallEnded>(&event.body);
    if (call == nullptr || call->reply.IsZero()) continue;
    asked.push_back({call->request, static_cast<uint64_t>(call->step.value),
                     call->purpose});
  }
  return asked;
}

// Goes on from the cassette in a child that is killed after `events` events.
// True when it came to its end before that.
bool RunAndKill(HarnessOptions options, const std::filesystem::path& cassette,
                size_t events) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    reader.Reset();
    PipeObserver observer(writer.get());
    options.observers = {&observer};
    auto replay = Cassette::Open(cassette, CassetteMode::kReplay);
    (*replay)->Continue(AskedIn(options.database.parent_path()));
    Books books(std::make_unique<Replaying>(kModel, **replay));
    AskingCoder coder(books.client());
    RunHarness run(options);
    run.set_coder(coder);
    run.set_ledger(books.ledger());
    const bool ok = run.Run().ok();
    ::_exit(ok ? 0 : 1);
  }
  writer.Reset();
  char byte = 0;
  size_t seen = 0;
  while (seen < events && ::read(reader.get(), &byte, 1) == 1) ++seen;
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) != 0);
  return WIFEXITED(status);
}

TEST_F(LedgerTest, A2_ARunKilledInACallGoesOnToTheSameLogUnderReplay) {
  const auto cassette = folder_.path() / "calls.jsonl";
  FakeLlm fake(Moody);
  {
    auto record = Cassette::Open(cassette, CassetteMode::kRecord);
    ASSERT_TRUE(record.ok());
    Recorded recorded(std::make_unique<BorrowedLlm>(fake), kModel, **record);
    ASSERT_TRUE(Run(recorded).ok());
  }
  const auto whole = CanonicalLog(options_.database);
  const int64_t calls = Read().state->usage().calls;
  Rng rng(1);
  for (int round = 0; round < 12; ++round) {
    HarnessOptions options = options_;
    const auto folder = folder_.path() / std::to_string(round);
    ASSERT_TRUE(MakeFolders(folder).ok());
    options.database = DatabaseOf(folder);
    int lives = 0;
    while (!RunAndKill(options, cassette, 1 + rng.Below(9)) && ++lives < 100) {
    }
    ASSERT_EQ(*CanonicalLog(options.database), *whole) << "round " << round;
    // Calls that were cut off are in the books as well.
    const auto record = ReadRun(folder);
    size_t started = 0;
    for (const Event& event : record->events) {
      started += EventKind(event.body) == "CallStarted" ? 1 : 0;
    }
    EXPECT_EQ(record->state->usage().calls, static_cast<int64_t>(started));
    EXPECT_GE(record->state->usage().calls, calls);
  }
}

TEST_F(LedgerTest, AnAnsweredCallIsNeverPaidForTwice) {
  FakeLlm fake(Moody);
  ASSERT_TRUE(Run(fake).ok());
  // The log as a kill leaves it just behind the answer of the last step.
  const auto path = folder_.path() / "cut" / "run.db";
  ASSERT_TRUE(MakeFolders(path.parent_path()).ok());
  {
    auto from = RunStore::Open(options_.database, RunStore::Mode::kReadOnly);
    auto to = RunStore::Create(path);
    const RunRecord record = Read();
    size_t last = 0;
    for (size_t i = 0; i < record.events.size(); ++i) {
      if (EventKind(record.events[i].body) == "CallEnded") last = i;
    }
    for (size_t i = 0; i <= last; ++i) {
      Event event = record.events[i];
      std::vector<std::string> contents;
      std::vector<Hash128> hashes;
      if (const auto* call = std::get_if<CallEnded>(&event.body)) {
        hashes = {call->reply};
      } else if (const auto* written = std::get_if<Written>(&event.body)) {
        hashes = {written->script};
      } else if (const auto* run = std::get_if<FoldRun>(&event.body)) {
        hashes = {run->predictions, run->output};
      } else if (const auto* added = std::get_if<NodeAdded>(&event.body)) {
        hashes = {added->diagnosis};
      } else if (const auto* refit = std::get_if<Refitted>(&event.body)) {
        hashes = {refit->submission, refit->predictions};
      }
      contents.reserve(hashes.size());
      for (const Hash128 hash : hashes) {
        contents.push_back(*from->ReadBlob(hash));
      }
      std::vector<Blob> blobs;
      blobs.reserve(hashes.size());
      for (size_t k = 0; k < hashes.size(); ++k) {
        blobs.push_back({hashes[k], contents[k]});
      }
      ASSERT_TRUE(to->Append(std::span(&event, 1), blobs).ok());
    }
  }
  options_.database = path;
  FakeLlm again(Moody);
  ASSERT_TRUE(Run(again).ok());
  EXPECT_EQ(again.requests().size(), 0u);
  EXPECT_EQ(ReadRun(path.parent_path())->state->tree().size(), 8u);
}

// Calls back when the answer of a call that belongs to no step is in the log.
class AtReport : public Observer {
 public:
  explicit AtReport(std::function<void()> call) : call_(std::move(call)) {}
  void OnEvent(const Event& event, const RunView&) override {
    const auto* call = std::get_if<CallEnded>(&event.body);
    if (call != nullptr && call->purpose == "report") call_();
  }
  void OnTick(const RunView&) override {}

 private:
  const std::function<void()> call_;
};

TEST_F(LedgerTest, AnAnsweredReportIsNotPaidForTwiceAfterAKill) {
  // The log as a kill leaves it just behind the report's answer.
  const auto killed = folder_.path() / "killed" / "run.db";
  ASSERT_TRUE(MakeFolders(killed.parent_path()).ok());
  AtReport copy([&] {
    std::filesystem::copy_file(options_.database, killed);
    std::filesystem::copy_file(options_.database.string() + "-wal",
                               killed.string() + "-wal");
  });
  const auto run = [&](FakeLlm& fake) {
    Books books(std::make_unique<BorrowedLlm>(fake));
    AskingCoder coder(books.client());
    RunHarness harness(options_);
    harness.set_coder(coder);
    harness.set_ledger(books.ledger());
    harness.set_report([&books](const ReportQuestion& question,
                                std::stop_token stop) -> Result<ReportText> {
      LlmRequest request;
      request.tail = question.answer;
      request.purpose = "report";
      request.max_output_tokens = 100;
      TRY_ASSIGN(const LlmReply reply, books.client().Ask(request, stop));
      return ReportText{"# " + reply.text, reply.usage};
    });
    return harness.Run();
  };
  options_.observers = {&copy};
  FakeLlm fake(Moody);
  const auto whole = run(fake);
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  ASSERT_FALSE(DecodeAnswer(whole->answer)->report.IsZero());
  options_.observers = {};
  options_.database = killed;
  FakeLlm again(Moody);
  const auto resumed = run(again);
  ASSERT_TRUE(resumed.ok()) << resumed.error().message;
  EXPECT_EQ(again.requests().size(), 0u);
  EXPECT_EQ(resumed->answer, whole->answer);
}

// --- reviews -----------------------------------------------------------------

TEST_F(LedgerTest, AModelsWordOnABugIsTheFinding) {
  options_.evaluator.buggy_share = 1;
  options_.config.budget.steps = 3;
  RunHarness run(options_);
  run.set_review({.wanted =
                      [](const ReviewQuestion& question) {
                        return question.step.value != 1;
                      },
                  .ask = [](const ReviewQuestion& question,
                            std::stop_token) -> Result<Review> {
                    return Review{"seen: " + question.output, {}, {}};
                  }});
  ASSERT_TRUE(run.Run().ok());
  const Tree& tree = run.engine().state().tree();
  EXPECT_THAT(tree.at({0}).finding, HasSubstr("seen: ran unit 0"));
  EXPECT_THAT(tree.at({1}).finding, ::testing::Not(HasSubstr("seen")));
  EXPECT_EQ(tree.at({0}).outcome.kind, OutcomeKind::kCrash);
}

TEST_F(LedgerTest, AReviewThatFailsLosesNoNode) {
  options_.evaluator.buggy_share = 1;
  options_.config.budget.steps = 3;
  RunHarness run(options_);
  run.set_review(
      {.wanted = [](const ReviewQuestion&) { return true; },
       .ask = [](const ReviewQuestion&, std::stop_token) -> Result<Review> {
         return Failed("ask the reviewer: it is ill");
       }});
  ASSERT_TRUE(run.Run().ok());
  EXPECT_EQ(run.engine().state().tree().size(), 3u);
}

}  // namespace
}  // namespace treesmith
