// Runs what blocks make on tables that need them, where the scripts'
// environment (build/python) is there; skips where it is not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/render.h"
#include "testing/sample_facts.h"
#include "testing/script_python.h"

namespace treesmith {
namespace {

constexpr std::string_view kHarness = R"py(
import runpy, sys
import numpy as np
import pandas as pd

script = runpy.run_path(sys.argv[1])
rng = np.random.default_rng(0)
others = dict.fromkeys(script["AMOUNTS"], 0.0)


def gap(values, kind):
    """How far the two kinds lie apart, in spreads."""
    a, b = values[kind == 0], values[kind == 1]
    return abs(a.mean() - b.mean()) / (a.std() + b.std() + 1e-9)


def signals(kind, decided_by, steps=40):
    """Two channels a row, whose kind is not seen in levels or spreads."""
    rows = len(kind)
    a, b = rng.normal(size=(2, rows, steps))
    if decided_by == "frequency":
        turns = np.array([0.08, 0.2])[kind][:, None] * np.arange(steps)
        a += 2 * np.sin(2 * np.pi * (turns + rng.random((rows, 1))))
    if decided_by == "echo":
        late = np.array([-0.6, 0.6])[kind][:, None] * np.roll(a, 4, axis=1)
        a = a + late
    if decided_by == "channels":
        b += np.array([-1, 1])[kind][:, None] * a
    size = rng.uniform(0.5, 2, (rows, 1))
    return a * size, b


def check_rhythms():
    """Each kind of sequence is told by what is made for it, and hardly before."""
    kind = rng.integers(0, 2, 300)
    code = np.repeat(np.arange(300), 40)
    for decided_by, wide, long in [
        ("frequency", "a band 1", "a_band_2"),
        ("echo", "a echo 4", "a_echo_4"),
        ("channels", "a with b", "a_with_b"),
    ]:
        a, b = signals(kind, decided_by)
        names = [f"{c}{k}" for c in "ab" for k in range(40)]
        new = script["add_sequences"](pd.DataFrame(np.hstack([a, b]), columns=names))
        assert new[wide].notna().all()
        assert gap(new[wide], kind) > 0.8, decided_by
        assert gap(new["a mean"], kind) < 0.2
        table = pd.DataFrame({"a": a.ravel(), "b": b.ravel()}).assign(**others)
        table.loc[7, "a"] = np.nan
        # Groups of unlike size, whose rows are not together.
        place = np.tile(np.arange(40), 300)
        order = np.argsort(place, kind="stable")
        order = order[(place < 30)[order] | (code % 7 > 0)[order]]
        table = table.iloc[order].reset_index(drop=True)
        group = pd.Series(code[order].astype(str))
        new = script["add_group_rhythm"](table, group)
        assert len(new) == len(table) and new.index.equals(table.index)
        first = ~group.duplicated().to_numpy()
        values = new.loc[first, long].to_numpy()
        assert np.isfinite(values).all()
        assert gap(values, kind[code[order][first]]) > 0.8, decided_by


def check_edges():
    """One group of one row is a group; there may be nothing to tell."""
    table = pd.DataFrame({"a": [1.0], "b": [np.nan]}).assign(**others)
    add = script["add_group_rhythm"]
    assert len(add(table, pd.Series(["x"]))) == 1
    # Of numbers that are all but names nothing is told.
    telling = add.__globals__["TELLING"]
    add.__globals__["TELLING"] = []
    assert add(table, pd.Series(["x"])).equals(table)
    add.__globals__["TELLING"] = telling


def check_twins():
    """Kinds of rows that agree in all cells: their mean is told, labels are not."""
    cells = rng.integers(0, 9, (500, 4))
    chance = rng.beta(0.5, 0.5, 500)
    kind = rng.integers(0, 500, 3000)
    table = pd.DataFrame(cells[kind], columns=list("abcd"), dtype=float)
    table["id_number"] = np.arange(3000.0)
    label = (rng.random(3000) < chance[kind]).astype(float)
    n = 2000

    def told(label):
        folds = script["inner_folds"](5, np.arange(n).astype(str))
        return script["add_twins"](table, label[:n].reshape(-1, 1), folds)

    new = told(label)
    known = new["twins"] > 2
    for part in (slice(0, n), slice(n, None)):
        mean = new["twins_target0"][part][known[part]]
        assert np.corrcoef(mean, chance[kind][part][known[part]])[0, 1] > 0.6
    # A label that is pure chance must not be told by the rest of the whole.
    luck = rng.integers(0, 2, 3000).astype(float)
    assert abs(np.corrcoef(told(luck)["twins_target0"][:n], luck[:n])[0, 1]) < 0.08
    # Nor may it change what its own row is told, but for the mean of all.
    other = luck.copy()
    other[5] = 1 - other[5]
    moved = (told(other) - told(luck)).abs().max(axis=1)
    assert moved[5] < 1e-3 < 0.1 < moved.max()


def check_drift():
    """A shifted and stretched number predicts as before by its rank."""
    n, m = 1000, 400
    worth = rng.normal(size=n + m)
    after = np.arange(n + m) >= n
    table = pd.DataFrame({"a": worth * (1 + after) + 2 * after})
    table["b"] = rng.normal(size=n + m)

    def error(table):
        x = np.c_[table[["a", "b"]], np.ones(n + m)]
        weights = np.linalg.lstsq(x[:n], worth[:n], rcond=None)[0]
        return np.sqrt(np.mean((x[n:] @ weights - worth[n:]) ** 2))

