#include "table/infer.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "table/fold_plan.h"
#include "table/init_file.h"
#include "table/task_file.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class InferTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(MakeFolders((folder_.path() / name).parent_path()).ok());
    ASSERT_TRUE(WriteFile(folder_.path() / name, content).ok());
  }
  void WriteZip(const std::string& name,
                const std::vector<std::pair<std::string, std::string>>& files) {
    archive* out = archive_write_new();
    archive_write_set_format_zip(out);
    archive_write_open_filename(out, (folder_.path() / name).c_str());
    for (const auto& [file, content] : files) {
      archive_entry* entry = archive_entry_new();
      archive_entry_set_pathname(entry, file.c_str());
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
      archive_write_header(out, entry);
      archive_write_data(out, content.data(), content.size());
      archive_entry_free(entry);
    }
    archive_write_free(out);
  }
  // A folder that needs no guess beyond the plain rules.
  void WritePlain() {
    Write("train.csv", "id,x,y\n1,5,0.5\n2,6,1.5\n3,7,2.25\n");
    Write("test.csv", "id,x\n4,5\n5,6\n");
    Write("sample_submission.csv", "id,y\n4,0\n5,0\n");
  }
  Result<Inference> Infer(Task stated = {}) {
    stated.folder = folder_.path();
    return InferTask(std::move(stated));
  }
  Task MustInfer(Task stated = {}) {
    const Result<Inference> inference = Infer(std::move(stated));
    EXPECT_TRUE(inference.ok()) << inference.error().message;
    return inference.ok() ? inference->task : Task();
  }
  Error MustFail(Task stated = {}) {
    const Result<Inference> inference = Infer(std::move(stated));
    EXPECT_FALSE(inference.ok());
    return inference.ok() ? Error{} : inference.error();
  }

  static std::vector<std::string> Lines(const Inference& inference) {
    std::vector<std::string> lines;
    lines.reserve(inference.reasons.size());
    for (const InferenceReason& reason : inference.reasons) {
      lines.push_back(reason.Line());
    }
    return lines;
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make("infer");
};

TEST_F(InferTest, TellsFilesTargetIdAndMetricWithReasons) {
  WritePlain();
  const Result<Inference> inference = Infer();
  ASSERT_TRUE(inference.ok()) << inference.error().message;
  const Task& task = inference->task;
  EXPECT_EQ(task.train, "train.csv");
  EXPECT_EQ(task.test, "test.csv");
  EXPECT_EQ(task.sample_submission, "sample_submission.csv");
  EXPECT_THAT(task.target, ElementsAre("y"));
  EXPECT_THAT(task.id, ElementsAre("id"));
  EXPECT_EQ(task.metric, "rmse");
  EXPECT_THAT(Lines(*inference),
              Contains("target = y: what train and sample have and test "
                       "lacks"));
}

TEST_F(InferTest, WhatIsStatedWins) {
  WritePlain();
  Task stated;
  stated.metric = "mae";
  stated.id = {"x"};
  stated.goal = "Evaluated by RMSE.";
  const Task task = MustInfer(stated);
  EXPECT_EQ(task.metric, "mae");
  EXPECT_THAT(task.id, ElementsAre("x"));
  EXPECT_EQ(task.goal, "Evaluated by RMSE.");
}

TEST_F(InferTest, AByteOrderMarkAndAnotherCaseDoNotHideColumns) {
  Write("train.csv", "ACTION,x\n1,5\n0,6\n");
  Write("test.csv", "id,x\n1,5\n2,6\n");
  Write("sample_submission.csv", "\xEF\xBB\xBFId,Action\n1,0\n2,0\n");
  const Task task = MustInfer();
  EXPECT_THAT(task.target, ElementsAre("ACTION"));
  EXPECT_THAT(task.id, ElementsAre("id"));
}

TEST_F(InferTest, TheSamplesColumnsMayBeTheClasses) {
  Write("train.csv", "id,text,author,extra\n1,a,EAP,z\n2,b,HPL,z\n3,c,MWS,z\n");
  Write("test.csv", "id,text\n4,d\n");
  Write("sample_submission.csv", "id,EAP,HPL,MWS\n4,0.3,0.3,0.4\n");
  const Task task = MustInfer();
  EXPECT_THAT(task.target, ElementsAre("author"));
  EXPECT_EQ(task.metric, "logloss");
}

