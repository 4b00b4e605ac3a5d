#include "evaluation/seals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;

class SealsTest : public ::testing::Test {
 protected:
  SealsTest() : folder_(*TemporaryFolder::Make("seals_test")) {
    std::string train = "id,x,y\n";
    for (int i = 0; i < 60; ++i) {
      train += std::to_string(i) + "," + std::to_string(i % 5) + "," +
               std::to_string(i % 2) + "\n";
    }
    Write("train.csv", train);
    Write("test.csv", "id,x\n90,1\n91,2\n");
    Write("notes.csv", "a\n1\n");
    task_.folder = folder_.path();
    task_.train = "train.csv";
    task_.test = "test.csv";
    task_.extra = {"notes.csv"};
    task_.target = {"y"};
    task_.id = {"id"};
    task_.metric = "rmse";
    task_.split = "random";
  }
  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFile(folder_.path() / name, text).ok());
  }
  Seals Take(uint64_t seed = 1) {
    const auto hidden = OpenHiddenTask(task_, seed);
    EXPECT_TRUE(hidden.ok()) << hidden.error().message;
    const Scorer scorer(*FindMetric(task_.metric), (*hidden)->target,
                        (*hidden)->plan, seed);
    auto files = SealFiles(task_);
    EXPECT_TRUE(files.ok()) << files.error().message;
    return {*std::move(files), SealEvaluator(**hidden, scorer)};
  }

  TemporaryFolder folder_;
  Task task_;
};

TEST_F(SealsTest, TheSameTaskHasTheSameSeals) {
  const Seals seals = Take();
  EXPECT_EQ(seals.files.size(), 3u);
  EXPECT_EQ(Take(), seals);
  EXPECT_EQ(BrokenSeals(seals, seals), "");
  const auto back = DecodeSeals(EncodeSeals(seals));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(*back, seals);
}

TEST_F(SealsTest, AChangedFileIsNamed) {
  const Seals then = Take();
  Write("notes.csv", "a\n22\n");
  EXPECT_EQ(BrokenSeals(then, Take()),
            "notes.csv has changed: 4 bytes then, 5 now");
  Write("notes.csv", "a\n2\n");
  EXPECT_THAT(BrokenSeals(then, Take()), HasSubstr("other content"));
  task_.extra.clear();
  EXPECT_THAT(BrokenSeals(then, Take()), HasSubstr("no longer part"));
}

TEST_F(SealsTest, OtherFoldsAndAnotherMetricAreAnotherEvaluator) {
  const Seals then = Take();
  EXPECT_THAT(BrokenSeals(then, Take(2)), HasSubstr("scores otherwise"));
  task_.metric = "mae";
  EXPECT_THAT(BrokenSeals(then, Take()), HasSubstr("scores otherwise"));
}

// Or the seal would be blind to how the metric scores.
TEST_F(SealsTest, TheProbeHasAScoreUnderEveryMetricOfTheTask) {
  for (const Metric& metric : AllMetrics()) {
    if (metric.multi_column()) continue;
    task_.metric = metric.name();
    const auto hidden = OpenHiddenTask(task_, 1);
    if (!hidden.ok()) continue;  // the task is none for it
    const Scorer scorer(metric, (*hidden)->target, (*hidden)->plan, 1);
    const auto score = ScoreProbe(scorer);
    EXPECT_TRUE(score.ok())
        << metric.name() << ": " << (score.ok() ? "" : score.error().message);
  }
}

}  // namespace
}  // namespace treesmith
