#include "table/profile_maker.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/file.h"
#include "base/rng.h"
#include "table/profile_stats.h"

namespace treesmith {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ProfileMakerTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(WriteFile(folder_.path() / name, content).ok());
  }
  // train.csv and test.csv as written before; target y, id id.
  Profile Make(const std::string& metric = "rmse",
               const ProfileOptions& options = {}) {
    Task task;
    task.folder = folder_.path();
    task.train = "train.csv";
    task.test = "test.csv";
    task.sample_submission = sample_;
    task.target = {"y"};
    task.id = {"id"};
    task.metric = metric;
    Result<Profile> profile = MakeProfile(task, options);
    EXPECT_TRUE(profile.ok()) << profile.error().message;
    return profile.ok() ? *std::move(profile) : Profile();
  }

  std::string sample_;
  TemporaryFolder folder_ = *TemporaryFolder::Make("profile");
  Rng rng_{1};
};

std::string Text(double value) { return std::to_string(value); }

TEST_F(ProfileMakerTest, TellsHowFilesArePartedAndClassColumnsBegin) {
  Write("train.csv", "id;x;y\n1;2;C\n2;3;D\n3;5;CL\n");
  Write("test.csv", "id\tx\n4\t5\n");
  Write("sample.csv", "id,Status_C,Status_CL,Status_D\n4,0.3,0.3,0.4\n");
  sample_ = "sample.csv";
  const Profile profile = Make("logloss");
  EXPECT_EQ(profile.train_separator, ";");
  EXPECT_EQ(profile.test_separator, "\t");
  EXPECT_EQ(profile.sample_separator, ",");
  EXPECT_TRUE(profile.class_columns);
  EXPECT_EQ(profile.class_prefix, "Status_");
}

TEST_F(ProfileMakerTest, TellsTypesGapsDriftAndSignal) {
  std::string train = "id,good,noise,word,shifted,same,y\n";
  std::string test = "id,good,noise,word,shifted,same\n";
  for (int i = 0; i < 1000; ++i) {
    const double y = rng_.Normal();
    const std::string noise = i % 4 == 0 ? "" : Text(rng_.Normal());
    train += std::to_string(i) + "," + Text(2 * y) + "," + noise + ",w" +
             std::to_string(i % 5) + "," + Text(rng_.Normal()) + ",k," +
             Text(y) + "\n";
    test += std::to_string(1000 + i) + "," + Text(2 * rng_.Normal()) + "," +
            Text(rng_.Normal()) + ",w" + std::to_string(i % 10) + "," +
            Text(2 + rng_.Normal()) + ",k\n";
  }
  Write("train.csv", train);
  Write("test.csv", test);
  const Profile profile = Make();
  EXPECT_EQ(profile.train_rows, 1000);
  ASSERT_EQ(profile.columns.size(), 5U);
  const ColumnProfile& good = *profile.Find("good");
  EXPECT_EQ(good.type, ColumnType::kNumber);
  EXPECT_EQ(good.signal_kind, SignalKind::kSpearman);
  EXPECT_GT(good.signal, 0.999);
  EXPECT_LT(good.ks, 0.08);
  const ColumnProfile& noise = *profile.Find("noise");
  EXPECT_LT(noise.signal, 0.1);
  EXPECT_EQ(noise.missing_train, 0.25);
  EXPECT_EQ(noise.missing_test, 0);
  EXPECT_LT(noise.missing_signal, 0.1);
  const ColumnProfile& word = *profile.Find("word");
  EXPECT_EQ(word.type, ColumnType::kCategory);
  EXPECT_EQ(word.distinct, 5);
  EXPECT_EQ(word.unseen_share, 0.5);
  EXPECT_LT(word.signal, 0.1);
  EXPECT_GT(profile.Find("shifted")->ks, 0.6);
  EXPECT_GT(profile.Find("shifted")->psi, 0.25);
  EXPECT_EQ(profile.Find("same")->type, ColumnType::kConstant);
  EXPECT_FALSE(profile.ids_interleave);
  EXPECT_LT(profile.id_order_signal, 0.1);
}

