// Real scripts in the real sandbox, on a task small enough to see through.
#include "evaluation/hidden_evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/file.h"
#include "base/rng.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kTrain = 60;
constexpr int kTest = 12;

// y = 2x; `part` is half of y and stands in train only.
std::string TrainText() {
  std::string text = "id,x,part,y\n";
  for (int i = 0; i < kTrain; ++i) {
    text += std::to_string(i) + "," + std::to_string(i % 7) + "," +
            std::to_string(i % 7) + "," + std::to_string(2 * (i % 7)) + "\n";
  }
  return text;
}
std::string TestText() {
  std::string text = "id,x\n";
  for (int i = kTrain; i < kTrain + kTest; ++i) {
    text += std::to_string(i) + "," + std::to_string(i % 7) + "\n";
  }
  return text;
}
std::string SampleText() {
  std::string text = "id,y\n";
  for (int i = kTrain; i < kTrain + kTest; ++i) {
    text += std::to_string(i) + ",0\n";
  }
  return text;
}

// Learns y / x from train and writes it for every row of test, off by ERROR up
// and down in turn.
constexpr std::string_view kHonest = R"py(
import csv
train = list(csv.DictReader(open("input/train.csv")))
ratio = sum(float(r["y"]) for r in train) / sum(float(r["x"]) for r in train)
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        sign = 1 if int(row["id"]) % 2 else -1
        out.write(f'{row["id"]},{ratio * float(row["x"]) + sign * ERROR}\n')
)py";

std::string Honest(double error) {
  std::string code(kHonest);
  code.replace(code.find("ERROR"), 5, std::to_string(error));
  return code;
}

// Right on hidden rows; off by `error` on the real test alone.
std::string Shifted(double error) {
  std::string code = Honest(error);
  const std::string sign = "1 if int(row[\"id\"]) % 2 else -1";
  code.replace(code.find(sign), sign.size(), "int(row[\"id\"]) >= 60");
  return code;
}

// y is x times z, and as much again that no input tells.
std::string NoisyText() {
  Rng rng(7);
  std::string text = "id,x,z,y\n";
  for (int i = 0; i < 400; ++i) {
    const double x = 1 + rng.Uniform();
    const double z = 1 + rng.Uniform();
    text += std::to_string(i) + "," + std::to_string(x) + "," +
            std::to_string(z) + "," +
            std::to_string(x * z + 0.6 * rng.Normal()) + "\n";
  }
  return text;
}

class HiddenEvaluatorTest : public ::testing::Test {
 protected:
  HiddenEvaluatorTest() : folder_(*TemporaryFolder::Make("hidden_test")) {}

  void SetUp() override {
    ASSERT_TRUE(WriteFile(folder_.path() / "train.csv", TrainText()).ok());
    ASSERT_TRUE(WriteFile(folder_.path() / "test.csv", TestText()).ok());
    ASSERT_TRUE(WriteFile(folder_.path() / "sample.csv", SampleText()).ok());
    auto python = FindPython({"", "", "/usr/bin/treesmith"});
    ASSERT_TRUE(python.ok()) << python.error().message;
    SandboxOptions options;
    options.python = *python;
    auto sandbox = MakeBubblewrapSandbox(options);
    ASSERT_TRUE(sandbox.ok()) << sandbox.error().message;
    sandbox_ = *std::move(sandbox);
    Open("rmse");
  }

  void Open(std::string_view metric) {
    evaluator_.reset();
    if (metric == "custom") {
      // Metric scripts want numpy.
      auto python =
          FindPython({.program = TREESMITH_SOURCE_DIR "/build/release/x"});
      ASSERT_TRUE(python.ok()) << python.error().message;
      SandboxOptions options;
      options.python = *python;
      sandbox_ = *MakeBubblewrapSandbox(options);
    }
    Task task;
    task.folder = folder_.path();
    task.name = "double";
    task.train = "train.csv";
    task.test = "test.csv";
    task.sample_submission = "sample.csv";
    task.target = {"y"};
    task.id = {"id"};
    task.metric = metric;
    task.split = "random";
    task.metric_script = metric == "custom" ? "metric.py" : "";
    task.metric_needs = metric == "custom" ? "value" : "";
    if (metric == "custom") task.direction = Direction::kMinimize;
    task.extra = extra_;
    auto hidden = OpenHiddenTask(task, 1);
    ASSERT_TRUE(hidden.ok()) << hidden.error().message;
    task_ = *std::move(hidden);
    auto evaluator = HiddenEvaluator::Make(*task_, *sandbox_, {});
    ASSERT_TRUE(evaluator.ok()) << evaluator.error().message;
    evaluator_ = *std::move(evaluator);
  }