    ranked = script["rank_drifting"](table, worth[:n].reshape(-1, 1))
    assert error(ranked) < 0.5 < 1.5 < error(table)
    assert (ranked["b"] == table["b"]).all()
    # One row has no rank among others.
    one = table.iloc[: n + 1]
    assert script["rank_drifting"](one, worth[:n].reshape(-1, 1)).equals(one)


def check_fills():
    """Gaps are filled by the rows of a kind, or of a group."""
    kind = rng.integers(0, 6, 600)
    truth = kind * 2.0 + rng.normal(size=600)
    gaps = rng.random(600) < 0.3
    table = pd.DataFrame({c: 0.0 for c in script["NUMBERS"]}, index=range(600))
    table["a"] = np.where(gaps, np.nan, truth)
    table["b"] = np.where(np.arange(600) == 3, np.inf, 1.0)
    table["other"] = rng.integers(0, 3, 600).astype(str)
    table["kind"] = kind.astype(str)
    by_kind = script["fill_by_kind"](table)
    in_groups = script["fill_within_groups"](table, table["kind"])
    for filled in (by_kind, in_groups):
        away = filled["a"][gaps] - truth[gaps]
        assert away.std() < 1.3 < 2.5 < truth[gaps].std()
        assert (filled["a"][~gaps] == truth[~gaps]).all()
        assert filled["b"][3] == 1
    assert (in_groups["a_was_missing"] == gaps).all()


def check_deviations():
    """Kinds differ in mean and spread: what is unusual for a kind is told."""
    kind = rng.integers(0, 9, 600)
    kind[0] = 9  # a kind of one row
    unusual = rng.normal(size=600)
    table = pd.DataFrame({c: 0.0 for c in script["NUMBERS"]}, index=range(600))
    table["a"] = kind * 5 + (1 + kind) ** 2 * unusual
    table["kind"] = kind.astype(str)
    new = script["add_deviations"](table)["a-kind"]
    assert new[0] == 0
    assert np.corrcoef(new[1:], unusual[1:])[0, 1] > 0.95


def check_copies():
    """What few numbers mean may jump from one to the next, also of fractions."""
    step = rng.integers(0, 40, 1200)
    y = rng.normal(size=40)[step]
    table = pd.DataFrame({c: 0.0 for c in script["NUMBERS"]}, index=range(1200))
    table["a"] = 1.5 + step / 4
    table["b"] = rng.normal(size=1200)
    new = script["copy_codes"](table)
    assert new.columns.difference(table.columns).tolist() == ["a_name"]

    def told(columns):
        x = np.c_[columns, np.ones(1200)]
        weights = np.linalg.lstsq(x[:800], y[:800], rcond=None)[0]
        return np.corrcoef(x[800:] @ weights, y[800:])[0, 1]

    assert told(pd.get_dummies(new["a_name"], dtype=float)) > 0.99 > 0.5 > told(table)
    # Fractions that hardly repeat are no names.
    assert "a_name" not in script["copy_codes"](table[:200])


def check_totals():
    """What amounts add up to, and a row that has none."""
    rows = pd.DataFrame({c: [0.0, 1.0] for c in script["AMOUNTS"]}, index=[4, 9])
    rows.iloc[1, 0] = np.nan
    new = script["add_totals"](rows)
    count = len(script["AMOUNTS"]) - 1
    assert new["amounts_some"].tolist() == [0, count]
    assert new["amounts_total"].tolist() == [0, count]
    shares = new.filter(like=" of total")
    assert shares.sum(axis=1).round(9).tolist() == [0, 1]


check_rhythms()
check_totals()
check_copies()
check_deviations()
check_edges()
check_twins()
check_drift()
check_fills()
)py";

// Numbers and names as the harness has them.
TaskFacts Facts() {
  TaskFacts facts = SampleTable();
  facts.columns.clear();
  for (const char* name : {"a", "b"}) {
    facts.columns.push_back({.name = name, .distinct = 900, .signal = 0.9});
  }
  facts.columns[0].drift = 1;
  for (const char* channel : {"a", "b"}) {
    facts.steps.emplace_back();
    for (int k = 0; k < 40; ++k) {
      facts.steps.back().push_back(channel + std::to_string(k));
      facts.columns.push_back({.name = facts.steps.back().back()});
    }
  }
  for (const char* name : {"food", "rooms", "spa"}) {
    facts.columns.push_back({.name = name, .distinct = 90, .maximum = 9});
  }
  for (const char* name : {"other", "kind"}) {
    facts.columns.push_back({.name = name, .role = ColumnRole::kCategory});
  }
  facts.group_column = "team";
  return facts;
}

TEST(BlockEffectTest, BlocksMakeWhatTheirTablesNeed) {
  if (ScriptPython().empty()) GTEST_SKIP() << "no build/python here";
  const Result<TemporaryFolder> folder = TemporaryFolder::Make("block_effect");
  ASSERT_TRUE(folder.ok());
  Recipe recipe = FindFamily("linear")->draft(Facts());
  recipe.blocks = {"clean.coarsen-drift",
                   "clean.fill-by-kind",
                   "clean.fill-in-groups",
                   "feature.group-rhythm",
                   "feature.sequence",
                   "feature.twins",
                   "feature.totals",
                   "feature.group-deviation",
                   "encode.numbers-as-categories"};
  const auto script = folder->path() / "script.py";
  const auto harness = folder->path() / "harness.py";
  ASSERT_TRUE(WriteFile(script, RenderScript(recipe, Facts(), "A test.")).ok());
  ASSERT_TRUE(WriteFile(harness, kHarness).ok());
  const std::string command =
      fmt::format("OMP_NUM_THREADS=1 {} -W ignore {} {}",
                  ScriptPython().string(), harness.string(), script.string());
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace treesmith