TEST_F(ProfileMakerTest, ManyCategoriesAreNoSignalByThemselves) {
  std::string train = "id,name,y\n";
  for (int i = 0; i < 2000; ++i) {
    train += std::to_string(i) + ",n" + std::to_string(rng_.Below(700)) + "," +
             std::to_string(rng_.Below(2)) + "\n";
  }
  Write("train.csv", train);
  Write("test.csv", "id,name\n2000,n1\n");
  const Profile profile = Make("auc");
  EXPECT_EQ(profile.targets[0].kind, TargetKind::kBinary);
  EXPECT_EQ(profile.columns[0].signal_kind, SignalKind::kGini);
  EXPECT_LT(profile.columns[0].signal, 0.1);
}

TEST_F(ProfileMakerTest, AGapThatTellsIsToldOfTheTarget) {
  std::string train = "id,x,y\n";
  for (int i = 0; i < 500; ++i) {
    train += std::to_string(i) + "," + (i % 2 == 0 ? "" : Text(i)) + "," +
             std::to_string(i % 2) + "\n";
  }
  Write("train.csv", train);
  Write("test.csv", "id,x\n500,1\n");
  EXPECT_EQ(Make("auc").columns[0].missing_signal, 1);
}

TEST_F(ProfileMakerTest, TheMetricDecidesWhatTheTargetIs) {
  std::string train = "id,x,y\n";
  for (int i = 0; i < 300; ++i) {
    train += std::to_string(i) + ",1," + std::to_string(3 + i % 6) + "\n";
  }
  Write("train.csv", train);
  Write("test.csv", "id,x\n300,1\n");
  EXPECT_EQ(Make("qwk").targets[0].kind, TargetKind::kOrdinal);
  EXPECT_EQ(Make("accuracy").targets[0].kind, TargetKind::kMulticlass);
  EXPECT_EQ(Make("rmse").targets[0].kind, TargetKind::kRegression);
  EXPECT_EQ(Make("").targets[0].kind, TargetKind::kOrdinal);
  const auto classes = Make("qwk").targets[0].classes;
  ASSERT_EQ(classes.size(), 6U);
  EXPECT_EQ(classes[0].value, "3");
}

TEST_F(ProfileMakerTest, DescribesASkewedTarget) {
  std::string train = "id,x,y\n";
  for (int i = 0; i < 1000; ++i) {
    const double y = i < 100 ? 0 : std::exp(2 * rng_.Normal());
    train += std::to_string(i) + ",1," + Text(y) + "\n";
  }
  Write("train.csv", train);
  Write("test.csv", "id,x\n1000,1\n");
  const TargetProfile target = Make().targets[0];
  EXPECT_EQ(target.zero_share, 0.1);
  EXPECT_GT(target.skew, 3);
  EXPECT_LT(target.log_skew, 1.5);
  EXPECT_TRUE(target.heavy_tail);
  EXPECT_FALSE(target.integers);
}

TEST_F(ProfileMakerTest, FindsTwinsWithinTrainAndAcrossTest) {
  Write("train.csv",
        "id,a,b,y\n1,5,x,1\n2,5.0,x,2\n3,6,x,1\n4,7,z,3\n5,7,z,3\n");
  Write("test.csv", "id,a,b\n6,7,z\n7,8,z\n");
  const TwinProfile twins = Make().twins;
  EXPECT_DOUBLE_EQ(twins.within_train, 0.8);
  EXPECT_DOUBLE_EQ(twins.unlike_labels, 0.4);
  EXPECT_DOUBLE_EQ(twins.across_test, 0.5);
}

