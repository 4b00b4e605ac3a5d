#include "engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "base/file.h"
#include "base/flag.h"
#include "engine/answer.h"
#include "testing/run_harness.h"

namespace treesmith {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() : folder_(*TemporaryFolder::Make("engine_test")) {
    options_.database = folder_.path() / "run.db";
    options_.config.seed = 7;
    options_.config.budget.steps = 12;
  }

  std::vector<std::string> Log() {
    auto log = CanonicalLog(options_.database);
    EXPECT_TRUE(log.ok()) << (log.ok() ? "" : log.error().message);
    return log.ok() ? *log : std::vector<std::string>{};
  }
  size_t Count(const std::string& kind) {
    const auto log = Log();
    return static_cast<size_t>(std::ranges::count_if(
        log, [&](const auto& line) { return line.starts_with(kind + " "); }));
  }

  TemporaryFolder folder_;
  HarnessOptions options_;
};

// Lets a test wait until `count` units are inside at the same time.
class Gate {
 public:
  explicit Gate(int count) : count_(count) {}
  void Enter(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    ++inside_;
    most_ = std::max(most_, inside_);
    changed_.notify_all();
    changed_.wait(lock, stop, [this] { return most_ >= count_; });
    --inside_;
  }
  int most() {
    const std::lock_guard lock(mutex_);
    return most_;
  }

 private:
  const int count_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  int inside_ = 0;
  int most_ = 0;
};

// Calls back when the first event of a kind is in the log.
template <typename Body>
class AtEvent : public Observer {
 public:
  explicit AtEvent(std::function<void()> call) : call_(std::move(call)) {}
  void OnEvent(const Event& event, const RunView&) override {
    if (std::holds_alternative<Body>(event.body)) call_();
  }
  void OnTick(const RunView&) override {}

 private:
  const std::function<void()> call_;
};

TEST_F(EngineTest, D12_TheStepBudgetIsMetExactly) {
  RunHarness run(options_);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  EXPECT_EQ(finished->reason, "steps");
  EXPECT_EQ(run.engine().state().tree().size(), 12u);
  EXPECT_TRUE(run.engine().state().open_steps().empty());
}

TEST_F(EngineTest, A25_TheSameSeedGivesTheSameLog) {
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  const auto first = Log();
  options_.database = folder_.path() / "again.db";
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  EXPECT_EQ(Log(), first);
}

TEST_F(EngineTest, AnotherSeedGivesAnotherLog) {
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  const auto first = Log();
  options_.database = folder_.path() / "again.db";
  options_.config.seed = 8;
  options_.evaluator.buggy_share = 0.5;
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  EXPECT_NE(Log(), first);
}

TEST_F(EngineTest, TheFirstScoredNodeIsRefittedAtOnce) {
  options_.evaluator.buggy_share = 0;
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  const auto log = Log();
  const auto added = std::ranges::find_if(
      log, [](const auto& line) { return line.starts_with("NodeAdded "); });
  ASSERT_NE(added, log.end());
  ASSERT_NE(added + 1, log.end());
  EXPECT_THAT(*(added + 1), HasSubstr("Refitted"));
}

TEST_F(EngineTest, A5_AScriptThatCrashesIsANodeAndTheRunGoesOn) {
  options_.evaluator.buggy_share = 1;
  RunHarness run(options_);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(run.engine().state().tree().size(), 12u);
  EXPECT_FALSE(run.engine().state().tree().best().has_value());
  EXPECT_FALSE(DecodeAnswer(finished->answer)->choice.has_value());
}

TEST_F(EngineTest, A1_WorkersRunAsManyScriptsAtOnce) {
  Gate gate(4);
  options_.config.workers = 4;
  options_.drafts = 12;
  options_.evaluator.buggy_share = 0;
  options_.evaluator.on_unit = [&](const UnitJob&, std::stop_token stop) {
    gate.Enter(stop);
  };
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  EXPECT_GE(gate.most(), 4);
}

TEST_F(EngineTest, TheFoldsOfOneNodeRunSideBySide) {
  Gate gate(3);
  options_.config.workers = 3;
  options_.config.budget.steps = 1;
  options_.evaluator.units = 4;
  options_.evaluator.buggy_share = 0;
  options_.evaluator.on_unit = [&](const UnitJob& job, std::stop_token stop) {
    if (job.unit > 0) gate.Enter(stop);
  };
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  EXPECT_EQ(gate.most(), 3);
}

TEST_F(EngineTest, ABugInTheFirstFoldSparesTheOthers) {
  options_.evaluator.units = 5;
  options_.evaluator.buggy_share = 1;
  options_.config.budget.steps = 3;
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  EXPECT_EQ(Count("FoldRun"), 3u);
}

// Answers the same script `repeats` times before it says something new.
class StutteringCoder : public ScriptedCoder {
 public:
  explicit StutteringCoder(size_t repeats) : repeats_(repeats) {}
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token stop) override {
    auto candidate = ScriptedCoder::Write(assignment, stop);
    if (assignment.step.value > 0 && assignment.refused.size() < repeats_) {
      candidate->script.code = "print(0)\n";
    }
    return candidate;
  }

 private:
  const size_t repeats_;
};

TEST_F(EngineTest, ACandidateEqualToANodeIsAskedForAgain) {
  StutteringCoder coder(1);
  RunHarness run(options_);
  run.set_coder(coder);
  ASSERT_TRUE(run.Run().ok());
  const NodeSnapshot nodes = run.engine().state().tree().Nodes();
  for (size_t i = 0; i < nodes.size(); ++i) {
    EXPECT_NE(nodes[i].outcome.kind, OutcomeKind::kDuplicate);
  }
}

