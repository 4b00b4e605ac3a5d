#include "operators/builtin/render.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/file.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/recipe_change.h"
#include "testing/sample_facts.h"

namespace treesmith {
namespace {

// Every draft and, for each, every change of it and of its first few children:
// each block, objective, choice and knob change at least once a family.
std::vector<Recipe> ReachableRecipes(const TaskFacts& facts) {
  std::vector<Recipe> recipes;
  std::set<std::string> seen;
  const auto add = [&](const Recipe& recipe) {
    if (seen.insert(EncodeRecipe(recipe)).second) recipes.push_back(recipe);
  };
  for (const ModelFamily& family : AllFamilies()) {
    if (!family.fits(facts)) continue;
    Recipe all = family.draft(facts);
    add(all);
    for (const RecipeChange& change : ChangesOf(facts, all)) {
      add(change.result);
    }
    // Every block at once: the blocks must bear each other.
    for (const FeatureBlock& block : AllBlocks()) {
      if (BlockFits(block, facts, all)) all.blocks.emplace(block.name);
    }
    add(all);
  }
  return recipes;
}

TEST(RenderTest, EveryScriptCompiles) {
  const Result<TemporaryFolder> folder = TemporaryFolder::Make("render_test");
  ASSERT_TRUE(folder.ok());
  int count = 0;
  for (const auto& [name, facts] : SampleTasks()) {
    for (const Recipe& recipe : ReachableRecipes(facts)) {
      const auto path = folder->path() / fmt::format("{}_{}.py", name, count++);
      ASSERT_TRUE(WriteFile(path, RenderScript(recipe, facts, "A test.")).ok());
    }
  }
  ASSERT_GT(count, 200);
  const std::string command =
      fmt::format("python3 -m compileall -q {}", folder->path().string());
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST(RenderTest, TheSameRecipeRendersTheSameBytes) {
  const TaskFacts facts = SampleTable();
  const Recipe recipe = FindFamily("lightgbm")->draft(facts);
  EXPECT_EQ(RenderScript(recipe, facts, "x"), RenderScript(recipe, facts, "x"));
}

TEST(RenderTest, UnlikeRecipesOfATaskRenderUnlikeScripts) {
  for (const auto& [name, facts] : SampleTasks()) {
    std::set<std::string> scripts;
    const std::vector<Recipe> recipes = ReachableRecipes(facts);
    for (const Recipe& recipe : recipes) {
      EXPECT_TRUE(scripts.insert(RenderScript(recipe, facts, "x")).second)
          << name << " " << EncodeRecipe(recipe);
    }
  }
}

TEST(RenderTest, ImportsOnlyTheFamilysLibrary) {
  const TaskFacts facts = SampleTable();
  const std::string script =
      RenderScript(FindFamily("catboost")->draft(facts), facts, "x");
  EXPECT_NE(script.find("from catboost import CatBoostRegressor"),
            std::string::npos);
  EXPECT_EQ(script.find("lightgbm"), std::string::npos);
  EXPECT_EQ(script.find("sklearn"), std::string::npos);
}

TEST(RenderTest, ANameWithQuotesStaysInsideItsLiteral) {
  const TaskFacts facts = SampleTable();
  const std::string script =
      RenderScript(FindFamily("lightgbm")->draft(facts), facts, "x");
  EXPECT_NE(script.find(R"("say \"hi\"")"), std::string::npos);
}

TEST(RenderTest, LabelMetricsGetProbabilitiesAndOrdinalOnesScores) {
  const TaskFacts labels = SampleClasses(3, AnswerKind::kLabel);
  EXPECT_NE(RenderScript(FindFamily("lightgbm")->draft(labels), labels, "x")
                .find("working/probabilities.csv"),
            std::string::npos);
  const TaskFacts ordinal = SampleOrdinal();
  EXPECT_NE(RenderScript(FindFamily("lightgbm")->draft(ordinal), ordinal, "x")
                .find("working/scores.csv"),
            std::string::npos);
}

// A number of days may be any.
TEST(RenderTest, RowsFollowEachOtherInTheTimeOfTheTask) {
  TaskFacts facts = SampleDates();
  facts.columns.insert(facts.columns.begin(), {.name = "delivery_days"});
  Recipe recipe = FindFamily("lightgbm")->draft(facts);
  recipe.blocks.insert("feature.changes-in-time");
  const std::string script = RenderScript(recipe, facts, "A test.");
  EXPECT_THAT(script, testing::HasSubstr("TIME = \"when\""));
  EXPECT_THAT(script, testing::HasSubstr("days = f\"{TIME}_days\""));
}

// What is made of a group's rows would be another thing in a part of them.
TEST(RenderTest, FewerRowsAreWholeGroupsWhereFeaturesAreMadeOfGroups) {
  const TaskFacts facts = SamplePlaces();
  Recipe recipe = FindFamily("lightgbm")->draft(facts);
  recipe.max_rows = 100;
  recipe.blocks.insert("feature.steps");
  EXPECT_THAT(RenderScript(recipe, facts, "A test."),
              testing::HasSubstr("train[name.isin(some)]"));
  recipe.blocks = {};
  EXPECT_THAT(RenderScript(recipe, facts, "A test."),
              testing::HasSubstr("random_state=1).sort_index()"));
}

// log1p of small values is the values themselves.
TEST(RenderTest, RelativeErrorsOfSmallValuesAreThoseOfLogarithms) {
  TaskFacts facts = SampleTable();
  facts.metric = "mape";
  const ModelFamily& family = *FindFamily("lightgbm");
  EXPECT_THAT(RenderScript(family.draft(facts), facts, ""),
              testing::HasSubstr("np.log1p(known)"));
  facts.target_facts.minimum = 0.001;
  const std::string script = RenderScript(family.draft(facts), facts, "");
  EXPECT_THAT(script, testing::HasSubstr("np.log(known.clip(1e-9))"));
  EXPECT_THAT(script, testing::HasSubstr("np.exp(prediction)"));
}

// Numbers that were scaled or logged are no levels, degrees or amounts.
TEST(RenderTest, NumbersAreChangedInPlaceAfterWhatNeedsThemAsTheyAre) {
  const TaskFacts facts = SamplePlaces();
  Recipe recipe = FindFamily("linear")->draft(facts);
  recipe.blocks = {"clean.scale-in-groups", "clean.unskew",
                   "feature.geo-distances", "feature.group-levels",
                   "feature.group-shape",   "feature.ratios"};
  const std::string script = RenderScript(recipe, facts, "A test.");
  const auto call = [&](const std::string& function) {
    return script.find("table = " + function + "(table");
  };
  EXPECT_NE(call("scale_within_groups"), std::string::npos);
  EXPECT_LT(call("add_group_levels"), call("scale_within_groups"));
  EXPECT_LT(call("add_group_shape"), call("scale_within_groups"));
  EXPECT_LT(call("add_distances"), call("unskew"));
  EXPECT_LT(call("add_ratios"), call("unskew"));
  EXPECT_NE(call("unskew"), std::string::npos);
}

// The blocks of places that run later want degrees.
TEST(RenderTest, CoordinatesAreNeitherScaledNorLogged) {
  const TaskFacts facts = SamplePlaces();
  Recipe recipe = FindFamily("linear")->draft(facts);
  for (const char* block : {"clean.scale-in-groups", "clean.unskew"}) {
    recipe.blocks = {block};
    EXPECT_THAT(RenderScript(recipe, facts, "A test."),
                testing::AllOf(
                    testing::HasSubstr("PLACES = ["),
                    testing::HasSubstr("        if column in np.ravel(PLACES):"
                                       "\n            continue\n")))
        << block;
  }
}

// Rows of a group may share a target: a row's own group would tell it.
TEST(RenderTest, InnerFoldsAreWholeGroupsWhereTheTestsGroupsAreNew) {
  for (const auto& [facts, folds] :
       {std::pair(SamplePlaces(), "inner_folds(5, group[: len(y)])"),
        std::pair(SampleTable(), "inner_folds(5, y)")}) {
    Recipe recipe = FindFamily("lightgbm")->draft(facts);
    recipe.blocks = {"encode.target-oof"};
    const std::string script = RenderScript(recipe, facts, "A test.");
    EXPECT_THAT(script, testing::HasSubstr(folds));
    EXPECT_EQ(script.find("GroupKFold") != std::string::npos, facts.new_groups);
  }
}

// Files are often sorted by their target; views keep their order.
TEST(RenderTest, FoldsOfASparseLinearModelAreDrawn) {
  const TaskFacts facts = SampleTable();
  Recipe recipe = FindFamily("linear")->draft(facts);
  recipe.choices["penalty"] = "elastic";
  EXPECT_THAT(RenderScript(recipe, facts, "A test."),
              testing::HasSubstr("KFold(5, shuffle=True, random_state=seed)"));
}

// Of more than 10,000 rows it draws some.
TEST(RenderTest, QuantilesAreTheSameInEveryRun) {
  const TaskFacts facts = SampleTable();
  EXPECT_THAT(RenderScript(FindFamily("mlp")->draft(facts), facts, ""),
              testing::HasSubstr("output_distribution=\"normal\", "
                                 "random_state=1"));
}

// 12 in one file may be 12.0 in another, whose column has gaps.
TEST(RenderTest, KeysAreReadAsNumbersBeforeTheyAreNames) {
  const TaskFacts facts = SampleKeys();
  Recipe recipe = FindFamily("lightgbm")->draft(facts);
  recipe.choices["keys"] = "names";
  const std::string script = RenderScript(recipe, facts, "");
  EXPECT_THAT(script, testing::HasSubstr("CATEGORIES = ["));
  EXPECT_THAT(script, testing::Not(testing::HasSubstr("*CATEGORIES")));
}

// Labels of JSON lines are integers; a sample's columns are texts.
TEST(RenderTest, ClassesAreTexts) {
  const TaskFacts facts = SampleClasses(3, AnswerKind::kLabel);
  EXPECT_THAT(RenderScript(FindFamily("linear")->draft(facts), facts, ""),
              testing::HasSubstr("columns=classes.astype(str)"));
}

}  // namespace
}  // namespace treesmith