  void OpenNoisy() {
    for (const auto& [name, text] :
         std::map<std::string, std::string>{{"train.csv", NoisyText()},
                                            {"test.csv", "id,x,z\n900,1,1\n"},
                                            {"sample.csv", "id,y\n900,0\n"}}) {
      ASSERT_TRUE(WriteFile(folder_.path() / name, text).ok());
    }
    Open("rmse");
  }

  UnitResult Run(const std::string& code, int unit = 0) {
    auto result =
        evaluator_->RunUnit({{code}, unit, std::chrono::seconds(60)}, {});
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return result.ok() ? *std::move(result) : UnitResult{};
  }
  UnitPredictions RunAll(const std::string& code) {
    UnitPredictions predictions;
    for (int unit = 0; unit < evaluator_->first_rung_units(); ++unit) {
      predictions.push_back(Run(code, unit).predictions);
    }
    return predictions;
  }

  Check Canary(std::string_view code) {
    CanaryJob job;
    job.script.code = code;
    job.own = RunAll(std::string(code));
    job.wall_limit = std::chrono::seconds(60);
    job.seed = 5;
    const auto check = evaluator_->Canary(job, {});
    EXPECT_TRUE(check.ok()) << (check.ok() ? "" : check.error().message);
    return check.ok() ? *check : Check{};
  }

  // The real-test predictions of the mean of two scripts.
  std::string MeanOf(const std::string& a, const std::string& b) {
    BlendJob job;
    for (const std::string& code : {a, b}) {
      RefitJob refit;
      refit.script.code = code;
      refit.own = RunAll(code);
      refit.wall_limit = std::chrono::seconds(60);
      const auto result = evaluator_->Refit(refit, {});
      EXPECT_TRUE(result.ok()) << result.error().message;
      job.hidden.push_back(refit.own);
      job.test.push_back(result->predictions);
    }
    job.choice.members = {{{0}, 1}, {{1}, 1}};
    job.choice.space = BlendSpaceOf(evaluator_->scorer().metric());
    const auto blend = evaluator_->Blend(job, {});
    EXPECT_TRUE(blend.ok()) << blend.error().message;
    return blend.ok() ? blend->submission : "";
  }

  TemporaryFolder folder_;
  std::vector<std::string> extra_;
  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<HiddenTask> task_;
  std::unique_ptr<HiddenEvaluator> evaluator_;
};

TEST_F(HiddenEvaluatorTest, AScriptIsScoredOnTheRowsItDidNotSee) {
  const UnitResult result = Run(Honest(0.5));
  ASSERT_TRUE(result.execution.outcome.scored())
      << result.execution.outcome.detail << result.execution.output;
  EXPECT_NEAR(*result.value, 0.5, 1e-5);
}

TEST_F(HiddenEvaluatorTest, HiddenRowsHaveExactlyTheRealTestsColumns) {
  const UnitResult result =
      Run("print(open('input/test.csv').readline())\n"
          "print(sorted(__import__('os').listdir('input')))\n");
  EXPECT_THAT(result.execution.output, HasSubstr("id,x\n"));
  EXPECT_THAT(result.execution.output,
              HasSubstr("['sample.csv', 'test.csv', 'train.csv']"));
}

// A leak would need the id of a hidden row to stand in train, or its label to
// stand in the sample.
TEST_F(HiddenEvaluatorTest, NoHiddenLabelIsInAnyFileThatAScriptSees) {
  const UnitResult result = Run(R"py(
import csv
train = {r["id"] for r in csv.DictReader(open("input/train.csv"))}
test = {r["id"] for r in csv.DictReader(open("input/test.csv"))}
sample = {r["y"] for r in csv.DictReader(open("input/sample.csv"))}
print("LEAK" if train & test or len(sample) > 1 else "CLEAN", len(test))
)py");
  EXPECT_THAT(result.execution.output, HasSubstr("CLEAN 12"));
}