TEST_F(EngineTest, ACandidateIsAskedForAgainOnceAndNoMore) {
  StutteringCoder coder(2);
  RunHarness run(options_);
  run.set_coder(coder);
  ASSERT_TRUE(run.Run().ok());
  const NodeSnapshot nodes = run.engine().state().tree().Nodes();
  ASSERT_GT(nodes.size(), 1u);
  EXPECT_EQ(nodes[1].outcome.kind, OutcomeKind::kDuplicate);
}

// Answers copies of its first script that differ in names and comments alone.
class CopyingCoder : public ScriptedCoder {
 public:
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token stop) override {
    auto candidate = ScriptedCoder::Write(assignment, stop);
    const std::string step = std::to_string(assignment.step.value);
    const std::string name = "x" + step;
    candidate->script.code = "# step " + step + "\n" + name;
    candidate->script.code += " = 1\nprint(" + name + ")\n";
    return candidate;
  }
};

TEST_F(EngineTest, A23_ACopyUnderOtherNamesIsNotRunAgain) {
  CopyingCoder coder;
  options_.config.budget.steps = 3;
  RunHarness run(options_);
  run.set_coder(coder);
  ASSERT_TRUE(run.Run().ok());
  EXPECT_EQ(run.engine().state().tree().at({2}).outcome.kind,
            OutcomeKind::kDuplicate);
  EXPECT_EQ(Count("FoldRun"), 1u);
}

// The slow first step is equal to the third, which is written while it runs.
TEST_F(EngineTest, ADuplicateOfWhatStillRunsNamesItsStepAndNoNode) {
  options_.config.workers = 2;
  options_.config.ask_slots = 1;
  options_.config.budget.steps = 3;
  options_.config.start_scripts = {{"slow.py", "print('slow')\n"},
                                   {"fast.py", "print('fast')\n"},
                                   {"copy.py", "print('slow')  # again\n"}};
  options_.evaluator.buggy_share = 0;
  Flag told;
  options_.evaluator.on_unit = [&](const UnitJob& job, std::stop_token stop) {
    if (job.script.code.starts_with("print('slow')")) told.Wait(stop);
  };
  AtEvent<NodeAdded> note([&, nodes = 0]() mutable {
    if (++nodes == 2) told.Raise();
  });
  options_.observers = {&note};
  RunHarness run(options_);
  ASSERT_TRUE(run.Run().ok());
  const Tree& tree = run.engine().state().tree();
  ASSERT_EQ(tree.size(), 3u);
  const bool soon = tree.at({0}).step == StepId{2};
  EXPECT_EQ(tree.at({soon ? 0 : 1}).outcome.detail,
            "equal to step 0, which is still running");
}

TEST_F(EngineTest, A23_AStubbornDuplicateEndsItsStepWithoutARun) {
  StutteringCoder coder(100);
  options_.config.budget.steps = 3;
  RunHarness run(options_);
  run.set_coder(coder);
  ASSERT_TRUE(run.Run().ok());
  const Node& node = run.engine().state().tree().at({1});
  EXPECT_EQ(node.outcome.kind, OutcomeKind::kDuplicate);
  EXPECT_EQ(node.outcome.detail, "equal to node 0");
  EXPECT_EQ(Count("FoldRun"), 1u);
}

TEST_F(EngineTest, ACoderWithNothingNewEndsTheRun) {
  StutteringCoder coder(100);
  options_.config.budget.steps = 1000;
  RunHarness run(options_);
  run.set_coder(coder);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->reason, "nothing new to try");
}

TEST_F(EngineTest, ANodeThatLeaksIsNotTheAnswer) {
  options_.evaluator.leaky_share = 0.6;
  options_.evaluator.buggy_share = 0;
  options_.config.budget.steps = 100;
  RunHarness run(options_);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  const RunState& state = run.engine().state();
  ASSERT_TRUE(state.leaks(*state.tree().best()));  // or the test shows nothing
  const auto answer = DecodeAnswer(finished->answer);
  const NodeId chosen = answer->choice->members.front().node;
  EXPECT_FALSE(state.leaks(chosen));
  EXPECT_EQ(state.check(chosen, "canary")->verdict, CheckVerdict::kClear);
}

TEST_F(EngineTest, WhereEveryNodeLeaksTheAnswerIsOneAndSaysSo) {
  options_.evaluator.leaky_share = 1;
  RunHarness run(options_);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  const auto answer = DecodeAnswer(finished->answer);
  ASSERT_TRUE(answer->choice.has_value());
  const auto concerns = ConcernsOf(run.engine().state(), *answer->choice);
  ASSERT_FALSE(concerns.empty());
  // Not for ever: convictions call for few further canaries.
  EXPECT_LE(Count("Checked"), 8u);
}

TEST_F(EngineTest, WithoutLabelsToShuffleNothingIsSaidOfCanaries) {
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  EXPECT_EQ(Count("Checked"), 0u);
}

// Every unit takes four seconds of the run.
class SlowEvaluator : public FakeEvaluator {
 public:
  SlowEvaluator(Options options, FakeClock& clock)
      : FakeEvaluator(std::move(options)), clock_(clock) {}
  Result<UnitResult> RunUnit(const UnitJob& job,
                             std::stop_token stop) override {
    Result<UnitResult> result = FakeEvaluator::RunUnit(job, stop);
    clock_.Advance(std::chrono::seconds(4));
    if (result.ok()) result->execution.wall = std::chrono::seconds(4);
    return result;
  }