TEST_F(InferTest, ClassColumnsMayShareABeginning) {
  Write("train.csv", "id,x,Status\n1,1,C\n2,2,D\n3,3,CL\n");
  Write("test.csv", "id,x\n4,1\n");
  Write("sample_submission.csv",
        "id,Status_C,Status_CL,Status_D\n4,0.3,0.3,0.4\n");
  EXPECT_THAT(MustInfer().target, ElementsAre("Status"));
}

TEST_F(InferTest, ProseThatNamesAnotherColumnDoesNotMislead) {
  WritePlain();
  Task stated;
  stated.goal = "Predict the target x. Submit id,x.\n";
  EXPECT_THAT(MustInfer(stated).target, ElementsAre("y"));
}

TEST_F(InferTest, NoneIsAValueOfATarget) {
  Write("train.csv", "id,x,y\n1,5,None\n2,6,Some\n3,7,All\n");
  Write("test.csv", "id,x\n4,5\n");
  EXPECT_EQ(MustInfer().metric, "accuracy");
}

TEST_F(InferTest, TheOnlyColumnThatTestLacksIsTheTarget) {
  Write("train.tsv", "x\ty\n5\ta\n6\tb\n");
  Write("test.tsv", "x\n5\n");
  const Task task = MustInfer();
  EXPECT_THAT(task.target, ElementsAre("y"));
  EXPECT_THAT(task.id, IsEmpty());
}

TEST_F(InferTest, ReadsJsonRecords) {
  Write("train.json", R"([{"id": 1, "x": 5, "y": true}, {"id": 2, "x": 6,
                          "y": false}])");
  Write("test.json", R"([{"id": 3, "x": 5}])");
  Write("sample_submission.csv", "id,y\n3,true\n");
  const Task task = MustInfer();
  EXPECT_EQ(task.train, "train.json");
  EXPECT_THAT(task.target, ElementsAre("y"));
}

TEST_F(InferTest, UnpacksAZipThatHoldsTheTables) {
  WriteZip("data.zip",
           {{"train.csv", "id,x,y\n1,5,0.5\n"}, {"test.csv", "id,x\n2,6\n"}});
  const Result<Inference> inference = Infer();
  ASSERT_TRUE(inference.ok()) << inference.error().message;
  EXPECT_EQ(inference->task.train, "train.csv");
  EXPECT_THAT(inference->task.target, ElementsAre("y"));
  EXPECT_THAT(Lines(*inference),
              Contains("unpacked data.zip: train.csv, test.csv"));
}

TEST_F(InferTest, UnpacksAZipThatBearsTheNameOfWhatIsMissing) {
  Write("train.csv", "id,x,y\n1,5,0.5\n2,6,1.5\n3,7,2.25\n");
  WriteZip("test.csv.zip", {{"test.csv", "id,x\n4,6\n"}});
  WriteZip("images.zip", {{"more/test.csv", "a\n1\n"}});
  EXPECT_EQ(MustInfer().test, "test.csv");
  EXPECT_FALSE(fs::exists(folder_.path() / "more"));
}

TEST_F(InferTest, AsksForATargetThatCannotBeTold) {
  Write("train.csv", "id,x,y,z\n1,5,0,1\n");
  Write("test.csv", "id,x\n4,5\n");
  const Error error = MustFail();
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_THAT(error.message, HasSubstr("train has y, z that test lacks"));
  EXPECT_THAT(error.hint, HasSubstr("--target COLUMN"));
}

TEST_F(InferTest, AsksForATargetWhereThereIsNoTest) {
  Write("BTC.csv", "Date,Close\n2020-01-01,5.5\n2020-01-02,6.25\n");
  EXPECT_THAT(MustFail().hint, HasSubstr("--target COLUMN"));
  Task stated;
  stated.target = {"Close"};
  const Task task = MustInfer(stated);
  EXPECT_EQ(task.train, "BTC.csv");
  EXPECT_EQ(task.test, "");
}

TEST_F(InferTest, AsksForTheTrainFile) {
  EXPECT_THAT(MustFail().hint, HasSubstr("--train FILE"));
  Write("a.csv", "x\n1\n");
  Write("b.csv", "x\n1\n");
  const Error error = MustFail();
  EXPECT_THAT(error.message, HasSubstr("a.csv, b.csv could be meant"));
  EXPECT_THAT(error.hint, HasSubstr("--train FILE"));
}

