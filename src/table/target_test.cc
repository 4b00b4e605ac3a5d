#include "table/target.h"

#include <gtest/gtest.h>

#include <cmath>

namespace treesmith {
namespace {

Table Parsed(std::string text) {
  return *Table::Parse(std::move(text), "t.csv");
}

Result<Target> Read(const std::string& train, const std::string& metric,
                    const std::string& sample = "",
                    std::vector<std::string> names = {"y"}) {
  Task task;
  task.target = std::move(names);
  task.id = {"id"};
  task.metric = metric;
  TaskTables tables{Parsed(train), std::nullopt, std::nullopt};
  if (!sample.empty()) tables.sample = Parsed(sample);
  return ReadTarget(task, tables);
}

std::string ErrorOf(const Result<Target>& target) {
  return target.ok() ? "" : target.error().message;
}

TEST(ReadTargetTest, ReadsNumbersAndKnowsRowsWithoutALabel) {
  const auto target = Read("id,Y\n1,2.5\n2,\n3,NA\n", "rmse");
  ASSERT_TRUE(target.ok()) << target.error().message;
  EXPECT_EQ(target->kind, SubmissionKind::kValue);
  EXPECT_EQ(target->At(0, 0), 2.5);
  EXPECT_TRUE(target->Labelled(0));
  EXPECT_FALSE(target->Labelled(1));
  EXPECT_FALSE(target->Labelled(2));
}

TEST(ReadTargetTest, OrdersNumericClassesByValueAndComparesThemAsValues) {
  const auto target = Read("id,y\n1,10\n2,9.0\n3,9\n4,9\n", "accuracy");
  EXPECT_EQ(target->classes, (std::vector<std::string>{"9", "10"}));
  EXPECT_EQ(target->ClassOf("9.00"), 0);
  EXPECT_EQ(target->ClassOf("1e1"), 1);
  EXPECT_EQ(target->ClassOf("11"), -1);
}

TEST(ReadTargetTest, TakesTrueAndOneForTheSame) {
  const auto target = Read("id,y\n1,True\n2,False\n", "accuracy");
  EXPECT_EQ(target->ClassOf("true"), 1);
  EXPECT_EQ(target->ClassOf("1.0"), 1);
  EXPECT_EQ(target->ClassOf("0"), 0);
}

TEST(ReadTargetTest, TakesNoneForAClass) {
  const auto target = Read("id,y\n1,None\n2,Brick\n", "accuracy");
  EXPECT_EQ(target->classes, (std::vector<std::string>{"Brick", "None"}));
}

TEST(ReadTargetTest, FindsTheClassesThatAreTheSamplesColumns) {
  const auto target =
      Read("id,y\n1,A\n2,B\n3,C\n", "log_loss", "id,y_C,y_A,y_B\n9,0,0,1\n");
  ASSERT_TRUE(target.ok()) << target.error().message;
  EXPECT_EQ(target->kind, SubmissionKind::kClassColumns);
  EXPECT_EQ(target->classes, (std::vector<std::string>{"C", "A", "B"}));
  EXPECT_EQ(target->class_columns,
            (std::vector<std::string>{"y_C", "y_A", "y_B"}));
  EXPECT_EQ(target->At(0, 0), 1);
}

TEST(ReadTargetTest, SaysWhichClassesTheSampleDoesNotHave) {
  EXPECT_EQ(
      ErrorOf(Read("id,y\n1,A\n2,B\n3,C\n", "log_loss", "id,A,D\n9,0,1\n")),
      "match sample submission: its columns are not the 3 classes of y");
}

TEST(ReadTargetTest, NamesMetricAndTargetThatContradictEachOther) {
  EXPECT_EQ(ErrorOf(Read("id,y\n1,5\n2,cat\n", "rmse")),
            "read target y: \"cat\" in row 2 is no number, which rmse needs");
  EXPECT_EQ(ErrorOf(Read("id,y\n1,a\n2,b\n3,c\n", "mcauc")),
            "check metric mcauc: needs two classes, target y has 3");
  std::string measured = "id,y\n";
  for (int i = 0; i < 200; ++i) measured += "1," + std::to_string(i) + ".5\n";
  EXPECT_EQ(ErrorOf(Read(measured, "accuracy")),
            "check metric accuracy: needs classes, target y has 200 distinct "
            "numbers");
}

TEST(ReadTargetTest, AsksForAListOrColumnsAsTheMetricJudges) {
  const std::string train = "id,y\n1,a\n2,b\n3,c\n";
  EXPECT_EQ(Read(train, "map@3")->kind, SubmissionKind::kLabelList);
  EXPECT_EQ(Read(train, "auc")->kind, SubmissionKind::kClassColumns);
  EXPECT_EQ(Read(train, "log_loss")->kind, SubmissionKind::kClassColumns);
  EXPECT_EQ(Read(train, "accuracy")->kind, SubmissionKind::kLabel);
  EXPECT_EQ(Read("id,y\n1,a\n2,b\n", "log_loss")->kind,
            SubmissionKind::kProbability);
}

TEST(ReadTargetTest, RefusesATargetWithoutLabelsOrOfOneClass) {
  EXPECT_EQ(ErrorOf(Read("id,y\n1,\n", "rmse")),
            "read target y: no row of train has a label");
  EXPECT_EQ(ErrorOf(Read("id,y\n1,a\n", "accuracy")),
            "read target y: every row has the class \"a\"");
}

TEST(TruthOfTest, GivesTheRowsAskedForInTheirOrder) {
  const auto target =
      Read("id,y,z\n1,1,4\n2,2,5\n3,3,6\n", "rmse", "", {"y", "z"});
  const std::vector<int32_t> rows = {2, 0};
  const Truth truth = TruthOf(*target, rows);
  EXPECT_EQ(truth.values, (std::vector<double>{3, 6, 1, 4}));
  EXPECT_EQ(truth.columns, 2);
}

}  // namespace
}  // namespace treesmith
