#include "evaluation/grade.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/file.h"
#include "table/task_file.h"

namespace treesmith {
namespace {

class GradeTest : public testing::Test {
 protected:
  // A task of that test and sample, whose answers are graded by themselves.
  Result<Grade> OfTheAnswers(const std::string& train, const std::string& test,
                             const std::string& sample,
                             const std::string& answers) {
    const auto& folder = folder_.path();
    EXPECT_TRUE(WriteFile(folder / "train.csv", train).ok());
    EXPECT_TRUE(WriteFile(folder / "test.csv", test).ok());
    EXPECT_TRUE(WriteFile(folder / "sample_submission.csv", sample).ok());
    EXPECT_TRUE(WriteFile(answers_.path() / "answers.csv", answers).ok());
    TaskOverrides overrides;
    overrides.metric = "rmse";
    auto task = LoadTask(folder, overrides);
    if (!task.ok()) return task.error();
    return GradeSubmission(*task, answers_.path() / "answers.csv",
                           answers_.path() / "answers.csv", {}, nullptr);
  }

 private:
  TemporaryFolder folder_ = *TemporaryFolder::Make("grade");
  TemporaryFolder answers_ = *TemporaryFolder::Make("answers");
};

std::string Rows(const std::string& header, int rows,
                 const std::function<std::string(int)>& row) {
  std::string text = header + "\n";
  for (int i = 0; i < rows; ++i) text += row(i) + "\n";
  return text;
}

TEST_F(GradeTest, PerfectAnswersWithoutIdsScorePerfectly) {
  const auto features = [](int i) {
    return std::to_string(i * 7 % 11) + "," + std::to_string(i * 0.25);
  };
  const auto y = [](int i) { return std::to_string(i * i % 17 + 0.5); };
  const auto grade = OfTheAnswers(
      Rows("a,b,y", 40, [&](int i) { return features(i) + "," + y(i); }),
      Rows("a,b", 12, features), Rows("y", 12, [](int) { return "0"; }),
      Rows("y", 12, y));
  ASSERT_TRUE(grade.ok()) << grade.error().message;
  ASSERT_TRUE(grade->score.has_value());
  EXPECT_EQ(*grade->score, 0);
}

TEST_F(GradeTest, PerfectAnswersWithIdsThatRepeatScorePerfectly) {
  const auto row = [](int i) {
    return std::to_string(i / 4) + "," + std::to_string(i * 7 % 11);
  };
  const auto y = [](int i) { return std::to_string(i * i % 17 + 0.5); };
  const auto answers = [&](int rows) {
    return Rows("id,y", rows,
                [&](int i) { return std::to_string(i / 4) + "," + y(i); });
  };
  const std::string train =
      Rows("id,a,y", 40, [&](int i) { return row(i) + "," + y(i); });
  const std::string sample =
      Rows("id,y", 12, [](int i) { return std::to_string(i / 4) + ",0"; });
  const auto grade =
      OfTheAnswers(train, Rows("id,a", 12, row), sample, answers(12));
  ASSERT_TRUE(grade.ok()) << grade.error().message;
  ASSERT_TRUE(grade->score.has_value());
  EXPECT_EQ(*grade->score, 0);
}

}  // namespace
}  // namespace treesmith
