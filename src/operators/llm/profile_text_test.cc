#include "operators/llm/profile_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treesmith {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Profile Sample() {
  Profile profile;
  profile.train_rows = 1000;
  profile.test_rows = 200;
  TargetProfile& target = profile.targets.emplace_back();
  target.name = "price";
  target.numeric = true;
  target.min = 1;
  target.max = 90;
  target.mean = 30;
  target.median = 25;
  target.skew = 1.5;
  target.heavy_tail = true;
  return profile;
}

ColumnProfile& AddColumn(Profile& profile, const std::string& name) {
  ColumnProfile& column = profile.columns.emplace_back();
  column.name = name;
  return column;
}

TEST(ProfileTextTest, TellsTargetAndColumnsByWhatStandsOut) {
  Profile profile = Sample();
  AddColumn(profile, "size").signal = 0.5;
  ColumnProfile& town = AddColumn(profile, "town");
  town.type = ColumnType::kCategory;
  town.signal = 0.8;
  town.unseen_share = 0.4;
  town.missing_train = 1;
  AddColumn(profile, "year").psi = 0.5;
  ColumnProfile& hint = AddColumn(profile, "members");
  hint.in_test = false;
  hint.signal = 0.99;
  const std::string text = ProfileText(profile);
  EXPECT_THAT(text,
              AllOf(HasSubstr("- 1000 rows of train, 200 of test, 4 columns\n"),
                    HasSubstr("price (regression): from 1 to 90, mean 30, "
                              "median 25, skew 1.5"),
                    HasSubstr("few large values decide squared errors"),
                    HasSubstr("0 to 1: town 0.80, size 0.50\n"),
                    HasSubstr("(share of its rows): town 40 %"),
                    HasSubstr("missing in train: town 100 %"),
                    HasSubstr("(stability index): year 0.5")));
  EXPECT_THAT(text, Not(HasSubstr("members")));
}

TEST(ProfileTextTest, TellsTimeGroupsAndSums) {
  Profile profile = Sample();
  profile.time.column = "day";
  profile.time.train_first = 0;
  profile.time.train_last = 86'400 * 9;
  profile.time.test = TestTime::kAfter;
  profile.time.test_first = 86'400 * 10;
  profile.time.test_last = 86'400 * 14;
  profile.time.train_days = 10;
  profile.time.test_days = 5;
  profile.time.series = {"shop"};
  profile.time.series_count = 3;
  profile.groups = {{.column = "user",
                     .separator = "_",
                     .groups = 40,
                     .repeated_rows = 1,
                     .unseen_share = 1}};
  profile.sums = {{.parts = {"a", "b"}, .whole = "price"}};
  profile.train_only = {"a", "b"};
  EXPECT_THAT(
      ProfileText(profile),
      AllOf(HasSubstr("train from 1970-01-01 to 1970-01-10 (10 days); test is "
                      "the future: 5 days"),
            HasSubstr("3 series, one for each shop"),
            HasSubstr("what stands before '_' in user names 40 groups of rows; "
                      "100 % of test's rows"),
            HasSubstr("only train has: a, b"),
            HasSubstr("a + b = price in every row")));
}

// A18: a preview without bound filled the context on wide data.
TEST(ProfileTextTest, A18_TheBoundHoldsForWideData) {
  Profile profile = Sample();
  for (int i = 0; i < 10'000; ++i) {
    ColumnProfile& column =
        AddColumn(profile, std::string(500, 'n') + std::to_string(i));
    column.signal = 0.5;
    column.psi = 1;
    column.missing_train = 0.5;
    column.missing_signal = 0.5;
    profile.train_only.push_back(column.name);
    profile.sums.push_back({{column.name, column.name}, column.name});
  }
  const std::string text = ProfileText(profile);
  EXPECT_LE(text.size(), kProfileBytes);
  EXPECT_THAT(text, HasSubstr("and 9992 more"));
}

}  // namespace
}  // namespace treesmith