 private:
  FakeClock& clock_;
};

TEST_F(EngineTest, ACanaryThatTimeDoesNotAllowIsToldAsSkipped) {
  options_.config.budget.steps.reset();
  options_.config.budget.time = std::chrono::seconds(12);
  RunHarness run(options_);
  SlowEvaluator evaluator({.buggy_share = 0, .leaky_share = 0.5}, run.clock());
  run.set_evaluator(evaluator);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  EXPECT_EQ(finished->reason, "time");
  const Check* check = run.engine().state().check({}, "canary");
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->verdict, CheckVerdict::kSkipped);
  EXPECT_THAT(check->text, HasSubstr("no time was left"));
}

TEST(RunStateTest, ALaterCheckTakesThePlaceOfAnEarlierOne) {
  RunState state(Direction::kMinimize, 1);
  for (const CheckVerdict verdict :
       {CheckVerdict::kSkipped, CheckVerdict::kClear}) {
    ASSERT_TRUE(state
                    .Apply({.seq = 1,
                            .elapsed = {},
                            .body = Checked{{}, {"canary", verdict, ""}}})
                    .ok());
    ASSERT_TRUE(state
                    .Apply({.seq = 1,
                            .elapsed = {},
                            .body = Checked{{}, {"twins", verdict, ""}}})
                    .ok());
  }
  EXPECT_EQ(state.checks().size(), 2u);
  EXPECT_EQ(state.check({}, "canary")->verdict, CheckVerdict::kClear);
}

// Loses its place a few times, as a machine that goes down does.
class LossyEvaluator : public FakeEvaluator {
 public:
  LossyEvaluator(Options options, int losses)
      : FakeEvaluator(std::move(options)), losses_(losses) {}
  Result<UnitResult> RunUnit(const UnitJob& job,
                             std::stop_token stop) override {
    if (losses_-- > 0) return Error{ErrorKind::kLost, "machine went away"};
    return FakeEvaluator::RunUnit(job, stop);
  }

 private:
  std::atomic<int> losses_;
};

// Lays out a unit otherwise from the third run on.
class ShiftyEvaluator : public FakeEvaluator {
 public:
  using FakeEvaluator::FakeEvaluator;
  Result<UnitResult> RunUnit(const UnitJob& job,
                             std::stop_token stop) override {
    Result<UnitResult> result = FakeEvaluator::RunUnit(job, stop);
    if (result.ok()) result->view = HashBytes(++runs_ < 3 ? "view" : "other");
    return result;
  }

 private:
  std::atomic<int> runs_ = 0;
};

TEST_F(EngineTest, AUnitThatIsLaidOutOtherwiseThanBeforeEndsTheRun) {
  ShiftyEvaluator evaluator({.buggy_share = 0});
  options_.config.budget.steps = 5;
  RunHarness run(options_);
  run.set_evaluator(evaluator);
  const auto finished = run.Run();
  ASSERT_FALSE(finished.ok());
  EXPECT_EQ(finished.error().message,
            "run step 2: fold 1 is not laid out as earlier steps saw it");
  EXPECT_EQ(run.engine().state().view(0), HashBytes("view"));
}

TEST_F(EngineTest, ALostJobIsRunAgainAndIsNoOutcome) {
  LossyEvaluator evaluator({.buggy_share = 0}, 2);
  options_.config.budget.steps = 2;
  RunHarness run(options_);
  run.set_evaluator(evaluator);
  ASSERT_TRUE(run.Run().ok());
  EXPECT_EQ(Count("FoldRun"), 2u);
}

TEST_F(EngineTest, APlaceThatIsAlwaysLostEndsTheRunWithItsError) {
  LossyEvaluator evaluator({.buggy_share = 0}, 1000);
  RunHarness run(options_);
  run.set_evaluator(evaluator);
  const auto finished = run.Run();
  ASSERT_FALSE(finished.ok());
  EXPECT_THAT(finished.error().message, HasSubstr("machine went away"));
}

TEST_F(EngineTest, TheSearchEndsBeforeItsTimeDoes) {
  FakeClock* clock = nullptr;
  options_.config.budget.steps.reset();
  options_.config.budget.time = std::chrono::seconds(60);
  options_.evaluator.buggy_share = 0;
  options_.evaluator.on_unit = [&](const UnitJob&, std::stop_token) {
    clock->Advance(std::chrono::seconds(5));
  };
  RunHarness run(options_);
  clock = &run.clock();
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->reason, "time");
  const size_t nodes = run.engine().state().tree().size();
  EXPECT_GE(nodes, 5u);
  EXPECT_LE(nodes, 12u);
}

// A limit cut short by the end of the search made timeouts of good scripts.
TEST_F(EngineTest, AScriptNearTheEndHasItsWholeLimit) {
  FakeClock* clock = nullptr;
  options_.config.budget.steps.reset();
  options_.config.budget.time = std::chrono::seconds(60);
  options_.evaluator.buggy_share = 0;
  std::set<std::chrono::milliseconds> limits;
  options_.evaluator.on_unit = [&](const UnitJob& job, std::stop_token) {
    clock->Advance(std::chrono::seconds(5));
    limits.insert(job.wall_limit);
  };
  RunHarness run(options_);
  clock = &run.clock();
  ASSERT_TRUE(run.Run().ok());
  EXPECT_THAT(limits, ElementsAre(std::chrono::seconds(20)));
}

// --- the time plan

