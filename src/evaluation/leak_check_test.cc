#include "evaluation/leak_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/file.h"
#include "evaluation/hidden_evaluator.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;

constexpr int kTrain = 200;

// y is a hundredth of x squared, so that x gives it away; `part` is in train
// only; z is noise; kind is y's class in words.
class LeakCheckTest : public ::testing::Test {
 protected:
  LeakCheckTest() : folder_(*TemporaryFolder::Make("leak_check_test")) {
    std::string train = "id,x,z,few,kind,part,y,c\n";
    for (int i = 0; i < kTrain; ++i) train += Row(i, true);
    std::string test = "id,x,z,few,kind\n";
    for (int i = kTrain; i < kTrain + 40; ++i) test += Row(i, false);
    Write("train.csv", train);
    Write("test.csv", test);
    task_.folder = folder_.path();
    task_.train = "train.csv";
    task_.test = "test.csv";
    task_.id = {"id"};
    task_.split = "random";
    Open({"y"}, "rmse");
  }

  static int X(int row) { return row * 37 % 101; }
  static std::string Row(int row, bool labels) {
    const int x = X(row);
    const bool high = x > 50;
    std::string text = std::to_string(row) + "," + std::to_string(x) + "," +
                       std::to_string(row * 71 % 97) + "," +
                       std::to_string(x % 3) + "," + (high ? "big" : "small");
    if (labels) {
      text += "," + std::to_string(x) + "," + std::to_string(x * x * 0.01) +
              "," + (high ? "big" : "small");
    }
    return text + "\n";
  }
  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFile(folder_.path() / name, text).ok());
  }
  void Open(std::vector<std::string> target, const std::string& metric) {
    task_.target = std::move(target);
    task_.metric = metric;
    auto hidden = OpenHiddenTask(task_, 1);
    ASSERT_TRUE(hidden.ok()) << hidden.error().message;
    hidden_ = *std::move(hidden);
  }
  // Predictions of the first repeat's hidden rows, made of each row's x.
  template <typename Function>
  Predictions Predict(PredictionKind kind, Function function) {
    Predictions predictions{kind, 1, {}};
    for (int unit = 0; unit < hidden_->plan.folds; ++unit) {
      for (const int32_t row : hidden_->plan.HiddenRows(unit)) {
        predictions.values.push_back(static_cast<float>(function(row)));
      }
    }
    return predictions;
  }
  std::string Copied(const Predictions& predictions) {
    const InputColumns columns(hidden_->tables, hidden_->target, hidden_->plan);
    const auto check = columns.Copied(predictions);
    return check ? check->text : "";
  }
  Check Twins() {
    return TwinsAcrossFolds(task_, hidden_->tables, hidden_->target,
                            hidden_->plan);
  }

  TemporaryFolder folder_;
  Task task_;
  std::unique_ptr<HiddenTask> hidden_;
};

TEST_F(LeakCheckTest, PredictionsThatAreAColumnAreSuspect) {
  const auto value = PredictionKind::kValue;
  EXPECT_THAT(Copied(Predict(value, X)), HasSubstr("are column 'x' itself"));
  EXPECT_THAT(Copied(Predict(value, [](int r) { return 3 - 0.5 * X(r); })),
              HasSubstr("a straight line in column 'x'"));
  EXPECT_THAT(Copied(Predict(value, [](int r) { return X(r) * X(r); })),
              HasSubstr("rise with column 'x'"));
  EXPECT_THAT(Copied(Predict(value, [](int r) { return -X(r) * X(r); })),
              HasSubstr("fall with column 'x'"));
}

TEST_F(LeakCheckTest, PredictionsOfSeveralColumnsAreNot) {
  const auto value = PredictionKind::kValue;
  EXPECT_EQ(Copied(Predict(value, [](int r) { return X(r) + r % 5; })), "");
  EXPECT_EQ(Copied(Predict(value, [](int) { return 1; })), "");
  // A step or a line over few values is what many honest models say.
  EXPECT_EQ(Copied(Predict(value, [](int r) { return X(r) > 40 ? 1 : 0; })),
            "");
  EXPECT_EQ(Copied(Predict(value, [](int r) { return X(r) % 3 * 2 + 1; })), "");
}

TEST_F(LeakCheckTest, TheOrderOfTheRowsIsAColumnAsWell) {
  EXPECT_THAT(
      Copied(Predict(PredictionKind::kValue, [](int r) { return r * r; })),
      HasSubstr("rise with"));
}

