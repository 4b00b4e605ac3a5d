#include "table/profile.h"

#include <gtest/gtest.h>

#include <cmath>

namespace treesmith {
namespace {

Profile Sample() {
  Profile profile;
  profile.train_rows = 891;
  profile.targets.push_back({.name = "Survived",
                             .kind = TargetKind::kBinary,
                             .numeric = true,
                             .distinct = 2,
                             .classes = {{"0", 0.625}, {"1", 0.375}},
                             .mean = 0.375});
  profile.columns.push_back({.name = "Cabin",
                             .type = ColumnType::kCategory,
                             .missing_train = 0.75,
                             .signal_kind = SignalKind::kGini,
                             .signal = 0.25,
                             .top = {{"G6", 0.5}}});
  profile.sums.push_back({{"casual", "registered"}, "count"});
  profile.time = {.column = "date", .test = TestTime::kAfter, .series = {"s"}};
  return profile;
}

TEST(ProfileTest, ComesBackFromJsonAsItWas) {
  const std::string json = EncodeProfile(Sample());
  const Result<Profile> back = DecodeProfile(json);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(EncodeProfile(*back), json);
  EXPECT_EQ(back->targets[0].kind, TargetKind::kBinary);
  EXPECT_EQ(back->targets[0].classes, Sample().targets[0].classes);
  EXPECT_EQ(back->columns[0].signal, 0.25);
  EXPECT_EQ(back->time.test, TestTime::kAfter);
  EXPECT_EQ(back->sums[0].parts.size(), 2U);
}

TEST(ProfileTest, WritesNumbersThatDoNotExistAsNull) {
  const std::string json = EncodeProfile(Sample());
  EXPECT_NE(json.find("\"psi\":null"), std::string::npos);
  EXPECT_TRUE(std::isnan(DecodeProfile(json)->columns[0].psi));
}

TEST(ProfileTest, SkipsKeysOfNewerVersions) {
  EXPECT_EQ(DecodeProfile(R"({"train_rows":3,"moon":1})")->train_rows, 3);
}

TEST(ProfileTest, RefusesTextThatItDidNotWrite) {
  EXPECT_FALSE(DecodeProfile("{").ok());
  EXPECT_FALSE(DecodeProfile("[]").ok());
  EXPECT_FALSE(DecodeProfile(R"({"train_rows":"many"})").ok());
  EXPECT_FALSE(DecodeProfile(R"({"time":{"test":"never"}})").ok());
}

TEST(ProfileTest, EncodesBytesThatAreNoUtf8) {
  Profile profile = Sample();
  profile.columns[0].top[0].value = "\xff";
  EXPECT_TRUE(DecodeProfile(EncodeProfile(profile)).ok());
}

}  // namespace
}  // namespace treesmith