// Takes `start` and, on all rows of a fold, `fit` more, as real scripts do.
class TimedEvaluator : public FakeEvaluator {
 public:
  struct Machine {
    std::chrono::milliseconds start;
    std::chrono::milliseconds fit;
    FakeClock& clock;
  };

  TimedEvaluator(const Options& options, Machine machine)
      : FakeEvaluator(options), rows_(options.rows), machine_(machine) {}

  Result<UnitResult> RunUnit(const UnitJob& job,
                             std::stop_token stop) override {
    Result<UnitResult> result = FakeEvaluator::RunUnit(job, stop);
    const auto wall = Pass(job.train_share);
    if (result.ok()) result->execution.wall = wall;
    const std::lock_guard lock(mutex_);
    units_.push_back(job.train_share);
    return result;
  }

  Result<RefitResult> Refit(const RefitJob& job,
                            std::stop_token stop) override {
    Result<RefitResult> result = FakeEvaluator::Refit(job, stop);
    const auto wall = Pass(job.train_share * static_cast<double>(rows_.all) /
                           static_cast<double>(rows_.fold));
    if (result.ok()) result->execution.wall = wall;
    const std::lock_guard lock(mutex_);
    refits_.push_back(job.train_share);
    return result;
  }

  // The share of each that was run, in their order.
  [[nodiscard]] const std::vector<double>& unit_shares() const {
    return units_;
  }
  [[nodiscard]] const std::vector<double>& refit_shares() const {
    return refits_;
  }

 private:
  std::chrono::milliseconds Pass(double folds) {
    const auto wall =
        machine_.start +
        std::chrono::duration_cast<std::chrono::milliseconds>(
            folds * std::chrono::duration<double, std::milli>(machine_.fit));
    machine_.clock.Advance(wall);
    return wall;
  }

  const TrainRows rows_;
  const Machine machine_;
  std::mutex mutex_;
  std::vector<double> units_;
  std::vector<double> refits_;
};

// A probe and a pilot are run alone; what they took decides on how many rows
// all nodes are fitted, the pilot's own among them.
TEST_F(EngineTest, PilotsDecideOnHowManyRowsNodesAreFitted) {
  options_.config.budget.steps = 4;
  options_.config.budget.time = std::chrono::minutes(20);
  options_.config.workers = 2;
  options_.evaluator.units = 3;
  options_.evaluator.buggy_share = 0;
  options_.evaluator.rows = {.all = 160'000, .fold = 100'000, .columns = 20};
  RunHarness run(options_);
  using std::chrono::seconds;
  TimedEvaluator evaluator(options_.evaluator,
                           {seconds(3), seconds(120), run.clock()});
  run.set_evaluator(evaluator);
  ASSERT_TRUE(run.Run().ok());
  const std::vector<double>& shares = evaluator.unit_shares();
  ASSERT_EQ(shares.size(), 2u + 4 * 3);
  EXPECT_EQ(shares[0], 0.02);
  EXPECT_EQ(shares[1], 0.3);
  const double share = run.engine().state().plan()->train_share;
  EXPECT_LT(share, 0.8);
  EXPECT_NE(share, 0.3);
  EXPECT_THAT(std::vector(shares.begin() + 2, shares.end()),
              testing::Each(share));
  EXPECT_EQ(Count("Planned"), 2u);
  const NodeSnapshot nodes = run.engine().state().tree().Nodes();
  for (size_t i = 0; i < nodes.size(); ++i) {
    EXPECT_EQ(nodes[i].predictions.size(), 3u);
  }
}

