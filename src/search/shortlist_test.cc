#include "search/shortlist.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

namespace treesmith {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::SizeIs;

// Entrants of one family, each by the scores of its folds; lower is better.
struct Field {
  void Add(std::vector<double> folds, std::string_view family = "same") {
    double sum = 0;
    for (const double value : folds) sum += value;
    values.push_back(sum / static_cast<double>(folds.size()));
    fold_values.push_back(std::move(folds));
    families.push_back(family);
  }

  [[nodiscard]] std::vector<Entrant> Entrants() const {
    std::vector<Entrant> entrants;
    for (size_t i = 0; i < values.size(); ++i) {
      entrants.push_back(
          {families[i], {values[i], Direction::kMinimize}, fold_values[i]});
      if (parents.contains(i)) entrants.back().parents = parents.at(i);
    }
    return entrants;
  }
  [[nodiscard]] std::vector<size_t> Nested() const {
    return NestedShortList(Entrants(), ExistWithout(Entrants()));
  }

  std::vector<double> values;
  std::vector<std::vector<double>> fold_values;
  std::vector<std::string_view> families;
  std::map<size_t, std::vector<size_t>> parents;
};

TEST(ShortListTest, TakesTheBestOfEachFamilyThenTheBest) {
  Field field;
  field.Add({3}, "a");
  field.Add({1}, "a");
  field.Add({2}, "a");
  field.Add({9}, "b");
  EXPECT_THAT(ShortList(field.Entrants()), ElementsAre(1, 3, 2, 0));
}

TEST(ShortListTest, TiesKeepTheEarliestAndTheAbsentComesLast) {
  Field field;
  field.Add({std::nan("")});
  field.Add({2});
  field.Add({2});
  EXPECT_THAT(ShortList(field.Entrants()), ElementsAre(1, 2, 0));
}

// Node 60 was bad on fold 1 alone: whoever chooses without it wants it.
TEST(ShortListTest, NestedHoldsWhoIsGoodWithoutOneFold) {
  Field field;
  for (int i = 0; i < 60; ++i) field.Add({1.0 + i, 1, 1});
  field.Add({0, 1000, 0});
  for (int i = 0; i < 60; ++i) field.Add({2000, 2000, 2000});
  EXPECT_THAT(ShortList(field.Entrants()), Not(Contains(60)));
  const std::vector<size_t> nested = field.Nested();
  EXPECT_THAT(nested, Contains(60));
  EXPECT_THAT(nested, Not(Contains(61)));
  const std::vector<size_t> plain = ShortList(field.Entrants());
  EXPECT_TRUE(std::equal(plain.begin(), plain.end(), nested.begin()));
}

TEST(ShortListTest, NestedLeavesOutAFoldWithoutAScore) {
  Field field;
  field.Add({2, std::nan("")});
  field.Add({1, std::nan("")});
  field.values = {2, 1};
  EXPECT_THAT(field.Nested(), ElementsAre(1, 0));
}

TEST(ShortListTest, OneFoldThatCannotBeLeftOutDoublesTheList) {
  Field field;
  for (int i = 0; i < 120; ++i) field.Add({1.0 + i});
  EXPECT_THAT(field.Nested(), SizeIs(2 * kFinalists));
}

// Node 1 is the best for fold 0 alone, where without it node 0 would be.
TEST(ExistWithoutTest, ChildrenOfWhoWasChosenForOneFoldNeedThatFold) {
  Field field;
  field.Add({5, 5, 5});
  field.Add({0, 6, 6});
  field.parents[2] = {1};
  field.Add({0, 1, 1});  // the best without any fold
  field.parents[3] = {2};
  field.Add({0, 1, 1});
  field.parents[4] = {0};
  field.Add({9, 1, 1});
  const auto exist = ExistWithout(field.Entrants());
  EXPECT_THAT(exist[1], ElementsAre(1, 1, 1));
  EXPECT_THAT(exist[2], ElementsAre(0, 1, 1));
  EXPECT_THAT(exist[3], ElementsAre(0, 1, 1));  // for its parent's sake
  // Fourth of four, so it was not chosen for its place.
  EXPECT_THAT(exist[4], ElementsAre(1, 1, 1));
}

TEST(ExistWithoutTest, WhoIsTheBestWithoutAnyFoldNeedsNone) {
  Field field;
  field.Add({5, 5, 5});
  field.Add({3, 4, 3});
  field.parents[2] = {0, 1};
  field.Add({2, 2, 2});
  EXPECT_THAT(ExistWithout(field.Entrants())[2], ElementsAre(1, 1, 1));
}

// Without fold 0, of which alone node 1 was chosen, its 60 children are gone
// and the 40 drafts after them are on the list.
TEST(ShortListTest, NestedHoldsWhoTakesThePlaceOfTheUnmade) {
  Field field;
  field.Add({500, 5, 5});
  field.Add({0, 6, 6});
  for (size_t i = 2; i < 62; ++i) {
    field.parents[i] = {1};
    field.Add({1, 7, 7});
  }
  for (int i = 0; i < 40; ++i) field.Add({900, 900, 900});
  EXPECT_THAT(ShortList(field.Entrants()), Not(Contains(70)));
  EXPECT_THAT(field.Nested(), Contains(70));
}

}  // namespace
}  // namespace treesmith