TEST_F(InferTest, ATargetThatIsNotThereIsAnError) {
  WritePlain();
  Task stated;
  stated.target = {"moon"};
  EXPECT_THAT(MustFail(stated).message, HasSubstr("moon is not in train.csv"));
}

TEST_F(InferTest, AMetricThatTheTargetContradictsNamesBoth) {
  Write("train.csv", "id,x,author\n1,5,EAP\n2,6,HPL\n");
  Write("test.csv", "id,x\n4,5\n");
  Task stated;
  stated.metric = "rmse";
  const Error error = MustFail(stated);
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_THAT(error.message, HasSubstr("rmse needs a number"));
  EXPECT_THAT(error.message, HasSubstr("author has texts such as EAP"));
  EXPECT_THAT(error.hint, HasSubstr("--metric NAME"));
}

TEST_F(InferTest, AMeasuredNumberHasNoAccuracy) {
  WritePlain();
  Task stated;
  stated.goal = "Evaluation\nSubmissions are scored on accuracy.\n";
  EXPECT_THAT(MustFail(stated).message,
              HasSubstr("accuracy needs classes, the target y is a measured "
                        "number"));
}

TEST_F(InferTest, TheSectionOnEvaluationNamesTheMetric) {
  WritePlain();
  Task stated;
  stated.goal =
      "Others report the root mean squared logarithmic error.\n\n"
      "## Evaluation\nThe score is MAE.\n";
  EXPECT_EQ(MustInfer(stated).metric, "mae");
}

TEST_F(InferTest, AMetricMayBeNamedInASentence) {
  WritePlain();
  Task stated;
  stated.metric =
      "Use the RMSE metric between the logarithm of the predicted and observed "
      "values";
  EXPECT_EQ(MustInfer(stated).metric, "rmse_log");
  stated.metric = "rmsee";
  EXPECT_THAT(MustFail(stated).hint, HasSubstr("rmse"));
}

TEST_F(InferTest, ATestThatHoldsTheTargetIsToldOf) {
  WritePlain();
  Write("test.csv", "id,x,y\n4,5,\n5,6,\n");
  const Error error = MustFail();
  EXPECT_THAT(error.message, HasSubstr("the sample asks for y, but test.csv "
                                       "has that column too"));
  EXPECT_THAT(error.hint, HasSubstr("--target COLUMN"));
}

TEST_F(InferTest, SeveralTargetsAreScoredByTheMeanOfTheirMetric) {
  Write("train.csv", "id,x,a,b\n1,5,0,1\n2,6,1,0\n");
  Write("test.csv", "id,x\n4,5\n");
  Write("sample_submission.csv", "id,a,b\n4,0.5,0.5\n");
  Task stated;
  stated.goal = "Evaluation: area under the ROC curve.";
  EXPECT_EQ(MustInfer(stated).metric, "mcauc");
}

// A folder of sales: four days of three stores; test has no `parts`.
class InferExtraTest : public InferTest {
 protected:
  InferExtraTest() {
    std::string train = "id,day,store,parts,y\n";
    for (int row = 0; row < 12; ++row) {
      const std::string id = std::to_string(row);
      train += id + "," + std::to_string(row / 3) + "," +
               std::to_string(row % 3) + "," + std::to_string(row * 7) + "," +
               std::to_string(row * 7) + ".5\n";
    }
    Write("train.csv", train);
    Write("test.csv", "id,day,store\n12,4,0\n13,4,1\n");
    Write("sample_submission.csv", "id,y\n12,0\n13,0\n");
  }
  // Extra files, and what is said of `name`.
  std::pair<std::vector<std::string>, std::string> InferWith(
      const std::string& name, const std::string& content, Task stated = {}) {
    Write(name, content);
    stated.target = {"y"};
    const Result<Inference> inference = Infer(std::move(stated));
    EXPECT_TRUE(inference.ok());
    if (!inference.ok()) return {};
    for (const std::string& line : Lines(*inference)) {
      if (line.find(name) != std::string::npos) {
        return {inference->task.extra, line};
      }
    }
    return {inference->task.extra, ""};
  }
};

TEST_F(InferExtraTest, BindsATableByAKeyThatManyRowsShare) {
  const auto [extra, line] =
      InferWith("stores.csv", "store,size\n0,10\n1,20\n2,30\n");
  EXPECT_THAT(extra, ElementsAre("stores.csv"));
  EXPECT_EQ(line, "extra = stores.csv: it shares store with train");
}

