#include "operators/builtin/recipe_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "operators/builtin/crossover.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/render.h"
#include "testing/sample_facts.h"

namespace treesmith {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSubsetOf;
using testing::Not;

Recipe DraftOf(const TaskFacts& facts, std::string_view family) {
  return FindFamily(family)->draft(facts);
}

std::vector<std::string> Labels(const TaskFacts& facts, const Recipe& recipe) {
  std::vector<std::string> labels;
  for (const RecipeChange& change : ChangesOf(facts, recipe)) {
    labels.push_back(change.label);
  }
  return labels;
}

std::set<std::string> DroppedAsWeak(const TaskFacts& facts,
                                    const Recipe& recipe) {
  for (const RecipeChange& change : ChangesOf(facts, recipe)) {
    if (change.label == "columns.drop-weak") return change.result.dropped;
  }
  return {};
}

// Texts tell nothing by themselves, and scripts read places and countries by
// their names.
TEST(RecipeChangeTest, OnlyColumnsThatNothingElseNeedsAreDroppedAsWeak) {
  TaskFacts facts = SamplePlaces();
  for (FactColumn& column : facts.columns) {
    if (!column.name.ends_with("lat") && !column.name.ends_with("lon")) {
      column.signal += 0.1;
    }
  }
  facts.columns.push_back({.name = "note", .role = ColumnRole::kText});
  facts.columns.push_back({.name = "land",
                           .role = ColumnRole::kCategory,
                           .countries = true,
                           .signal = 0.01});
  const auto dropped = DroppedAsWeak(facts, DraftOf(facts, "lightgbm"));
  EXPECT_THAT(dropped, Not(IsEmpty()));
  EXPECT_THAT(dropped, IsSubsetOf({"size", "age (years)", "rooms", "town",
                                   "say \"hi\"", "code", "state"}));
}

TEST(RecipeChangeTest, WithFewColumnsNoneIsDroppedAsWeak) {
  TaskFacts facts = SampleTexts();
  for (const char* name : {"a", "b", "c", "d"}) {
    facts.columns.push_back({.name = name});
  }
  EXPECT_THAT(DroppedAsWeak(facts, DraftOf(facts, "text-logistic")), IsEmpty());
}

// Neither those by which the rows are parted nor those that scripts read by
// name.
TEST(RecipeChangeTest, ColumnsThatClearlyDriftAreDroppedOrRanked) {
  TaskFacts facts = SampleDates();
  const Recipe draft = DraftOf(facts, "lightgbm");
  const auto labels = [&] { return Labels(facts, draft); };
  EXPECT_THAT(labels(), Not(Contains("columns.drop-drift")));
  EXPECT_THAT(labels(), Not(Contains("clean.coarsen-drift")));
  for (FactColumn& column : facts.columns) column.drift = 0.2;
  facts.columns.back().drift = 9;  // "when"
  EXPECT_THAT(labels(), Not(Contains("columns.drop-drift")));
  facts.columns[1].drift = 0.4;  // "age (years)"
  facts.columns[3].drift = 0.3;  // "town"
  std::set<std::string> dropped;
  std::string ranked;
  for (const RecipeChange& change : ChangesOf(facts, draft)) {
    if (change.label == "columns.drop-drift") dropped = change.result.dropped;
    if (change.label == "clean.coarsen-drift") {
      ranked = RenderScript(change.result, facts, "");
    }
  }
  EXPECT_EQ(dropped, (std::set<std::string>{"age (years)", "town"}));
  EXPECT_THAT(ranked, HasSubstr("DRIFTING = [\"age (years)\"]"));
  EXPECT_THAT(ranked, HasSubstr("rank_drifting(table, signal)"));
}

TEST(RecipeChangeTest, HalfOfTheColumnsStayWhereAllDrift) {
  TaskFacts facts = SampleTable();
  for (FactColumn& column : facts.columns) column.drift = 1;
  facts.columns[4].drift = 2;
  std::set<std::string> dropped;
  for (const RecipeChange& change :
       ChangesOf(facts, DraftOf(facts, "lightgbm"))) {
    if (change.label == "columns.drop-drift") dropped = change.result.dropped;
  }
  EXPECT_EQ(dropped,
            (std::set<std::string>{"say \"hi\"", "size", "age (years)"}));
}

TEST(RecipeChangeTest, TwinsAreAskedWhereTheyAreCommonAndUnlikeInTestToo) {
  TaskFacts facts = SampleTable();
  const auto offered = [&](double twins, double unlike, double test) {
    facts.twins = twins;
    facts.unlike_twins = unlike;
    facts.test_twins = test;
    const auto labels = Labels(facts, DraftOf(facts, "lightgbm"));
    return std::ranges::find(labels, "feature.twins") != labels.end();
  };
  EXPECT_TRUE(offered(0.1, 0.05, 0.1));
  EXPECT_FALSE(offered(0.01, 0.01, 0.1));
  EXPECT_FALSE(offered(0.1, 0, 0.1));
  EXPECT_FALSE(offered(0.1, 0.05, 0));
}

// Rows held out are as test's are: not of days or groups that train knows.
TEST(RecipeChangeTest, RoundsAreFoundWhereRowsHeldOutTellThem) {
  TaskFacts facts = SampleTable();
  const auto offered = [&](const Recipe& recipe, std::string_view label) {
    const auto labels = Labels(facts, recipe);
    return std::ranges::find(labels, label) != labels.end();
  };
  Recipe draft = DraftOf(facts, "lightgbm");
  EXPECT_FALSE(offered(draft, "lightgbm.find-rounds"));
  facts.rows = 5000;
  EXPECT_TRUE(offered(draft, "lightgbm.find-rounds"));
  EXPECT_TRUE(offered(draft, "lightgbm.more-trees"));
  draft.choices["rounds"] = "found";
  EXPECT_FALSE(offered(draft, "lightgbm.find-rounds"));
  EXPECT_FALSE(offered(draft, "lightgbm.more-trees"));
  facts = SamplePlaces();  // of new groups
  facts.rows = 5000;
  draft = DraftOf(facts, "lightgbm");
  EXPECT_FALSE(offered(draft, "lightgbm.find-rounds"));
}

TEST(RecipeChangeTest, ALassoOfClassesIsForFewRowsOfManyColumns) {
  TaskFacts facts = SampleClasses(2, AnswerKind::kProbability);
  const auto labels = [&] { return Labels(facts, DraftOf(facts, "linear")); };
  EXPECT_THAT(labels(), Not(Contains("linear.lasso")));
  facts.columns.resize(40, facts.columns[0]);
  EXPECT_THAT(labels(), Contains("linear.lasso"));
  facts.rows = 9000;
  EXPECT_THAT(labels(), Not(Contains("linear.lasso")));
  facts = SampleTable();  // of numbers: the elastic net is one
  facts.columns.resize(40, facts.columns[0]);
  EXPECT_THAT(labels(), Not(Contains("linear.lasso")));
}

TEST(RecipeChangeTest, NumbersOfFewValuesMayBeNames) {
  TaskFacts facts = SampleTable();
  const auto labels = [&] { return Labels(facts, DraftOf(facts, "catboost")); };
  facts.columns.resize(1);  // "size", of 900 values
  EXPECT_THAT(labels(), Not(Contains("encode.numbers-as-categories")));
  facts.columns[0].distinct = 40;
  EXPECT_THAT(labels(), Contains("encode.numbers-as-categories"));
  facts.rows = 500;
  EXPECT_THAT(labels(), Not(Contains("encode.numbers-as-categories")));
}

// Years are no amounts, and an age is not of the size of what is spent.
TEST(RecipeChangeTest, AmountsOfLikeSizeAreAddedUp) {
  TaskFacts facts;
  const auto add = [&](const char* name, double minimum, double maximum) {
    facts.columns.push_back(
        {.name = name, .distinct = 70, .minimum = minimum, .maximum = maximum});
  };
  add("age", 0, 80);
  add("food", 0, 30'000);
  add("built", 1900, 2020);
  add("spa", 0, 20'000);
  add("debt", -9000, 9000);
  const Recipe recipe{.family = "lightgbm"};
  EXPECT_THAT(Amounts(facts, recipe), IsEmpty());
  add("rooms", 10, 9000);
  EXPECT_THAT(Amounts(facts, recipe), ElementsAre("rooms", "spa", "food"));
  facts.coordinates = {{"spa", "debt"}};
  EXPECT_THAT(Amounts(facts, recipe), IsEmpty());
}

TEST(RecipeChangeTest, TargetsMayBeTrimmedOnEitherSide) {
  TaskFacts facts = SampleTable();
  const auto labels = [&] { return Labels(facts, DraftOf(facts, "lightgbm")); };
  EXPECT_THAT(labels(), Not(Contains("clean.trim-target")));
  for (const double skew : {-3, 3}) {
    facts.target_facts.skew = skew;
    EXPECT_THAT(labels(), Contains("clean.trim-target"));
  }
}

// What the means of targets are drawn by matters only where there are some.
TEST(RecipeChangeTest, MeansOfTargetsAreDrawnMoreOrLess) {
  const TaskFacts facts = SampleTable();
  Recipe recipe = DraftOf(facts, "lightgbm");
  EXPECT_THAT(Labels(facts, recipe), Not(Contains("encode.smooth-more")));
  recipe.blocks.insert("encode.target-oof");
  EXPECT_THAT(RenderScript(recipe, facts, ""), HasSubstr("SMOOTHING = 20\n"));
  const auto after = [&](std::string_view label) {
    for (const RecipeChange& change : ChangesOf(facts, recipe)) {
      if (change.label == label) return change.result;
    }
    return Recipe{};
  };
  EXPECT_EQ(after("encode.smooth-less").Knob("smoothing", 0), 5);
  recipe = after("encode.smooth-more");
  EXPECT_THAT(RenderScript(recipe, facts, ""), HasSubstr("SMOOTHING = 100\n"));
  EXPECT_THAT(Labels(facts, recipe), Not(Contains("encode.smooth-more")));
  EXPECT_EQ(after("without.encode.target-oof"), DraftOf(facts, "lightgbm"));
  EXPECT_TRUE(after("encode.smooth-less").knobs ==
              DraftOf(facts, "lightgbm").knobs);
}

TEST(RecipeChangeTest, GapsAreFilledByKindWhereThereAreKinds) {
  TaskFacts facts = SampleTable();
  Recipe recipe = DraftOf(facts, "linear");
  EXPECT_THAT(Labels(facts, recipe), Contains("clean.fill-by-kind"));
  recipe.blocks.insert("clean.regress-gaps");
  EXPECT_THAT(Labels(facts, recipe), Not(Contains("clean.fill-by-kind")));
  recipe = DraftOf(facts, "linear");
  recipe.dropped = {"rooms", "town", "say \"hi\""};
  EXPECT_THAT(Labels(facts, recipe), Not(Contains("clean.fill-by-kind")));
}

TEST(RecipeChangeTest, SeedsAreAddedOnlyWhereTheyMakeADifference) {
  const TaskFacts facts = SampleTable();
  for (const char* family : {"lightgbm", "catboost", "extra-trees"}) {
    EXPECT_THAT(Labels(facts, DraftOf(facts, family)), Contains("seeds.more"))
        << family;
  }
  for (const char* family : {"linear", "support-vectors", "sparse-linear"}) {
    EXPECT_THAT(Labels(facts, DraftOf(facts, family)),
                Not(Contains("seeds.more")))
        << family;
  }
}

TEST(RecipeChangeTest, ADistributionIsAskedOfModelsOfClassesOnly) {
  const TaskFacts facts = SampleOrdinal();
  int offered = 0;
  for (const ModelFamily& family : AllFamilies()) {
    if (!family.fits(facts)) continue;
    for (const RecipeChange& change : ChangesOf(facts, family.draft(facts))) {
      if (change.label != "objective.distribution") continue;
      ++offered;
      EXPECT_THAT(RenderScript(change.result, facts, ""),
                  HasSubstr("predict_proba"))
          << family.name;
    }
  }
  EXPECT_GE(offered, 5);
}

TEST(RecipeChangeTest, RanksAreNotClippedToTheTargetsRange) {
  TaskFacts facts = SampleTable();
  facts.metric = "spearman";
  EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
              Not(Contains("post.clip")));
}

TEST(RecipeChangeTest, ClippingStaysWhereNegativeAnswersAreRefused) {
  TaskFacts facts = SampleTable();
  EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
              Contains("without.post.clip"));
  facts.metric = "rmsle";
  EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
              Not(Contains("without.post.clip")));
}

