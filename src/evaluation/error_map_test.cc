#include "evaluation/error_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "base/rng.h"

namespace treesmith {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kRows = 1000;

// Rows of town (a to e, by turns), a name each third row shares, a number and a
// day; the test has all but `casual`.
class ErrorMapTest : public testing::Test {
 protected:
  ErrorMapTest() {
    std::string train = "id,town,name,size,day,casual,y\n";
    for (int i = 0; i < kRows; ++i) {
      const std::string number = std::to_string(i);
      train += number + "," + std::string(1, static_cast<char>('a' + i % 5)) +
               ",n" + std::to_string(i < 700 ? i % 53 : i) + "," +
               std::to_string((i * 7) % kRows) + ".5,20" +
               std::to_string(10 + i / 100) + "-01-01," + number + ",1\n";
    }
    tables_.train = *Table::Parse(train, "train.csv");
    tables_.test = *Table::Parse("id,town,name,size,day\n1,a,b,1,2010-01-01\n",
                                 "test.csv");
    task_.target = {"y"};
    task_.id = {"id"};
    plan_.folds = 2;
    plan_.rows = kRows;
    plan_.hidden_in.resize(1);
    for (int i = 0; i < kRows; ++i) {
      plan_.hidden_in[0].push_back(static_cast<int8_t>(i / 5 % 2));
      rows_.push_back(i);
    }
    // A little noise, so that what stands out does so against something.
    Rng rng(1);
    for (int i = 0; i < kRows; ++i) {
      errors_.error.push_back(1 + 0.1 * rng.Uniform());
      errors_.bias.push_back(errors_.error.back());
    }
  }

  void Worsen(bool (*chosen)(int)) {
    for (int i = 0; i < kRows; ++i) {
      if (chosen(i)) errors_.error[static_cast<size_t>(i)] += 3;
    }
  }
  [[nodiscard]] std::string Text() const {
    return ErrorMap(task_, tables_, plan_).Describe(rows_, errors_);
  }

