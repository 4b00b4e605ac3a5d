// What scripts can reach of the labels that they are scored on: nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "base/file.h"
#include "evaluation/hidden_evaluator.h"
#include "table/table.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kRows = 300;

// No other cell of a file can look like it.
std::string Label(int row) {
  return "8" + std::to_string(10'000 + row) + ".25";
}

// Sorted by its target, as many files are: place and id tell the label.
class HiddenLabelsTest : public ::testing::Test {
 protected:
  HiddenLabelsTest() : folder_(*TemporaryFolder::Make("hidden_labels_test")) {
    std::string train = "id,day,shop,x,part,y\n";
    for (int i = 0; i < kRows; ++i) {
      train += "r" + std::to_string(i * 7919 % 1000) + "," + Day(i / 3) + ",s" +
               std::to_string(i / 10) + "," + std::to_string(i % 7) + "," +
               Label(i) + "," + Label(i) + "\n";
    }
    EXPECT_TRUE(WriteFile(folder_.path() / "train.csv", train).ok());
    WriteTest(20);
  }

  // Three rows a day, from the day after train's last.
  void WriteTest(int days) {
    std::string test = "id,day,shop,x\n";
    for (int i = 0; i < 3 * days; ++i) {
      test += "t" + std::to_string(i) + "," + Day(kRows / 3 + i / 3) + ",n" +
              std::to_string(i / 10) + "," + std::to_string(i % 7) + "\n";
    }
    EXPECT_TRUE(WriteFile(folder_.path() / "test.csv", test).ok());
  }

  static std::string Day(int day) {
    const std::string number = std::to_string(1 + day % 28);
    return "2024-" + std::string(day / 28 < 9 ? "0" : "") +
           std::to_string(1 + day / 28) + "-" +
           (number.size() == 1 ? "0" : "") + number;
  }

  void Open(const std::string& split) {
    Task task;
    task.folder = folder_.path();
    task.train = "train.csv";
    task.test = "test.csv";
    task.target = {"y"};
    task.id = {"id"};
    task.metric = "rmse";
    task.split = split;
    auto hidden = OpenHiddenTask(task, 1);
    ASSERT_TRUE(hidden.ok()) << split << ": " << hidden.error().message;
    hidden_ = *std::move(hidden);
  }
  // A unit's view, all its files in one text.
  std::string View(int unit) {
    const auto folder = TemporaryFolder::Make("hidden_labels_view");
    EXPECT_TRUE(WriteView(hidden_->task, hidden_->tables, hidden_->target,
                          hidden_->plan, unit, folder->path())
                    .ok());
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator(folder->path())) {
      if (entry.is_regular_file()) all += *ReadFile(entry.path());
    }
    return all;
  }

  TemporaryFolder folder_;
  std::unique_ptr<HiddenTask> hidden_;
};

TEST_F(HiddenLabelsTest, NoFileOfAViewHoldsALabelThatIsHidden) {
  for (const char* split :
       {"random", "stratified", "group:shop", "time:day", "blocks:day"}) {
    Open(split);
    for (int unit = 0; unit < hidden_->plan.units(); ++unit) {
      const std::string view = View(unit);
      for (const int32_t row : hidden_->plan.HiddenRows(unit)) {
        ASSERT_THAT(view, Not(HasSubstr(Label(row)))) << split << " " << unit;
      }
      const std::vector<int32_t> learnt = hidden_->plan.TrainRows(unit);
      ASSERT_THAT(view, HasSubstr(Label(learnt.front())));
    }
  }
}

TEST_F(HiddenLabelsTest, OfPeriodsThatOverlapEachSeesOnlyWhatWasBefore) {
  WriteTest(33);
  Open("time:day");
  ASSERT_TRUE(hidden_->plan.overlapping());
  for (int unit = 0; unit < hidden_->plan.units(); ++unit) {
    const std::string view = View(unit);
    const int first = hidden_->plan.HiddenRows(unit).front();
    ASSERT_THAT(view, HasSubstr(Label(first - 1)));
    for (int row = first; row < kRows; ++row) {
      ASSERT_THAT(view, Not(HasSubstr(Label(row)))) << unit;
    }
  }
}

double Correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  return xy / std::sqrt(xx * yy);
}