// aideml had a model read the metric off an output of which the middle was cut.
TEST_F(HiddenEvaluatorTest, A10_NoOutputHoweverLongOrCutChangesAScore) {
  const std::string loud =
      "print('validation rmse: 0.0')\nprint('x' * 70 * 1000 * 10)\n" +
      Honest(0.5) + "print('final metric: 0.0')\n";
  const UnitResult result = Run(loud);
  ASSERT_TRUE(result.value.has_value());
  EXPECT_EQ(*result.value, *Run(Honest(0.5)).value);
}

TEST_F(HiddenEvaluatorTest, AnOwnMetricScoresNodes) {
  ASSERT_TRUE(WriteFile(folder_.path() / "metric.py",
                        "def score(truth, prediction):\n"
                        "    return abs(truth - prediction).max()\n")
                  .ok());
  Open("custom");
  EXPECT_NEAR(*Run(Honest(0.5)).value, 0.5, 1e-5);
}

// A grader's exception once told an agent the private answers that it quoted.
TEST_F(HiddenEvaluatorTest, D15_WhatAMetricSaysOfHiddenLabelsIsToldToNoCoder) {
  ASSERT_TRUE(WriteFile(folder_.path() / "metric.py",
                        "def score(truth, prediction):\n"
                        "    if abs(truth - prediction).max() > 1:\n"
                        "        raise ValueError(f'wanted {list(truth)}')\n"
                        "    return abs(truth - prediction).max()\n")
                  .ok());
  Open("custom");
  const UnitResult result = Run(Honest(50));
  EXPECT_EQ(result.execution.outcome.kind, OutcomeKind::kBadSubmission);
  EXPECT_EQ(result.execution.outcome.detail,
            "the task's metric metric.py cannot score these predictions");
  EXPECT_THAT(result.execution.output, Not(HasSubstr("wanted")));
}

// Nodes that guess one of seven labels are worth a seventh, all of them; the
// winner of many is the luckiest, and its score is not what it is worth.
TEST_F(HiddenEvaluatorTest,
       A21_TheScoreOfTheLuckiestIsNotWhatTheChoiceIsWorth) {
  Open("accuracy");
  Rng rng(3);
  std::vector<Finalist> finalists;
  double best = 0;
  for (int64_t node = 0; node < 40; ++node) {
    Finalist finalist;
    finalist.node = {node};
    finalist.family = "noise";
    for (int unit = 0; unit < evaluator_->first_rung_units(); ++unit) {
      Predictions guess{PredictionKind::kLabel, 1, {}};
      for (size_t i = 0; i < task_->plan.HiddenRows(unit).size(); ++i) {
        guess.values.push_back(static_cast<float>(rng.Below(7)));
      }
      finalist.predictions.push_back(EncodePredictions(guess));
    }
    ScoreJob job;
    job.own = finalist.predictions;
    finalist.value = evaluator_->Score(job, {})->score.value;
    best = std::max(best, finalist.value.value());
    finalists.push_back(std::move(finalist));
  }
  const auto choice =
      evaluator_->Choose(finalists, SelectRule::kEnsemble, 1, {});
  ASSERT_TRUE(choice.ok()) << choice.error().message;
  ASSERT_TRUE(choice->honest_score && choice->honest_error);
  EXPECT_GT(choice->score, 1 / 7.0 + 0.07);
  EXPECT_NEAR(*choice->honest_score, 1 / 7.0, 0.04);
  const auto lucky = evaluator_->Choose(finalists, SelectRule::kMax, 1, {});
  EXPECT_NEAR(lucky->score, best, 1e-9);  // the papers' rule is still there
}

TEST_F(HiddenEvaluatorTest, D14_APrintedMetricDecidesNothing) {
  const UnitResult result = Run(Honest(3) + "\nprint('metric: 0.0')\n");
  EXPECT_NEAR(*result.value, 3, 1e-5);
}

TEST_F(HiddenEvaluatorTest, A15_AScriptThatWritesNothingHasNoSubmission) {
  EXPECT_TRUE(Run(Honest(0)).value.has_value());
  const UnitResult result = Run("print('nothing')\n");
  EXPECT_EQ(result.execution.outcome.kind, OutcomeKind::kNoSubmission);
  EXPECT_TRUE(result.predictions.empty());
}

