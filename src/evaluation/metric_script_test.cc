// Real metric scripts in the real sandbox.
#include "evaluation/metric_script.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <future>

#include "base/file.h"
#include "base/unique_fd.h"
#include "score/bootstrap.h"

namespace treesmith {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kMeanAbsolute = R"py(
import numpy as np
def score(truth, prediction):
    print("nobody reads this")
    return np.mean(np.abs(truth - prediction))
)py";

Truth Numbers(std::vector<double> values) {
  Truth truth;
  truth.values = std::move(values);
  return truth;
}

class MetricScriptTest : public ::testing::Test {
 protected:
  MetricScriptTest() : folder_(*TemporaryFolder::Make("metric_script_test")) {
    auto python =
        FindPython({.program = TREESMITH_SOURCE_DIR "/build/release/x"});
    EXPECT_TRUE(python.ok()) << python.error().message;
    SandboxOptions options;
    options.python = *python;
    auto sandbox = MakeBubblewrapSandbox(options);
    EXPECT_TRUE(sandbox.ok()) << sandbox.error().message;
    sandbox_ = *std::move(sandbox);
    target_.names = {"y"};
    target_.values = {1, 2, 4, 8};
  }

  Result<std::unique_ptr<MetricScript>> Start(
      std::string_view code, const std::string& needs = "value",
      std::chrono::milliseconds limit = std::chrono::seconds(60),
      std::stop_token stop = {}) {
    EXPECT_TRUE(WriteFile(folder_.path() / "metric.py", code).ok());
    Task task;
    task.folder = folder_.path();
    task.metric = "custom";
    task.metric_script = "metric.py";
    task.metric_needs = needs;
    return MetricScript::Start(task, target_, *sandbox_,
                               {.limits = {}, .answer_limit = limit},
                               std::move(stop));
  }
  std::unique_ptr<MetricScript> MustStart(std::string_view code,
                                          const std::string& needs = "value") {
    auto script = Start(code, needs);
    EXPECT_TRUE(script.ok()) << script.error().message;
    return script.ok() ? *std::move(script) : nullptr;
  }
  // Three classes as the target's labels.
  void TakeClasses(std::vector<std::string> classes) {
    target_.classes = std::move(classes);
    target_.values = {0, 1, 2, 0};
  }

  TemporaryFolder folder_;
  std::unique_ptr<Sandbox> sandbox_;
  Target target_;
};

TEST_F(MetricScriptTest, ScoresAsTheKnownMetricOfTheSameFormulaDoes) {
  const auto script = MustStart(kMeanAbsolute);
  const Metric own =
      CustomMetric(Direction::kMinimize, Needs::kValue, script.get());
  const Metric known = *FindMetric("mae");
  const Truth truth = Numbers({1, 2, 4, 8, 16, 3});
  const std::vector<float> prediction = {2, 2, 3, 8, 10, 0};
  const std::vector<double> weights = {1, 0, 3, 2, 0, 1};
  EXPECT_DOUBLE_EQ(*own.Evaluate(truth, {prediction}),
                   *known.Evaluate(truth, {prediction}));
  EXPECT_DOUBLE_EQ(*own.Evaluate(truth, {prediction}, weights),
                   *known.Evaluate(truth, {prediction}, weights));
  Rng rng(1);
  const BootstrapPlan plan(6, rng);
  const auto drawn = Replicates(own, {truth}, {prediction}, plan);
  const auto expected = Replicates(known, {truth}, {prediction}, plan);
  for (size_t i = 0; i < 60; ++i) {
    EXPECT_NEAR((*drawn)[i], (*expected)[i], 1e-9) << i;
  }
}

TEST_F(MetricScriptTest, LabelsComeAsTheyAreWritten) {
  TakeClasses({"ape", "bee", "cat"});
  const auto script = MustStart(R"py(
def score(truth, prediction):
    assert set(truth) <= {"ape", "bee", "cat"}, set(truth)
    return float((truth == prediction).mean())
)py",
                                "label");
  Truth truth = Numbers({0, 1, 2, 2});
  truth.classes = 3;
  const std::vector<float> prediction = {0, 1, 2, 0};
  EXPECT_THAT(*script->Score(truth, {prediction}, {}), ElementsAre(0.75));
}

TEST_F(MetricScriptTest, LabelsThatAreNumbersComeAsNumbers) {
  TakeClasses({"3", "5", "8"});
  const auto script = MustStart(
      "def score(truth, prediction):\n    return truth.sum() + "
      "prediction.max()\n",
      "label");
  Truth truth = Numbers({0, 1, 2});
  truth.classes = 3;
  const std::vector<float> prediction = {0, 1, 1};
  EXPECT_THAT(*script->Score(truth, {prediction}, {}), ElementsAre(21));
}

TEST_F(MetricScriptTest, ProbabilitiesComeAsAColumnAClass) {
  TakeClasses({"ape", "bee", "cat"});
  target_.kind = SubmissionKind::kClassColumns;
  const auto script = MustStart(R"py(
import numpy as np
def score(truth, prediction):
    return prediction[np.arange(len(truth)), truth].mean()
)py",
                                "probability");
  Truth truth = Numbers({0, 2});
  truth.classes = 3;
  const std::vector<float> prediction = {0.5, 0.25, 0.25, 0.25, 0, 0.75};
  EXPECT_THAT(*script->Score(truth, {prediction, 3}, {}), ElementsAre(0.625));
}

