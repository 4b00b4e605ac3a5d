#include "evaluation/portrait.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace treesmith {
namespace {

constexpr int kRows = 1000;

Target Classes(int count) {
  Target target;
  target.kind = SubmissionKind::kProbability;
  target.names = {"y"};
  for (int k = 0; k < count; ++k) {
    target.classes.push_back("c" + std::to_string(k));
  }
  return target;
}

Portrait Of(std::string_view metric, const Target& target,
            const Predictions& predictions,
            const std::vector<float>& labels = {}) {
  std::vector<int32_t> rows(kRows);
  std::iota(rows.begin(), rows.end(), 0);
  return PortraitOf(*FindMetric(metric), target, TruthOf(target, rows),
                    predictions, labels);
}

// Of the rows with prediction p exactly the share `is(p)` is of class 1.
Portrait Binary(double (*is)(double)) {
  Target target = Classes(2);
  Predictions predictions{PredictionKind::kProbability, 1, {}};
  for (int i = 0; i < kRows; ++i) {
    const int bin = i / 100;
    const double p = (bin + 0.5) / 10;
    predictions.values.push_back(static_cast<float>(p));
    target.values.push_back(i % 100 < std::lround(100 * is(p)) ? 1 : 0);
  }
  return Of("logloss", target, predictions);
}

TEST(PortraitTest, RightProbabilitiesLieOnTheDiagonal) {
  const Portrait portrait = Binary([](double p) { return p; });
  ASSERT_EQ(portrait.calibrations.size(), 1u);
  const Calibration& calibration = portrait.calibrations.front();
  EXPECT_EQ(calibration.of, "y = c1");
  ASSERT_EQ(calibration.bins.size(), 10u);
  EXPECT_NEAR(calibration.error, 0, 0.001);
  EXPECT_NEAR(calibration.bins[2].predicted, 0.25, 1e-6);
  EXPECT_NEAR(calibration.bins[2].observed, 0.25, 1e-6);
  EXPECT_EQ(calibration.bins[2].rows, 100);
  EXPECT_TRUE(portrait.residuals.empty());
  EXPECT_TRUE(portrait.confusions.empty());
}

TEST(PortraitTest, BoldProbabilitiesDoNot) {
  const Portrait portrait = Binary([](double) { return 0.5; });
  EXPECT_NEAR(portrait.calibrations.front().error, 0.25, 0.001);
}

TEST(PortraitTest, EqualPredictionsAreOneBin) {
  Target target = Classes(2);
  for (int i = 0; i < kRows; ++i) target.values.push_back(i % 2);
  const Predictions predictions{PredictionKind::kProbability, 1,
                                std::vector<float>(kRows, 0.5F)};
  const Portrait portrait = Of("logloss", target, predictions);
  ASSERT_EQ(portrait.calibrations.front().bins.size(), 1u);
  EXPECT_EQ(portrait.calibrations.front().bins.front().rows, kRows);
}

// A metric of order takes any number as a probability.
TEST(PortraitTest, ScoresOfOrderAreNotCalibrated) {
  Target target = Classes(2);
  target.order_only = true;
  for (int i = 0; i < kRows; ++i) target.values.push_back(i % 2);
  const Predictions predictions{PredictionKind::kProbability, 1,
                                std::vector<float>(kRows, 7)};
  EXPECT_TRUE(Of("auc", target, predictions).calibrations.empty());
}

TEST(PortraitTest, OfSeveralClassesTheLikeliestIsCalibrated) {
  Target target = Classes(3);
  Predictions predictions{PredictionKind::kProbability, 3, {}};
  for (int i = 0; i < kRows; ++i) {
    target.values.push_back(i % 10 < 6 ? 2 : 0);
    for (const float p : {0.3F, 0.1F, 0.6F}) predictions.values.push_back(p);
  }
  const Portrait portrait = Of("logloss", target, predictions);
  EXPECT_NEAR(portrait.calibrations.front().error, 0, 1e-6);
  EXPECT_EQ(portrait.calibrations.front().of, "the likeliest class");
}

TEST(PortraitTest, ResidualsAreTheTruthBeyondThePrediction) {
  Target target;
  target.names = {"y"};
  Predictions predictions{PredictionKind::kValue, 1, {}};
  for (int i = 0; i < kRows; ++i) {
    predictions.values.push_back(static_cast<float>(i));
    // Small ones are 5 too low, large ones right.
    target.values.push_back(i < 500 ? i + 5 : i);
  }
  const Portrait portrait = Of("rmse", target, predictions);
  ASSERT_EQ(portrait.residuals.size(), 1u);
  const Residuals& residuals = portrait.residuals.front();
  ASSERT_EQ(residuals.bins.size(), 10u);
  EXPECT_FALSE(residuals.logarithms);
  EXPECT_NEAR(residuals.bins.front().predicted, 49.5, 1e-6);
  EXPECT_EQ(residuals.bins.front().middle, 5);
  EXPECT_EQ(residuals.bins.back().high, 0);
  EXPECT_TRUE(Of("rmsle", target, predictions).residuals.front().logarithms);
}

TEST(PortraitTest, ConfusionCountsWhatWasSaidOfEachClass) {
  Target target = Classes(2);
  target.kind = SubmissionKind::kLabel;
  std::vector<float> labels;
  for (int i = 0; i < kRows; ++i) {
    target.values.push_back(i % 2);
    labels.push_back(i % 4 == 0 ? 1.0F : 0.0F);
  }
  const Predictions predictions{PredictionKind::kLabel, 1, labels};
  const Portrait portrait = Of("accuracy", target, predictions, labels);
  ASSERT_EQ(portrait.confusions.size(), 1u);
  EXPECT_EQ(portrait.confusions.front().counts,
            (std::vector<std::vector<int64_t>>{{250, 250}, {500, 0}}));
}

TEST(PortraitTest, RareClassesArePutTogether) {
  Target target = Classes(40);
  std::vector<float> labels;
  for (int i = 0; i < kRows; ++i) {
    const int k = i < 40 ? i : i % 5;  // the first five are frequent
    target.values.push_back(k);
    labels.push_back(static_cast<float>(k));
  }
  const Predictions predictions{PredictionKind::kLabel, 1, labels};
  const Confusion confusion =
      Of("accuracy", target, predictions, labels).confusions.front();
  ASSERT_EQ(confusion.classes.size(), 12u);
  EXPECT_EQ(confusion.classes.front(), "c0");
  EXPECT_EQ(confusion.classes.back(), "29 others");
  EXPECT_EQ(confusion.counts.back().back(), 29);
}

TEST(PortraitTest, IsReadBackAsItWasWritten) {
  Portrait portrait;
  portrait.calibrations = {{"y = <1>", {{0.2, 0.3, 7}}, 0.1}};
  portrait.residuals = {{"y", true, {{1, -2, 0, 2, 9}}}};
  portrait.confusions = {{"y", {"a", "b"}, {{1, 2}, {3, 4}}}};
  const std::string json = EncodePortrait(portrait);
  const auto back = DecodePortrait(json);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(EncodePortrait(*back), json);
  EXPECT_FALSE(DecodePortrait("{}").ok());
}

}  // namespace
}  // namespace treesmith