TEST_F(ProfileMakerTest, FindsPartsOfTheTargetAndWhatOnlyTrainHas) {
  std::string train = "id,x,casual,registered,y\n";
  for (int i = 0; i < 100; ++i) {
    const auto casual = static_cast<int>(rng_.Below(50));
    const auto registered = static_cast<int>(rng_.Below(90));
    train += std::to_string(i) + "," + std::to_string(rng_.Below(9)) + "," +
             std::to_string(casual) + "," + std::to_string(registered) + "," +
             std::to_string(casual + registered) + "\n";
  }
  Write("train.csv", train);
  Write("test.csv", "id,x\n100,1\n");
  const Profile profile = Make();
  EXPECT_THAT(profile.train_only, ElementsAre("casual", "registered"));
  ASSERT_EQ(profile.sums.size(), 1U);
  EXPECT_THAT(profile.sums[0].parts,
              testing::UnorderedElementsAre("casual", "registered"));
  EXPECT_EQ(profile.sums[0].whole, "y");
  EXPECT_FALSE(profile.Find("casual")->in_test);
}

TEST_F(ProfileMakerTest, PartsAreOnlyThoseColumnsThatAddUp) {
  std::string train = "id,x,a,b,c,source,y\n";
  for (int i = 0; i < 100; ++i) {
    const auto part = [&] { return static_cast<int>(rng_.Below(50)); };
    const int a = part();
    const int b = part();
    const int c = part();
    train += fmt::format("{},{},{},{},{},shop {},{}\n", i, rng_.Below(9), a, b,
                         c, i % 7, a + b + c);
  }
  Write("train.csv", train);
  Write("test.csv", "id,x\n100,1\n");
  const Profile profile = Make();
  EXPECT_THAT(profile.train_only, ElementsAre("a", "b", "c", "source"));
  ASSERT_EQ(profile.sums.size(), 1U);
  EXPECT_THAT(profile.sums[0].parts, ElementsAre("a", "b", "c"));
}

TEST_F(ProfileMakerTest, FindsPlaces) {
  std::string train = "id,start_Latitude,start_Longitude,lat,y\n";
  for (int i = 0; i < 60; ++i) {
    train += std::to_string(i) + ",40." + std::to_string(10 + i) + ",-73." +
             std::to_string(10 + i) + ",400," + std::to_string(i) + "\n";
  }
  Write("train.csv", train);
  Write("test.csv", "id,start_Latitude,start_Longitude,lat\n60,40.1,-73.1,1\n");
  const Profile profile = Make();
  ASSERT_EQ(profile.coordinates.size(), 1U);
  EXPECT_EQ(profile.coordinates[0].longitude, "start_Longitude");
}

TEST_F(ProfileMakerTest, FindsAPanelWhoseTestIsTheFuture) {
  std::string train = "id,day,shop,good,y\n";
  std::string test = "id,day,shop,good\n";
  int id = 0;
  for (int day = 1; day <= 28; ++day) {
    for (const char* shop : {"north", "south"}) {
      for (const char* good : {"cup", "hat", "pen"}) {
        const std::string key = std::to_string(id++) + ",2020-" +
                                (day <= 20 ? "01-" : "02-") +
                                (day < 10 ? "0" : "") + std::to_string(day) +
                                "," + shop + "," + good;
        (day <= 20 ? train : test) += key + (day <= 20 ? ",5\n" : "\n");
      }
    }
  }
  Write("train.csv", train);
  Write("test.csv", test);
  const TimeProfile time = Make().time;
  EXPECT_EQ(time.column, "day");
  EXPECT_EQ(time.test, TestTime::kAfter);
  EXPECT_EQ(time.train_days, 20);
  EXPECT_EQ(time.test_days, 8);
  EXPECT_EQ(time.test_run_days, 8);
  EXPECT_THAT(time.series, ElementsAre("shop", "good"));
  EXPECT_EQ(time.series_count, 6);
}

// 80 stores with a row on nearly every day, and what a sensor counted.
TEST_F(ProfileMakerTest, StoresOfManyNumbersAreSeries) {
  std::string train = "id,day,heat,store,y\n";
  std::string test = "id,day,heat,store\n";
  int id = 0;
  for (int day = 1; day <= 28; ++day) {
    for (int store = 0; store < 80; ++store) {
      if (rng_.Below(10) == 0) continue;
      (day <= 20 ? train : test) +=
          fmt::format("{},2020-01-{:02},{},{}{}\n", id++, day, rng_.Below(70),
                      store * 13 + 1, day <= 20 ? ",5" : "");
    }
  }
  Write("train.csv", train);
  Write("test.csv", test);
  const TimeProfile time = Make().time;
  EXPECT_THAT(time.series, ElementsAre("store"));
  EXPECT_EQ(time.series_count, 80);
  // Of a sample each store has some of its days only.
  EXPECT_THAT(Make("rmse", {.sample_rows = 900, .seed = 7}).time.series,
              ElementsAre("store"));
}