TEST(RecipeChangeTest, ValuesOfTheTargetAreHitForMediansOfErrors) {
  TaskFacts facts = SampleTable();
  facts.target_facts.classes = 20;
  for (const char* metric : {"mae", "medae"}) {
    facts.metric = metric;
    EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
                Contains("post.snap"))
        << metric;
  }
  facts.target_facts.classes = 5000;
  facts.rows = 50'000;
  EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
              Not(Contains("post.snap")));
}

TEST(RecipeChangeTest, MediansOfFewWholeValuesAreWholeFromTheFirstDraftOn) {
  TaskFacts facts = SampleTable();
  facts.metric = "mae";
  facts.target_facts.integer = true;
  facts.target_facts.classes = 20;
  EXPECT_TRUE(DraftOf(facts, "lightgbm").Has("post.snap"));
  EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
              Contains("without.post.snap"));
  facts.metric = "rmse";
  EXPECT_FALSE(DraftOf(facts, "lightgbm").Has("post.snap"));
  facts.metric = "mae";
  facts.target_facts.classes = 200;
  EXPECT_FALSE(DraftOf(facts, "lightgbm").Has("post.snap"));
}

TEST(RecipeChangeTest, AKnobOfABlockDoesNotOutliveIt) {
  const TaskFacts facts = SampleTable();
  const Recipe plain = DraftOf(facts, "xgboost");
  Recipe smooth = DraftOf(facts, "lightgbm");
  smooth.blocks.insert("encode.target-oof");
  smooth.knobs["smoothing"] = 5;
  const Recipe child = CrossRecipes(facts, smooth, plain).front();
  EXPECT_FALSE(child.Has("encode.target-oof"));
  EXPECT_FALSE(child.knobs.contains("smoothing"));
}

