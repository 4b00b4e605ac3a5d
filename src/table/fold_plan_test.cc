#include "table/fold_plan.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

namespace treesmith {
namespace {

Table Parsed(std::string text) {
  return *Table::Parse(std::move(text), "t.csv");
}

struct Data {
  Task task;
  TaskTables tables;
  Target target;
};

Data Make(std::string train, std::optional<std::string> test,
          const std::string& metric = "rmse") {
  Task task;
  task.target = {"y"};
  task.id = {"id"};
  task.metric = metric;
  TaskTables tables{Parsed(std::move(train)), std::nullopt, std::nullopt};
  if (test) tables.test = Parsed(*test);
  auto target = ReadTarget(task, tables);
  EXPECT_TRUE(target.ok()) << target.error().message;
  return {task, std::move(tables), *std::move(target)};
}

FoldPlan Cut(const Data& data, uint64_t seed = 1) {
  auto plan = CutFolds(data.task, data.tables, data.target, seed);
  EXPECT_TRUE(plan.ok()) << plan.error().message;
  return *std::move(plan);
}

// `rows` rows "id,y"; y is the row number modulo `modulus`.
std::string Numbers(int rows, int modulus) {
  std::string text = "id,y\n";
  for (int i = 0; i < rows; ++i) {
    text += std::to_string(i) + "," + std::to_string(i % modulus) + "\n";
  }
  return text;
}

std::string Day(int day_of_2020) {
  constexpr int kMonthEnds[] = {31,  60,  91,  121, 152, 182,
                                213, 244, 274, 305, 335, 366};
  int month = 0;
  while (day_of_2020 >= kMonthEnds[month]) ++month;
  const int day = day_of_2020 - (month == 0 ? 0 : kMonthEnds[month - 1]) + 1;
  const auto two = [](int n) {
    return (n < 10 ? "0" : "") + std::to_string(n);
  };
  return "2020-" + two(month + 1) + "-" + two(day);
}

std::string Days(const std::vector<int>& days, bool with_target) {
  std::string text = with_target ? "id,date,y\n" : "id,date\n";
  for (size_t i = 0; i < days.size(); ++i) {
    text += std::to_string(i) + "," + Day(days[i]) +
            (with_target ? "," + std::to_string(i) : "") + "\n";
  }
  return text;
}

std::vector<int> Range(int from, int to) {
  std::vector<int> days;
  for (int day = from; day < to; ++day) days.push_back(day);
  return days;
}

std::multiset<int32_t> HiddenOfRepeat(const FoldPlan& plan, int repeat) {
  std::multiset<int32_t> hidden;
  for (int fold = 0; fold < plan.folds; ++fold) {
    const auto rows = plan.HiddenRows(repeat * plan.folds + fold);
    hidden.insert(rows.begin(), rows.end());
  }
  return hidden;
}

RC_GTEST_PROP(CutFoldsTest, HidesEachLabelledRowOnceARepeatAndTrainsOnTheRest,
              ()) {
  const int rows = *rc::gen::inRange(10, 200);
  // A set would be asked for more unlike numbers than there are, now and then.
  const auto drawn =
      *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5));
  const std::set<int> gaps(drawn.begin(), drawn.end());
  std::string text = "id,y\n";
  std::multiset<int32_t> labelled;
  for (int i = 0; i < rows; ++i) {
    const bool gap = gaps.contains(i);
    text +=
        std::to_string(i) + "," + (gap ? "NA" : std::to_string(i % 7)) + "\n";
    if (!gap) labelled.insert(i);
  }
  const std::string metric =
      *rc::gen::elementOf(std::vector<std::string>{"rmse", "accuracy"});
  const FoldPlan plan = Cut(Make(text, std::nullopt, metric), 7);
  for (int repeat = 0; repeat < plan.repeats; ++repeat) {
    RC_ASSERT(HiddenOfRepeat(plan, repeat) == labelled);
  }
  for (int unit = 0; unit < plan.units(); ++unit) {
    RC_ASSERT(plan.HiddenRows(unit).size() + plan.TrainRows(unit).size() ==
              static_cast<size_t>(rows));
  }
}

TEST(CutFoldsTest, GivesTheSamePlanForTheSameSeedOnly) {
  const Data data = Make(Numbers(500, 500), std::nullopt);
  EXPECT_EQ(Cut(data, 3), Cut(data, 3));
  EXPECT_NE(Cut(data, 3), Cut(data, 4));
}

