#include "model/metric_value.h"

#include <gtest/gtest.h>

#include <limits>

namespace treesmith {
namespace {

MetricValue Loss(double value) { return {value, Direction::kMinimize}; }
MetricValue Gain(double value) { return {value, Direction::kMaximize}; }

TEST(MetricValueTest, SmallerIsBetterWhenMinimising) {
  EXPECT_TRUE(Loss(1).BetterThan(Loss(2)));
  EXPECT_FALSE(Loss(2).BetterThan(Loss(1)));
  EXPECT_TRUE(Gain(2).BetterThan(Gain(1)));
}

TEST(MetricValueTest, EqualIsNotBetter) {
  EXPECT_FALSE(Loss(1).BetterThan(Loss(1)));
}

TEST(MetricValueTest, A13_NanAndInfinityAreNeverBest) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double odd : {std::nan(""), inf, -inf}) {
    EXPECT_FALSE(Loss(odd).BetterThan(Loss(1e9)));
    EXPECT_FALSE(Gain(odd).BetterThan(Gain(-1e9)));
    EXPECT_TRUE(Loss(1e9).BetterThan(Loss(odd)));
    EXPECT_TRUE(Gain(-1e9).BetterThan(Gain(odd)));
    EXPECT_FALSE(Loss(odd).BetterThan(Loss(odd)));
  }
}

TEST(MetricValueDeathTest, A12_UnlikeDirectionsCannotBeCompared) {
  EXPECT_DEATH((void)Loss(1).BetterThan(Gain(1)), "direction_");
}

TEST(MetricValueTest, GainOverIsPositiveWhenBetter) {
  EXPECT_DOUBLE_EQ(Loss(1).GainOver(Loss(3)), 2);
  EXPECT_DOUBLE_EQ(Gain(1).GainOver(Gain(3)), -2);
}

}  // namespace
}  // namespace treesmith
