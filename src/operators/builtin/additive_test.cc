#include "operators/builtin/additive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operators/builtin/render.h"
#include "testing/sample_facts.h"

namespace treesmith {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A panel whose series are named by integers.
TaskFacts Coded(int64_t stores, int64_t items) {
  TaskFacts facts = SamplePanel();
  facts.columns.resize(1);
  for (const auto& [name, count] :
       {std::pair("store", stores), std::pair("item", items)}) {
    facts.columns.push_back(
        {.name = name, .code = true, .distinct = count, .integer = true});
  }
  facts.series = {"store", "item"};
  return facts;
}

AdditiveNames NamesOf(const TaskFacts& facts) {
  return NamesInAdditive(facts, FindFamily("additive")->draft(facts));
}

TEST(AdditiveTest, CodesOfSeriesAreNamesAndManyHaveLevelsOnly) {
  const AdditiveNames names = NamesOf(Coded(10, 50));
  EXPECT_THAT(names.groups, ElementsAre("store"));
  EXPECT_THAT(names.levels, ElementsAre("item"));
  EXPECT_THAT(names.series, ElementsAre("store", "item"));
}

// A matrix of so many columns could not be solved.
TEST(AdditiveTest, ThousandsOfNamesHaveLevelsOutsideTheMatrix) {
  TaskFacts facts = Coded(10, 5000);
  EXPECT_THAT(NamesOf(facts).levels, IsEmpty());
  EXPECT_THAT(NamesOf(facts).series, ElementsAre("store", "item"));
  facts.series = {"item"};
  EXPECT_THAT(NamesOf(facts).series, ElementsAre("item"));
  facts = Coded(40, 40);
  facts.columns[0].hours = true;
  EXPECT_THAT(NamesOf(facts).groups, IsEmpty());
}

TEST(AdditiveTest, OneNameOfASeriesNeedsNoLevelBesideItsOwn) {
  TaskFacts facts = Coded(10, 50);
  facts.series = {"store"};
  EXPECT_THAT(NamesOf(facts).series, IsEmpty());
  EXPECT_THAT(NamesOf(facts).groups, ElementsAre("store"));
}

// Others are birthdays and the like.
TEST(AdditiveTest, TimeIsTheDateThatTellsTrainFromTest) {
  TaskFacts facts = Coded(10, 50);
  facts.columns.insert(
      facts.columns.begin(),
      {.name = "born", .role = ColumnRole::kDate, .distinct = 300});
  const Recipe recipe = FindFamily("additive")->draft(facts);
  const std::string script = RenderScript(recipe, facts, "x");
  EXPECT_THAT(script, HasSubstr("TIME = \"day\""));
  EXPECT_THAT(script, HasSubstr("date = table[TIME].dt"));
}

TEST(AdditiveTest, SeriesCostTimeWhereverTheModelIsFitted) {
  const auto cost = [](const char* family, const TaskFacts& facts) {
    return NominalCost(FindFamily(family)->draft(facts), facts);
  };
  TaskFacts series = Coded(10, 50);
  series.rows = 900'000;
  TaskFacts none = series;
  none.series.clear();
  EXPECT_GT(cost("additive", series), 1.5 * cost("additive", none));
  EXPECT_GT(cost("lightgbm", series), 1.5 * cost("additive", series));
}

TEST(AdditiveTest, NamesOfSeriesAreNotMeasured) {
  TaskFacts facts = Coded(10, 50);
  facts.columns.push_back({.name = "price", .distinct = 300});
  const std::string script =
      RenderScript(FindFamily("additive")->draft(facts), facts, "x");
  EXPECT_THAT(script, HasSubstr("MEASURED = [\"price\"]"));
  EXPECT_THAT(script, HasSubstr("numbers = table[MEASURED]"));
}

}  // namespace
}  // namespace treesmith