// Rows are sorted by their label, so a row's number is its label's rank.
TEST_F(HiddenLabelsTest, NeitherPlaceNorNeighboursTellALabel) {
  for (const char* split : {"random", "stratified", "group:shop"}) {
    Open(split);
    std::vector<double> places;
    std::vector<double> labels;
    std::vector<double> before;
    std::vector<double> after;
    for (int unit = 0; unit < hidden_->plan.units(); ++unit) {
      const std::vector<int32_t> rows = hidden_->plan.HiddenRows(unit);
      const double mean = std::accumulate(rows.begin(), rows.end(), 0.0) /
                          static_cast<double>(rows.size());
      for (size_t place = 0; place < rows.size(); ++place) {
        places.push_back(static_cast<double>(place));
        labels.push_back(rows[place] - mean);
        if (place == 0) continue;
        before.push_back(rows[place - 1] - mean);
        after.push_back(rows[place] - mean);
      }
    }
    // Of 900 rows: four times its error by chance.
    EXPECT_LT(std::abs(Correlation(places, labels)), 0.13) << split;
    EXPECT_LT(std::abs(Correlation(before, after)), 0.13) << split;
  }
}

// Answers by the place of each row: the labels that it knows, sorted.
constexpr std::string_view kSorter = R"py(
import csv
known = sorted(float(row["y"]) for row in csv.DictReader(open("input/train.csv")))
rows = list(csv.DictReader(open("input/test.csv")))
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for place, row in enumerate(rows):
        y = known[int((place + 0.5) / len(rows) * len(known))]
        out.write(f"{row['id']},{y}\n")
)py";

TEST_F(HiddenLabelsTest, AScriptThatAnswersByThePlaceOfARowScoresLikeChance) {
  SandboxOptions options;
  options.python = *FindPython({"", "", "/usr/bin/treesmith"});
  auto sandbox = MakeBubblewrapSandbox(options);
  ASSERT_TRUE(sandbox.ok()) << sandbox.error().message;
  const auto score = [&](HiddenOrder order) {
    hidden_->plan.order = order;
    auto evaluator = HiddenEvaluator::Make(*hidden_, **sandbox, {});
    EXPECT_TRUE(evaluator.ok()) << evaluator.error().message;
    UnitJob job;
    job.script.code = kSorter;
    job.wall_limit = std::chrono::seconds(60);
    const auto result = (*evaluator)->RunUnit(job, {});
    EXPECT_TRUE(result.ok() && result->value.has_value());
    return result->value.value_or(0);
  };
  // A constant's error is 87, that of labels in any order 122.
  for (const char* split : {"random", "group:shop"}) {
    Open(split);
    EXPECT_GT(score(hidden_->plan.order), 87) << split;
  }
  Open("random");
  EXPECT_LT(score(HiddenOrder::kTrain), 5) << "the attack no longer works";
}

// Time orders the real test, too.
TEST_F(HiddenLabelsTest, RowsOfATimeSplitStayInTheirOrder) {
  Open("time:day");
  const std::vector<int32_t> rows = hidden_->plan.HiddenRows(0);
  EXPECT_TRUE(std::ranges::is_sorted(rows));
}

TEST_F(HiddenLabelsTest, EveryRowIsHiddenOnceARepeat) {
  for (const char* split : {"random", "stratified", "group:shop"}) {
    Open(split);
    std::vector<int32_t> rows;
    for (int unit = 0; unit < hidden_->plan.folds; ++unit) {
      const std::vector<int32_t> own = hidden_->plan.HiddenRows(unit);
      rows.insert(rows.end(), own.begin(), own.end());
    }
    std::ranges::sort(rows);
    ASSERT_EQ(rows.size(), static_cast<size_t>(kRows));
    EXPECT_EQ(std::ranges::adjacent_find(rows), rows.end());
  }
}

// Looks through every file that a script may read.
constexpr std::string_view kThief = R"py(
import os, re
hidden = {line.split(",")[0] for line in open("input/test.csv")}
label = re.compile(rb"810[0-2]\d{2}\.25")
learnt = set(label.findall(open("input/train.csv", "rb").read()))
found = set(label.findall(b" ".join(k.encode() + v.encode() for k, v in os.environ.items())))
for root, folders, files in os.walk("/"):
    if root.startswith(("/proc/", "/sys", "/usr", "/lib")) or "site-packages" in root:
        folders[:] = []
        continue
    for name in files:
        path = os.path.join(root, name)
        try:
            if os.path.isfile(path) and os.path.getsize(path) < 4_000_000:
                found |= set(label.findall(open(path, "rb").read()))
        except OSError:
            pass
for process in os.listdir("/proc"):
    for name in ("environ", "cmdline"):
        try:
            found |= set(label.findall(open(f"/proc/{process}/{name}", "rb").read()))
        except OSError:
            pass