// There is a submission soon, and one of all rows at the end.
TEST_F(EngineTest, TheFirstRefitIsOfFewerRowsWhereAllOfThemTakeLong) {
  options_.config.budget.steps.reset();
  options_.config.budget.time = std::chrono::minutes(10);
  options_.evaluator.units = 3;
  options_.evaluator.buggy_share = 0;
  options_.evaluator.rows = {.all = 160'000, .fold = 100'000, .columns = 20};
  RunHarness run(options_);
  using std::chrono::seconds;
  TimedEvaluator evaluator(options_.evaluator,
                           {seconds(3), seconds(20), run.clock()});
  run.set_evaluator(evaluator);
  ASSERT_TRUE(run.Run().ok());
  const std::vector<double>& refits = evaluator.refit_shares();
  ASSERT_GE(refits.size(), 2u);
  EXPECT_NEAR(refits.front() * 160'000,
              run.engine().state().plan()->train_share * 100'000, 1);
  EXPECT_EQ(refits.back(), 1);
  EXPECT_LE(run.engine().state().elapsed(), std::chrono::minutes(10));
}

// Fewer rows would not be there any sooner where starting up takes long.
TEST_F(EngineTest, TheFirstRefitOfASmallTableIsOfAllRowsHoweverSlowTheMachine) {
  options_.config.budget.steps = 1;
  options_.config.budget.time = std::chrono::minutes(2);
  options_.evaluator.buggy_share = 0;
  options_.evaluator.rows = {.all = 800, .fold = 640, .columns = 20};
  RunHarness run(options_);
  using std::chrono::seconds;
  TimedEvaluator evaluator(options_.evaluator,
                           {seconds(12), seconds(1), run.clock()});
  run.set_evaluator(evaluator);
  ASSERT_TRUE(run.Run().ok());
  EXPECT_THAT(evaluator.refit_shares(), ElementsAre(1.0));
}

// Starting up takes as long for a refit as for a unit, and is no reason to end
// the search early.
TEST_F(EngineTest, WhatIsKeptForTheEndIsWhatRefitsTake) {
  options_.config.budget.steps.reset();
  options_.config.budget.time = std::chrono::minutes(10);
  options_.evaluator.units = 3;
  options_.evaluator.buggy_share = 0;
  options_.evaluator.rows = {.all = 160'000, .fold = 100'000, .columns = 20};
  const RunHarness* started = nullptr;
  std::chrono::milliseconds ended{0};
  AtEvent<SearchEnded> note(
      [&] { ended = started->engine().state().elapsed(); });
  options_.observers = {&note};
  RunHarness run(options_);
  started = &run;
  using std::chrono::seconds;
  TimedEvaluator evaluator(options_.evaluator,
                           {seconds(6), seconds(4), run.clock()});
  run.set_evaluator(evaluator);
  ASSERT_TRUE(run.Run().ok());
  EXPECT_GT(ended, seconds(560));
  EXPECT_LE(run.engine().state().elapsed(), seconds(600));
}

TEST_F(EngineTest, WithoutATimeLimitAllRowsAreUsed) {
  options_.evaluator.rows = {.all = 160'000, .fold = 100'000};
  std::set<double> shares;
  options_.evaluator.on_unit = [&](const UnitJob& job, std::stop_token) {
    shares.insert(job.train_share);
  };
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  EXPECT_THAT(shares, ElementsAre(1.0));
  EXPECT_THAT(Log()[1], HasSubstr("Planned"));
}

// --- the end

// What cannot be refitted in time is left out of the answer.
TEST_F(EngineTest, TheEndDoesNotOutlastTheTime) {
  FakeClock* clock = nullptr;
  options_.config.budget.steps = 6;
  options_.config.budget.time = std::chrono::minutes(10);
  options_.evaluator.buggy_share = 0;
  options_.evaluator.answer_members = 3;
  int refits = 0;
  options_.evaluator.on_refit = [&](const RefitJob&, std::stop_token stop) {
    if (++refits < 3) return;
    clock->Advance(std::chrono::hours(1));
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait(lock, stop, [] { return false; });
  };
  RunHarness run(options_);
  clock = &run.clock();
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  const auto answer = DecodeAnswer(finished->answer);
  EXPECT_EQ(answer->choice->members.size(), 2u);
  EXPECT_FALSE(answer->submission.IsZero());
}

TEST_F(EngineTest, ARunKilledAtItsEndDoesNotSearchAgain) {
  options_.evaluator.buggy_share = 0;
  options_.config.budget.steps = 3;
  // The log as it was when the search had just ended.
  const auto killed = folder_.path() / "killed.db";
  AtEvent<SearchEnded> copy([&] {
    std::filesystem::copy_file(options_.database, killed);
    std::filesystem::copy_file(options_.database.string() + "-wal",
                               killed.string() + "-wal");
  });
  options_.observers = {&copy};
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  const auto whole = Log();
  options_.database = killed;
  options_.observers = {};
  // Were there a search, it would go on to nine steps.
  options_.config.budget.steps = 9;
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  EXPECT_EQ(Log(), whole);
}

TEST_F(EngineTest, ARunKilledAmongItsCanariesTellsEachOfThemOnce) {
  options_.evaluator.buggy_share = 0;
  options_.evaluator.leaky_share = 0.4;
  options_.evaluator.answer_members = 4;
  options_.config.budget.steps = 60;
  // The log as it was after each event of the end.
  std::vector<std::filesystem::path> killed;
  const auto copy = [&] {
    killed.push_back(folder_.path() / std::to_string(killed.size()));
    std::filesystem::copy_file(options_.database, killed.back());
    std::filesystem::copy_file(options_.database.string() + "-wal",
                               killed.back().string() + "-wal");
  };
  AtEvent<SearchEnded> ended(copy);
  AtEvent<Checked> checked(copy);
  AtEvent<Refitted> refitted([&] {
    if (!killed.empty()) copy();
  });
  options_.observers = {&ended, &checked, &refitted};
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  const auto whole = Log();
  const auto with = [&](const std::string& text) {
    return std::ranges::count_if(whole, [&](const std::string& line) {
      return line.starts_with("Checked ") && line.contains(text);
    });
  };
  ASSERT_GE(with("leak"), 1);  // or the test shows little
  ASSERT_GE(with("clear"), 1);
  ASSERT_EQ(with("such checks may take a tenth of the run"), 1);
  options_.observers = {};
  for (const std::filesystem::path& log : killed) {
    options_.database = log;
    ASSERT_TRUE(RunHarness(options_).Run().ok());
    EXPECT_EQ(Log(), whole) << log;
  }
}

// Notes what the finalists of the last choice cost.
class CostReader : public FakeEvaluator {
 public:
  using FakeEvaluator::FakeEvaluator;
  Result<Choice> Choose(std::span<const Finalist> finalists, SelectRule rule,
                        uint64_t seed, std::stop_token stop) override {
    costs_.clear();
    for (const Finalist& finalist : finalists) costs_.insert(finalist.cost);
    return FakeEvaluator::Choose(finalists, rule, seed, std::move(stop));
  }
  [[nodiscard]] const std::set<double>& costs() const { return costs_; }

 private:
  std::set<double> costs_;
};

// Of the step `unknown` nobody knows what its script costs.
class CostingCoder : public ScriptedCoder {
 public:
  explicit CostingCoder(std::optional<int64_t> unknown) : unknown_(unknown) {}
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token stop) override {
    auto candidate = ScriptedCoder::Write(assignment, std::move(stop));
    const int64_t step = assignment.step.value;
    candidate->nominal_cost =
        step == unknown_ ? 0 : static_cast<double>(10 + step);
    return candidate;
  }

 private:
  const std::optional<int64_t> unknown_;
};

