// Runs real scripts on small made-up tables, where the scripts' environment
// (build/python) is there; says so and skips where it is not.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <sstream>
#include <utility>

#include "base/file.h"
#include "operators/builtin/additive.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/recipe_change.h"
#include "operators/builtin/render.h"
#include "testing/sample_facts.h"
#include "testing/script_python.h"

namespace treesmith {
namespace {

// Makes a table for each task, then runs every script in a folder of its own,
// all in one interpreter: importing the libraries takes longer than fitting.
constexpr std::string_view kHarness = R"py(
import os, runpy, sys, traceback
import numpy as np
import pandas as pd

root = sys.argv[1]


def table(rows, seed):
    rng = np.random.default_rng(seed)
    size = rng.gamma(2, 2, rows)
    rooms = rng.integers(1, 7, rows)
    town = rng.choice([f"{k:03}" for k in range(12)], rows)
    frame = pd.DataFrame({
        "id": [f"row {seed}-{i}" for i in range(rows)],
        "size": np.where(rng.random(rows) < 0.05, np.nan, size),
        "age (years)": rng.integers(0, 60, rows),
        "rooms": rooms,
        "town": np.where(rng.random(rows) < 0.03, None, town),
        "say \"hi\"": rng.choice(["yes", "no", "perhaps"], rows),
        "code": [f"{rng.choice(list('ABC'))}/{rng.integers(100 + seed)}/S" for _ in range(rows)],
    })
    for name in ("lat", "lon", "to lat", "to lon"):
        frame[name] = rng.normal(40, 0.1, rows)
    for k in range(20):
        frame[f"s{k}"] = np.where(rng.random(rows) < 0.01, np.nan, size * k + rng.normal(size=rows))
    frame["state"] = rng.choice(["Po", "Fa", "Gd"], rows)
    frame["team"] = rng.choice([f"team {seed}{k}" for k in range(4)], rows)
    words = "the old house by green river was sold to a quiet man".split()
    frame["note"] = [
        " ".join(rng.choice(words, 8)) + rng.choice([".", "!", ""])
        for _ in range(rows)
    ]
    for k in range(3):
        frame[f"key{k}"] = rng.integers(0, 80, rows) * 113
    when = pd.Timestamp("2020-01-01") + pd.to_timedelta(
        rng.permutation(10 * rows)[:rows], unit="h")
    frame["when"] = when.astype(str)
    value = 1 + size * rooms + (town < "003") * 5 + rng.random(rows)
    signs = list("春夏秋冬山水花鸟风月天地")
    frame["title"] = ["".join(rng.choice(signs, 12)) for _ in range(rows)]
    return frame, value


def panel(first, days):
    """Four shops in two countries, a row each a day, with a trend."""
    when = pd.Series(pd.date_range("2020-01-01", periods=240)[first:first + days])
    frame = pd.MultiIndex.from_product(
        [when, ["Norway", "Spain"], [1, 2, 3, 4]], names=["day", "land", "shop"]
    ).to_frame(index=False)
    frame.insert(0, "id", np.arange(len(frame)) + 8 * first)
    age = (frame["day"] - pd.Timestamp("2020-01-01")).dt.days
    frame["sold"] = np.exp(3 + age / 300 + 2 * (frame["shop"] % 2)).astype(int)
    frame["day"] = frame["day"].dt.strftime("%d/%m/%Y")
    return frame.drop(columns="sold"), frame["sold"]


GRADES = [0, 1, 2, 5, 10, 20]


def labels(task, value):
    if task == "panel":
        return {"sold": value}
    if task in ("table", "signals"):
        return {"price": value}
    if task == "two_targets":
        return {"price": value, "rent": value / 3}
    if task == "places":
        return {"price": value, "extra": value.round() * 2}
    if task == "binary":
        return {"kind": np.where(value > 15, 10, 2)}
    if task in ("keys", "reviews"):
        return {"kind": (value > 15).astype(int)}
    if task in ("texts", "classes"):  # with a class of one row
        value = np.where(np.arange(len(value)) == 7, 100, value.clip(None, 29))
    if task == "labels":  # without rows of the last class
        value = value.clip(None, 14)
    if task in ("classes", "texts", "labels"):
        names = [1.0, 2.0, 3.0, 4.0] if task == "classes" else ["w", "x", "y", "z"]
        return {"kind": np.array(names)[np.digitize(value, [8, 15, 30])]}
    if task == "ordinal":
        return {"quality": np.array(GRADES)[np.digitize(value, [5, 9, 14, 22, 30])]}
    return {"count": value.astype(int), "members": value.astype(int) // 2,
            "guests": value.astype(int) - value.astype(int) // 2}


def check_bayes(script):
    """Two kinds of text get two chances, finite ones."""
    kinds = np.repeat([0.0, 1.0], 100)
    said = np.where(kinds > 0, "good day", "bad night")
    said = [*said, "good night", "day", "bad"]
    text = pd.DataFrame({c: said for c in script["WORDS"]})
    table = pd.DataFrame(index=text.index)
    folds = script["inner_folds"](4, kinds)
    new = script["add_text_bayes"](table, text, kinds.reshape(-1, 1), folds)
    assert new.shape[1] == 2 * len(script["WORDS"])
    assert np.isfinite(new.to_numpy()).all()
    assert (new.nunique() > 1).all()


def check_additive(answer, value):
    """The shops' numbers are names, so each shop has a level of its own."""
    assert np.abs(np.log((answer + 1) / (value.to_numpy() + 1))).mean() < 0.5


def check_days(table):
    """Days before months: eight rows a day, but for one without a date."""
    days = table["day"]
    assert days.isna().sum() == 1
    assert days[1:].is_monotonic_increasing
    assert days.nunique() == 240


def check_times(script, train, test):
    """Test's dates are read though only train's have times."""
    table = script["add_calendar"](script["prepare"](train.copy(), test.copy()))
    assert table["when_days"].isna().sum() == 1
    days = table["when_day"][len(train):].astype(int)
    assert list(days) == list(test["when"].str[8:].astype(int))


def check_read(read):
    """Test is read as train is: the same names, codes as they are written."""
    train, test = read()
    assert set(test) <= set(train), set(test) - set(train)
    if "town" in read.__globals__.get("CATEGORIES", []):
        for table in (train, test):
            assert set(table["town"].dropna().map(len)) == {3}, table["town"]


def check_values(task, answer, value):
    """The answer names what it is asked for."""
    if task == "binary":
        likely = answer["kind"].groupby(value > 15).mean()
        assert likely[True] > likely[False], likely
    if task == "classes":
        assert np.allclose(answer[list("1234")].sum(axis=1), 1)
    if task == "ordinal":
        assert set(answer["quality"]) <= set(GRADES)


def check_neighbours(script):
    """Few rows, all of them twins: none of them may see its own label."""
    values = np.arange(30) % 3.0
    table = pd.DataFrame({c: values for c in script["NUMBERS"]})
    new = script["add_neighbours"](table, np.eye(24))
    for k in range(24):
        assert new.loc[k, f"near_target{k}"] == 0
        assert new.loc[k, f"nearest_target{k}"] == 0


def check_places(script):
    """A row without a place is not at an impossible one."""
    places = np.ravel(script["PLACES"])
    table = pd.DataFrame({c: np.linspace(40, 41, 300) for c in places})
    table.iloc[7] = np.nan
    table.iloc[8] = 400.0
    kept = script["drop_impossible_places"](table, "price")
    assert list(table.index.difference(kept.index)) == [8]


def check_positions(script):
    """Of a second table only its own names are names."""
    table = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    for columns, names in (["a", "b"], [1]), (["b", "a"], [0]):
        script["encode"](table[columns], 1)
        assert script["CATEGORY_POSITIONS"] == names


def check_sorted(script):
    """Rows in the order of their classes: their head knows but one class."""
    x = np.random.default_rng(1).random((5000, 3))
    x = x[x[:, 0].argsort()]
    y = np.arange(5000) // 4200
    chance = script["fit_predict"](x, y, x[::10], 1)[:, 1]
    assert chance[-60:].mean() - chance[:60].mean() > 0.8


CHECKS = {
    "add_text_bayes": check_bayes,
    "add_neighbours": check_neighbours,
    "CATEGORY_POSITIONS": check_positions,
    "drop_impossible_places": check_places,
    "mutual_info_classif": check_sorted,
}

failed = 0
for folder in sorted(os.listdir(root)):
    task = folder.rsplit("-", 1)[0]
    os.chdir(os.path.join(root, folder))
    os.makedirs("input")
    os.makedirs("working")
    if task == "panel":
        (train, value), (test, hidden) = panel(0, 180), panel(180, 60)
    else:
        (train, value), (test, hidden) = table(260, 1), table(90, 2)
        test = test.rename(columns={"rooms": "Rooms"})
    if task in ("dates", "panel"):  # even the first date may be missing
        train.loc[0, "when" if task == "dates" else "day"] = None
    if task == "panel":
        # The year first, then the day; and one with a time.
        whole = pd.to_datetime(train["day"][:200], format="%d/%m/%Y")
        train.loc[:199, "day"] = whole.astype(str)
        train.loc[300, "day"] += " 00:00"
    if task == "dates":  # times in train alone
        test["when"] = test["when"].str[:10]
    for name, column in labels(task, value).items():
        train[name] = column
    sample = test[["when" if task == "dates" else "id"]].copy()
    names = {
        "dates": ["count"],
        "places": ["price"],
        "classes": list("1234"),
        "texts": list("wxyz"),
    }
    for name in names.get(task, list(labels(task, value))):
        sample[name] = 0
    train.to_csv("input/train.csv", index=False)
    test.to_csv("input/test.csv", index=False)
    sample.to_csv("input/sample_submission.csv", index=False)
    try:
        script = runpy.run_path("script.py", run_name="__main__")
        for name, check in CHECKS.items():
            if name in script:
                check(script)
        if task in ("table", "labels"):
            check_read(script["read"])
        answer = pd.read_csv("working/submission.csv")
        assert list(answer.columns) == list(sample.columns), answer.columns
        assert len(answer) == len(sample)
        assert answer.notna().all().all()
        check_values(task, answer, hidden)
        if task == "panel" and "fit_additive" in script and "fit_predict" not in script:
            check_additive(answer["sold"], hidden)
        if task == "dates" and "add_calendar" in script:
            check_times(script, train, test)
        if "DAY_FIRST" in script:
            check_days(script["prepare"](train.copy(), test.copy()))
        if task == "labels":
            assert os.path.exists("working/probabilities.csv")
        if task == "ordinal":
            assert os.path.exists("working/scores.csv")
    except BaseException:
        failed += 1
        print("FAILED", folder)
        traceback.print_exc(limit=-4)
sys.exit(1 if failed else 0)
)py";

// Cheap to fit: what is tested is that the parts fit together.
Recipe Shrunk(Recipe recipe) {
  for (const char* knob : {"n_estimators", "iterations", "max_iter"}) {
    if (recipe.knobs.contains(knob)) recipe.knobs[knob] = 12;
  }
  return recipe;
}

TaskFacts Labels() { return SampleClasses(3, AnswerKind::kLabel); }
TaskFacts Binary() { return SampleClasses(2, AnswerKind::kProbability); }

class EndToEndTest : public testing::Test {
 protected:
  void SetUp() override {
    if (ScriptPython().empty()) GTEST_SKIP() << "no build/python here";
    Result<TemporaryFolder> folder = TemporaryFolder::Make("end_to_end_test");
    ASSERT_TRUE(folder.ok());
    folder_.emplace(*std::move(folder));
    ASSERT_TRUE(MakeFolders(folder_->path() / "tasks").ok());
  }

