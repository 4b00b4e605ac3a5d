// Fits models of families on tables that need them, where the scripts'
// environment (build/python) is there; skips where it is not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/recipe_change.h"
#include "operators/builtin/render.h"
#include "testing/sample_facts.h"
#include "testing/script_python.h"

namespace treesmith {
namespace {

constexpr std::string_view kHarness = R"py(
import glob, os, runpy, sys
import numpy as np

fits = {}
for path in glob.glob(sys.argv[1] + "/*.py"):
    name = os.path.basename(path)[:-3]
    if name != "harness":
        fits[name] = runpy.run_path(path)["fit_predict"]
rng = np.random.default_rng(1)


def error(name, x, y, truth):
    """Of the rows that come after those of `y`; 1 is that of their mean."""
    answer = fits[name](x[: len(y)], y, x[len(y) :], 1)
    rest = truth[len(y) :]
    return np.sqrt(np.mean(((answer - rest) / rest.std(axis=0)) ** 2))


def check_weak_signal():
    """Held back, trees follow less of the noise."""
    x = rng.normal(size=(6000, 20)).astype(np.float32)
    truth = x[:, :6] @ [3.0, 2.5, 2, 1.5, 1, 1] / 16
    y = (truth + rng.normal(size=6000))[:2500]
    free, held = error("free", x, y, truth), error("held", x, y, truth)
    assert held < 0.9 * free, (held, free)


def check_rounds():
    """As many trees as there is to learn, and of each class a row."""
    x = rng.normal(size=(5000, 12)).astype(np.float32)
    truth = x[:, :4] @ [1.0, 0.5, 0.5, 0.3]
    y = (truth + 3 * rng.normal(size=5000))[:3000]
    fixed, found = error("fixed", x, y, truth), error("found", x, y, truth)
    assert found < 0.7 * fixed, (found, fixed)
    heavy = y > 0  # rows of no weight are not learnt from
    answer = fits["found-weighted"](x[:3000], y, x[3000:], 1, heavy + 1e-6)
    assert answer.min() > 0
    kind = (truth > 0).astype(int)
    kind[7] = 2  # a row that is drawn
    chances = fits["found-classes"](x[:400], kind[:400], x[400:], 1)
    assert chances.shape == (4600, 3)
    assert np.mean(chances.argmax(axis=1) == kind[400:]) > 0.8


def check_lasso():
    """Of more columns than rows few matter, of two classes and of more."""
    x = rng.normal(size=(3250, 300))
    score = x[:, :6] @ [1.0, -1, 1, -1, 1, -1]
    y = np.digitize(score, [-1, 1])
    for kinds in (y, (y > 0).astype(int)):
        loss = {}
        for name in ("logistic", "lasso"):
            chances = fits[name](x[:250], kinds[:250], x[250:], 1)
            hits = chances[np.arange(3000), kinds[250:]]
            loss[name] = -np.log(hits + 1e-9).mean()
        assert loss["lasso"] < 0.8 * loss["logistic"], loss


def check_kernel_ridge():
    """Penalty and width follow what there is to learn."""
    x = rng.normal(size=(700, 3))
    smooth = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]
    ridge = error("kernel-ridge", x, smooth[:300], smooth)
    vectors = error("support-vectors", x, smooth[:300], smooth)
    assert ridge < 0.8 * vectors, (ridge, vectors)
    noise = fits["kernel-ridge"](x[:300], rng.normal(size=300), x[300:], 1)
    assert noise.std() < 0.18, noise.std()


def check_kernel_classes():
    """Chances of every class, also of one that a sample lacks."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2000, 5))
    score = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + rng.normal(size=2000) / 3
    y = 2 * (score > 0).astype(int)
    y[0] = 1
    loss = {}
    for name in ("kernel-classes", "vector-classes"):
        chances = fits[name](x[:1200], y[:1200], x[1200:], 1)
        assert chances.shape == (800, 3)
        loss[name] = -np.log(chances[np.arange(800), y[1200:]] + 1e-9).mean()
    assert loss["kernel-classes"] < loss["vector-classes"], loss


def check_shared_targets():
    """Targets of one cause are learnt as well at once."""
    x = rng.normal(size=(1700, 12)).astype(np.float32)
    cause = np.sin(1.5 * x[:, 0]) + x[:, 1] * x[:, 2] + x[:, 3]
    truth = cause[:, None] * [9, 1, 1] + 0.3 * x[:, 4:7]
    y = (truth + 2 * rng.normal(size=truth.shape) * [9, 1, 1])[:900]
    for family, most in (("mlp", 0.95), ("extra-trees", 1.03)):
        each = [error(family, x, y[:, k], truth[:, k]) for k in range(3)]
        shared = error("shared-" + family, x, y, truth)
        each = np.sqrt(np.mean(np.square(each)))
        assert shared < most * each, (family, shared, each)


def check_units():
    """A penalty does not weigh more where the target's unit is small."""
    x = rng.normal(size=(900, 12))
    truth = x[:, :3] @ [3, 2, 1] + 5
    for name in ("absolute", "quantile"):
        errors = [error(name, x, truth[:600] * k, truth * k) for k in (1, 1e5)]
        assert np.isclose(*errors, rtol=0.01) and errors[0] < 0.1, errors


def check_large_targets():
    """Targets count alike, however large they are."""
    x = rng.normal(size=(500, 12)).astype(np.float32)
    y = x[:, :2] * [1e4, 1.0]
    answer = fits["shared-extra-trees"](x[:400], y[:400], x[400:], 1)
    assert np.corrcoef(answer[:, 1], y[400:, 1])[0, 1] > 0.9


check_weak_signal()
check_rounds()
check_lasso()
check_kernel_ridge()
check_kernel_classes()
check_shared_targets()
check_large_targets()
check_units()
)py";

