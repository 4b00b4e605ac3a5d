#include "table/hidden_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

namespace treesmith {
namespace {

constexpr int kRows = 240;

// A train of rows "id,shop,day,hour,y", cut as `split` says. Each function
// makes a cell of a row's number.
struct Columns {
  std::function<int(int)> shop = [](int row) { return row / 8; };
  std::function<int(int)> day = [](int row) { return row % 28; };
  std::function<int(int)> hour = [](int) { return 0; };
  std::function<int(int)> y = [](int row) { return row; };
};

FoldPlan Cut(const std::string& split, const Columns& columns) {
  std::string train = "id,shop,day,hour,y\n";
  for (int i = 0; i < kRows; ++i) {
    const int day = 1 + columns.day(i);
    train += std::to_string(i) + ",s" + std::to_string(columns.shop(i)) +
             ",2024-03-" + (day < 10 ? "0" : "") + std::to_string(day) + "," +
             std::to_string(columns.hour(i)) + "," +
             std::to_string(columns.y(i)) + "\n";
  }
  Task task;
  task.target = {"y"};
  task.id = {"id"};
  task.metric = "rmse";
  task.split = split;
  const TaskTables tables{*Table::Parse(train, "train.csv"), std::nullopt,
                          std::nullopt};
  const auto target = ReadTarget(task, tables);
  EXPECT_TRUE(target.ok());
  auto plan = CutFolds(task, tables, *target, 1);
  EXPECT_TRUE(plan.ok()) << plan.error().message;
  return *std::move(plan);
}

TEST(HiddenOrderTest, RowsWithoutTimeAndGroupsAreDrawn) {
  EXPECT_EQ(Cut("random", {}).order, HiddenOrder::kDrawn);
  EXPECT_EQ(Cut("stratified", {}).order, HiddenOrder::kDrawn);
}

TEST(HiddenOrderTest, TimeThatOrdersTheFileGoesOnToDoSo) {
  Columns columns;
  columns.day = [](int row) { return row / 10; };
  for (const char* split : {"time:day", "blocks:day"}) {
    const FoldPlan plan = Cut(split, columns);
    EXPECT_EQ(plan.order, HiddenOrder::kTrain);
    EXPECT_TRUE(std::ranges::is_sorted(plan.HiddenRows(0)));
  }
  columns.day = [](int row) { return 24 - row / 10; };  // newest first
  EXPECT_EQ(Cut("time:day", columns).order, HiddenOrder::kTrain);
  columns.day = [](int row) { return row % 24; };  // one series after the other
  EXPECT_EQ(Cut("time:day", columns).order, HiddenOrder::kTrain);
}

// As in a file that is sorted by its target.
TEST(HiddenOrderTest, WhereTimeDoesNotOrderTheFileChanceDoes) {
  Columns columns;
  columns.day = [](int row) { return row * 37 % 27; };
  EXPECT_EQ(Cut("time:day", columns).order, HiddenOrder::kDrawn);
  EXPECT_EQ(Cut("blocks:day", columns).order, HiddenOrder::kDrawn);
}

TEST(HiddenOrderTest, RowsOfAGroupAreDrawnWhereTheirPlaceTellsTheirLabel) {
  EXPECT_EQ(Cut("group:shop", {}).order, HiddenOrder::kDrawn);
}

// One after the other, each in train's order, the groups themselves by chance.
void ExpectWholeGroups(const FoldPlan& plan) {
  ASSERT_EQ(plan.order, HiddenOrder::kDrawnInGroups);
  bool drawn = false;
  for (int unit = 0; unit < plan.units(); ++unit) {
    const std::vector<int32_t> rows = plan.HiddenRows(unit);
    std::set<int32_t> seen{rows.front() / 8};
    for (size_t i = 1; i < rows.size(); ++i) {
      if (rows[i] / 8 == rows[i - 1] / 8) {
        EXPECT_EQ(rows[i], rows[i - 1] + 1);
      } else {
        EXPECT_TRUE(seen.insert(rows[i] / 8).second) << "group in two pieces";
        drawn = drawn || rows[i] < rows[i - 1];
      }
    }
  }
  EXPECT_TRUE(drawn);
}

TEST(HiddenOrderTest, AGroupWhoseRowsAColumnCountsStaysInOrder) {
  Columns columns;
  columns.hour = [](int row) { return row % 8; };
  ExpectWholeGroups(Cut("group:shop", columns));
  Columns dated;
  dated.day = [](int row) { return row % 8; };
  ExpectWholeGroups(Cut("group:shop", dated));
}

TEST(HiddenOrderTest, AGroupOfOneLabelStaysInOrder) {
  Columns columns;
  columns.y = [](int row) { return row / 8; };
  ExpectWholeGroups(Cut("group:shop", columns));
}

}  // namespace
}  // namespace treesmith