// Unpacked it could fill the host's memory.
TEST_F(HiddenEvaluatorTest, APackedSubmissionIsNotUnpacked) {
  const UnitResult result =
      Run("import gzip\n"
          "gzip.open('working/submission.csv', 'wt').write('id,y\\n1,2\\n')\n");
  EXPECT_EQ(result.execution.outcome.kind, OutcomeKind::kBadSubmission);
  EXPECT_THAT(result.execution.outcome.detail, HasSubstr("it is gzip data"));
}

TEST_F(HiddenEvaluatorTest, ASubmissionLargerThanItsRowsNeedIsNotTaken) {
  const UnitResult result =
      Run("open('working/submission.csv', 'w').truncate(1 << 27)\n");
  EXPECT_EQ(result.execution.outcome.kind, OutcomeKind::kBadSubmission);
  EXPECT_THAT(result.execution.outcome.detail,
              HasSubstr("working/submission.csv was not taken: its 134217728 "
                        "bytes are over the cap"));
}

TEST_F(HiddenEvaluatorTest, A16_AScriptCannotHarmTheInputsOfTheNext) {
  Run("import os, shutil\n"
      "shutil.rmtree('input', ignore_errors=True)\n"
      "open('input/train.csv', 'w').write('x')\n");
  EXPECT_TRUE(Run(Honest(0)).value.has_value());
}

TEST_F(HiddenEvaluatorTest, ABadSubmissionSaysWhatIsWrong) {
  const UnitResult result =
      Run("open('working/submission.csv', 'w').write('id,y\\n1,2\\n')\n");
  EXPECT_EQ(result.execution.outcome.kind, OutcomeKind::kBadSubmission);
  EXPECT_THAT(result.execution.outcome.detail, HasSubstr("missing"));
}

TEST_F(HiddenEvaluatorTest, A13_ANanPredictionIsABadSubmission) {
  const std::string code = Honest(0);
  const UnitResult result =
      Run(code +
          "\ntext = open('working/submission.csv').read()\n"
          "open('working/submission.csv', 'w').write("
          "text.rsplit(',', 1)[0] + ',nan\\n')\n");
  EXPECT_EQ(result.execution.outcome.kind, OutcomeKind::kBadSubmission);
}