TEST_F(EngineTest, NoneCountsAsCheaperWhereTheCostOfOneIsUnknown) {
  options_.evaluator.buggy_share = 0;
  options_.config.budget.steps = 3;
  const auto costs = [&](const std::string& name,
                         std::optional<int64_t> unknown) {
    options_.database = folder_.path() / name;
    CostReader evaluator(options_.evaluator);
    CostingCoder coder(unknown);
    RunHarness run(options_);
    run.set_evaluator(evaluator);
    run.set_coder(coder);
    EXPECT_TRUE(run.Run().ok());
    return evaluator.costs();
  };
  EXPECT_THAT(costs("known.db", {}), ElementsAre(10, 11, 12));
  EXPECT_THAT(costs("unknown.db", 1), ElementsAre(0));
}

// Its first refit outlasts the time and is cut off. `late`: the next ones end
// well; else their place is lost.
class LateRefits : public FakeEvaluator {
 public:
  LateRefits(const Options& options, FakeClock& clock, bool late)
      : FakeEvaluator(options), clock_(clock), late_(late) {}
  Result<RefitResult> Refit(const RefitJob& job,
                            std::stop_token stop) override {
    if (++refits_ == 1) {
      clock_.Advance(std::chrono::hours(1));
      Flag never;
      never.Wait(stop);
    } else if (!late_) {
      return Error{ErrorKind::kLost, "machine went away"};
    }
    return FakeEvaluator::Refit(job, std::move(stop));
  }
  [[nodiscard]] int refits() const { return refits_; }

 private:
  FakeClock& clock_;
  const bool late_;
  std::atomic<int> refits_ = 0;
};

TEST_F(EngineTest, WhereNothingIsFittedInTimeTheBestHasOneTryAfterIt) {
  options_.config.budget.steps = 1;
  options_.config.budget.time = std::chrono::minutes(10);
  options_.evaluator.buggy_share = 0;
  for (const bool late : {true, false}) {
    options_.database = folder_.path() / (late ? "late.db" : "never.db");
    RunHarness run(options_);
    LateRefits evaluator(options_.evaluator, run.clock(), late);
    run.set_evaluator(evaluator);
    const auto finished = run.Run();
    ASSERT_TRUE(finished.ok()) << finished.error().message;
    const auto answer = DecodeAnswer(finished->answer);
    EXPECT_TRUE(answer->choice.has_value());
    EXPECT_EQ(answer->submission.IsZero(), !late);
    EXPECT_EQ(evaluator.refits(), 2);
  }
}

TEST_F(EngineTest, ATargetScoreEndsTheRun) {
  options_.config.budget.target_score = 0.99;
  options_.evaluator.buggy_share = 0;
  RunHarness run(options_);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->reason, "target reached");
  EXPECT_EQ(run.engine().state().tree().size(), 1u);
}

TEST_F(EngineTest, PatienceEndsARunThatGainsNothing) {
  options_.config.budget.steps = 1000;
  options_.config.budget.patience = 25;
  RunHarness run(options_);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->reason, "no gain in 25 steps");
}

TEST_F(EngineTest, GivenScriptsAreTheFirstNodes) {
  options_.config.start_scripts = {{"mine.py", "print('mine')\n"}};
  RunHarness run(options_);
  ASSERT_TRUE(run.Run().ok());
  EXPECT_THAT(Log(), Contains(HasSubstr("given: mine.py")));
  EXPECT_EQ(run.engine().state().tree().at({0}).script,
            HashBytes("print('mine')\n"));
}

TEST_F(EngineTest, AnInterruptFinishesInOrderWithWhatIsThere) {
  std::stop_source stop;
  std::atomic<int> units = 0;
  options_.evaluator.buggy_share = 0;
  options_.evaluator.on_unit = [&](const UnitJob&, std::stop_token) {
    if (++units == 4) stop.request_stop();
  };
  RunHarness run(options_);
  const auto finished = run.Run(stop.get_token());
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->reason, "interrupted");
  EXPECT_TRUE(DecodeAnswer(finished->answer)->choice.has_value());
}

// Its `hang`th score, or its choice where that is 0, asks for the interrupt and
// then lasts until it is stopped, as the task's own metric may.
class HangingMetric : public FakeEvaluator {
 public:
  HangingMetric(const Options& options, int hang, std::stop_source interrupt)
      : FakeEvaluator(options), hang_(hang), interrupt_(std::move(interrupt)) {}

  Result<ScoreResult> Score(const ScoreJob& job,
                            std::stop_token stop) override {
    if (++scores_ == hang_) Hang(stop);
    return FakeEvaluator::Score(job, std::move(stop));
  }
  Result<Choice> Choose(std::span<const Finalist> finalists, SelectRule rule,
                        uint64_t seed, std::stop_token stop) override {
    if (hang_ == 0) Hang(stop);
    if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "stopped"};
    return FakeEvaluator::Choose(finalists, rule, seed, std::move(stop));
  }

 private:
  void Hang(const std::stop_token& stop) {
    interrupt_.request_stop();
    Flag never;
    never.Wait(stop);
  }

  const int hang_;
  std::stop_source interrupt_;
  std::atomic<int> scores_ = 0;
};