print("LEARNT", len(learnt & found), "STOLEN", len(found - learnt))
)py";

TEST_F(HiddenLabelsTest, AScriptThatReadsWhateverItMayFindsNoHiddenLabel) {
  Open("random");
  SandboxOptions options;
  options.python = *FindPython({"", "", "/usr/bin/treesmith"});
  auto sandbox = MakeBubblewrapSandbox(options);
  ASSERT_TRUE(sandbox.ok()) << sandbox.error().message;
  auto evaluator = HiddenEvaluator::Make(*hidden_, **sandbox, {});
  ASSERT_TRUE(evaluator.ok()) << evaluator.error().message;
  UnitJob job;
  job.script.code = kThief;
  job.wall_limit = std::chrono::seconds(60);
  const auto result = (*evaluator)->RunUnit(job, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_THAT(result->execution.output, HasSubstr("LEARNT 240 STOLEN 0"));
}

// What the host tells of a script goes to coders: outcome, diagnosis, checks.
TEST_F(HiddenLabelsTest, D15_WhatCodersAreToldHoldsNoHiddenLabel) {
  Open("random");
  const Scorer scorer(*FindMetric("rmse"), hidden_->target, hidden_->plan, 1);
  ScoreJob job;
  for (int unit = 0; unit < hidden_->plan.folds; ++unit) {
    Predictions predictions{PredictionKind::kValue, 1, {}};
    for (const int32_t row : hidden_->plan.HiddenRows(unit)) {
      predictions.values.push_back(static_cast<float>(810'000 + row));
    }
    job.own.push_back(EncodePredictions(predictions));
  }
  const auto result = scorer.Score(job);
  ASSERT_TRUE(result.ok()) << result.error().message;
  for (int row = 0; row < kRows; ++row) {
    ASSERT_THAT(result->diagnosis, Not(HasSubstr(Label(row).substr(0, 6))));
  }
  const SubmissionSpec spec =
      SpecOf(hidden_->task, hidden_->tables, hidden_->target,
             KeysOfUnits(hidden_->task, hidden_->tables, hidden_->plan)[0]);
  const fs::path file = folder_.path() / "submission.csv";
  for (const char* text : {"", "id,y\n", "id,y\nr1,abc\n", "y\n1\n", "id\nr1\n",
                           "id,y\nr0,1\nr0,2\n", "\x01\xff"}) {
    ASSERT_TRUE(WriteFile(file, text).ok());
    const CheckedSubmission checked =
        ReadSubmission(file, spec, hidden_->target);
    ASSERT_FALSE(checked.problems.empty()) << text;
    for (const std::string& problem : checked.problems) {
      EXPECT_THAT(problem, Not(HasSubstr(".25"))) << problem;
    }
  }
}

// `casual` and `registered` add up to the target and stand in train only.
TEST(BikeshareLabelsTest, PartsOfTheTargetStayInTrain) {
  const auto task =
      LoadTask(fs::path(TREESMITH_SOURCE_DIR) / "examples/bikeshare", {});
  ASSERT_TRUE(task.ok()) << task.error().message;
  const auto hidden = OpenHiddenTask(*task, 1);
  ASSERT_TRUE(hidden.ok()) << hidden.error().message;
  for (int unit = 0; unit < (*hidden)->plan.units(); ++unit) {
    const auto folder = TemporaryFolder::Make("bikeshare_view");
    ASSERT_TRUE(WriteView(*task, (*hidden)->tables, (*hidden)->target,
                          (*hidden)->plan, unit, folder->path())
                    .ok());
    const auto train = Table::Read(folder->path() / "train.csv");
    const auto test = Table::Read(folder->path() / "test.csv");
    ASSERT_TRUE(train.ok() && test.ok());
    for (const char* name : {"casual", "registered", "bikers"}) {
      EXPECT_TRUE(train->FindColumn(name).has_value()) << name;
      EXPECT_FALSE(test->FindColumn(name).has_value()) << name;
    }
    EXPECT_EQ(test->columns(), (*hidden)->tables.test->columns());
    EXPECT_EQ(*ReadFile(folder->path() / "sample_submission.csv"), [&] {
      std::string sample = "id,bikers\n";
      for (int64_t row = 0; row < test->rows(); ++row) {
        sample += test->Text(row, 0) + ",0\n";
      }
      return sample;
    }());
  }
}

}  // namespace
}  // namespace treesmith