Recipe DraftOf(const TaskFacts& facts, std::string_view family) {
  return FindFamily(family)->draft(facts);
}

Recipe After(const TaskFacts& facts, const Recipe& recipe,
             std::string_view label) {
  for (const RecipeChange& change : ChangesOf(facts, recipe)) {
    if (change.label == label) return change.result;
  }
  ADD_FAILURE() << label << " is not offered";
  return recipe;
}

TEST(ModelEffectTest, ModelsLearnWhatTheirTablesNeed) {
  if (ScriptPython().empty()) GTEST_SKIP() << "no build/python here";
  const Result<TemporaryFolder> folder = TemporaryFolder::Make("model_effect");
  ASSERT_TRUE(folder.ok());
  const auto add = [&](const std::string& name, const Recipe& recipe,
                       const TaskFacts& facts) {
    EXPECT_TRUE(WriteFile(folder->path() / (name + ".py"),
                          RenderScript(recipe, facts, "A test."))
                    .ok());
  };
  const TaskFacts table = SampleTable();
  TaskFacts weak = table;
  weak.columns = {3, {.name = "size", .distinct = 900, .signal = 0.1}};
  const TaskFacts classes = SampleClasses(3, AnswerKind::kProbability);
  const TaskFacts targets = SampleTwoTargets();
  add("free", DraftOf(table, "xgboost"), table);
  add("held", DraftOf(weak, "xgboost"), weak);
  for (const char* family : {"kernel-ridge", "support-vectors"}) {
    add(family, DraftOf(table, family), table);
  }
  TaskFacts linear = table;
  linear.metric = "mae";
  add("absolute", DraftOf(linear, "linear"), linear);
  linear.metric = "pinball";
  linear.metric_parameter = 0.5;
  add("quantile", DraftOf(linear, "linear"), linear);
  TaskFacts tall = table;
  tall.rows = kFewRows;
  TaskFacts relative = tall;
  relative.metric = "mape";
  TaskFacts tall_classes = classes;
  tall_classes.rows = kFewRows;
  add("fixed", DraftOf(tall, "lightgbm"), tall);
  for (const auto& [name, facts] :
       {std::pair("found", tall), std::pair("found-weighted", relative),
        std::pair("found-classes", tall_classes)}) {
    add(name, After(facts, DraftOf(facts, "lightgbm"), "lightgbm.find-rounds"),
        facts);
  }
  TaskFacts wide = classes;
  wide.columns.resize(300, wide.columns[0]);
  const Recipe logistic = DraftOf(wide, "linear");
  add("logistic", logistic, wide);
  add("lasso", After(wide, logistic, "linear.lasso"), wide);
  add("kernel-classes", DraftOf(classes, "kernel-ridge"), classes);
  add("vector-classes", DraftOf(classes, "support-vectors"), classes);
  for (const std::string family : {"mlp", "extra-trees"}) {
    Recipe recipe = DraftOf(targets, family);
    ASSERT_TRUE(SharesTargets(recipe));
    add("shared-" + family, recipe, targets);
    recipe.choices.erase("targets");
    add(family, recipe, targets);
  }
  const auto harness = folder->path() / "harness.py";
  ASSERT_TRUE(WriteFile(harness, kHarness).ok());
  const std::string command = fmt::format(
      "OMP_NUM_THREADS=1 {} -W ignore {} {}", ScriptPython().string(),
      harness.string(), folder->path().string());
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace treesmith