TEST(RecipeChangeTest, AnAdditiveModelAnswersInTheTargetsUnit) {
  TaskFacts facts = SamplePanel();
  facts.metric = "spearman";
  facts.target_facts.skew = 0;
  EXPECT_EQ(DraftOf(facts, "additive").target_transform, "raw");
}

TEST(RecipeChangeTest, SharesHaveNoColumnsToDrop) {
  TaskFacts facts = SamplePanel();
  facts.columns.push_back({.name = "event",
                           .role = ColumnRole::kCategory,
                           .distinct = 5,
                           .unseen = 0.9});
  const auto label = Contains("columns.drop-unseen");
  EXPECT_THAT(Labels(facts, DraftOf(facts, "additive")), label);
  EXPECT_THAT(Labels(facts, DraftOf(facts, "shares")), Not(label));
}

// What lies in the order of a group's rows is the whole of such data.
TEST(RecipeChangeTest, DraftsOfSequencesSeeHowTheyMove) {
  TaskFacts groups = SamplePlaces();
  EXPECT_THAT(Labels(groups, DraftOf(groups, "lightgbm")),
              Contains("feature.group-rhythm"));
  // Their matrix would fill the memory.
  TaskFacts many = groups;
  many.rows = 100'000 * static_cast<int64_t>(many.group_rows);
  EXPECT_THAT(Labels(many, DraftOf(many, "lightgbm")),
              Not(Contains("feature.group-rhythm")));
  ASSERT_GE(groups.group_rows, 8);
  const Recipe of_groups = DraftOf(groups, "lightgbm");
  EXPECT_TRUE(of_groups.Has("feature.steps"));
  EXPECT_TRUE(of_groups.Has("feature.group-shape"));
  EXPECT_TRUE(DraftOf(SampleSignals(), "lightgbm").Has("feature.sequence"));
  EXPECT_FALSE(DraftOf(SampleTable(), "lightgbm").Has("feature.steps"));
}