TEST_F(EngineTest, AnInterruptedScoreLeavesItsStepOpen) {
  options_.evaluator.buggy_share = 0;
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  const auto undisturbed = Log();
  options_.database = folder_.path() / "interrupted.db";
  std::stop_source interrupt;
  HangingMetric evaluator(options_.evaluator, 4, interrupt);
  RunHarness run(options_);
  run.set_evaluator(evaluator);
  const auto finished = run.Run(interrupt.get_token());
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  EXPECT_EQ(finished->reason, "interrupted");
  EXPECT_EQ(DecodeAnswer(finished->answer)->choice->members.size(), 1u);
  EXPECT_EQ(run.engine().state().tree().size(), 3u);
  EXPECT_EQ(run.engine().state().open_steps().size(), 1u);
  options_.go_on = true;
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  auto log = Log();
  std::erase_if(log, [](const std::string& line) {
    return line.starts_with("Finished ") && line.contains("interrupted");
  });
  EXPECT_EQ(log, undisturbed);
}

TEST_F(EngineTest, AnInterruptedChoiceIsTheBestNodeByTheLog) {
  options_.evaluator.buggy_share = 0;
  options_.evaluator.answer_members = 3;
  std::stop_source interrupt;
  HangingMetric evaluator(options_.evaluator, 0, interrupt);
  RunHarness run(options_);
  run.set_evaluator(evaluator);
  const auto finished = run.Run(interrupt.get_token());
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  EXPECT_EQ(finished->reason, "interrupted");
  const auto answer = DecodeAnswer(finished->answer);
  ASSERT_EQ(answer->choice->members.size(), 1u);
  const Node& node = run.engine().state().tree().at(answer->choice->best);
  EXPECT_EQ(answer->choice->score, node.score->value.value());
  EXPECT_EQ(answer->choice->standard_error, node.score->standard_error);
  EXPECT_FALSE(answer->submission.IsZero());
}

TEST_F(EngineTest, RepeatsAreRunForContendersOnly) {
  options_.evaluator.repeats = 2;
  options_.evaluator.buggy_share = 0;
  options_.config.budget.steps = 60;
  ASSERT_TRUE(RunHarness(options_).Run().ok());
  const size_t contenders = Count("Scored");
  EXPECT_GT(contenders, 0u);
  EXPECT_LT(contenders, 60u);
  EXPECT_EQ(Count("FoldRun"), 60u + contenders);
}

TEST_F(EngineTest, HopelessNodesAreStoppedAfterTheirFirstFold) {
  options_.evaluator.units = 3;
  options_.evaluator.buggy_share = 0;
  options_.config.budget.steps = 40;
  RunHarness run(options_);
  ASSERT_TRUE(run.Run().ok());
  const NodeSnapshot nodes = run.engine().state().tree().Nodes();
  size_t partial = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].score->partial) continue;
    ++partial;
    EXPECT_LT(nodes[i].predictions.size(), 3u);
    EXPECT_FALSE(nodes[i].complete());
  }
  EXPECT_GT(partial, 0u);
}

// Its first race ends when the last unit of that step is in the log, and tells
// the step to end; a score of that step then ends after the step has.
class LateRaceEvaluator : public FakeEvaluator, public Observer {
 public:
  using FakeEvaluator::FakeEvaluator;

  Result<RaceResult> Race(const RaceJob& job, std::stop_token stop) override {
    Result<RaceResult> result = FakeEvaluator::Race(job, stop);
    std::unique_lock lock(mutex_);
    if (raced_) return result;
    raced_ = true;
    const Hash128 first = HashBytes(job.own.front());
    for (const auto& [step, predictions] : firsts_) {
      if (predictions == first) step_ = step;
    }
    changed_.wait(lock, [this] { return last_unit_of_.contains(step_); });
    if (result.ok()) result->stop = true;
    return result;
  }

  Result<ScoreResult> Score(const ScoreJob& job,
                            std::stop_token stop) override {
    {
      std::unique_lock lock(mutex_);
      const auto first = firsts_.find(step_);
      if (first != firsts_.end() &&
          first->second == HashBytes(job.own.front())) {
        changed_.wait(lock, [this] { return ended_; });
      }
    }
    return FakeEvaluator::Score(job, stop);
  }

  void OnEvent(const Event& event, const RunView&) override {
    const std::lock_guard lock(mutex_);
    if (const auto* run = std::get_if<FoldRun>(&event.body)) {
      if (run->unit == 0) firsts_[run->step] = run->predictions;
      if (run->unit == units() - 1) last_unit_of_.insert(run->step);
    } else if (const auto* added = std::get_if<NodeAdded>(&event.body)) {
      ended_ = ended_ || added->step == step_;
    }
    changed_.notify_all();
  }
  void OnTick(const RunView&) override {}

  [[nodiscard]] bool raced() const { return raced_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<StepId, Hash128> firsts_;
  std::set<StepId> last_unit_of_;
  StepId step_;
  bool raced_ = false;
  bool ended_ = false;
};

TEST_F(EngineTest, AStepIsNotScoredWhileItsRaceMayStillEndIt) {
  options_.config.workers = 3;
  options_.config.budget.steps = 20;
  LateRaceEvaluator evaluator({.units = 3, .buggy_share = 0});
  options_.observers = {&evaluator};
  RunHarness run(options_);
  run.set_evaluator(evaluator);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  EXPECT_TRUE(evaluator.raced());
  EXPECT_EQ(run.engine().state().tree().size(), 20u);
}

// Notes what ensemble each node is scored with. `error`: of every score.
class WatchingEvaluator : public FakeEvaluator {
 public:
  WatchingEvaluator(const Options& options, double error)
      : FakeEvaluator(options), error_(error) {}