  void Add(const std::string& task, const TaskFacts& facts,
           const Recipe& recipe) {
    const auto place =
        folder_->path() / "tasks" / fmt::format("{}-{:03}", task, count_++);
    ASSERT_TRUE(MakeFolders(place).ok());
    ASSERT_TRUE(WriteFile(place / "script.py",
                          RenderScript(Shrunk(recipe), facts, "A test."))
                    .ok());
  }

  // The submission of the script that was added as the `place`-th.
  std::vector<double> Answers(const std::string& task, int place) {
    const auto file = folder_->path() / "tasks" /
                      fmt::format("{}-{:03}", task, place) / "working" /
                      "submission.csv";
    Result<std::string> text = ReadFile(file);
    std::vector<double> values;
    if (!text.ok()) return values;
    std::istringstream lines(*text);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      values.push_back(std::stod(line.substr(line.rfind(',') + 1)));
    }
    return values;
  }

  // The exit code of the harness over all that was added.
  int Run() {
    const auto harness = folder_->path() / "harness.py";
    if (!WriteFile(harness, kHarness).ok()) return -1;
    const std::string command = fmt::format(
        "OMP_NUM_THREADS=1 {} -W ignore {} {}", ScriptPython().string(),
        harness.string(), (folder_->path() / "tasks").string());
    return std::system(command.c_str());
  }