TEST_F(ProfileMakerTest, MeasuredIntegersLeaveNamesTheirPlace) {
  std::string train = "id,day,a,b,c,d,store,price,stock,y\n";
  std::string test = "id,day,a,b,c,d,store,price,stock\n";
  int id = 0;
  for (int day = 1; day <= 28; ++day) {
    for (int store = 0; store < 40; ++store) {
      const std::string few =
          fmt::format("n{},n{},n{},n{}", rng_.Below(2), rng_.Below(2),
                      rng_.Below(2), rng_.Below(2));
      (day <= 24 ? train : test) += fmt::format(
          "{},2020-01-{:02},{},s{},{},{}{}\n", id++, day, few, store,
          rng_.Below(60), rng_.Below(60), day <= 24 ? ",5" : "");
    }
  }
  Write("train.csv", train);
  Write("test.csv", test);
  EXPECT_THAT(Make().time.series, ElementsAre("store"));
}

// The first in byte order would all begin with digits.
TEST_F(ProfileMakerTest, OfUniqueTextsSomeFromAllOverTheFileAreShown) {
  std::string train = "id,note,y\n";
  for (int i = 0; i < 400; ++i) {
    train += fmt::format("{},{} was seen on the way to town {},{}\n", i,
                         i % 7 == 0 ? "7" : "somebody", i * 7, i % 3);
  }
  Write("train.csv", train);
  Write("test.csv", "id,note\n400,nobody was seen on the way\n");
  const Profile profile = Make();
  const auto& top = profile.Find("note")->top;
  EXPECT_GT(std::ranges::count_if(top,
                                  [](const ValueShare& value) {
                                    return value.value.starts_with("somebody");
                                  }),
            static_cast<int64_t>(top.size()) / 2);
}

// Two unnamed rows a day: what was measured tells them apart by chance.
TEST_F(ProfileMakerTest, MeasuredIntegersAreNoSeries) {
  std::string train = "id,day,heat,y\n";
  std::string test = "id,day,heat\n";
  for (int id = 0; id < 2400; ++id) {
    const std::string row =
        fmt::format("{},20{:02}-{:02}-{:02},{}", id, id / 480, id / 40 % 12 + 1,
                    id / 2 % 20 + 1, rng_.Below(199));
    (id < 2000 ? train : test) += row + (id < 2000 ? ",5\n" : "\n");
  }
  Write("train.csv", train);
  Write("test.csv", test);
  const TimeProfile time = Make().time;
  EXPECT_EQ(time.train_days, 1000);
  EXPECT_THAT(time.series, IsEmpty());
}

// Of the days of February the first twelve alone could be months.
TEST_F(ProfileMakerTest, AColumnsDatesHaveOneOrder) {
  std::string train = "id,day,y\n";
  std::string test = "id,day\n";
  for (int i = 1; i <= 28; ++i) {
    const std::string date =
        std::to_string(i) + "," + (i < 10 ? "0" : "") + std::to_string(i);
    train += date + "/01/2020,5\n";
    if (i <= 12) test += date + "/02/2020\n";
  }
  Write("train.csv", train);
  Write("test.csv", test);
  // A sample may hold none that tells.
  const Profile profile = Make("rmse", {.sample_rows = 2, .seed = 7});
  EXPECT_TRUE(profile.Find("day")->day_first);
  EXPECT_TRUE(profile.time.day_first);
  const Profile whole = Make();
  EXPECT_EQ(whole.time.test, TestTime::kAfter);
  EXPECT_EQ(whole.time.train_days, 28);
  EXPECT_EQ(whole.time.test_days, 12);
}

