#include "table/submission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace treesmith {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::IsEmpty;

// A task of three test rows with ids 1, 2 and 3.
class SubmissionTest : public testing::Test {
 protected:
  void Make(const std::string& train, const std::string& metric,
            const std::string& sample = "",
            const std::string& test = "id\n1\n2\n3\n") {
    task_.target = {"y"};
    task_.id = {"id"};
    task_.metric = metric;
    tables_.emplace(TaskTables{*Table::Parse(train, "train.csv"),
                               *Table::Parse(test, "test.csv"), std::nullopt});
    if (!sample.empty()) tables_->sample = *Table::Parse(sample, "sample.csv");
    auto target = ReadTarget(task_, *tables_);
    ASSERT_TRUE(target.ok()) << target.error().message;
    target_ = *std::move(target);
    spec_ = SpecOf(task_, *tables_, target_, KeysOfTest(task_, *tables_));
  }
  void MakeNumbers() { Make("id,y\n11,1.5\n12,2\n", "rmse"); }
  void MakeBinary(const std::string& metric) {
    Make("id,y\n11,no\n12,yes\n", metric);
  }
  void MakeClasses() { Make("id,y\n11,a\n12,b\n13,c\n", "log_loss"); }

  std::filesystem::path Write(const std::string& text,
                              const std::string& name = "submission.csv") {
    const auto path = folder_->path() / name;
    EXPECT_TRUE(WriteFile(path, text).ok());
    return path;
  }
  CheckedSubmission Check(const std::string& text) {
    return ReadSubmission(Write(text), spec_, target_);
  }
  std::vector<std::string> Problems(const std::string& text) {
    return Check(text).problems;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::Make("submission");
  Task task_;
  std::optional<TaskTables> tables_;
  Target target_;
  SubmissionSpec spec_;
};

TEST_F(SubmissionTest, IsMatchedByIdInWhateverOrderAndSpelling) {
  MakeNumbers();
  const auto checked = Check("\xEF\xBB\xBFid,y\r\n3.0,0.3\r\n1,0.1\r\n2,0.2");
  EXPECT_THAT(checked.problems, IsEmpty());
  ASSERT_TRUE(checked.predictions);
  EXPECT_EQ(checked.predictions->kind, PredictionKind::kValue);
  EXPECT_THAT(checked.predictions->values, ElementsAre(0.1F, 0.2F, 0.3F));
}

TEST_F(SubmissionTest, SaysWhichRowsAreMissingUnknownAndRepeated) {
  MakeNumbers();
  EXPECT_THAT(Problems("id,y\n2,1\n2,1\n9,1\n"),
              ElementsAre("2 of 3 rows are missing, first id 1",
                          "1 row has an id that test does not have, first 9",
                          "1 row repeats an id, first 2"));
}

TEST_F(SubmissionTest, SaysWhichColumnsAreMissing) {
  MakeNumbers();
  EXPECT_THAT(Problems("id,prediction\n1,1\n2,1\n3,1\n"),
              ElementsAre("column \"y\" is missing; submission.csv has id, "
                          "prediction"));
  EXPECT_THAT(Problems("Unnamed,y\n1,1\n2,1\n3,1\n"),
              ElementsAre("column \"id\" is missing; submission.csv has "
                          "Unnamed, y"));
}

TEST_F(SubmissionTest, TellsGapsTextAndInfinityApart) {
  MakeNumbers();
  EXPECT_THAT(
      Problems("id,y\n1,NaN\n2,inf\n3,cat\n"),
      ElementsAre(
          "1 of 3 values are missing or NaN in column \"y\", first id 1",
          "1 of 3 values are infinite in column \"y\", first \"inf\" of "
          "id 2",
          "1 of 3 values are not a number in column \"y\", first "
          "\"cat\" of id 3"));
}

TEST_F(SubmissionTest, SaysThatItWasNotWrittenIsEmptyOrBroken) {
  MakeNumbers();
  EXPECT_THAT(ReadSubmission(folder_->path() / "submission.csv", spec_, target_)
                  .problems,
              ElementsAre("submission.csv was not written"));
  EXPECT_THAT(Problems(""),
              ElementsAre("read submission.csv: the file is empty"));
  EXPECT_THAT(Problems("id,y\n"), ElementsAre("submission.csv has no rows"));
  EXPECT_THAT(Problems("id,y\n1,2,3\n"),
              ElementsAre("read submission.csv: line 2 has 3 cells, the header "
                          "2"));
}

TEST_F(SubmissionTest, RemarksOnAConstant) {
  MakeNumbers();
  const auto checked = Check("id,y\n1,4\n2,4\n3,4\n");
  EXPECT_TRUE(checked.predictions);
  EXPECT_THAT(checked.remarks,
              ElementsAre("all rows have the same prediction"));
}

TEST_F(SubmissionTest, ComparesLabelsAsValues) {
  Make("id,y\n11,False\n12,True\n", "accuracy");
  const auto checked = Check("id,y\n1,true\n2,0\n3,1.0\n");
  ASSERT_TRUE(checked.predictions);
  EXPECT_EQ(checked.predictions->kind, PredictionKind::kLabel);
  EXPECT_THAT(checked.predictions->values, ElementsAre(1, 0, 1));
}

TEST_F(SubmissionTest, NamesTheLabelsWhereOneIsNoLabel) {
  MakeBinary("accuracy");
  EXPECT_THAT(Problems("id,y\n1,yes\n2,0.7\n3,no\n"),
              ElementsAre("1 of 3 values are not one of the labels no, yes in "
                          "column \"y\", first \"0.7\" of id 2"));
}

TEST_F(SubmissionTest, SaysThatLabelsStandWhereProbabilitiesAreNeeded) {
  MakeBinary("log_loss");
  EXPECT_THAT(Problems("id,y\n1,yes\n2,no\n3,no\n"),
              ElementsAre("3 of 3 values are not a probability in column "
                          "\"y\", first \"yes\" of id 1"));
  EXPECT_THAT(Check("id,y\n1,1\n2,0\n3,0\n").remarks,
              ElementsAre("all values are 0 or 1: labels where probabilities "
                          "are needed"));
  EXPECT_THAT(Problems("id,y\n1,1.5\n2,0\n3,0\n"),
              ElementsAre("1 of 3 values are not a probability in column "
                          "\"y\", first \"1.5\" of id 1"));
}

TEST_F(SubmissionTest, LetsAnyNumberStandWhereOnlyTheOrderCounts) {
  MakeBinary("auc");
  EXPECT_THAT(Check("id,y\n1,-3\n2,12\n3,0\n").predictions->values,
              ElementsAre(-3, 12, 0));
}

TEST_F(SubmissionTest, ScalesProbabilitiesThatNearlySumToOne) {
  MakeClasses();
  const auto checked =
      Check("id,c,a,b\n1,0.2,0.4,0.4\n2,0.51,0.51,0\n3,0,0,1\n");
  ASSERT_TRUE(checked.predictions);
  EXPECT_THAT(checked.predictions->values,
              ElementsAre(FloatEq(0.4F), FloatEq(0.4F), FloatEq(0.2F),
                          FloatEq(0.5F), 0, FloatEq(0.5F), 0, 1, 0));
  EXPECT_THAT(checked.remarks,
              ElementsAre("the probabilities of 1 of 3 rows were scaled to sum "
                          "to one"));
}

TEST_F(SubmissionTest, RefusesProbabilitiesThatDoNotSumToOne) {
  MakeClasses();
  EXPECT_THAT(Problems("id,a,b,c\n1,1,1,1\n2,1,0,0\n3,0,0,1\n"),
              ElementsAre("the probabilities of 1 of 3 rows do not sum to one, "
                          "first id 1 with 3.000000"));
}

TEST_F(SubmissionTest, ReadsProbabilitiesForALabelMetric) {
  MakeBinary("accuracy");
  const auto path =
      Write("id,yes,no\n2,0.75,0.25\n1,1,0\n3,0,1\n", "probabilities.csv");
  const auto checked = ReadProbabilities(path, spec_, target_);
  ASSERT_TRUE(checked.predictions);
  EXPECT_EQ(checked.predictions->columns, 1);
  EXPECT_THAT(checked.predictions->values, ElementsAre(1, 0.75F, 0));
}

// A fold's rows of train may lack a class that has few.
TEST_F(SubmissionTest, AClassWithoutAColumnHasProbabilityZero) {
  MakeClasses();
  const auto path = Write("id,c,a\n1,1,0\n2,0.5,0.5\n3,0,1\n");
  const auto checked = ReadProbabilities(path, spec_, target_);
  ASSERT_TRUE(checked.predictions);
  EXPECT_THAT(checked.predictions->values,
              ElementsAre(0, 0, 1, 0.5F, 0, 0.5F, 1, 0, 0));
  EXPECT_THAT(checked.remarks, ElementsAre("has no column for 1 of 3 classes: "
                                           "their probability counts as 0"));
}

TEST_F(SubmissionTest, SaysThatAColumnOfProbabilitiesIsNoClass) {
  MakeClasses();
  const auto path = Write("id,a,d\n1,1,0\n2,1,0\n3,1,0\n", "probabilities.csv");
  EXPECT_THAT(ReadProbabilities(path, spec_, target_).problems,
              ElementsAre("probabilities.csv needs a column for each class (a, "
                          "b, c), it has id, a, d"));
}

TEST_F(SubmissionTest, ReadsScoresOfAnOrdinalTarget) {
  Make("id,y\n11,1\n12,2\n13,3\n", "qwk");
  const auto path = Write("id,score\n1,1.25\n2,2.5\n3,-1\n", "scores.csv");
  const auto checked = ReadScores(path, spec_, target_);
  ASSERT_TRUE(checked.predictions);
  EXPECT_EQ(checked.predictions->kind, PredictionKind::kScore);
  EXPECT_THAT(checked.predictions->values, ElementsAre(1.25F, 2.5F, -1));
}

TEST_F(SubmissionTest, ReadsListsOfLabelsBestFirst) {
  Make("id,y\n11,a\n12,b\n13,c\n", "map@2");
  const auto checked = Check("id,y\n1,b a\n2,c\n3,a c\n");
  ASSERT_TRUE(checked.predictions) << checked.problems.front();
  EXPECT_THAT(checked.predictions->values,
              ElementsAre(1, 2, 0, 0, 0, 1, 2, 0, 1));
  EXPECT_THAT(Problems("id,y\n1,b z\n2,c\n3,a\n"),
              ElementsAre("1 of 3 values are not a list of labels (such as a) "
                          "in column \"y\", first \"b z\" of id 1"));
}

TEST_F(SubmissionTest, MatchesByPositionWhereIdsRepeat) {
  Make("id,y\n11,1.5\n12,2\n", "rmse", "", "id\n1\n2\n1\n");
  EXPECT_THAT(Check("id,y\n1,0.1\n2,0.2\n1,0.3\n").predictions->values,
              ElementsAre(0.1F, 0.2F, 0.3F));
  EXPECT_THAT(
      Problems("id,y\n1,0.1\n1,0.2\n2,0.3\n"),
      ElementsAre("row 2 has id 1 where test has 2; ids repeat, so rows "
                  "must keep test's order"));
  EXPECT_THAT(Problems("id,y\n1,0.1\n"),
              ElementsAre("submission.csv has 1 rows, test has 3; rows are "
                          "matched by position"));
}

TEST_F(SubmissionTest, IsWrittenInTheSamplesColumnsAndReadBack) {
  Make("id,y\n11,False\n12,True\n", "accuracy",
       "ID,Y\n1,False\n2,False\n3,False\n", "x,id\n5,1\n5,2\n5,3\n");
  const Predictions predictions{PredictionKind::kLabel, 1, {1, 0, 1}};
  const std::string text =
      SubmissionText(predictions, task_, *tables_, target_);
  EXPECT_EQ(text, "ID,Y\n1,True\n2,False\n3,True\n");
  EXPECT_EQ(*Check(text).predictions, predictions);
}

TEST_F(SubmissionTest, WritesAColumnForEachClass) {
  MakeClasses();
  const Predictions predictions{
      PredictionKind::kProbability, 3, {0.5F, 0.25F, 0.25F, 0, 1, 0, 0, 0, 1}};
  const std::string text =
      SubmissionText(predictions, task_, *tables_, target_);
  EXPECT_EQ(text, "id,a,b,c\n1,0.5,0.25,0.25\n2,0,1,0\n3,0,0,1\n");
  EXPECT_EQ(*Check(text).predictions, predictions);
}

}  // namespace
}  // namespace treesmith