  Result<ScoreResult> Score(const ScoreJob& job,
                            std::stop_token stop) override {
    others.push_back(job.others.size());
    replaces = replaces || !job.same_family.empty();
    TRY_ASSIGN(ScoreResult result, FakeEvaluator::Score(job, std::move(stop)));
    result.score.standard_error = error_;
    return result;
  }

  std::vector<size_t> others;  // read when the run has ended
  bool replaces = false;

 private:
  const double error_;
};

TEST_F(EngineTest, ANodeIsScoredWithTheBestOfOtherFamiliesThatAreNear) {
  options_.config.workers = 1;
  options_.evaluator.buggy_share = 0;
  WatchingEvaluator near(options_.evaluator, 1);
  RunHarness run(options_);
  run.set_evaluator(near);
  ASSERT_TRUE(run.Run().ok());
  EXPECT_EQ(near.others.front(), 0U);
  EXPECT_EQ(std::ranges::max(near.others), 2U);  // of three families
  EXPECT_TRUE(near.replaces);

  options_.database = folder_.path() / "far.db";
  WatchingEvaluator far(options_.evaluator, 0);
  RunHarness other(options_);
  other.set_evaluator(far);
  ASSERT_TRUE(other.Run().ok());
  EXPECT_EQ(std::ranges::max(far.others), 1U);  // the best alone
  // Nodes of families that are far behind are not compared with it.
  EXPECT_LT(std::ranges::count(far.others, 1U),
            std::ranges::count_if(near.others, [](size_t n) { return n > 0; }));
}

// Cannot score what some scripts predict, nor race nor fit them.
class PickyEvaluator : public FakeEvaluator {
 public:
  using FakeEvaluator::FakeEvaluator;
  Result<ScoreResult> Score(const ScoreJob& job,
                            std::stop_token stop) override {
    if (++scores_ % 2 == 0) return BadInput("folds differ in kind");
    return FakeEvaluator::Score(job, stop);
  }
  Result<RaceResult> Race(const RaceJob& job, std::stop_token stop) override {
    if (++races_ % 2 == 0) return BadInput("folds differ in kind");
    return FakeEvaluator::Race(job, stop);
  }
  Result<RefitResult> Refit(const RefitJob& job,
                            std::stop_token stop) override {
    if (++refits_ % 2 == 1) return BadInput("no such class");
    return FakeEvaluator::Refit(job, std::move(stop));
  }

 private:
  std::atomic<int> scores_ = 0;
  std::atomic<int> races_ = 0;
  std::atomic<int> refits_ = 0;
};

TEST_F(EngineTest, A5_PredictionsThatCannotBeScoredEndTheirNodeAndNotTheRun) {
  options_.config.budget.steps = 40;
  PickyEvaluator evaluator({.units = 3, .buggy_share = 0});
  RunHarness run(options_);
  run.set_evaluator(evaluator);
  const auto finished = run.Run();
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  const NodeSnapshot nodes = run.engine().state().tree().Nodes();
  ASSERT_EQ(nodes.size(), 40u);
  EXPECT_EQ(nodes[1].outcome.kind, OutcomeKind::kBadSubmission);
  EXPECT_EQ(nodes[1].outcome.detail, "folds differ in kind");
  const Refitted* failed = run.engine().state().refit(NodeId{0});
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->outcome.detail, "no such class");
}

// Scores or refits meet a machine that fails.
class FailingMachine : public FakeEvaluator {
 public:
  enum class In { kScore, kRefit };
  FailingMachine(const Options& options, In where, ErrorKind kind)
      : FakeEvaluator(options), where_(where), kind_(kind) {}
  Result<ScoreResult> Score(const ScoreJob& job,
                            std::stop_token stop) override {
    if (where_ == In::kScore) return Error{kind_, "write /tmp/x: cause"};
    return FakeEvaluator::Score(job, std::move(stop));
  }
  Result<RefitResult> Refit(const RefitJob& job,
                            std::stop_token stop) override {
    if (where_ == In::kRefit) return Error{kind_, "write /tmp/x: cause"};
    return FakeEvaluator::Refit(job, std::move(stop));
  }

 private:
  const In where_;
  const ErrorKind kind_;
};

TEST_F(EngineTest, WhatTheMachineFailsInIsHeldAgainstNoNode) {
  options_.evaluator.buggy_share = 0;
  using In = FailingMachine::In;
  for (const In where : {In::kScore, In::kRefit}) {
    for (const ErrorKind kind : {ErrorKind::kFailed, ErrorKind::kFull}) {
      options_.database = folder_.path() / (std::to_string(int(where)) +
                                            std::to_string(int(kind)));
      FailingMachine evaluator(options_.evaluator, where, kind);
      RunHarness run(options_);
      run.set_evaluator(evaluator);
      const auto finished = run.Run();
      ASSERT_FALSE(finished.ok());
      EXPECT_EQ(finished.error().kind, kind);
      EXPECT_THAT(finished.error().message, HasSubstr("write /tmp/x: cause"));
      const RunState& state = run.engine().state();
      EXPECT_EQ(state.tree().size(), where == In::kScore ? 0u : 1u);
      EXPECT_EQ(state.refit(NodeId{0}), nullptr);
      // The disk has room again.
      ASSERT_TRUE(RunHarness(options_).Run().ok());
    }
  }
}

}  // namespace
}  // namespace treesmith