TEST_F(ProfileMakerTest, TellsTestDaysInTheGapsOfTrain) {
  std::string train = "id,x,y\n";
  std::string test = "id,x\n";
  for (int month = 1; month <= 9; ++month) {
    for (int day = 10; day <= 28; ++day) {
      const std::string date =
          "2020-0" + std::to_string(month) + "-" + std::to_string(day);
      (day < 20 ? train : test) += date + (day < 20 ? ",1,2\n" : ",1\n");
    }
  }
  Write("train.csv", train);
  Write("test.csv", test);
  const TimeProfile time = Make().time;
  EXPECT_EQ(time.column, "id");
  EXPECT_EQ(time.test, TestTime::kGaps);
  EXPECT_EQ(time.test_run_days, 9);
  EXPECT_THAT(time.series, IsEmpty());
}

TEST_F(ProfileMakerTest, FindsGroupsThatAreNewInTest) {
  std::string train = "id,product,size,y\n";
  std::string test = "id,product,size\n";
  for (int i = 0; i < 300; ++i) {
    train += std::to_string(i) + ",p" + std::to_string(i % 3) + "," +
             Text(rng_.Normal()) + ",1\n";
    test += std::to_string(300 + i) + ",q" + std::to_string(i % 2) + "," +
            Text(rng_.Normal()) + "\n";
  }
  Write("train.csv", train);
  Write("test.csv", test);
  const Profile profile = Make();
  ASSERT_EQ(profile.groups.size(), 1U);
  EXPECT_EQ(profile.groups[0].column, "product");
  EXPECT_EQ(profile.groups[0].groups, 3);
  EXPECT_EQ(profile.groups[0].unseen_share, 1);
}

TEST_F(ProfileMakerTest, FindsTheGroupInAnIdsBeginning) {
  std::string train = "id,x,y\n";
  for (int i = 0; i < 60; ++i) {
    train +=
        "g" + std::to_string(i / 3) + "_" + std::to_string(i % 3) + ",1,2\n";
  }
  Write("train.csv", train);
  Write("test.csv", "id,x\ng90_0,1\n");
  const Profile profile = Make();
  ASSERT_EQ(profile.groups.size(), 1U);
  EXPECT_EQ(profile.groups[0].separator, "_");
  EXPECT_EQ(profile.groups[0].groups, 20);
  EXPECT_EQ(profile.groups[0].repeated_rows, 1);
  EXPECT_EQ(profile.groups[0].unseen_share, 1);
}

TEST_F(ProfileMakerTest, ASampleIsBoundedSpreadAndTheSameBySeed) {
  std::string train = "id,x,y\n";
  for (int i = 0; i < 5000; ++i) {
    train += std::to_string(i) + "," + std::to_string(i) + "," +
             std::to_string(i) + "\n";
  }
  Write("train.csv", train);
  Write("test.csv", "id,x\n5000,1\n");
  const ProfileOptions options{.sample_rows = 100, .seed = 7};
  const Profile profile = Make("rmse", options);
  EXPECT_EQ(profile.train_rows, 5000);
  EXPECT_EQ(profile.sampled_train_rows, 100);
  EXPECT_LT(profile.Find("x")->min, 50);
  EXPECT_GE(profile.Find("x")->max, 4950);
  EXPECT_EQ(EncodeProfile(profile), EncodeProfile(Make("rmse", options)));
}

TEST_F(ProfileMakerTest, TellsCodesAndIdsThatOrderTheTarget) {
  std::string train = "id,store,y\n";
  std::string test = "id,store\n";
  for (int i = 0; i < 600; ++i) {
    train += std::to_string(2 * i) + "," + std::to_string(i % 5) + "," +
             Text(i + rng_.Normal()) + "\n";
    test += std::to_string(2 * i + 1) + "," + std::to_string(i % 5) + "\n";
  }
  Write("train.csv", train);
  Write("test.csv", test);
  const Profile profile = Make();
  EXPECT_EQ(profile.Find("store")->type, ColumnType::kCode);
  EXPECT_EQ(profile.Find("store")->distinct, 5);
  EXPECT_GT(profile.id_order_signal, 0.9);
  EXPECT_TRUE(profile.ids_interleave);
}