TEST_F(InferExtraTest, LeavesOutWhatSharesNothing) {
  const auto [extra, line] = InferWith("leaderboard.csv", "rank,score\n1,2\n");
  EXPECT_THAT(extra, IsEmpty());
  EXPECT_THAT(line, HasSubstr("it shares no column with train"));
}

TEST_F(InferExtraTest, LeavesOutTheTarget) {
  const auto [extra, line] = InferWith("solution.csv", "id,Y\n4,1\n");
  EXPECT_THAT(extra, IsEmpty());
  EXPECT_THAT(line, HasSubstr("it holds the target Y"));
}

TEST_F(InferExtraTest, LeavesOutWhatOnlyTrainHas) {
  const auto [extra, line] = InferWith("parts.csv", "store,Parts\n4,1\n");
  EXPECT_THAT(extra, IsEmpty());
  EXPECT_THAT(line, HasSubstr("it holds Parts, which test lacks"));
}

TEST_F(InferExtraTest, LeavesOutATableByTheRowsOwnName) {
  const auto [extra, line] =
      InferWith("answers.csv", "id,label\n1,0.5\n2,7.5\n3,14.5\n");
  EXPECT_THAT(extra, IsEmpty());
  EXPECT_THAT(line, HasSubstr("by id it may tell y of hidden rows"));
  EXPECT_THAT(line, HasSubstr("list it as extra in task.toml"));
}

TEST_F(InferExtraTest, LeavesOutATableByKeysThatTogetherNameARow) {
  const auto [extra, line] =
      InferWith("more.csv", "day,store,label\n0,0,0.5\n0,1,7.5\n0,2,14.5\n");
  EXPECT_THAT(extra, IsEmpty());
  EXPECT_THAT(line, HasSubstr("by day, store it may tell y"));
}

TEST_F(InferExtraTest, LeavesOutATableThatMayBeMatchedByPosition) {
  std::string rows = "store,label\n";
  for (int row = 0; row < 12; ++row) rows += "0,1\n";
  const auto [extra, line] = InferWith("order.csv", rows);
  EXPECT_THAT(extra, IsEmpty());
  EXPECT_THAT(line, HasSubstr("a row for each"));
}

TEST_F(InferExtraTest, AnEmptyListIsAWish) {
  Task stated;
  stated.extra_stated = true;
  EXPECT_THAT(InferWith("stores.csv", "store,size\n0,10\n", stated).first,
              IsEmpty());
}

TEST_F(InferExtraTest, WarnsOfAStatedFileThatHoldsWhatTestLacks) {
  Task stated;
  stated.extra = {"parts.csv"};
  stated.extra_stated = true;
  const auto [extra, line] =
      InferWith("parts.csv", "id,parts\n0,0\n1,7\n", stated);
  EXPECT_THAT(extra, ElementsAre("parts.csv"));
  EXPECT_THAT(line, HasSubstr("warning: extra parts.csv: it holds parts"));
}

TEST_F(InferExtraTest, InitWritesThatNoneIsBound) {
  Task stated;
  stated.target = {"y"};
  const Result<Inference> inference = Infer(stated);
  ASSERT_TRUE(inference.ok());
  EXPECT_THAT(InitFileText(*inference), HasSubstr("\nextra = []\n"));
}

// What the folders of a collection of well-known tasks ask for. The data are
// not ours to ship: TREESMITH_KAGGLE names the folder, else it is looked for
// beside the source tree.
struct KnownTask {
  const char* folder;
  const char* target;  // blanks between several
  const char* id;
  const char* metric;
  const char* split;
};

