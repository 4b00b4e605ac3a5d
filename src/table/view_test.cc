#include "table/view.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/file.h"
#include "table/csv_scan.h"

namespace treesmith {
namespace {

struct Files {
  std::string train;
  std::string test;
  std::string sample;
};

class View {
 public:
  View(Task task, TaskTables tables)
      : task_(std::move(task)),
        tables_(std::move(tables)),
        target_(*ReadTarget(task_, tables_)),
        plan_(*CutFolds(task_, tables_, target_, 1)) {}

  Files Write(int unit, std::span<const uint8_t> sample = {}) const {
    const auto folder = TemporaryFolder::Make("view");
    const Status status =
        WriteView(task_, tables_, target_, plan_, unit, folder->path(), sample);
    EXPECT_TRUE(status.ok());
    return Read(folder->path());
  }
  // Labels of other rows.
  Files WriteMixed(int unit, const std::vector<int32_t>& donors) const {
    const auto folder = TemporaryFolder::Make("view");
    const Status status = WriteView(task_, tables_, target_, plan_, unit,
                                    folder->path(), {}, donors);
    EXPECT_TRUE(status.ok());
    return Read(folder->path());
  }
  Files Refit() const {
    const auto folder = TemporaryFolder::Make("view");
    EXPECT_TRUE(WriteRefitInputs(task_, tables_, target_, folder->path()).ok());
    return Read(folder->path());
  }
  const FoldPlan& plan() const { return plan_; }
  const Task& task() const { return task_; }
  const TaskTables& tables() const { return tables_; }

