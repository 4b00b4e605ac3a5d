#include "search/bbc.h"

#include <gtest/gtest.h>

#include <cmath>

namespace treesmith {
namespace {

// Coin tosses: no candidate is better than another, and all are worth 0.5.
TEST(BbcTest, SeesThroughTheLuckOfTheBestOfManyCoins) {
  constexpr size_t kRows = 200;
  double bbc = 0;
  double raw = 0;
  constexpr int kTrials = 20;
  for (int trial = 0; trial < kTrials; ++trial) {
    Rng rng(static_cast<uint64_t>(trial));
    Truth truth = {.classes = 2};
    for (size_t i = 0; i < kRows; ++i) {
      truth.values.push_back(static_cast<double>(rng.Below(2)));
    }
    std::vector<std::vector<float>> coins(30);
    std::vector<PredictionView> views;
    for (std::vector<float>& coin : coins) {
      for (size_t i = 0; i < kRows; ++i) {
        coin.push_back(static_cast<float>(rng.Below(2)));
      }
      views.push_back({coin});
    }
    const BootstrapPlan plan(kRows, rng);
    const Result<BbcEstimate> estimate =
        EstimateSelection(*FindMetric("accuracy"), {truth}, views, plan);
    ASSERT_TRUE(estimate.ok());
    bbc += estimate->value / kTrials;
    raw += estimate->raw / kTrials;
  }
  EXPECT_GT(raw, 0.55);
  EXPECT_NEAR(bbc, 0.5, 0.015);
}

TEST(BbcTest, OneCandidateIsWorthWhatItScores) {
  Rng rng(1);
  Truth truth;
  std::vector<float> prediction;
  for (int i = 0; i < 500; ++i) {
    truth.values.push_back(rng.Normal());
    prediction.push_back(static_cast<float>(rng.Normal()));
  }
  const BootstrapPlan plan(500, rng);
  const std::vector<PredictionView> views = {{prediction}};
  const Result<BbcEstimate> estimate =
      EstimateSelection(*FindMetric("rmse"), {truth}, views, plan);
  ASSERT_TRUE(estimate.ok());
  EXPECT_NEAR(estimate->value, estimate->raw, 0.2 * estimate->standard_error);
}

TEST(BbcTest, RefusesAnImpossiblePrediction) {
  Rng rng(1);
  const Truth truth = {.values = {1, 2}};
  const std::vector<float> bad = {1, std::nanf("")};
  const std::vector<PredictionView> views = {{bad}};
  EXPECT_FALSE(
      EstimateSelection(*FindMetric("rmse"), {truth}, views, {2, rng}).ok());
}

}  // namespace
}  // namespace treesmith
