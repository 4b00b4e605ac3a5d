#include "engine/artifacts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "engine/run_reader.h"
#include "testing/run_harness.h"

namespace treesmith {
namespace {

class SnapshotKeeperTest : public ::testing::Test {
 protected:
  SnapshotKeeperTest()
      : folder_(*TemporaryFolder::Make("snapshot_test")),
        state_(Direction::kMinimize, 1) {}

  RunStore Make(RunStore::Sharing sharing) {
    auto store = RunStore::Create(DatabaseOf(folder_.path()), sharing);
    EXPECT_TRUE(store.ok());
    return *std::move(store);
  }
  static void Append(RunStore& store) {
    std::vector<Event> events = {{0, {}, Resumed{"{}"}}};
    ASSERT_TRUE(store.Append(events).ok());
  }
  void Tick(SnapshotKeeper& keeper, int seconds) {
    keeper.OnTick({state_, budget_, {}, std::chrono::seconds(seconds)});
  }
  // What another process reads of the log.
  int64_t EventsSeen() {
    auto reader =
        RunStore::Open(DatabaseOf(folder_.path()), RunStore::Mode::kReadOnly);
    return reader.ok() ? *reader->LastSeq() : -1;
  }

  TemporaryFolder folder_;
  RunState state_;
  BudgetLimits budget_;
};

TEST_F(SnapshotKeeperTest, AnExclusiveLogIsReadFromItsCopy) {
  RunStore store = Make(RunStore::Sharing::kExclusive);
  SnapshotKeeper keeper(store);
  Append(store);
  Tick(keeper, 1);
  EXPECT_EQ(EventsSeen(), 1);
  Append(store);
  Tick(keeper, 2);
  EXPECT_EQ(EventsSeen(), 1) << "copied again at once";
  Tick(keeper, 60);
  EXPECT_EQ(EventsSeen(), 2);
}

TEST_F(SnapshotKeeperTest, ASharedLogNeedsNoCopy) {
  RunStore store = Make(RunStore::Sharing::kAuto);
  SnapshotKeeper keeper(store);
  Append(store);
  Tick(keeper, 1);
  EXPECT_FALSE(std::filesystem::exists(
      RunStore::SnapshotPath(DatabaseOf(folder_.path()))));
  EXPECT_EQ(EventsSeen(), 1);
}

// Fits every node, and doubts what came of it.
class DoubtfulEvaluator : public FakeEvaluator {
 public:
  using FakeEvaluator::FakeEvaluator;
  Result<RefitResult> Refit(const RefitJob& job,
                            std::stop_token stop) override {
    Result<RefitResult> result = FakeEvaluator::Refit(job, std::move(stop));
    if (result.ok()) result->doubt = "the mean of its predictions is far off";
    return result;
  }
};

TEST(WriteArtifactsTest, A15_ADoubtedRefitAndAnOldFileAreNoSubmission) {
  const TemporaryFolder folder = *TemporaryFolder::Make("artifacts_test");
  HarnessOptions options;
  options.database = DatabaseOf(folder.path());
  options.config.budget.steps = 3;
  DoubtfulEvaluator evaluator({.buggy_share = 0});
  RunHarness run(options);
  run.set_evaluator(evaluator);
  ASSERT_TRUE(run.Run().ok());
  const RunState& state = run.engine().state();
  ASSERT_NE(state.refit(*state.tree().best()), nullptr);
  auto store = RunStore::Open(options.database, RunStore::Mode::kReadOnly);
  ASSERT_TRUE(store.ok());
  const auto submission = SubmissionOf(folder.path());
  ASSERT_TRUE(WriteArtifacts(state, *store, nullptr, folder.path()).ok());
  EXPECT_FALSE(std::filesystem::exists(submission));
  ASSERT_TRUE(WriteFile(submission, "of an earlier node").ok());
  const Answer none;
  ASSERT_TRUE(WriteArtifacts(state, *store, &none, folder.path()).ok());
  EXPECT_FALSE(std::filesystem::exists(submission));
}

TEST(StandAloneTest, KeepsWhatMustComeFirstBeforeThePrologue) {
  const std::string script =
      "\xEF\xBB\xBF\"\"\"Why.\nfrom __future__ import nothing\n\"\"\"\n"
      "from __future__ import (\n    annotations,\n)\nimport os\n";
  const std::string text = StandAlone(script, "# Node 1\n");
  EXPECT_TRUE(text.starts_with(
      "# Node 1\n\"\"\"Why.\nfrom __future__ import nothing\n\"\"\"\n"
      "from __future__ import (\n    annotations,\n)\n\n# Laid out"))
      << text.substr(0, 200);
  EXPECT_TRUE(text.ends_with("\n\nimport os\n"));
}

}  // namespace
}  // namespace treesmith