TEST_F(MetricScriptTest, OneProcessAnswersAllQuestions) {
  const auto script = MustStart(
      "import os\ndef score(truth, prediction):\n    return os.getpid()\n");
  const std::vector<float> prediction = {1, 2};
  const std::vector<std::vector<double>> draws(30, {1, 1});
  const auto first = *script->Score(Numbers({1, 2}), {prediction}, draws);
  EXPECT_THAT(first, Each(first.front()));
  EXPECT_THAT(*script->Score(Numbers({1, 3}), {prediction}, {}),
              ElementsAre(first.front()));
}

TEST_F(MetricScriptTest, WhatIsWrongIsToldBeforeARunBegins) {
  const std::pair<const char*, const char*> scripts[] = {
      {"def other():\n    pass\n", "no function score(truth, prediction)"},
      {"def score(truth, prediction)\n    return 1\n", "(line 1)"},
      {"import nowhere_at_all\n", "ModuleNotFoundError"},
      {"def score(truth, prediction):\n    return truth.nothing\n",
       "has no attribute 'nothing' (line 2)"},
      {"def score(truth, prediction):\n    return float('nan')\n",
       "score() answered nan"},
      {"def score(truth, prediction):\n    return 'good'\n",
       "score() answered 'good', which is no number"},
      {"def score(truth, prediction):\n    pass\n",
       "score() answered None, which is no number"},
      {"def score(truth, prediction):\n    return truth\n", "is no number"},
      {"import os\ndef score(truth, prediction):\n    os._exit(3)\n",
       "it ended"},
  };
  for (const auto& [code, cause] : scripts) {
    const auto script = Start(code);
    ASSERT_FALSE(script.ok()) << code;
    EXPECT_EQ(script.error().kind, ErrorKind::kBadInput);
    EXPECT_THAT(script.error().message, HasSubstr("score by metric.py: "));
    EXPECT_THAT(script.error().message, HasSubstr(cause));
  }
}

TEST_F(MetricScriptTest, OneThatIsTooSlowIsEndedAndTold) {
  const auto script =
      Start("import time\ndef score(truth, prediction):\n    time.sleep(600)\n",
            "value", std::chrono::seconds(1));
  ASSERT_FALSE(script.ok());
  EXPECT_THAT(script.error().message, HasSubstr("no answer within 1 s"));
}

// A metric that opens a pipe of ours as soon as it is asked for two rows, and
// then takes ten minutes.
class SlowMetricTest : public MetricScriptTest {
 protected:
  SlowMetricTest() : asked_(folder_.path() / "asked") {
    EXPECT_EQ(::mkfifo(asked_.c_str(), 0600), 0);
    SandboxOptions options;
    options.python =
        *FindPython({.program = TREESMITH_SOURCE_DIR "/build/release/x"});
    // Without walls the script reaches the pipe.
    sandbox_ = *MakePlainSandbox(options);
    code_ =
        "import time\ndef score(truth, prediction):\n    if len(truth) == 2:\n"
        "        open('" +
        asked_.string() +
        "', 'w').close()\n"
        "        time.sleep(600)\n    return 7\n";
  }
  // Blocks until the metric has been asked.
  void AwaitQuestion() {
    const UniqueFd pipe(::open(asked_.c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_TRUE(pipe);
  }

  const std::filesystem::path asked_;
  std::string code_;
};

TEST_F(SlowMetricTest, AQuestionEndsWhenStopIsAskedForAndTheNextIsAnswered) {
  const auto script = MustStart(code_);
  const std::vector<float> three = {1, 2, 3};
  std::stop_source stop;
  auto asked = std::async(std::launch::async, [&] {
    const MetricScript::Heed heed(*script, stop.get_token());
    auto score =
        script->Score(Numbers({1, 2}), {std::span(three).first(2)}, {});
    return std::pair(std::move(score), heed.cancelled());
  });
  AwaitQuestion();
  stop.request_stop();
  const auto [score, cancelled] = asked.get();
  ASSERT_FALSE(score.ok());
  EXPECT_EQ(score.error().kind, ErrorKind::kCancelled);
  EXPECT_TRUE(cancelled);
  EXPECT_THAT(*script->Score(Numbers({1, 2, 3}), {three}, {}), ElementsAre(7));
}

TEST_F(SlowMetricTest, AStartEndsWhenStopIsAskedFor) {
  target_.values = {1, 2};
  std::stop_source stop;
  auto started = std::async(std::launch::async, [&] {
    return Start(code_, "value", std::chrono::minutes(10), stop.get_token());
  });
  AwaitQuestion();
  stop.request_stop();
  const auto script = started.get();
  ASSERT_FALSE(script.ok());
  EXPECT_EQ(script.error().kind, ErrorKind::kCancelled);
}

TEST_F(MetricScriptTest, ARunThatAScoreEndsIsStartedAgain) {
  const auto script = MustStart(R"py(
import os
def score(truth, prediction):
    if len(truth) == 1:
        os._exit(0)
    return 7
)py");
  const std::vector<float> two = {1, 2};
  EXPECT_FALSE(script->Score(Numbers({1}), {std::span(two).first(1)}, {}).ok());
  EXPECT_THAT(*script->Score(Numbers({1, 2}), {two}, {}), ElementsAre(7));
}

TEST_F(MetricScriptTest, ADrawWithoutAScoreIsNoError) {
  const auto script = MustStart(R"py(
def score(truth, prediction):
    if len(set(truth)) < 2:
        raise ValueError("one value only")
    return 1
)py");
  const std::vector<float> prediction = {1, 2};
  const std::vector<std::vector<double>> draws = {{1, 1}, {2, 0}};
  const auto scores = *script->Score(Numbers({1, 2}), {prediction}, draws);
  EXPECT_EQ(scores[0], 1);
  EXPECT_TRUE(std::isnan(scores[1]));
}

}  // namespace
}  // namespace treesmith