// What only train has is not given to scripts: to meet it is to learn it.
TEST_F(LeakCheckTest, AColumnOfTrainAloneIsNoInput) {
  const InputColumns columns(hidden_->tables, hidden_->target, hidden_->plan);
  const auto check = columns.Copied(Predict(
      PredictionKind::kValue, [](int r) { return X(r) * X(r) * 0.01; }));
  ASSERT_TRUE(check.has_value());
  EXPECT_THAT(check->text, HasSubstr("column 'x'"));
}

TEST_F(LeakCheckTest, LabelsThatAreAColumnAreSuspect) {
  Open({"c"}, "accuracy");
  const auto label = PredictionKind::kLabel;
  EXPECT_THAT(Copied(Predict(label, [](int r) { return X(r) > 50 ? 0 : 1; })),
              HasSubstr("are column 'kind' itself"));
  EXPECT_EQ(Copied(Predict(label, [](int r) { return X(r) > 60 ? 0 : 1; })),
            "");
}

TEST(PerfectTest, D14_AScoreWithoutErrorIsSuspect) {
  const auto check = Perfect(*FindMetric("logloss"), 0.0, 0.9, 500);
  ASSERT_TRUE(check.has_value());
  EXPECT_EQ(check->verdict, CheckVerdict::kSuspect);
  EXPECT_THAT(check->text, HasSubstr("500 hidden rows"));
  EXPECT_TRUE(Perfect(*FindMetric("auc"), 1.0, 0.5, 500).has_value());
  EXPECT_FALSE(Perfect(*FindMetric("auc"), 0.9999, 0.5, 500).has_value());
  EXPECT_FALSE(Perfect(*FindMetric("rmse"), 0.01, 12, 500).has_value());
}

TEST_F(LeakCheckTest, IdsThatTellTheTargetOfHiddenRowsOnlyAreSuspect) {
  const auto tell = [&](double signal, bool interleave) {
    return IdsTell(hidden_->plan, task_, hidden_->tables, signal, interleave)
        .has_value();
  };
  EXPECT_TRUE(tell(0.9, false));
  EXPECT_FALSE(tell(0.9, true));  // of new rows they tell as much
  EXPECT_FALSE(tell(0.1, false));
  EXPECT_FALSE(tell(std::nan(""), false));
  task_.id = {"kind"};  // words have no order
  EXPECT_FALSE(tell(0.9, false));
  task_.id = {"id"};
  hidden_->plan.kind = SplitKind::kTime;  // folds are as the test is
  EXPECT_FALSE(tell(0.9, false));
}

TEST_F(LeakCheckTest, RowsThatAreAllDifferentHaveNoTwins) {
  EXPECT_EQ(Twins().verdict, CheckVerdict::kClear);
  EXPECT_THAT(Twins().text, HasSubstr("0 % of the hidden rows"));
}

// Every row stands in train twice: one hidden, the other often learnt from.
TEST_F(LeakCheckTest, TwinsAcrossFoldsAreTold) {
  std::string train = "id,x,z,few,kind,part,y,c\n";
  for (int i = 0; i < kTrain; ++i) {
    const std::string row = Row(i / 2, true);
    train += std::to_string(i) + row.substr(row.find(','));
  }
  Write("train.csv", train);
  Open({"y"}, "rmse");
  const Check check = Twins();
  EXPECT_EQ(check.verdict, CheckVerdict::kSuspect);
  EXPECT_THAT(check.text, HasSubstr("have a twin"));
  EXPECT_THAT(check.text, HasSubstr("of the test 0 %"));
}

// Where the real test has as many, the folds only are like it.
TEST_F(LeakCheckTest, TwinsThatTheTestHasAsWellAreNoAlarm) {
  std::string train = "id,x,z,few,kind,part,y,c\n";
  std::string test = "id,x,z,few,kind\n";
  for (int i = 0; i < kTrain; ++i) {
    const std::string row = Row(i / 2, true);
    train += std::to_string(i) + row.substr(row.find(','));
  }
  for (int i = 0; i < 40; ++i) test += Row(i, false);
  Write("train.csv", train);
  Write("test.csv", test);
  Open({"y"}, "rmse");
  EXPECT_EQ(Twins().verdict, CheckVerdict::kClear);
}

}  // namespace
}  // namespace treesmith