TEST(CutFoldsTest, RepeatsSmallTasksAndHoldsOutOnceInHugeOnes) {
  const auto shape = [](int rows) {
    const FoldPlan plan = Cut(Make(Numbers(rows, 1000), std::nullopt));
    return std::pair(plan.folds, plan.repeats);
  };
  EXPECT_EQ(shape(2'999), std::pair(5, 3));
  EXPECT_EQ(shape(9'999), std::pair(5, 2));
  EXPECT_EQ(shape(10'000), std::pair(5, 1));
  EXPECT_EQ(shape(50'001), std::pair(3, 1));
  EXPECT_EQ(shape(500'001), std::pair(1, 1));
}

TEST(CutFoldsTest, HoldsOutAFifthForOneFold) {
  Data data = Make(Numbers(1'000, 1000), std::nullopt);
  data.task.folds = 1;
  const FoldPlan plan = Cut(data);
  EXPECT_EQ(plan.HiddenRows(0).size(), 200U);
  EXPECT_EQ(plan.TrainRows(0).size(), 800U);
}

TEST(CutFoldsTest, GivesEachFoldItsShareOfEveryClass) {
  std::string text = "id,y\n";
  for (int i = 0; i < 100; ++i) {
    text += std::to_string(i) + "," + (i % 10 == 0 ? "rare" : "usual") + "\n";
  }
  const Data data = Make(text, std::nullopt, "accuracy");
  const FoldPlan plan = Cut(data);
  EXPECT_EQ(plan.kind, SplitKind::kStratified);
  for (int unit = 0; unit < plan.units(); ++unit) {
    const auto hidden = plan.HiddenRows(unit);
    EXPECT_EQ(std::count_if(hidden.begin(), hidden.end(),
                            [&](int32_t row) { return row % 10 == 0; }),
              2);
  }
}

TEST(CutFoldsTest, SpreadsTargetsOfEverySizeOverTheFolds) {
  const FoldPlan plan = Cut(Make(Numbers(1'000, 1'000), std::nullopt));
  EXPECT_EQ(plan.kind, SplitKind::kRandom);
  for (int unit = 0; unit < plan.folds; ++unit) {
    auto hidden = plan.HiddenRows(unit);
    std::ranges::sort(hidden);
    for (size_t i = 0; i < hidden.size(); ++i) {
      EXPECT_EQ(static_cast<size_t>(hidden[i]) / 5, i);
    }
  }
}

TEST(CutFoldsTest, HidesTheNewestBlocksWhenTheTestComesLater) {
  const Data data =
      Make(Days(Range(0, 100), true), Days(Range(100, 120), false));
  const FoldPlan plan = Cut(data);
  EXPECT_EQ(plan.kind, SplitKind::kTime);
  EXPECT_EQ(plan.reason,
            "time: the test's dates in date (2020-04-10 to 2020-04-29) follow "
            "train's last, 2020-04-09");
  EXPECT_EQ(plan.folds, 3);
  EXPECT_EQ(plan.repeats, 1);
  for (int fold = 0; fold < 3; ++fold) {
    std::vector<int32_t> block(20);
    for (int i = 0; i < 20; ++i)
      block[static_cast<size_t>(i)] = 80 - 20 * fold + i;
    EXPECT_EQ(plan.HiddenRows(fold), block);
    EXPECT_EQ(plan.TrainRows(fold).size(), static_cast<size_t>(80 - 20 * fold));
  }
  EXPECT_EQ(plan.bootstrap, BootstrapUnit::kDay);
}

// Of each month the first twelve days alone could be months as well.
TEST(CutFoldsTest, DatesMayBeginWithTheDayInTrainAndTestAlike) {
  const auto turned = [](const std::string& text) {
    static const std::regex iso("(\\d{4})-(\\d\\d)-(\\d\\d)");
    return std::regex_replace(text, iso, "$3/$2/$1");
  };
  const std::string train = Days(Range(0, 100), true);
  const std::string test = Days(Range(121, 131), false);  // early in May
  const FoldPlan plan = Cut(Make(turned(train), turned(test)));
  EXPECT_EQ(plan.reason, Cut(Make(train, test)).reason);
  EXPECT_EQ(plan.hidden_in, Cut(Make(train, test)).hidden_in);
}

TEST(CutFoldsTest, KeepsATrainWindowBeforeALongTest) {
  const FoldPlan plan =
      Cut(Make(Days(Range(0, 100), true), Days(Range(100, 200), false)));
  EXPECT_EQ(plan.folds, 1);
  EXPECT_EQ(plan.HiddenRows(0).size(), 40U);
  EXPECT_EQ(plan.TrainRows(0).size(), 60U);
}

// One period's luck would decide what a long search picks.
TEST(CutFoldsTest, TwoPeriodsOverlapWhereASecondDoesNotFit) {
  Data data = Make(Days(Range(0, 90), true), Days(Range(90, 120), false));
  const FoldPlan plan = Cut(data);
  EXPECT_EQ(plan.folds, 2);
  EXPECT_EQ(plan.repeats, 1);
  EXPECT_TRUE(plan.overlapping());
  EXPECT_NE(plan.reason.find("two periods that overlap"), std::string::npos);
  EXPECT_EQ(plan.HiddenRows(0), Range(60, 90));
  EXPECT_EQ(plan.TrainRows(0), Range(0, 60));
  EXPECT_EQ(plan.HiddenRows(1), Range(45, 75));
  EXPECT_EQ(plan.TrainRows(1), Range(0, 45));
  const auto read = DecodeFoldPlan(EncodeFoldPlan(plan));
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->overlapping());
  EXPECT_EQ(read->HiddenRows(1), plan.HiddenRows(1));

  data.task.folds = 1;
  EXPECT_EQ(Cut(data).folds, 1);
}

TEST(CutFoldsTest, APeriodThatHidesNothingIsNotAFold) {
  std::vector<int> train = Range(0, 45);
  for (const int day : Range(75, 90)) train.push_back(day);
  const FoldPlan plan =
      Cut(Make(Days(train, true), Days(Range(90, 120), false)));
  EXPECT_EQ(plan.folds, 1);
  EXPECT_FALSE(plan.overlapping());
}

TEST(CutFoldsTest, HidesRunsOfDaysWhenTheTestFillsGaps) {
  std::vector<int> train;
  std::vector<int> test;
  for (int day = 0; day < 300; ++day) {
    (day % 30 < 20 ? train : test).push_back(day);
  }
  const FoldPlan plan = Cut(Make(Days(train, true), Days(test, false)));
  EXPECT_EQ(plan.kind, SplitKind::kBlocks);
  EXPECT_EQ(plan.folds, 5);
  for (int unit = 0; unit < plan.units(); ++unit) {
    const auto hidden = plan.HiddenRows(unit);
    std::map<int, int> by_piece;
    for (const int32_t row : hidden)
      ++by_piece[train[static_cast<size_t>(row)] / 10];
    for (const auto& [piece, days] : by_piece) EXPECT_EQ(days, 10);
  }
  EXPECT_EQ(HiddenOfRepeat(plan, 0).size(), train.size());
}

std::string Households(int first, int count, bool with_target) {
  std::string text = with_target ? "id,y\n" : "id\n";
  for (int i = first; i < first + count; ++i) {
    for (int member = 1; member <= 1 + i % 3; ++member) {
      text += std::to_string(1000 + i) + "_0" + std::to_string(member) +
              (with_target ? i % 2 == 0 ? ",True" : ",False" : "") + "\n";
    }
  }
  return text;
}

TEST(CutFoldsTest, KeepsTogetherWhatSharesAnIdPrefix) {
  const Data data =
      Make(Households(0, 90, true), Households(90, 30, false), "accuracy");
  const FoldPlan plan = Cut(data);
  EXPECT_EQ(plan.kind, SplitKind::kGroup);
  EXPECT_EQ(plan.reason,
            "group: what stands before \"_\" in id repeat in train (90 groups) "
            "and are new in test");
  for (int unit = 0; unit < plan.units(); ++unit) {
    std::set<int32_t> hidden_groups;
    for (const int32_t row : plan.HiddenRows(unit)) {
      hidden_groups.insert(plan.bootstrap_unit[static_cast<size_t>(row)]);
    }
    for (const int32_t row : plan.TrainRows(unit)) {
      EXPECT_FALSE(hidden_groups.contains(
          plan.bootstrap_unit[static_cast<size_t>(row)]));
    }
  }
}

TEST(CutFoldsTest, LeavesOutOneGroupAtATimeWhereThereAreFew) {
  std::string train = "id,product,y\n";
  std::string test = "id,product\n";
  for (int i = 0; i < 100; ++i) {
    train += std::to_string(i) + "," + "ABCDE"[i % 5] + "," +
             std::to_string(i * 0.5) + "\n";
    test += std::to_string(i + 100) + "," + "FGHI"[i % 4] + "\n";
  }
  const FoldPlan plan = Cut(Make(train, test));
  EXPECT_EQ(plan.kind, SplitKind::kGroup);
  EXPECT_EQ(plan.column, "product");
  EXPECT_EQ(std::pair(plan.folds, plan.repeats), std::pair(5, 1));
  EXPECT_EQ(plan.HiddenRows(0).size(), 20U);
}

TEST(CutFoldsTest, SaysWhatIsWrongWithAStatedSplit) {
  Data data = Make(Numbers(50, 50), std::nullopt);
  const auto error = [&](const std::string& split) {
    data.task.split = split;
    return CutFolds(data.task, data.tables, data.target, 1).error().message;
  };
  EXPECT_EQ(error("weekly"), "read split weekly: no such split");
  EXPECT_EQ(error("group:x"), "read split group:x: train has no column x");
  EXPECT_EQ(error("time:y"), "read split time:y: y holds no dates");
}

TEST(CutFoldsTest, RefusesMoreFoldsThanRows) {
  Data data = Make(Numbers(4, 4), std::nullopt);
  EXPECT_EQ(CutFolds(data.task, data.tables, data.target, 1).error().message,
            "cut folds: 5 folds of 4 rows with a label, 100 folds at most");
}

TEST(FoldPlanTest, IsReadBackAsItWasWritten) {
  const FoldPlan plan =
      Cut(Make(Households(0, 90, true), Households(90, 30, false), "accuracy"));
  const auto decoded = DecodeFoldPlan(EncodeFoldPlan(plan));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(*decoded, plan);
}

TEST(FoldPlanTest, DrawsAnOrderForEachUnitOfItsOwn) {
  const FoldPlan plan = Cut(Make(Numbers(500, 500), std::nullopt));
  FoldPlan in_train = plan;
  in_train.order = HiddenOrder::kTrain;
  std::set<std::vector<size_t>> orders;
  for (int unit = 0; unit < plan.units(); ++unit) {
    const auto sorted = in_train.HiddenRows(unit);
    EXPECT_TRUE(std::ranges::is_sorted(sorted));
    std::vector<size_t> places;
    for (const int32_t row : plan.HiddenRows(unit)) {
      places.push_back(static_cast<size_t>(
          std::ranges::lower_bound(sorted, row) - sorted.begin()));
    }
    EXPECT_TRUE(orders.insert(places).second) << unit;
    EXPECT_EQ(plan.HiddenRows(unit), plan.HiddenRows(unit));
  }
  FoldPlan other = plan;
  other.order_seed += 1;
  EXPECT_NE(other.HiddenRows(0), plan.HiddenRows(0));
}

// Its seals, predictions and views are those of rows in train's own order.
TEST(FoldPlanTest, APlanOfAnOlderLogKeepsTheOrderThatItWasMadeWith) {
  FoldPlan plan = Cut(Make(Numbers(500, 500), std::nullopt));
  plan.order = HiddenOrder::kTrain;
  plan.order_seed = 0;
  const std::string json = EncodeFoldPlan(plan);
  EXPECT_NE(json.find("\"version\":1"), std::string::npos);
  EXPECT_EQ(json.find("order"), std::string::npos);
  const auto read = DecodeFoldPlan(json);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, plan);
  EXPECT_TRUE(std::ranges::is_sorted(read->HiddenRows(0)));
}

TEST(FoldPlanTest, IsSmallForManyRows) {
  const FoldPlan plan = Cut(Make(Numbers(400'000, 100), std::nullopt));
  const std::string json = EncodeFoldPlan(plan);
  EXPECT_LT(json.size(), 200'000U);
  EXPECT_EQ(*DecodeFoldPlan(json), plan);
}

TEST(FoldPlanTest, RefusesOtherText) {
  EXPECT_FALSE(DecodeFoldPlan("{}").ok());
  EXPECT_FALSE(DecodeFoldPlan("no json").ok());
  FoldPlan plan = Cut(Make(Numbers(50, 50), std::nullopt));
  plan.order = HiddenOrder::kDrawnInGroups;
  EXPECT_FALSE(DecodeFoldPlan(EncodeFoldPlan(plan)).ok()) << "no groups";
}

TEST(SampleTrainRowsTest, KeepsTheShareOfEveryClass) {
  const Data data = Make(Numbers(1'000, 4), std::nullopt, "accuracy");
  const auto flags = SampleTrainRows(Cut(data), data.target, 0.2, 1);
  std::map<int, int> by_class;
  for (size_t i = 0; i < flags.size(); ++i)
    by_class[static_cast<int>(i % 4)] += flags[i];
  for (const auto& [label, count] : by_class) EXPECT_EQ(count, 50);
}

TEST(SampleTrainRowsTest, TakesWholeGroups) {
  const Data data =
      Make(Households(0, 90, true), Households(90, 30, false), "accuracy");
  const FoldPlan plan = Cut(data);
  const auto flags = SampleTrainRows(plan, data.target, 0.3, 1);
  std::map<int32_t, std::set<int>> seen;
  for (size_t i = 0; i < flags.size(); ++i) {
    seen[plan.bootstrap_unit[i]].insert(flags[i]);
  }
  for (const auto& [group, values] : seen) EXPECT_EQ(values.size(), 1U);
  const auto kept = std::count(flags.begin(), flags.end(), 1);
  EXPECT_NEAR(static_cast<double>(kept) / static_cast<double>(flags.size()),
              0.3, 0.05);
}

}  // namespace
}  // namespace treesmith
