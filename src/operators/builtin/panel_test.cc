// Forecasts of panels: what the blocks, the base and the family that are made
// for them gain on tables that need them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "operators/builtin/additive.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/recipe_change.h"
#include "operators/builtin/render.h"
#include "operators/builtin/series.h"
#include "testing/sample_facts.h"
#include "testing/script_python.h"

namespace treesmith {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Six series by the day, of which the last `test_days` are to be foretold.
TaskFacts Panel(int64_t days, int64_t test_days) {
  TaskFacts facts = SamplePanel();
  facts.metric = "rmse";
  facts.columns[0].distinct = days;
  facts.columns[0].maximum = 86400.0 * static_cast<double>(days - 1);
  facts.columns[0].day_first = false;
  facts.columns[1].countries = false;
  facts.test_days = test_days;
  facts.rows = 6 * days;
  facts.id_interleaves = false;
  return facts;
}

std::vector<std::string> LabelsOf(const TaskFacts& facts,
                                  const Recipe& recipe) {
  std::vector<std::string> labels;
  for (const RecipeChange& change : ChangesOf(facts, recipe)) {
    labels.push_back(change.label);
  }
  return labels;
}

Recipe DraftOf(std::string_view family, const TaskFacts& facts) {
  return FindFamily(family)->draft(facts);
}

Recipe With(const char* block, Recipe recipe) {
  recipe.blocks.emplace(block);
  return recipe;
}

Recipe Changed(const char* label, const TaskFacts& facts,
               const Recipe& recipe) {
  for (const RecipeChange& change : ChangesOf(facts, recipe)) {
    if (change.label == label) return change.result;
  }
  ADD_FAILURE() << "no " << label;
  return recipe;
}

TEST(PanelTest, NoTreesAreDraftedAloneWhereThereIsATrend) {
  const TaskFacts facts = Panel(1000, 100);
  for (const char* name : {"lightgbm", "xgboost", "catboost", "extra-trees"}) {
    const Recipe recipe = DraftOf(name, facts);
    EXPECT_TRUE(StartsFromAdditive(recipe)) << name;
    EXPECT_THAT(LabelsOf(facts, recipe), Contains("base.none")) << name;
  }
  TaskFacts gaps = facts;
  gaps.future = false;
  gaps.time_gaps = true;
  EXPECT_FALSE(HasBase(DraftOf("xgboost", gaps)));
}

TEST(PanelTest, TheOneBaseGivesWayToTheOther) {
  const TaskFacts facts = Panel(1000, 100);
  const Recipe first = DraftOf("xgboost", facts);
  const Recipe level = Changed("base.level", facts, first);
  EXPECT_TRUE(StartsFromLevel(level));
  EXPECT_FALSE(level.knobs.contains("waves"));
  EXPECT_TRUE(level.Has("post.floor"));
  EXPECT_THAT(LabelsOf(facts, level), Contains("base.none"));
  EXPECT_THAT(LabelsOf(facts, level), Not(Contains("base.level")));
  EXPECT_EQ(Changed("base.additive", facts, level), first);
}

TEST(PanelTest, WhatNeedsYearsOrSeriesIsNotOfferedWithout) {
  const auto offered = [](const TaskFacts& facts, const char* label) {
    const auto labels = LabelsOf(facts, DraftOf("lightgbm", facts));
    return std::ranges::find(labels, label) != labels.end();
  };
  TaskFacts single = Panel(1100, 100);
  single.series.clear();
  EXPECT_FALSE(offered(single, "base.level"));
  EXPECT_FALSE(FindFamily("shares")->fits(single));
  EXPECT_TRUE(offered(single, "feature.lags"));
  EXPECT_FALSE(offered(Panel(600, 100), "base.level"));
  EXPECT_TRUE(offered(Panel(1100, 100), "clean.broken-year"));
  EXPECT_FALSE(offered(Panel(1000, 100), "clean.broken-year"));
  EXPECT_FALSE(offered(Panel(200, 90), "feature.lags"));
  EXPECT_FALSE(offered(Panel(2000, 180), "feature.lags"));
  for (const auto& [name, facts] : SampleTasks()) {
    if (facts.future) continue;
    for (const char* label :
         {"base.level", "feature.lags", "clean.broken-year"}) {
      EXPECT_FALSE(offered(facts, label)) << name << " " << label;
    }
    EXPECT_FALSE(FindFamily("shares")->fits(facts)) << name;
  }
}

TEST(PanelTest, WhatCarriesTheLevelOnIsNeverGivenUpWhole) {
  const TaskFacts facts = Panel(1100, 100);
  EXPECT_THAT(LabelsOf(facts, DraftOf("shares", facts)),
              Not(Contains("shares.no-trend")));
  const Recipe still =
      Changed("additive.no-trend", facts, DraftOf("additive", facts));
  EXPECT_THAT(LabelsOf(facts, still), Not(Contains("additive.all-years")));
  const Recipe even =
      Changed("additive.all-years", facts, DraftOf("additive", facts));
  EXPECT_EQ(Changed("additive.no-trend", facts, even).Knob("recency", 0), 1);
}

// The past is that of one target.
TEST(PanelTest, TargetsWithAPastAreKeptApart) {
  TaskFacts facts = Panel(1000, 28);
  facts.target = {"sold", "lent"};
  const Recipe shared = DraftOf("mlp", facts);
  ASSERT_TRUE(SharesTargets(shared));
  EXPECT_THAT(LabelsOf(facts, shared), Not(Contains("feature.lags")));
  Recipe each = shared;
  each.choices.erase("targets");
  EXPECT_THAT(LabelsOf(facts, each), Contains("targets.shared"));
  const Recipe lags = Changed("feature.lags", facts, each);
  EXPECT_THAT(LabelsOf(facts, lags), Not(Contains("targets.shared")));
}

TEST(PanelTest, AModelOfWordsHasNoBaseButReadsDatesOfYears) {
  TaskFacts facts = Panel(1100, 28);
  facts.columns.push_back(
      {.name = "note", .role = ColumnRole::kText, .words = 8});
  const Recipe words = DraftOf("text-logistic", facts);
  const auto labels = LabelsOf(facts, words);
  EXPECT_THAT(labels, Not(Contains("base.additive")));
  EXPECT_THAT(labels, Not(Contains("base.level")));
  EXPECT_THAT(RenderScript(Changed("clean.broken-year", facts, words), facts,
                           "A test."),
              HasSubstr("def read_dates("));
}

TEST(PanelTest, ABaseOfLogarithmsIsPutRightForMeans) {
  TaskFacts facts = Panel(1000, 28);
  const Recipe raw = DraftOf("mlp", facts);
  ASSERT_EQ(raw.target_transform, "raw");
  for (const char* label : {"base.additive", "base.level"}) {
    EXPECT_TRUE(Changed(label, facts, raw).Has("post.rescale")) << label;
  }
  facts.metric = "mae";
  EXPECT_FALSE(Changed("base.level", facts, raw).Has("post.rescale"));
}

TEST(PanelTest, AdditiveBasesKnowTheCalendarAndSeriesAreAllAsCommon) {
  const TaskFacts facts = SamplePanel();
  const auto gain_of = [&](const Recipe& recipe, std::string_view label) {
    for (const RecipeChange& change : ChangesOf(facts, recipe)) {
      if (change.label == label) return change.prior.gain;
    }
    return -100.0;
  };
  Recipe recipe = DraftOf("lightgbm", facts);
  EXPECT_GT(gain_of(recipe, "without.feature.calendar"), 0);
  recipe.blocks.erase("feature.calendar");
  EXPECT_LT(gain_of(recipe, "feature.calendar"), 1);
  EXPECT_GT(gain_of(Changed("base.none", facts, recipe), "feature.calendar"),
            2);
  EXPECT_EQ(gain_of(recipe, "encode.counts"), -100);
  TaskFacts with_more = facts;
  with_more.columns.push_back(
      {.name = "event", .role = ColumnRole::kCategory, .distinct = 5});
  EXPECT_THAT(LabelsOf(with_more, recipe), Contains("encode.counts"));
}

// Amounts are what shares are of.
TEST(PanelTest, SharesAreNeverOfATransformedTarget) {
  const TaskFacts facts = SamplePanel();
  const Recipe recipe = DraftOf("shares", facts);
  EXPECT_EQ(recipe.target_transform, "raw");
  for (const RecipeChange& change : ChangesOf(facts, recipe)) {
    EXPECT_EQ(change.result.target_transform, "raw") << change.label;
    EXPECT_FALSE(HasBase(change.result)) << change.label;
  }
}

// Its inputs: tables that each need one of the additions; its checks: that
// they gain there. The figures are printed.
constexpr std::string_view kHarness = R"py(
import os, runpy, sys
import numpy as np
import pandas as pd

root = sys.argv[1]
FIRST = pd.Timestamp("2017-01-01")


def panel(kind, days):
    rng = np.random.default_rng(3)
    when = pd.date_range(FIRST, periods=days)
    frame = pd.MultiIndex.from_product(
        [when, ["north", "south"], [1, 2, 3]], names=["day", "land", "shop"]
    ).to_frame(index=False)
    age = (frame["day"] - FIRST).dt.days.to_numpy() / 365.25
    cell = frame.groupby(["land", "shop"]).ngroup().to_numpy()
    week = np.array([0, 0, 0, 0, 0.1, 0.3, 0.4])[frame["day"].dt.dayofweek]
    wave = np.cos(2 * np.pi * age + cell % 3)
    logs = 3 + rng.normal(0, 0.6, 6)[cell] + week + 0.3 * wave
    if kind == "counts":
        frame["sold"] = rng.poisson(np.exp(logs - 2.0 + 0.1 * age))
        return frame
    if kind == "growth":
        logs += 0.4 * age
    if kind == "wander":
        walk = np.cumsum(rng.normal(0, 0.04, (days, 6)), axis=0)
        logs += walk[np.arange(len(frame)) // 6, cell]
    if kind == "broken":
        year, yearday = frame["day"].dt.year, frame["day"].dt.dayofyear
        logs -= np.where((year == 2018) & yearday.between(60, 250), 1.2, 0)
    frame["sold"] = np.exp(logs + rng.normal(0, 0.1, len(frame))).round(2) + 0.01
    return frame


def check_lags(script):
    """A row sees nothing younger than the last row of test may."""
    days, n, horizon = 500, 6 * 450, 50
    frame = panel("wander", days)
    series = frame.groupby(["land", "shop"]).ngroup().to_numpy()
    day = (frame["day"] - FIRST).dt.days.to_numpy()
    table, past = frame.drop(columns="sold"), np.log(frame["sold"][:n].to_numpy())
    mixed = np.random.default_rng(1).permutation(n)

    def lags(past, order=slice(None)):
        rows = np.append(np.arange(n)[order], np.arange(n, len(table)))
        rest = [part.iloc[rows].reset_index(drop=True) for part in (table, table["day"])]
        new = script["add_lags"](rest[0], rest[1], series[rows], past[order])
        return new.filter(like="past_").set_axis(rows).sort_index()

    seen = lags(past)
    assert list(seen) == [f"past_{name}" for name in (
        "same_weekday", "week", "month", "year", "year_ago", "week_year_ago")]
    assert np.allclose(seen, lags(past, mixed), equal_nan=True)
    for row in (n - 1, n - 1000):
        young = day[:n] > day[row] - horizon
        other = lags(np.where(young, 99.0, past))
        old = seen.index[day <= day[row]]
        assert np.allclose(seen.loc[old], other.loc[old], equal_nan=True)
    # What it is told is its series' own.
    ago = (series[:n] == series[row]) & (day[:n] == day[row] - 56)
    assert np.isclose(seen.loc[row, "past_same_weekday"], past[ago][0])
    ago = (series[:n] == series[row]) & (day[row] - 57 < day[:n]) & ~young
    assert np.isclose(seen.loc[row, "past_week"], past[ago].mean())
    # So is the last row of test.
    ago = (series[:n] == series[-1]) & (day[:n] == day[-1] - 56)
    assert np.isclose(seen.iloc[-1]["past_same_weekday"], past[ago][0])
    # Rows held out lie among the others, and see no more than test's 28 days.
    rest = [part.iloc[mixed].reset_index(drop=True) for part in (table, table["day"])]
    kept, row = 3 * n // 4, mixed[-1]
    young = day[mixed[:kept]] > day[row] - 28
    told = [
        script["add_lags"](*rest, series[mixed], past).filter(like="past_").iloc[-1]
        for past in (past[mixed[:kept]], np.where(young, 99.0, past[mixed[:kept]]))
    ]
    assert np.allclose(*told, equal_nan=True)


def check_years(script):
    """Only what is clearly odd goes, and never with too few years."""
    drop = script["drop_broken_year"]
    for kind, days, gone in (
        ("broken", 4 * 365, [2018]), ("broken", 3 * 365, [2018]),
        ("broken", 2 * 365 + 9, []), ("growth", 4 * 365, []), ("counts", 1461, []),
    ):
        frame = panel(kind, days)
        left = drop(frame.assign(day=frame["day"].astype(str)), "sold")
        gone_days = frame["day"][frame.index.difference(left.index)]
        assert len(gone_days) <= 6 * 366
        # Counted from the last day, a year begins in the one before.
        assert list(gone_days.dt.year.mode()) == gone, (kind, days)
    # All of a year at a lower level than the line of the others.
    low = np.where(frame["day"].dt.year == 2018, 0.7, 1)
    frame["sold"] = panel("growth", 1461)["sold"] * low
    left = drop(frame.assign(day=frame["day"].astype(str)), "sold")
    assert (left["day"].str[:4] == "2018").mean() < 0.01 < (low < 1).mean()


def check_level(script):
    """Of each year, which goes on; a new series is like all of them."""
    frame = panel("growth", 3 * 365)
    series = np.append(frame.groupby(["land", "shop"]).ngroup(), [0, 5, 6])
    date = pd.concat([frame["day"], pd.Series([FIRST + pd.Timedelta(days=1200)] * 3)])
    y = np.log(frame["sold"].to_numpy())
    level = script["fit_level"](date.reset_index(drop=True), series, y)
    for name in (0, 5):
        last = (series[:-3] == name) & (frame["day"] > FIRST + pd.Timedelta(days=729))
        goes_on = 0.8 * 0.4
        assert abs(level[len(y) + (name > 0)] - y[last].mean() - goes_on) < 0.05
        assert abs(level[:-3][last] - y[last].mean()).max() < 0.05
        first = (series[:-3] == name) & (frame["day"] < "2017-12-30")
        assert abs(level[:-3][first] - y[first].mean()).max() < 0.05
    assert abs(level[-1] - y[-6 * 365:].mean() - goes_on) < 0.05


CHECKS = {"add_lags": check_lags, "drop_broken_year": check_years,
          "fit_level": check_level}
errors, answers, done = {}, {}, set()
for folder in sorted(os.listdir(root)):
    kind, days, test_days, name = folder.split("-", 3)
    os.chdir(os.path.join(root, folder))
    os.makedirs("input")
    os.makedirs("working")
    frame = panel(kind, int(days) + int(test_days))
    frame.insert(0, "id", np.arange(len(frame)))
    train, test = frame[:6 * int(days)], frame[6 * int(days):]
    train.to_csv("input/train.csv", index=False)
    test.drop(columns="sold").to_csv("input/test.csv", index=False)
    script = runpy.run_path("script.py", run_name="__main__")
    answer = pd.read_csv("working/submission.csv")["sold"].to_numpy()
    answers[name] = answer
    truth = test["sold"].to_numpy()
    miss = np.abs(answer - truth)
    errors[name] = 200 * np.mean(miss / (answer + truth + 1e-9)), np.mean(miss**2) ** 0.5
    print(f"{kind:8} {name:20} smape {errors[name][0]:.2f} rmse {errors[name][1]:.3f}")
    for function, check in CHECKS.items():
        if function in script and function not in done:
            check(script)
            done.add(function)


def gains(better, worse, factor):
    for one, other in zip(errors[better], errors[worse]):
        assert one < factor * other, (better, errors[better], errors[worse])


assert done == set(CHECKS)
gains("shares", "additive", 0.98)
gains("lags", "no-lags", 0.95)
gains("level", "no-level", 0.85)
gains("whole-years", "broken-years", 0.95)
logs = [np.log1p(answers[name]) for name in ("broken-years", "no-trend", "both")]
assert np.allclose((logs[0] + logs[1]) / 2, logs[2], atol=1e-6)
assert not np.allclose(logs[0], logs[1], atol=1e-2)
)py";

// Scripts of pairs of recipes, run in one interpreter.
TEST(PanelTest, EachAdditionGainsWhereItIsNeeded) {
  if (ScriptPython().empty()) GTEST_SKIP() << "no build/python here";
  const Result<TemporaryFolder> folder = TemporaryFolder::Make("panel_test");
  ASSERT_TRUE(folder.ok());
  const auto tasks = folder->path() / "tasks";
  const auto add = [&](const std::string& name, const TaskFacts& facts,
                       Recipe recipe) {
    // A factor for each would blur what they differ in.
    recipe.blocks.erase("post.rescale");
    if (recipe.knobs.contains("n_estimators")) {
      recipe.knobs["n_estimators"] = 60;
      recipe.knobs["learning_rate"] = 0.1;
    }
    const auto place = tasks / name;
    ASSERT_TRUE(MakeFolders(place).ok());
    ASSERT_TRUE(
        WriteFile(place / "script.py", RenderScript(recipe, facts, "A test."))
            .ok());
  };
  const TaskFacts counts = Panel(1095, 365);
  add("counts-1095-365-additive", counts, DraftOf("additive", counts));
  add("counts-1095-365-shares", counts, DraftOf("shares", counts));
  const TaskFacts wander = Panel(600, 28);
  const Recipe trees = DraftOf("lightgbm", wander);
  add("wander-600-28-no-lags", wander, trees);
  add("wander-600-28-lags", wander, With("feature.lags", trees));
  const TaskFacts growth = Panel(1095, 365);
  const Recipe alone =
      Changed("base.none", growth, DraftOf("lightgbm", growth));
  add("growth-1095-365-no-level", growth, alone);
  add("growth-1095-365-level", growth, Changed("base.level", growth, alone));
  const TaskFacts broken = Panel(1095, 365);
  const Recipe line = DraftOf("additive", broken);
  add("broken-1095-365-broken-years", broken, line);
  add("broken-1095-365-whole-years", broken, With("clean.broken-year", line));
  add("broken-1095-365-no-trend", broken,
      Changed("additive.no-trend", broken, line));
  add("broken-1095-365-both", broken,
      Changed("additive.both-trends", broken, line));
  const auto harness = folder->path() / "harness.py";
  ASSERT_TRUE(WriteFile(harness, kHarness).ok());
  const std::string command =
      fmt::format("OMP_NUM_THREADS=1 {} -W ignore {} {}",
                  ScriptPython().string(), harness.string(), tasks.string());
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace treesmith