TEST_F(ProfileMakerTest, ATargetThatTrainLacksIsBadInput) {
  Write("train.csv", "id,x\n1,2\n");
  Task task;
  task.folder = folder_.path();
  task.train = "train.csv";
  task.target = {"y"};
  const Result<Profile> profile = MakeProfile(task);
  ASSERT_FALSE(profile.ok());
  EXPECT_EQ(profile.error().kind, ErrorKind::kBadInput);
}

TEST(ProfileStatsTest, RanksShareTies) {
  const std::vector<double> values = {3, 1, 3, 2};
  EXPECT_THAT(Ranks(values), ElementsAre(3.5, 1, 3.5, 2));
}

TEST(ProfileStatsTest, RanksOfCodesAreThoseOfTheirValues) {
  // Two codes of one value share a rank, and a code without a row takes none.
  const std::vector<double> value_of_code = {3, 1, 2, 3, 0};
  const std::vector<int32_t> ascending = {4, 1, 2, 0, 3};
  const std::vector<int32_t> codes = {0, 1, 3, 2};
  EXPECT_THAT(CodeRanks(codes, value_of_code, ascending),
              ElementsAre(3.5, 1, 3.5, 2));
}

TEST(ProfileStatsTest, GiniAgreesWithAHandCount) {
  // Pairs: (0.3 > 0.1), (0.3 < 0.4), (0.4 > 0.1), (0.4 = 0.4): AUC 2.5 / 4.
  const std::vector<double> score = {0.1, 0.4, 0.3, 0.4};
  const std::vector<double> label = {0, 0, 1, 1};
  EXPECT_DOUBLE_EQ(AbsoluteGini(Ranks(score), label), 0.25);
}

TEST(ProfileStatsTest, DistancesAreZeroForEqualAndGreatForApart) {
  const std::vector<double> a = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const std::vector<double> b = {11, 12, 13, 14, 15};
  EXPECT_EQ(KolmogorovSmirnov(a, a), 0);
  EXPECT_EQ(KolmogorovSmirnov(a, b), 1);
  EXPECT_NEAR(NumericPsi(a, a), 0, 1e-12);
  EXPECT_GT(NumericPsi(a, b), 1);
}

// A label of train and a column of the sample are one class if they are one
// value, and a column is the same whatever its case.
TEST_F(ProfileMakerTest, TellsWhereFilesSpellOneThingInTwoWays) {
  Write("train.csv", "id,Age,y\n1,2,1.0\n2,3,2.0\n3,5,1.0\n");
  Write("test.csv", "ID,age\n4,5\n");
  Write("sample.csv", "ID,y_1,y_2\n4,0.3,0.7\n");
  sample_ = "sample.csv";
  const Profile profile = Make("logloss");
  EXPECT_TRUE(profile.class_columns);
  EXPECT_EQ(profile.class_prefix, "");
  EXPECT_THAT(profile.renamed_classes,
              ElementsAre(Renaming{"1.0", "y_1"}, Renaming{"2.0", "y_2"}));
  EXPECT_THAT(profile.renamed_columns,
              ElementsAre(Renaming{"ID", "id"}, Renaming{"age", "Age"}));
}

TEST_F(ProfileMakerTest, KnowsClassColumnsThoughItsSampleLacksAClass) {
  std::string train = "id,y\n";
  for (int i = 0; i < 100; ++i) {
    train += std::to_string(i) + (i % 2 == 0 ? ",a\n" : ",b\n");
  }
  Write("train.csv", train + "100,c\n");
  Write("test.csv", "id\n200\n");
  Write("sample.csv", "id,P_a,P_b,P_c\n200,0.3,0.3,0.4\n");
  sample_ = "sample.csv";
  const Profile profile = Make("logloss", {.sample_rows = 20, .seed = 1});
  ASSERT_EQ(profile.targets[0].distinct, 2);
  EXPECT_TRUE(profile.class_columns);
  EXPECT_EQ(profile.class_prefix, "P_");
}

}  // namespace
}  // namespace treesmith