 private:
  std::optional<TemporaryFolder> folder_;
  int count_ = 0;
};

TEST_F(EndToEndTest, EveryDraftAnswersEveryKindOfTask) {
  for (const auto& [name, facts] : SampleTasks()) {
    for (const ModelFamily& family : AllFamilies()) {
      if (family.fits(facts)) Add(name, facts, family.draft(facts));
    }
  }
  EXPECT_EQ(Run(), 0);
}

TEST_F(EndToEndTest, EveryBlockRunsWithEveryInput) {
  // One family for each kind of input that takes features.
  for (const char* name : {"lightgbm", "catboost", "linear", "sparse-linear"}) {
    const ModelFamily& family = *FindFamily(name);
    for (const auto& [task, facts] :
         {std::pair("dates", SampleDates()), std::pair("labels", Labels()),
          std::pair("places", SamplePlaces()), std::pair("keys", SampleKeys()),
          std::pair("texts", SampleTexts()),
          std::pair("panel", SamplePanel())}) {
      Recipe recipe = family.draft(facts);
      for (const FeatureBlock& block : AllBlocks()) {
        if (BlockFits(block, facts, recipe)) recipe.blocks.emplace(block.name);
      }
      Add(task, facts, recipe);
    }
  }
  // Blocks that see the target, or rows of it, where that is a matrix.
  TaskFacts facts = SampleTwoTargets();
  facts.target_facts.heavy_tail = true;
  Recipe shared = FindFamily("extra-trees")->draft(facts);
  ASSERT_TRUE(SharesTargets(shared));
  for (const FeatureBlock& block : AllBlocks()) {
    if (BlockFits(block, facts, shared)) shared.blocks.emplace(block.name);
  }
  Add("two_targets", facts, shared);
  shared.target_transform = "rank";
  shared.blocks = {"clean.trim-target"};
  Add("two_targets", facts, shared);
  EXPECT_EQ(Run(), 0);
}

TEST_F(EndToEndTest, EveryChangeOfAModelRuns) {
  // Dates that the base needs and nothing else makes parts of.
  Recipe dated = FindFamily("catboost")->draft(SamplePanel());
  StartFromAdditive(SamplePanel(), dated);
  dated.blocks.erase("feature.calendar");
  Add("panel", SamplePanel(), dated);
  // What is learnt on rows held out, whatever makes the answer.
  dated.blocks.insert("post.rescale");
  Add("panel", SamplePanel(), dated);
  Recipe additive = FindFamily("additive")->draft(SamplePanel());
  additive.blocks.insert("post.rescale");
  Add("panel", SamplePanel(), additive);
  TaskFacts parts = SampleDates();
  parts.metric = "rmse";
  parts.target_facts.missing = true;
  Recipe sum = FindFamily("linear")->draft(parts);
  sum.target_transform = "log1p";
  sum.blocks.insert("post.rescale");
  sum.seeds = 3;
  Add("dates", parts, sum);
  for (const ModelFamily& family : AllFamilies()) {
    for (const auto& [task, facts] :
         {std::pair("panel", SamplePanel()), std::pair("texts", SampleTexts()),
          std::pair("dates", SampleDates()), std::pair("binary", Binary())}) {
      // The first task that the family is meant for.
      if (!family.fits(facts)) continue;
      for (const RecipeChange& change : ChangesOf(facts, family.draft(facts))) {
        if (!change.label.starts_with("without.") &&
            FindBlock(change.label) == nullptr) {
          Add(task, facts, change.result);
        }
      }
      break;
    }
    const TaskFacts ordinal = SampleOrdinal();
    if (!family.fits(ordinal)) continue;
    for (const RecipeChange& change :
         ChangesOf(ordinal, family.draft(ordinal))) {
      if (change.label == "objective.distribution") {
        Add("ordinal", ordinal, change.result);
      }
    }
  }
  EXPECT_EQ(Run(), 0);
}

TEST_F(EndToEndTest, TheQuickRidgeOfManyRowsAnswersAsTheLibrarysDoes) {
  TaskFacts few = SampleTable();
  few.rows = kFewRows - 1;
  TaskFacts many = few;
  many.rows = kFewRows;
  const Recipe recipe = FindFamily("linear")->draft(few);
  ASSERT_NE(RenderScript(recipe, few, ""), RenderScript(recipe, many, ""));
  Add("table", few, recipe);
  Add("table", many, recipe);
  ASSERT_EQ(Run(), 0);
  const std::vector<double> slow = Answers("table", 0);
  EXPECT_EQ(slow.size(), 90);
  EXPECT_THAT(Answers("table", 1),
              testing::Pointwise(testing::DoubleNear(1e-6), slow));
}

}  // namespace
}  // namespace treesmith
