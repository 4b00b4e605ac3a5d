#include "evaluation/reported_metric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treesmith {
namespace {

std::optional<double> Value(std::string_view json, std::string_view output) {
  const auto metric = FindReportedMetric(json, output);
  return metric ? metric->value : std::nullopt;
}

TEST(ReportedMetricTest, A10_TheLastLineOfTheAgreedFormCounts) {
  EXPECT_EQ(Value("", "metric: 0.5\nfold 2\nFinal validation metric = 0.25\n"),
            0.25);
  EXPECT_EQ(Value("", "metric: 1e-3\r\ndone\n"), 0.001);
  EXPECT_EQ(Value("", "METRIC:-2\n"), -2);
}

TEST(ReportedMetricTest, A11_IntegersCount) {
  EXPECT_EQ(Value("", "metric: 1\n"), 1);
  EXPECT_EQ(Value(R"({"metric": 0})", ""), 0);
}

TEST(ReportedMetricTest, TheFileWinsOverWhatIsPrinted) {
  EXPECT_EQ(Value(R"({"metric": 0.7, "folds": [1]})", "metric: 0.5\n"), 0.7);
  EXPECT_EQ(Value("0.6", "metric: 0.5\n"), 0.6);
}

TEST(ReportedMetricTest, A13_ANumberThatIsNotFiniteIsSaidAndNoMetric) {
  for (const char* text : {"metric: nan\n", "metric: inf\n"}) {
    const auto metric = FindReportedMetric("", text);
    ASSERT_TRUE(metric.has_value()) << text;
    EXPECT_FALSE(metric->value.has_value());
  }
  const auto file = FindReportedMetric(R"({"metric": NaN})", "");
  ASSERT_TRUE(file.has_value());
  EXPECT_FALSE(file->value.has_value());
}

TEST(ReportedMetricTest, OtherWordsAreNoMetric) {
  for (const char* text :
       {"", "score 0.5\n", "metrics 3\n", "metric: 0.5 and more\n",
        "the metric: about half\n"}) {
    EXPECT_FALSE(FindReportedMetric("", text).has_value()) << text;
  }
  EXPECT_FALSE(FindReportedMetric(R"({"score": 1})", "").has_value());
}

TEST(ReportedMetricTest, A12_TheDirectionIsKnownOnceOrRefused) {
  Task task;
  task.metric = "rmse";
  EXPECT_EQ(*ReportedDirection(task), Direction::kMinimize);
  task.metric = "mean dice coefficient of the masks";
  EXPECT_EQ(*ReportedDirection(task), Direction::kMaximize);
  task.metric = "wobble";
  task.goal = "Make it wobble.";
  ASSERT_FALSE(ReportedDirection(task).ok());
  EXPECT_EQ(ReportedDirection(task).error().kind, ErrorKind::kBadInput);
  task.direction = Direction::kMaximize;
  EXPECT_EQ(*ReportedDirection(task), Direction::kMaximize);
}

}  // namespace
}  // namespace treesmith
