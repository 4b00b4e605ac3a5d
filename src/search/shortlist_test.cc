#include "search/shortlist.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
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
    }
    return entrants;
  }

  std::vector<double> values;
  std::vector<std::vector<double>> fold_values;
  std::vector<std::string_view> families;
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
  const std::vector<size_t> nested = NestedShortList(field.Entrants());
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
  EXPECT_THAT(NestedShortList(field.Entrants()), ElementsAre(1, 0));
}

TEST(ShortListTest, OneFoldThatCannotBeLeftOutDoublesTheList) {
  Field field;
  for (int i = 0; i < 120; ++i) field.Add({1.0 + i});
  EXPECT_THAT(NestedShortList(field.Entrants()), SizeIs(2 * kFinalists));
}

}  // namespace
}  // namespace treesmith