 private:
  Files Read(const std::filesystem::path& folder) const {
    const auto get = [&](const std::string& name) {
      const auto text = ReadFile(folder / name);
      return text.ok() ? *text : "absent: " + name;
    };
    return {get(task_.train.substr(0, task_.train.find(".gz"))),
            get(TestName(task_)), get(SampleName(task_))};
  }
  Task task_;
  TaskTables tables_;
  Target target_;
  FoldPlan plan_;
};

View Make(const std::string& train, const std::string& test,
          const std::string& sample, const std::string& extension = ".csv") {
  Task task;
  task.train = "train" + extension + ".gz";
  task.target = {"y"};
  task.id = {"id"};
  task.metric = "rmse";
  TaskTables tables{*Table::Parse(train, task.train), std::nullopt,
                    std::nullopt};
  if (!test.empty()) {
    task.test = "sub/test" + extension;
    tables.test = *Table::Parse(test, task.test);
  }
  if (!sample.empty()) {
    task.sample_submission = "sample.csv";
    tables.sample = *Table::Parse(sample, task.sample_submission);
  }
  return {task, std::move(tables)};
}

// 20 rows; labels are 9000 + row, so that they can be found in any file.
std::string Train(const std::string& header, const std::string& before_label,
                  const std::string& after_label, int rows = 20) {
  std::string text = header + "\r\n";
  for (int i = 0; i < rows; ++i) {
    text += std::to_string(100 + i) + "," + before_label +
            std::to_string(9000 + i) + after_label + "\r\n";
  }
  return text;
}

RC_GTEST_PROP(WriteViewTest, CopiesCellsByteForByteAndHidesHiddenLabels, ()) {
  const auto texts = *rc::gen::container<std::vector<std::string>>(
      20, rc::gen::container<std::string>(
              rc::gen::elementOf(std::string("a ,\"\n\r\xff\t;"))));
  std::string train = "id,part,text,y\n";
  std::vector<std::string> raw;
  for (int i = 0; i < 20; ++i) {
    raw.push_back(QuoteCell(texts[static_cast<size_t>(i)], ','));
    train += std::to_string(100 + i) + ",7" + "," + raw.back() + "," +
             std::to_string(9000 + i) + "\n";
  }
  const View view = Make(train, "text,id\nx,500\n", "id,y\n500,0.25\n");
  const int unit = *rc::gen::inRange(0, view.plan().units());
  const Files files = view.Write(unit);
  std::string wanted_train = "id,part,text,y\n";
  std::string wanted_test = "text,id\n";
  std::string wanted_sample = "id,y\n";
  for (const int32_t row : view.plan().HiddenRows(unit)) {
    const std::string id = std::to_string(100 + row);
    wanted_test += raw[static_cast<size_t>(row)] + "," + id + "\n";
    wanted_sample += id + ",0.25\n";
    const std::string label = std::to_string(9000 + row);
    RC_ASSERT(files.train.find(label) == std::string::npos);
    RC_ASSERT(files.test.find(label) == std::string::npos);
    RC_ASSERT(files.sample.find(label) == std::string::npos);
  }
  for (const int32_t row : view.plan().TrainRows(unit)) {
    wanted_train += std::to_string(100 + row) + ",7," +
                    raw[static_cast<size_t>(row)] + "," +
                    std::to_string(9000 + row) + "\n";
  }
  RC_ASSERT(files.train == wanted_train);
  RC_ASSERT(files.test == wanted_test);
  RC_ASSERT(files.sample == wanted_sample);
}

TEST(WriteViewTest, KeepsByteOrderMarkLineEndsAndQuotesOfTheFiles) {
  const View view = Make(Train("\xEF\xBB\xBFid,y", "", ""),
                         "\xEF\xBB\xBF\"ID\"\r\n\"500\"\r\n",
                         "\xEF\xBB\xBFid,Y\r\n500,1.50\r\n");
  const Files files = view.Write(0);
  EXPECT_TRUE(files.train.starts_with("\xEF\xBB\xBFid,y\r\n10"));
  EXPECT_TRUE(files.test.starts_with("\xEF\xBB\xBF\"ID\"\r\n1"));
  EXPECT_TRUE(files.sample.starts_with("\xEF\xBB\xBFid,Y\r\n1"));
  EXPECT_TRUE(files.sample.ends_with(",1.50\r\n"));
}

TEST(WriteViewTest, LeavesWhatOnlyTrainHasToTrain) {
  const View view =
      Make(Train("id,casual,y", "777,", ""), "id\n500\n", "id,y\n500,0\n");
  const Files files = view.Write(0);
  EXPECT_NE(files.train.find("777"), std::string::npos);
  EXPECT_EQ(files.test.find("777"), std::string::npos);
  EXPECT_EQ(files.sample.find("777"), std::string::npos);
}

// For the canary: what the test lacks is the donor's, all else the row's own.
TEST(WriteViewTest, GivesRowsTheLabelsAndPartsOfTheirDonors) {
  std::string train = "id,part,x,y\n";
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    train += "1" + n + ",p" + n + ",x" + n + ",9" + n + "\n";
  }
  const View view = Make(train, "id,x\n500,1\n", "id,y\n500,0\n");
  std::vector<int32_t> donors(20);
  for (int32_t row = 0; row < 20; ++row) {
    donors[static_cast<size_t>(row)] = row == 3 ? 3 : 19 - row;
  }
  const Files files = view.WriteMixed(0, donors);
  const Files plain = view.Write(0);
  EXPECT_EQ(files.test, plain.test);
  EXPECT_EQ(files.sample, plain.sample);
  for (const int32_t row : view.plan().TrainRows(0)) {
    const std::string own = std::to_string(row);
    const std::string given = std::to_string(donors[static_cast<size_t>(row)]);
    EXPECT_NE(files.train.find("\n1" + own + ",p" + given + ",x" + own + ",9" +
                               given + "\n"),
              std::string::npos)
        << row << files.train;
  }
}

TEST(WriteViewTest, NumbersRowsLikeTheTestWhereTrainHasNoId) {
  std::string train = "x,y\n";
  for (int i = 0; i < 20; ++i) train += "5," + std::to_string(9000 + i) + "\n";
  const View view = Make(train, "id,x\n1,5\n2,5\n", "id,y\n1,0\n2,0\n");
  const Files files = view.Write(0);
  EXPECT_EQ(files.test, "id,x\n1,5\n2,5\n3,5\n4,5\n");
  EXPECT_EQ(files.sample, "id,y\n1,0\n2,0\n3,0\n4,0\n");
  EXPECT_EQ(KeysOfUnits(view.task(), view.tables(), view.plan())[0].keys,
            (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST(WriteViewTest, TakesFreshIdsWhereTrainsMeetTheTests) {
  const View view = Make(Train("id,y", "", ""), "id\n110\n111\n", "");
  EXPECT_EQ(view.Write(0).test, "id\n110\n111\n112\n113\n");
}

TEST(WriteViewTest, KeepsIdsThatRepeatAndMatchesThemByPosition) {
  std::string train = "id,y\n";
  for (int i = 0; i < 20; ++i) {
    train += std::to_string(i % 2) + "," + std::to_string(9000 + i) + "\n";
  }
  const View view = Make(train, "id\n1\n0\n1\n", "");
  const RowKeys keys = KeysOfUnits(view.task(), view.tables(), view.plan())[0];
  EXPECT_FALSE(keys.unique);
  for (const std::string& key : keys.keys)
    EXPECT_TRUE(key == "0" || key == "1");
}

TEST(WriteViewTest, MakesTestAndSampleWhereTheTaskHasNone) {
  const View view = Make(Train("id,x,y", "5,", ""), "", "");
  const Files files = view.Write(0);
  EXPECT_TRUE(files.test.starts_with("id,x\r\n1")) << files.test;
  EXPECT_TRUE(files.sample.starts_with("id,y\n1")) << files.sample;
  EXPECT_TRUE(files.sample.ends_with(",0\n"));
}

TEST(WriteViewTest, LeavesOutTrainRowsBeyondTheSample) {
  const View view = Make(Train("id,y", "", ""), "", "");
  const std::vector<uint8_t> none(20, 0);
  EXPECT_EQ(view.Write(0, none).train, "id,y\r\n");
  EXPECT_EQ(view.Write(0, none).test, view.Write(0).test);
}

TEST(WriteViewTest, WritesTheSameJsonObjects) {
  std::string train = "[\n";
  for (int i = 0; i < 20; ++i) {
    train +=
        std::string(i > 0 ? ",\n" : "") + "{\"id\": \"r" + std::to_string(i) +
        "\", \"x\":{\"a\": 1.50}, \"y\": " + std::to_string(9000 + i) + "}";
  }
  const View view = Make(train + "]", "[{\"id\": \"t1\", \"x\": {}}]",
                         "id,y\nt1,0\n", ".json");
  const Files files = view.Write(0);
  const auto test = Table::Parse(files.test, "t.json");
  ASSERT_TRUE(test.ok()) << files.test;
  EXPECT_EQ(test->columns(), (std::vector<std::string>{"id", "x"}));
  EXPECT_EQ(test->rows(), 4);
  EXPECT_EQ(test->Raw(0, 1), "{\"a\": 1.50}");
  const auto rest = Table::Parse(files.train, "t.json");
  EXPECT_EQ(rest->rows(), 16);
  const auto row = view.plan().TrainRows(0).front();
  EXPECT_EQ(rest->Row(0), view.tables().train.Row(row));
  EXPECT_TRUE(files.sample.starts_with("id,y\nr")) << files.sample;
}

TEST(WriteRefitInputsTest, GivesTheFilesThemselves) {
  const std::string train = Train("id,y", "", "");
  const View view = Make(train, "id\n500\n", "id,y\n500,0\n");
  const Files files = view.Refit();
  EXPECT_EQ(files.train, train);
  EXPECT_EQ(files.test, "id\n500\n");
  EXPECT_EQ(files.sample, "id,y\n500,0\n");
}

TEST(WriteRefitInputsTest, MakesASampleWhereTheTaskHasNone) {
  const View view = Make(Train("id,y", "", ""), "id\n500\n501\n", "");
  EXPECT_EQ(view.Refit().sample, "id,y\n500,0\n501,0\n");
}

}  // namespace
}  // namespace treesmith