constexpr KnownTask kKnownTasks[] = {
    {"amazon-employee-access-challenge", "ACTION", "id", "auc", "stratified"},
    {"bike-sharing-demand", "count", "datetime", "rmsle", "blocks:datetime"},
    // Its own text names no metric (the board's is rmse of the log).
    {"house-prices-advanced-regression-techniques", "SalePrice", "Id", "rmse",
     "random"},
    {"mercedes-benz-greener-manufacturing", "y", "ID", "r2", "random"},
    {"new-york-city-taxi-fare-prediction", "fare_amount", "key", "rmse",
     "random"},
    {"nomad2018-predict-transparent-conductors",
     "formation_energy_ev_natom bandgap_energy_ev", "id", "mcrmsle", "random"},
    {"playground-series-s3e1", "MedHouseVal", "id", "rmse", "random"},
    {"playground-series-s3e3", "Attrition", "id", "auc", "stratified"},
    {"playground-series-s3e5", "quality", "Id", "qwk", "stratified"},
    {"playground-series-s3e6", "price", "id", "rmse", "random"},
    {"playground-series-s3e7", "booking_status", "id", "auc", "stratified"},
    {"playground-series-s3e9", "Strength", "id", "rmse", "random"},
    {"playground-series-s3e14", "yield", "id", "mae", "random"},
    {"playground-series-s3e16", "Age", "id", "mae", "random"},
    {"playground-series-s3e18", "EC1 EC2", "id", "mcauc", "stratified"},
    {"playground-series-s3e19", "num_sold", "id", "smape", "time:date"},
    {"playground-series-s3e24", "smoking", "id", "auc", "stratified"},
    {"playground-series-s4e1", "Exited", "id", "auc", "stratified"},
    {"playground-series-s4e2", "NObeyesdad", "id", "accuracy", "stratified"},
    {"playground-series-s4e3",
     "Pastry Z_Scratch K_Scatch Stains Dirtiness Bumps Other_Faults", "id",
     "mcauc", "stratified"},
    {"prudential-life-insurance-assessment", "Response", "Id", "qwk",
     "stratified"},
    {"spaceship-titanic", "Transported", "PassengerId", "accuracy",
     "group:PassengerId"},
    {"spooky-author-identification", "author", "id", "logloss", "stratified"},
    {"tabular-playground-series-aug-2022", "failure", "id", "auc",
     "group:product_code"},
    {"tabular-playground-series-jan-2022", "num_sold", "row_id", "smape",
     "time:date"},
    {"titanic", "Survived", "PassengerId", "accuracy", "stratified"},
    {"tmdb-box-office-prediction", "revenue", "id", "rmsle", "random"},
};

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

FoldPlan MustCut(const Task& task) {
  const Result<TaskTables> tables = LoadTables(task);
  EXPECT_TRUE(tables.ok());
  const Result<Target> target = ReadTarget(task, *tables);
  EXPECT_TRUE(target.ok());
  Result<FoldPlan> plan = CutFolds(task, *tables, *target, 1);
  EXPECT_TRUE(plan.ok()) << plan.error().message;
  return plan.ok() ? *std::move(plan) : FoldPlan();
}

class KnownTaskTest : public testing::TestWithParam<KnownTask> {};

TEST_P(KnownTaskTest, IsInferredRight) {
  const char* stated = std::getenv("TREESMITH_KAGGLE");
  const fs::path folder = fs::path(stated != nullptr ? stated
                                                     : TREESMITH_SOURCE_DIR
                                       "/../shared/data/kaggle") /
                          GetParam().folder;
  if (!fs::is_directory(folder)) GTEST_SKIP() << folder << " is not there";
  Task task;
  task.folder = folder;
  if (const auto goal = ReadFile(folder / "description.txt"); goal.ok()) {
    task.goal = *goal;
  }
  const Result<Inference> inference = InferTask(task);
  ASSERT_TRUE(inference.ok()) << inference.error().message;
  EXPECT_EQ(Joined(inference->task.target), GetParam().target);
  EXPECT_EQ(Joined(inference->task.id), GetParam().id);
  EXPECT_EQ(inference->task.metric, GetParam().metric);
  EXPECT_EQ(inference->split, GetParam().split);
  // What init writes reads as what was inferred, and cuts the same folds.
  const Result<Task> written = ParseTaskFile(InitFileText(*inference), folder);
  ASSERT_TRUE(written.ok()) << written.error().message;
  const FoldPlan bare = MustCut(inference->task);
  const FoldPlan read = MustCut(*written);
  EXPECT_EQ(bare.hidden_in, read.hidden_in);
  EXPECT_EQ(bare.bootstrap_unit, read.bootstrap_unit);
}

std::string TestName(const testing::TestParamInfo<KnownTask>& known) {
  std::string name = known.param.folder;
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, KnownTaskTest, testing::ValuesIn(kKnownTasks),
                         TestName);

}  // namespace
}  // namespace treesmith