TEST(RecipeChangeTest, IdsThatInterleaveAreOfferedAsANumber) {
  TaskFacts facts = SampleTable();
  const Recipe draft = DraftOf(facts, "lightgbm");
  EXPECT_THAT(Labels(facts, draft), Not(Contains("columns.id-number")));
  facts.id_interleaves = true;
  EXPECT_THAT(Labels(facts, draft), Contains("columns.id-number"));
  facts.time_column = "id";
  EXPECT_THAT(Labels(facts, draft), Not(Contains("columns.id-number")));
}

TEST(RecipeChangeTest, NeighboursAreNotAskedWhereTestsGroupsAreNew) {
  TaskFacts facts = SamplePlaces();
  EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
              Not(Contains("feature.neighbours")));
  facts.new_groups = false;
  EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
              Contains("feature.neighbours"));
}

TEST(RecipeChangeTest, ASequenceIsReadWhereMemoryAllows) {
  TaskFacts facts = SampleSignals();
  facts.rows = 3'000'000;
  EXPECT_FALSE(DraftOf(facts, "lightgbm").Has("feature.sequence"));
}

// Splits and units serve all targets of alike causes, at a part of the time.
TEST(RecipeChangeTest, OneModelOfManyTargetsAnswersThemAtOnce) {
  TaskFacts facts = SampleTwoTargets();
  for (const char* family : {"mlp", "extra-trees"}) {
    const Recipe shared = DraftOf(facts, family);
    EXPECT_TRUE(SharesTargets(shared)) << family;
    EXPECT_THAT(Labels(facts, shared), Contains("targets.each"));
    EXPECT_THAT(Labels(facts, shared), Not(Contains("feature.other-targets")));
    EXPECT_THAT(Labels(facts, shared), Not(Contains("targets.shared")));
    Recipe each = shared;
    each.choices.erase("targets");
    EXPECT_THAT(Labels(facts, each), Contains("targets.shared"));
    EXPECT_EQ(NominalCost(each, facts), 2 * NominalCost(shared, facts));
  }
  EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
              Not(Contains("targets.shared")));
  facts.target_facts.missing = true;
  EXPECT_FALSE(SharesTargets(DraftOf(facts, "mlp")));
  EXPECT_FALSE(SharesTargets(DraftOf(SampleTable(), "mlp")));
}

