#include "table/profile_cell.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace treesmith {
namespace {

TEST(ProfileCellTest, TakesTheWordsOfToolsForGapsButNotNone) {
  for (const char* gap : {"", "NA", "NaN", "null", " ", "#N/A"}) {
    EXPECT_TRUE(IsMissingCell(gap)) << gap;
  }
  for (const char* value : {"None", "0", "n", "NAmes", "-"}) {
    EXPECT_FALSE(IsMissingCell(value)) << value;
  }
}

TEST(ProfileCellTest, ReadsNumbersExactly) {
  EXPECT_EQ(ParseNumberCell("-12.5"), -12.5);
  EXPECT_EQ(ParseNumberCell("0.1"), 0.1);
  EXPECT_EQ(ParseNumberCell("3.8271604938271606"), 3.8271604938271606);
  EXPECT_EQ(ParseNumberCell(" +1e-3 "), 0.001);
  EXPECT_EQ(ParseNumberCell("12345678901234567890"), 12345678901234567890.0);
}

TEST(ProfileCellTest, TakesOtherWordsForNoNumber) {
  for (const char* cell : {"", "-", ".", "inf", "nan", "0x1f", "1,5", "12a",
                           "2017-01-01", "1e999", "--1"}) {
    EXPECT_FALSE(ParseNumberCell(cell)) << cell;
  }
}

TEST(ProfileCellTest, ReadsDatesInTheUsualOrders) {
  constexpr double kDay = 17197 * 86400.0;  // 2017-01-31
  for (const char* cell :
       {"2017-01-31", "2017/1/31", "31.1.2017", "31/01/2017", "1/31/2017"}) {
    const auto date = ParseDateCell(cell);
    ASSERT_TRUE(date) << cell;
    EXPECT_EQ(date->seconds, kDay) << cell;
    EXPECT_FALSE(date->has_time);
  }
  for (const char* cell :
       {"2017-01-31 12:30:00", "2017-01-31T12:30Z", "2017-01-31 12:30:00 UTC",
        "2017-01-31 12:30:00+02:00"}) {
    const auto date = ParseDateCell(cell);
    ASSERT_TRUE(date) << cell;
    EXPECT_EQ(date->seconds, kDay + 45000) << cell;
    EXPECT_TRUE(date->has_time);
  }
}

TEST(ProfileCellTest, OneDateTellsTheOrderOfItsColumn) {
  const auto order = [](const std::vector<std::string>& cells) {
    DateOrderFinder finder;
    for (const std::string& cell : cells) finder.Add(cell);
    return finder.order();
  };
  EXPECT_EQ(order({"01/02/2019", "25/02/2019 10:00"}), DateOrder::kDayFirst);
  EXPECT_EQ(order({"01-02-2019", "02-25-2019"}), DateOrder::kMonthFirst);
  EXPECT_EQ(order({"01.02.2019", "02.01.2019"}), DateOrder::kDayFirst);
  EXPECT_EQ(order({"01.02.2019", "02.25.2019"}), DateOrder::kMonthFirst);
  EXPECT_EQ(order({"01/02/2019", "25/25/2019"}), DateOrder::kUsual);
  EXPECT_EQ(order({"2019-01-25", "", "30.5.1"}), DateOrder::kUsual);
}

// Another file may still write them otherwise.
TEST(ProfileCellTest, ManyDatesOfATableSettleItsOrder) {
  const auto add = [](DateOrderFinder& finder, const char* cell) {
    for (int i = 0; i < 1000; ++i) finder.Add(cell);
  };
  DateOrderFinder finder;
  add(finder, "2019-01-25");
  EXPECT_TRUE(finder.settled());
  finder.StartTable();
  EXPECT_FALSE(finder.settled());
  finder.Add("25/01/2019");
  EXPECT_TRUE(finder.settled());
  EXPECT_EQ(finder.order(), DateOrder::kDayFirst);

  DateOrderFinder months;
  add(months, "01/02/2019");
  EXPECT_FALSE(months.settled());
  months.Add("01/25/2019");
  EXPECT_TRUE(months.settled());
  EXPECT_EQ(months.order(), DateOrder::kMonthFirst);
}

TEST(ProfileCellTest, ReadsDatesInTheOrderOfTheirColumn) {
  const auto day = [](const char* cell, DateOrder order) {
    return FormatDate(ParseDateCell(cell, order)->seconds);
  };
  EXPECT_EQ(day("01/02/2019", DateOrder::kUsual), "2019-01-02");
  EXPECT_EQ(day("01/02/2019", DateOrder::kDayFirst), "2019-02-01");
  EXPECT_EQ(day("01.02.2019", DateOrder::kMonthFirst), "2019-01-02");
  EXPECT_EQ(day("02.25.2019", DateOrder::kUsual), "2019-02-25");
}

TEST(ProfileCellTest, RefusesWhatIsNoDate) {
  for (const char* cell : {"2017-02-30", "2017-13-01", "20170131", "1.25",
                           "2017-01-31 noon", "192.168.1.100", "0001_01"}) {
    EXPECT_FALSE(ParseDateCell(cell)) << cell;
  }
}

TEST(ProfileCellTest, WritesTheTimeOnlyWhereThereIsOne) {
  EXPECT_EQ(FormatDate(17197 * 86400.0), "2017-01-31");
  EXPECT_EQ(FormatDate(17197 * 86400.0 + 45000), "2017-01-31 12:30:00");
  EXPECT_EQ(FormatDate(-86400.0), "1969-12-31");
}

}  // namespace
}  // namespace treesmith