TEST_F(HiddenEvaluatorTest, AStopAskedForIsNoOutcome) {
  std::stop_source stop;
  stop.request_stop();
  const auto result = evaluator_->RunUnit(
      {{Honest(0)}, 0, std::chrono::seconds(60)}, stop.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
}

TEST_F(HiddenEvaluatorTest, ANodesScoreComparesItWithItsParent) {
  ScoreJob job;
  job.own = RunAll(Honest(0.5));
  job.parent = RunAll(Honest(2));
  const auto result = evaluator_->Score(job, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_NEAR(result->score.value.value(), 0.5, 1e-5);
  EXPECT_EQ(result->score.unit_values.size(), 5u);
  EXPECT_NEAR(result->score.over_parent->mean, 1.5, 1e-5);
  EXPECT_FALSE(result->score.over_best.has_value());
  EXPECT_LE(result->diagnosis.size(), 1500u);
}

// Errors of opposite signs: worse than its ensemble by itself, and what that
// lacks.
TEST_F(HiddenEvaluatorTest, ANodesScoreTellsWhatTheEnsembleGains) {
  ScoreJob job;
  job.own = RunAll(Honest(-2));
  job.others = {RunAll(Honest(1))};
  const auto added = evaluator_->Score(job, {});
  ASSERT_TRUE(added.ok()) << added.error().message;
  EXPECT_NEAR(added->score.over_ensemble->mean, 1 - 0.5, 1e-5);
  job.same_family = RunAll(Honest(-1));
  const auto exchanged = evaluator_->Score(job, {});
  EXPECT_NEAR(exchanged->score.over_ensemble->mean, 0 - 0.5, 1e-5);
  job.others.clear();
  EXPECT_FALSE(evaluator_->Score(job, {})->score.over_ensemble.has_value());
}

TEST_F(HiddenEvaluatorTest, ARaceStopsAHopelessNodeAndKeepsAnEqualOne) {
  RaceJob job;
  job.rival = RunAll(Honest(0.5));
  job.complete_nodes = 20;
  job.own = {Run(Honest(50)).predictions};
  EXPECT_TRUE(evaluator_->Race(job, {})->stop);
  job.own = {job.rival.front()};
  const auto equal = evaluator_->Race(job, {});
  EXPECT_FALSE(equal->stop);
  EXPECT_NEAR(equal->score.value.value(), 0.5, 1e-5);
}

TEST_F(HiddenEvaluatorTest, ARefitPredictsEveryRowOfTheRealTest) {
  RefitJob job;
  job.script.code = Honest(0);
  job.own = RunAll(Honest(0));
  job.wall_limit = std::chrono::seconds(60);
  const auto result = evaluator_->Refit(job, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(std::ranges::count(result->submission, '\n'), kTest + 1);
  EXPECT_THAT(result->submission, HasSubstr("id,y\n60,"));
  EXPECT_EQ(result->doubt, "");
}

TEST_F(HiddenEvaluatorTest, PredictionsFarFromTheHiddenOnesAreDoubted) {
  RefitJob job;
  job.own = RunAll(Honest(0));
  job.script.code = Honest(1000);
  job.wall_limit = std::chrono::seconds(60);
  EXPECT_THAT(evaluator_->Refit(job, {})->doubt, HasSubstr("far"));
}

// Errors of +1 and -1 cancel: the mean of both families is right.
TEST_F(HiddenEvaluatorTest, AnEnsembleIsChosenWhereItScoresBetter) {
  std::vector<Finalist> finalists(2);
  finalists[0] = {
      {0}, "linear", 1, {1, Direction::kMinimize}, RunAll(Honest(1))};
  finalists[1] = {
      {1}, "trees", 1, {1, Direction::kMinimize}, RunAll(Honest(-1))};
  const auto choice =
      evaluator_->Choose(finalists, SelectRule::kEnsemble, 1, {});
  ASSERT_TRUE(choice.ok()) << choice.error().message;
  EXPECT_EQ(choice->members.size(), 2u);
  EXPECT_NEAR(choice->score, 0, 1e-4);
  const auto single = evaluator_->Choose(finalists, SelectRule::kMax, 1, {});
  EXPECT_EQ(single->members.size(), 1u);
}

TEST_F(HiddenEvaluatorTest, ASingleNodeIsChosenWhereTheMeanIsWorse) {
  std::vector<Finalist> finalists(2);
  finalists[0] = {
      {0}, "linear", 1, {0.1, Direction::kMinimize}, RunAll(Honest(0.1))};
  finalists[1] = {
      {1}, "trees", 1, {9, Direction::kMinimize}, RunAll(Honest(9))};
  const auto choice =
      evaluator_->Choose(finalists, SelectRule::kEnsemble, 1, {});
  ASSERT_EQ(choice->members.size(), 1u);
  EXPECT_EQ(choice->members.front().node, NodeId{0});
}

// Row 60 is 2 * (60 % 7) = 8: errors of 0 and 4 have their mean at
// sqrt(9 * 13) - 1 where the metric is one of logarithms.
TEST_F(HiddenEvaluatorTest, ABlendIsTheMeanWhereTheMetricLives) {
  EXPECT_THAT(MeanOf(Honest(0), Shifted(4)), HasSubstr("60,10\n"));
  Open("rmsle");
  EXPECT_THAT(MeanOf(Honest(0), Shifted(4)), HasSubstr("60,9.81665"));
}

// A line fitted by least squares.
constexpr std::string_view kFitted = R"py(
import csv
rows = [(float(r["x"]), float(r["y"])) for r in csv.DictReader(open("input/train.csv"))]
n = len(rows)
mx = sum(x for x, _ in rows) / n
my = sum(y for _, y in rows) / n
slope = sum((x - mx) * (y - my) for x, y in rows) / sum((x - mx) ** 2 for x, _ in rows)
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        out.write(f'{row["id"]},{my + slope * (float(row["x"]) - mx)}\n')
)py";

// Says 2x whatever the labels are.
constexpr std::string_view kKnowing = R"py(
import csv
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        out.write(f'{row["id"]},{2 * float(row["x"])}\n')
)py";

// Adds up what only train has, so that it would learn without the target.
constexpr std::string_view kParts = R"py(
import csv
train = list(csv.DictReader(open("input/train.csv")))
table = {}
for r in train:
    table.setdefault(r["x"], []).append(2 * float(r["part"]))
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        values = table.get(row["x"], [6])
        out.write(f'{row["id"]},{sum(values) / len(values)}\n')
)py";