TEST(RecipeChangeTest, WhatIsOfEachTargetByItselfKeepsTargetsApart) {
  TaskFacts facts = SampleTwoTargets();
  facts.metric = "mcrmse";
  facts.target_facts.skew = 3;
  Recipe shared = DraftOf(facts, "mlp");
  shared.target_transform = "log1p";
  EXPECT_THAT(Labels(facts, shared), Not(Contains("post.rescale")));
  Recipe each = shared;
  each.choices.erase("targets");
  EXPECT_THAT(Labels(facts, each), Contains("post.rescale"));
  each.blocks.insert("post.rescale");
  EXPECT_THAT(Labels(facts, each), Not(Contains("targets.shared")));
  facts.metric = "mape";
  facts.target_facts.minimum = 1;
  EXPECT_FALSE(SharesTargets(DraftOf(facts, "extra-trees")));
  EXPECT_TRUE(WeighsInversely(DraftOf(facts, "extra-trees")));
}

TEST(RecipeChangeTest, OneDraftOfFewRowsSeesWhatOtherTargetsSeemToBe) {
  TaskFacts facts = SampleTwoTargets();
  EXPECT_TRUE(DraftOf(facts, "xgboost").Has("feature.other-targets"));
  EXPECT_FALSE(DraftOf(facts, "lightgbm").Has("feature.other-targets"));
  facts.rows = 50'000;
  EXPECT_FALSE(DraftOf(facts, "xgboost").Has("feature.other-targets"));
  EXPECT_FALSE(DraftOf(SampleTable(), "xgboost").Has("feature.other-targets"));
}

