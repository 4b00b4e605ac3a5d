// Losses, weights and corrections, each on data that need it: real scripts with
// and without it (build/python; skipped where it is not).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/recipe_change.h"
#include "operators/builtin/render.h"
#include "testing/sample_facts.h"
#include "testing/script_python.h"

namespace treesmith {
namespace {

using testing::Contains;
using testing::Not;

// argv: the folder of cases, each with plain.py and better.py.
constexpr std::string_view kHarness = R"py(
import os, runpy, sys
import numpy as np
import pandas as pd

root, seed = sys.argv[1], int(sys.argv[2])


def table(rows, seed, noise):
    """Amounts whose errors grow with their size."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(rows, 6)), columns=list("abcdef"))
    frame.insert(0, "id", np.arange(rows))
    frame["team"] = rng.choice([f"team {k}" for k in range(20)], rows)
    mean = 1 + 0.6 * frame["a"] + 0.4 * frame["b"] + 0.2 * np.sin(3 * frame["c"])
    frame["price"] = np.exp(mean + noise * rng.normal(size=rows))
    frame["kind"] = np.where(frame["price"] > 4, "yes", "no")
    return frame


def pinball(p, y):
    return np.mean(np.maximum(0.9 * (y - p), 0.1 * (p - y)))


ERRORS = {
    "rmse": lambda p, y: np.sqrt(np.mean((p - y) ** 2)),
    "mae": lambda p, y: np.mean(np.abs(p - y)),
    "medae": lambda p, y: np.median(np.abs(p - y)),
    "mape": lambda p, y: np.mean(np.abs(p - y) / y),
    "smape": lambda p, y: np.mean(2 * np.abs(p - y) / (np.abs(p) + y)),
    "pinball": pinball,
    "logloss": lambda p, y: -np.mean(np.log(np.where(y == "yes", p, 1 - p))),
}


def check_hold_out(hold_out, train):
    """Whole groups, or any rows; a quarter of them."""
    held = hold_out(train)
    assert 0.15 < held.mean() < 0.35, held.mean()
    names = hold_out.__code__.co_names
    if "GROUP" in names:
        teams = set(train["team"][held])
        assert teams and not teams & set(train["team"][~held])
        assert not hold_out(train.assign(team="one")).any()


failed = 0
for case in sorted(os.listdir(root)):
    metric = case.split("-")[1]
    os.chdir(os.path.join(root, case))
    os.makedirs("input", exist_ok=True)
    os.makedirs("working", exist_ok=True)
    noise = 0.2 if metric == "mae" else 0.8
    train, test = table(1200, seed, noise), table(3000, seed + 100, noise)
    test["id"] += 5000
    for frame, first in ((train, "2020-01-01"), (test, "2023-06-01")):
        days = pd.to_timedelta(np.arange(len(frame)), unit="D")
        frame["day"] = (pd.Timestamp(first) + days).astype(str)
    if metric == "mape":  # Where there is a zero it weighs as the least.
        train.loc[0, "price"] = 0
    target = "kind" if metric == "logloss" else "price"
    other = "price" if metric == "logloss" else "kind"
    train.drop(columns=other).to_csv("input/train.csv", index=False)
    test.drop(columns=["price", "kind"]).to_csv("input/test.csv", index=False)
    errors = []
    for script in ("plain.py", "better.py"):
        ran = runpy.run_path(script, run_name="__main__")
        answer = pd.read_csv("working/submission.csv")[target].to_numpy(float)
        errors.append(ERRORS[metric](answer, test[target].to_numpy()))
        if "hold_out" in ran:
            check_hold_out(ran["hold_out"], train)
            # Of a few rows nothing is learnt.
            few = train.iloc[:60], test.iloc[:1], target
            one = ran["predict"](*few), ran["fitted"](*few)
            assert np.shape(one[0]) == np.shape(one[1])
    print(f"{case:32} {errors[0]:.4f} -> {errors[1]:.4f}")
    failed += errors[1] > errors[0] * 0.995
sys.exit(int(failed))
)py";

TaskFacts Amounts(std::string metric, double parameter = 0) {
  TaskFacts facts;
  facts.train = "train.csv";
  facts.test = "test.csv";
  facts.sample = "sample_submission.csv";
  facts.id = {"id"};
  facts.target = {"price"};
  facts.metric = std::move(metric);
  facts.metric_parameter = parameter;
  facts.target_facts = {.classes = 1200,
                        .minimum = 0.01,
                        .maximum = 300,
                        .skew = 6,
                        .heavy_tail = true};
  facts.rows = 1200;
  facts.test_rows = 3000;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    facts.columns.push_back({.name = name,
                             .distinct = 1200,
                             .minimum = -4,
                             .maximum = 4,
                             .signal = 0.4});
  }
  return facts;
}

TaskFacts Chances() {
  TaskFacts facts = Amounts("logloss");
  facts.target = {"kind"};
  facts.answer = AnswerKind::kProbability;
  facts.target_facts = {.shape = TargetShape::kBinary, .classes = 2};
  return facts;
}

TaskFacts OfNewTeams(TaskFacts facts) {
  facts.group_column = "team";
  facts.new_groups = true;
  facts.group_rows = 60;
  return facts;
}

TaskFacts OfTheFuture(TaskFacts facts) {
  facts.columns.push_back(
      {.name = "day", .role = ColumnRole::kDate, .distinct = 1200});
  facts.time_column = "day";
  facts.future = true;
  return facts;
}

Recipe Draft(const TaskFacts& facts, std::string_view family) {
  Recipe recipe = FindFamily(family)->draft(facts);
  if (recipe.knobs.contains("iterations")) recipe.knobs["iterations"] = 100;
  if (!recipe.knobs.contains("n_estimators")) return recipe;
  recipe.knobs["n_estimators"] = 80;
  if (!recipe.knobs.contains("learning_rate")) return recipe;
  recipe.knobs["learning_rate"] = 0.08;
  return recipe;
}

std::vector<std::string> Labels(const TaskFacts& facts, const Recipe& recipe) {
  std::vector<std::string> labels;
  for (const RecipeChange& change : ChangesOf(facts, recipe)) {
    labels.push_back(change.label);
  }
  return labels;
}

// REQUIRES: the change is offered.
Recipe Changed(const TaskFacts& facts, const Recipe& recipe,
               std::string_view label) {
  for (const RecipeChange& change : ChangesOf(facts, recipe)) {
    if (change.label == label) return change.result;
  }
  ADD_FAILURE() << label << " is not offered";
  return recipe;
}

TEST(HeldOutTest, AFactorIsLearntWhereTheMetricMissesOne) {
  const auto offered = [](const TaskFacts& facts, const char* transform) {
    Recipe recipe = Draft(facts, "lightgbm");
    recipe.target_transform = transform;
    return testing::Value(Labels(facts, recipe), Contains("post.rescale"));
  };
  EXPECT_TRUE(offered(Amounts("rmse"), "log1p"));
  EXPECT_TRUE(offered(Amounts("r2"), "sqrt"));
  EXPECT_TRUE(offered(Amounts("smape"), "log1p"));
  EXPECT_TRUE(offered(Amounts("medae"), "raw"));
  // Means of the target and of its logarithm are what these ask for.
  EXPECT_FALSE(offered(Amounts("rmse"), "raw"));
  EXPECT_FALSE(offered(Amounts("rmsle"), "log1p"));
  EXPECT_FALSE(offered(Amounts("spearman"), "rank"));
  TaskFacts parts = Amounts("smape");
  parts.parts = {"one", "two"};
  EXPECT_FALSE(offered(parts, "log1p"));
}

TEST(HeldOutTest, CorrectionsComeAndGoWithWhatTheyCorrect) {
  const TaskFacts facts = Amounts("rmse");
  const Recipe draft = Draft(facts, "lightgbm");
  const Recipe logs = Changed(facts, draft, "target.log1p");
  EXPECT_TRUE(logs.Has("post.rescale"));
  EXPECT_EQ(Changed(facts, logs, "target.raw"), draft);
  EXPECT_NEAR(NominalCost(logs, facts) / NominalCost(draft, facts), 1.8, 0.01);
  const TaskFacts log_metric = Amounts("rmsle");
  Recipe raw = Draft(log_metric, "lightgbm");
  raw.target_transform = "raw";
  EXPECT_FALSE(Changed(log_metric, raw, "target.log1p").Has("post.rescale"));
}

// The mean is no quantile, and most models know no other loss.
TEST(HeldOutTest, ModelsOfSquaresAreShiftedToTheQuantile) {
  const TaskFacts facts = Amounts("pinball", 0.9);
  EXPECT_TRUE(Draft(facts, "extra-trees").Has("post.shift"));
  EXPECT_FALSE(Draft(facts, "lightgbm").Has("post.shift"));
  EXPECT_EQ(Draft(facts, "linear").objective, "quantile");
  // A quantile stays one on another scale.
  const Recipe roots = Changed(facts, Draft(facts, "lightgbm"), "target.sqrt");
  EXPECT_EQ(roots.objective, "quantile");
}

TEST(HeldOutTest, RelativeErrorsAloneWeighInversely) {
  const TaskFacts facts = Amounts("mape");
  for (const char* family :
       {"lightgbm", "xgboost", "catboost", "extra-trees", "linear"}) {
    EXPECT_EQ(Draft(facts, family).Choice("weights", ""), "inverse") << family;
  }
  for (const char* family : {"mlp", "neighbours"}) {
    EXPECT_EQ(Draft(facts, family).Choice("weights", ""), "") << family;
  }
  // Symmetric errors in relation: measured, weights only do harm.
  EXPECT_EQ(Draft(Amounts("smape"), "lightgbm").Choice("weights", ""), "");
  TaskFacts zeros = facts;
  zeros.target_facts.minimum = 0;
  EXPECT_EQ(Draft(zeros, "lightgbm").Choice("weights", ""), "");
  // The quick ridge takes none.
  const Recipe linear = Draft(facts, "linear");
  EXPECT_EQ(Changed(facts, linear, "objective.squared").Choice("weights", ""),
            "");
}

TEST(HeldOutTest, LossesAreOfferedToLibrariesThatHaveThem) {
  TaskFacts facts = Amounts("mae");
  const auto labels = [&](const char* family) {
    Recipe recipe = Draft(facts, family);
    recipe.target_transform = "log1p";
    return Labels(facts, recipe);
  };
  EXPECT_THAT(labels("lightgbm"), Contains("objective.gamma"));
  EXPECT_THAT(labels("xgboost"), Contains("objective.gamma"));
  EXPECT_THAT(labels("catboost"), Not(Contains("objective.gamma")));
  EXPECT_THAT(labels("lightgbm"), Contains("objective.fair"));
  // Measured: pseudo-Huber diverges, and CatBoost's Huber is worse than MAE.
  EXPECT_THAT(labels("xgboost"), Not(Contains("objective.fair")));
  EXPECT_THAT(labels("catboost"), Not(Contains("objective.fair")));
  facts.target_facts.minimum = 0;
  EXPECT_THAT(labels("lightgbm"), Not(Contains("objective.gamma")));
}

class GainTest : public testing::Test {
 protected:
  void SetUp() override {
    if (ScriptPython().empty()) GTEST_SKIP() << "no build/python here";
    Result<TemporaryFolder> folder = TemporaryFolder::Make("gain_test");
    ASSERT_TRUE(folder.ok());
    folder_.emplace(*std::move(folder));
  }

  void Add(const TaskFacts& facts, const Recipe& plain, const Recipe& better) {
    const std::string name =
        fmt::format("{:02}-{}-{}", count_++, facts.metric, better.family);
    const auto place = folder_->path() / "cases" / name;
    ASSERT_TRUE(MakeFolders(place).ok());
    for (const auto& [file, recipe] :
         {std::pair("plain.py", plain), std::pair("better.py", better)}) {
      ASSERT_TRUE(
          WriteFile(place / file, RenderScript(recipe, facts, "A test.")).ok());
    }
  }

  // How many of them did not gain.
  int Run() {
    const auto harness = folder_->path() / "harness.py";
    if (!WriteFile(harness, kHarness).ok()) return -1;
    const char* seed = std::getenv("GAIN_TEST_SEED");
    return std::system(fmt::format("OMP_NUM_THREADS=1 {} -W ignore {} {} {}",
                                   ScriptPython().string(), harness.string(),
                                   (folder_->path() / "cases").string(),
                                   seed == nullptr ? "1" : seed)
                           .c_str());
  }

 private:
  std::optional<TemporaryFolder> folder_;
  int count_ = 0;
};

TEST_F(GainTest, WhatAMetricAsksForGains) {
  const auto add = [&](const TaskFacts& facts, const Recipe& plain,
                       std::string_view label) {
    Add(facts, plain, Changed(facts, plain, label));
  };
  const TaskFacts squares = Amounts("rmse");
  for (const TaskFacts& facts :
       {squares, OfNewTeams(squares), OfTheFuture(squares)}) {
    Recipe logs = Draft(facts, "linear");
    logs.target_transform = "log1p";
    add(facts, logs, "post.rescale");
  }
  add(squares, Draft(squares, "lightgbm"), "objective.gamma");
  add(squares, Draft(squares, "xgboost"), "objective.gamma");
  const TaskFacts absolute = Amounts("mae");
  Recipe slow = Changed(absolute, Draft(absolute, "lightgbm"), "target.log1p");
  slow.knobs["learning_rate"] = 0.04;
  add(absolute, slow, "objective.fair");
  const TaskFacts relative = Amounts("mape");
  for (const char* family :
       {"lightgbm", "xgboost", "catboost", "linear", "extra-trees"}) {
    const Recipe draft = Draft(relative, family);
    Add(relative, Changed(relative, draft, "weights.equal"), draft);
  }
  const TaskFacts medians = Amounts("medae");
  add(medians, Draft(medians, "lightgbm"), "post.rescale");
  const TaskFacts quantile = Amounts("pinball", 0.9);
  Recipe mean = Draft(quantile, "extra-trees");
  mean.blocks.erase("post.shift");
  add(quantile, mean, "post.shift");
  Recipe median = Draft(quantile, "linear");
  median.objective = "absolute";
  Add(quantile, median, Draft(quantile, "linear"));
  const TaskFacts chances = Chances();
  add(chances, Draft(chances, "extra-trees"), "post.temper");
  EXPECT_EQ(Run(), 0);
}

}  // namespace
}  // namespace treesmith