  Task task_;
  TaskTables tables_{*Table::Parse("a\n", "a.csv"), {}, {}};
  FoldPlan plan_;
  std::vector<int32_t> rows_;
  RowErrors errors_;
};

TEST_F(ErrorMapTest, NothingStandsOutOfEvenErrors) {
  EXPECT_THAT(Text(), Not(HasSubstr("values of")));
}

TEST_F(ErrorMapTest, NamesTheValueThatHasMostOfTheError) {
  Worsen([](int i) { return i % 5 == 2; });
  EXPECT_THAT(Text(), HasSubstr("worst values of town: c (20 % of rows, 49 % "
                                "of the error, bias 1.0"));
}

TEST_F(ErrorMapTest, NamesTheRangeOfANumber) {
  Worsen([](int i) { return (i * 7) % kRows >= 800; });
  EXPECT_THAT(Text(), HasSubstr("worst values of size: 800.5 to 999.5 (20 %"));
}

TEST_F(ErrorMapTest, TellsOfValuesThatAUnitDoesNotTrainOn) {
  Worsen([](int i) { return i >= 700; });
  EXPECT_THAT(Text(), HasSubstr("unseen values of name: 30 % of rows, 62 %"));
}

// Spending in whole numbers: mostly nothing, each other amount once.
TEST_F(ErrorMapTest, AmountsAreNeverUnseenNames) {
  std::string train = "spent,y\n";
  for (int i = 0; i < kRows; ++i) {
    train += std::to_string(i % 3 == 0 ? i : 0) + ",1\n";
  }
  tables_.train = *Table::Parse(train, "train.csv");
  tables_.test = std::nullopt;
  Worsen([](int i) { return i % 3 == 0; });
  EXPECT_THAT(Text(), Not(HasSubstr("unseen")));
}

TEST_F(ErrorMapTest, TellsOfTimeOldestFirst) {
  Worsen([](int i) { return i >= 800; });
  EXPECT_THAT(Text(), HasSubstr("by day, oldest fifth first (mean error, "
                                "bias): 1.0"));
  errors_.bias.clear();
  EXPECT_THAT(Text(), HasSubstr("oldest fifth first (mean error): 1.0"));
}

// The oldest rows are never hidden in a split by time: periods are of those
// that are.
TEST_F(ErrorMapTest, TellsOfTimeWhereTheOldestRowsAreAlwaysTrainedOn) {
  plan_.kind = SplitKind::kTime;
  for (size_t i = 0; i < kRows; ++i) {
    plan_.hidden_in[0][i] = i < 400   ? FoldPlan::kAlwaysTrain
                            : i < 700 ? int8_t{1}
                                      : int8_t{0};
  }
  Worsen([](int i) { return i >= 880; });
  rows_.erase(rows_.begin(), rows_.begin() + 400);
  errors_.error.erase(errors_.error.begin(), errors_.error.begin() + 400);
  errors_.bias.clear();
  EXPECT_THAT(Text(),
              HasSubstr("by day, oldest fifth first (mean error): 1.0"));
}

// Its one label could be read off any number of its rows.
TEST_F(ErrorMapTest, GroupsThatAreHiddenWholeAreNotNamed) {
  plan_.kind = SplitKind::kGroup;
  plan_.column = "town";
  Worsen([](int i) { return i % 5 == 2; });
  EXPECT_THAT(Text(), Not(HasSubstr("town")));
}

TEST_F(ErrorMapTest, OfFewerThanFiftyRowsNothingIsTold) {
  plan_.rows = kRows;
  rows_.resize(245);  // 49 of each town
  errors_.error.resize(245);
  errors_.bias.resize(245);
  Worsen([](int i) { return i < 245 && i % 5 == 2; });
  EXPECT_THAT(Text(), IsEmpty());
}

TEST_F(ErrorMapTest, ColumnsThatTheTestLacksAreNotNamed) {
  Worsen([](int i) { return i >= 900; });
  EXPECT_THAT(Text(), Not(HasSubstr("casual")));
}

TEST(RowErrorsTest, NumbersAreOnTheMetricsScale) {
  const Truth truth{.values = {99, 0}};
  const std::vector<float> predicted = {9, 0};
  const auto error = [&](const char* metric) {
    return ErrorsOfRows(*FindMetric(metric), truth, {predicted}).error[0];
  };
  EXPECT_DOUBLE_EQ(error("mae"), 90);
  EXPECT_NEAR(error("rmsle"), std::log(10), 1e-12);
  EXPECT_NEAR(error("smape"), 90.0 / 99, 1e-12);
}

TEST(RowErrorsTest, TheErrorsOfAnOrderAddUpToItsAuc) {
  const Truth truth{.values = {0, 1, 0, 1, 1}, .columns = 1, .classes = 2};
  const std::vector<float> score = {0.1F, 0.9F, 0.6F, 0.4F, 0.8F};
  const Metric auc = *FindMetric("auc");
  const RowErrors rows = ErrorsOfRows(auc, truth, {score});
  const double positives = rows.error[1] + rows.error[3] + rows.error[4];
  EXPECT_NEAR(1 - positives / 3, *auc.Evaluate(truth, {score}), 1e-12);
}

TEST(RowErrorsTest, EqualScoresAreWrongByHalfWhereverTheyStand) {
  const Truth truth{.values = {1, 0, 0, 1}, .columns = 1, .classes = 2};
  const std::vector<float> score = {0.5F, 0.5F, 0.5F, 0.5F};
  EXPECT_THAT(ErrorsOfRows(*FindMetric("auc"), truth, {score}).error,
              testing::Each(0.5));
}

TEST(RowErrorsTest, SeveralTargetsAreNotTold) {
  const Truth truth{.values = {1, 2, 3, 4}, .columns = 2};
  const std::vector<float> predicted = {1, 2, 3, 4};
  EXPECT_THAT(ErrorsOfRows(*FindMetric("rmse"), truth, {predicted, 2}).error,
              IsEmpty());
}

}  // namespace
}  // namespace treesmith