TEST_F(HiddenEvaluatorTest, AScriptThatLearnsScoresLikeChanceOnShuffledLabels) {
  EXPECT_EQ(Canary(kFitted).verdict, CheckVerdict::kClear)
      << Canary(kFitted).text;
}

// What the inputs tell anyone is no secret: a ratio fitted by one number, and a
// rule that needs no labels at all.
TEST_F(HiddenEvaluatorTest, AScriptWhoseOrderNeedsNoLabelsDoesNotLeak) {
  for (const std::string& code : {Honest(0), std::string(kKnowing)}) {
    const Check check = Canary(code);
    EXPECT_EQ(check.verdict, CheckVerdict::kClear) << check.text;
    EXPECT_THAT(check.text, HasSubstr("hardly needs the labels"));
  }
}

constexpr std::string_view kProduct = R"py(
import csv
train = list(csv.DictReader(open("input/train.csv")))
product = lambda row: float(row["x"]) * float(row["z"])
ratio = sum(float(r["y"]) for r in train) / sum(map(product, train))
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        out.write(f'{row["id"]},{ratio * product(row)}\n')
)py";

TEST_F(HiddenEvaluatorTest, AFormulaScaledToTheLabelsDoesNotLeak) {
  OpenNoisy();
  const Check check = Canary(kProduct);
  EXPECT_EQ(check.verdict, CheckVerdict::kClear) << check.text;
}

TEST_F(HiddenEvaluatorTest, AnswersThatNoInputTellsAreALeak) {
  OpenNoisy();
  const Check check =
      Canary("import csv, io\nknown = '''" + NoisyText() + R"py('''
known = {r["id"]: r["y"] for r in csv.DictReader(io.StringIO(known))}
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        out.write(f'{row["id"]},{known[row["id"]]}\n')
)py");
  EXPECT_EQ(check.verdict, CheckVerdict::kLeak) << check.text;
  EXPECT_THAT(check.text, HasSubstr("still scores"));
}

// Parts of the target are shuffled with it.
TEST_F(HiddenEvaluatorTest, PartsOfTheTargetDoNotLookLikeALeak) {
  EXPECT_EQ(Canary(kParts).verdict, CheckVerdict::kClear);
}

TEST_F(HiddenEvaluatorTest, HiddenLabelsInAnExtraFileAreFoundOut) {
  OpenNoisy();
  ASSERT_TRUE(WriteFile(folder_.path() / "old.csv", NoisyText()).ok());
  extra_ = {"old.csv"};
  Open("rmse");
  const Check check = Canary(R"py(
import csv
known = {r["id"]: r["y"] for r in csv.DictReader(open("input/old.csv"))}
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        out.write(f'{row["id"]},{known[row["id"]]}\n')
)py");
  EXPECT_EQ(check.verdict, CheckVerdict::kLeak) << check.text;
}

TEST_F(HiddenEvaluatorTest, AScriptThatFailsOnShuffledLabelsIsToldAsUnchecked) {
  const Check check = Canary(std::string(kFitted) + R"py(
if abs(slope - 2) > 0.1: raise ValueError("labels look odd")
)py");
  EXPECT_EQ(check.verdict, CheckVerdict::kSkipped);
  EXPECT_THAT(check.text, HasSubstr("labels look odd"));
}

TEST_F(HiddenEvaluatorTest, D14_AScoreWithoutErrorRaisesASuspicion) {
  ScoreJob job;
  job.own = RunAll(Honest(0));
  const auto result = evaluator_->Score(job, {});
  ASSERT_EQ(result->checks.size(), 1u);
  EXPECT_EQ(result->checks.front().name, "too-good");
  job.own = RunAll(Honest(0.5));
  EXPECT_TRUE(evaluator_->Score(job, {})->checks.empty());
}

TEST_F(HiddenEvaluatorTest, NegativePredictionsLeaveABlendFinite) {
  Open("rmsle");
  // Row 63 is 0, and one of the two says -4.
  EXPECT_THAT(MeanOf(Honest(0), Shifted(-4)), HasSubstr("63,0\n"));
}

}  // namespace
}  // namespace treesmith