TEST(RecipeChangeTest, TreesAreHeldBackWhereSignalIsWeak) {
  TaskFacts facts = SampleTable();
  EXPECT_GT(DraftOf(facts, "xgboost").Knob("max_depth", 0), 2);
  EXPECT_THAT(Labels(facts, DraftOf(facts, "lightgbm")),
              Not(Contains("lightgbm.held-back")));
  facts.columns.pop_back();
  for (FactColumn& column : facts.columns) column.signal = 0.15;
  EXPECT_EQ(DraftOf(facts, "xgboost").Knob("max_depth", 0), 2);
  for (const std::string family : {"lightgbm", "catboost"}) {
    EXPECT_THAT(Labels(facts, DraftOf(facts, family)),
                Contains(family + ".held-back"));
  }
  // Together they may tell much; and many rows average noise out.
  TaskFacts many = facts;
  for (int i = 0; i < 10; ++i) many.columns.push_back(many.columns.front());
  EXPECT_GT(DraftOf(many, "xgboost").Knob("max_depth", 0), 2);
  // What a text or a date tells is not known beforehand.
  for (const ColumnRole role : {ColumnRole::kText, ColumnRole::kDate}) {
    many = facts;
    many.columns.push_back({.name = "note", .role = role});
    EXPECT_GT(DraftOf(many, "xgboost").Knob("max_depth", 0), 2);
  }
  facts.rows = 100'000;
  EXPECT_GT(DraftOf(facts, "xgboost").Knob("max_depth", 0), 2);
}

// A system of all rows is solved, and a column of it a class.
TEST(RecipeChangeTest, KernelRidgeIsForFewRowsAndClasses) {
  TaskFacts facts = SampleClasses(60, AnswerKind::kLabel);
  EXPECT_FALSE(FindFamily("kernel-ridge")->fits(facts));
  facts.target_facts.classes = 6;
  EXPECT_TRUE(FindFamily("kernel-ridge")->fits(facts));
  facts.rows = 5001;
  EXPECT_FALSE(FindFamily("kernel-ridge")->fits(facts));
}

// A tenth of few rows tells chance.
TEST(RecipeChangeTest, RoundsOfANetworkAreFixedWhereRowsAreFew) {
  TaskFacts facts = SampleTable();
  const auto of = [&](std::string_view label) {
    for (const RecipeChange& change : ChangesOf(facts, DraftOf(facts, "mlp"))) {
      if (change.label == label) return RenderScript(change.result, facts, "");
    }
    return std::string();
  };
  EXPECT_THAT(of("mlp.fixed-rounds"), HasSubstr("random_state=seed"));
  EXPECT_THAT(of("mlp.fixed-rounds"), Not(HasSubstr("early_stopping")));
  EXPECT_THAT(of("mlp.many-seeds"), HasSubstr("SEEDS = range(1, 6)"));
  facts.rows = 4000;
  EXPECT_EQ(of("mlp.fixed-rounds"), "");
}

TEST(RecipeChangeTest, RareWordsMayBeDroppedOfManyTexts) {
  TaskFacts facts = SampleReviews();
  const Recipe draft = DraftOf(facts, "text-logistic");
  EXPECT_THAT(Labels(facts, draft), Not(Contains("text-logistic.common-only")));
  facts.rows = 5000;
  for (const RecipeChange& change : ChangesOf(facts, draft)) {
    if (change.label != "text-logistic.common-only") continue;
    const std::string script = RenderScript(change.result, facts, "");
    EXPECT_THAT(script, HasSubstr("min_df=5"));
    EXPECT_THAT(script, Not(HasSubstr("min_df=2")));
    EXPECT_THAT(script, Not(HasSubstr("min_df=3")));
    return;
  }
  ADD_FAILURE() << "not offered";
}

}  // namespace
}  // namespace treesmith
