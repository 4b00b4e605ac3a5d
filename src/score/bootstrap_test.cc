#include "score/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace treesmith {
namespace {

Metric Find(std::string_view name) { return *FindMetric(name); }

struct Data {
  Truth truth = {};
  std::vector<float> good = {};
  std::vector<float> bad = {};
};

// Two predictions whose errors share most of their noise.
Data Regression(size_t rows, uint64_t seed) {
  Rng rng(seed);
  Data data;
  for (size_t i = 0; i < rows; ++i) {
    data.truth.values.push_back(10 + rng.Normal());
    const double shared = 10 + 0.1 * rng.Normal();
    data.good.push_back(static_cast<float>(shared));
    data.bad.push_back(static_cast<float>(shared + 0.1 * rng.Normal()));
  }
  return data;
}

Data Classes(size_t rows, uint64_t seed, int classes = 2) {
  Rng rng(seed);
  Data data = {.truth = {.classes = classes}};
  for (size_t i = 0; i < rows; ++i) {
    const double label =
        static_cast<double>(rng.Below(static_cast<uint64_t>(classes)));
    data.truth.values.push_back(label);
    data.good.push_back(static_cast<float>(label + rng.Normal()));
    data.bad.push_back(static_cast<float>(label + 2 * rng.Normal()));
  }
  return data;
}

double Deviation(std::span<const double> values) {
  return StandardError(values);
}

TEST(ScoreFoldsTest, PoolsMeansOverRows) {
  const Truth truth = {.values = {0, 0, 0, 0}};
  const std::vector<float> prediction = {1, 1, 1, 3};
  const std::vector<int> folds = {0, 0, 0, 1};
  const Result<FoldedScore> score =
      ScoreFolds(Find("rmse"), {truth, folds}, {prediction});
  ASSERT_TRUE(score.ok());
  EXPECT_DOUBLE_EQ(score->value, std::sqrt(12.0 / 4));
  EXPECT_THAT(score->fold_values, testing::ElementsAre(1, 3));
}

TEST(ScoreFoldsTest, WeighsFoldsOfRankingMetricsByRows) {
  const Truth truth = {.values = {0, 1, 0, 1, 0, 1}, .classes = 2};
  // Fold 0 is in order; fold 1 is upside down.
  const std::vector<float> prediction = {1, 2, 1, 2, 9, 8};
  const std::vector<int> folds = {0, 0, 0, 0, 1, 1};
  const Result<FoldedScore> score =
      ScoreFolds(Find("auc"), {truth, folds}, {prediction});
  ASSERT_TRUE(score.ok());
  EXPECT_DOUBLE_EQ(score->value, 4.0 / 6);
}

TEST(ScoreFoldsTest, LeavesOutAFoldOfOneClass) {
  const Truth truth = {.values = {0, 1, 1, 1}, .classes = 2};
  const std::vector<float> prediction = {1, 2, 3, 4};
  const std::vector<int> folds = {0, 0, 1, 1};
  const Result<FoldedScore> score =
      ScoreFolds(Find("auc"), {truth, folds}, {prediction});
  ASSERT_TRUE(score.ok());
  EXPECT_DOUBLE_EQ(score->value, 1);
  EXPECT_TRUE(std::isnan(score->fold_values[1]));
}

TEST(ScoreFoldsTest, FailsWhereNoFoldHasAScore) {
  const Truth truth = {.values = {1, 1}, .classes = 2};
  const std::vector<float> prediction = {1, 2};
  const Result<FoldedScore> score =
      ScoreFolds(Find("auc"), {truth}, {prediction});
  ASSERT_FALSE(score.ok());
  EXPECT_EQ(score.error().message, "score auc: one class only in the truth");
}

TEST(BootstrapTest, DrawsEveryUnitOnceOnAverage) {
  Rng rng(1);
  const BootstrapPlan plan(50, rng);
  for (int b = 0; b < plan.resamples(); ++b) {
    const auto draw = plan.Draw(b);
    EXPECT_EQ(std::accumulate(draw.begin(), draw.end(), 0), 50);
  }
}

TEST(BootstrapTest, IsTheSameForTheSameSeed) {
  const Data data = Regression(100, 3);
  Rng one(5);
  Rng two(5);
  const HiddenRows rows = {data.truth};
  EXPECT_EQ(*Replicates(Find("rmse"), rows, {data.good}, {100, one}),
            *Replicates(Find("rmse"), rows, {data.good}, {100, two}));
}

TEST(BootstrapTest, ErrorOfAMeanIsItsDeviationOverTheRootOfRows) {
  for (const size_t n : {400U, 20000U}) {  // without and with blocks
    const Data data = Regression(n, 3);
    Rng rng(5);
    const BootstrapPlan plan(static_cast<uint32_t>(n), rng, 1000);
    const auto draws =
        *Replicates(Find("mae"), {data.truth}, {data.good}, plan);
    std::vector<double> errors;
    errors.reserve(n);
    for (size_t i = 0; i < n; ++i) {
      errors.push_back(
          std::abs(data.truth.values[i] - static_cast<double>(data.good[i])));
    }
    const double expected =
        Deviation(errors) / std::sqrt(static_cast<double>(n));
    EXPECT_NEAR(Deviation(draws), expected, 0.08 * expected) << n;
  }
}

TEST(BootstrapTest, UnitsThatRepeatRowsWidenTheError) {
  const Data data = Regression(400, 3);
  Truth truth;
  std::vector<float> prediction;
  std::vector<uint32_t> units;
  for (size_t i = 0; i < 1600; ++i) {
    truth.values.push_back(data.truth.values[i / 4]);
    prediction.push_back(data.good[i / 4]);
    units.push_back(static_cast<uint32_t>(i / 4));
  }
  Rng rng(5);
  const BootstrapPlan by_unit(400, rng);
  const BootstrapPlan by_row(1600, rng);
  const Metric mae = Find("mae");
  const double unit_error = StandardError(
      *Replicates(mae, {truth, {}, units}, {prediction}, by_unit));
  const double row_error =
      StandardError(*Replicates(mae, {truth}, {prediction}, by_row));
  EXPECT_NEAR(unit_error / row_error, 2, 0.3);
}

TEST(BootstrapTest, APairedDifferenceIsSurerThanItsScores) {
  const Data data = Regression(2000, 4);
  Rng rng(5);
  const BootstrapPlan plan(2000, rng);
  const Metric rmse = Find("rmse");
  const HiddenRows rows = {data.truth};
  const auto good = *Replicates(rmse, rows, {data.good}, plan);
  const auto bad = *Replicates(rmse, rows, {data.bad}, plan);
  const PairedGain gain = GainBetween(
      Direction::kMinimize, ScoreFolds(rmse, rows, {data.good})->value, good,
      ScoreFolds(rmse, rows, {data.bad})->value, bad);
  EXPECT_GT(gain.mean, 0);
  EXPECT_LT(gain.standard_error, StandardError(good) / 3);
}

TEST(BootstrapTest, DrawsWithoutAScoreDoNotCount) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_DOUBLE_EQ(StandardError(std::vector<double>{1, nan, 3}),
                   std::sqrt(2.0));
  EXPECT_EQ(StandardError(std::vector<double>{1, nan}), 0);
}

TEST(BootstrapTest, SortedMetricsOfLargeDataKeepTheSizeOfTheirError) {
  const size_t n = 40000;
  const Data data = Classes(n, 8);
  Rng rng(5);
  const BootstrapPlan plan(n, rng);
  // Of two classes Spearman moves as AUC does, which is drawn from all rows.
  Truth numbers = data.truth;
  numbers.classes = 0;
  const double part =
      StandardError(*Replicates(Find("c_index"), {numbers}, {data.good}, plan));
  const double whole =
      StandardError(*Replicates(Find("auc"), {data.truth}, {data.good}, plan));
  EXPECT_NEAR(part / whole, 1, 0.15);
}

TEST(ChanceOfGainTest, FollowsTheNormalCurve) {
  EXPECT_NEAR(ChanceOfGain({1.0, 1.0}), 0.8413, 1e-4);
  EXPECT_EQ(ChanceOfGain({0, 0}), 0.5);
  EXPECT_EQ(ChanceOfGain({-1, 0}), 0);
}

// The draws that are made from sums or presorted curves equal the metric on
// rows weighted by the draw.
RC_GTEST_PROP(BootstrapProperty, ADrawIsTheScoreOfWeightedRows,
              (uint64_t seed)) {
  Rng rng(seed);
  for (const char* name : {"rmse", "r2", "auc", "gini", "f1_macro", "qwk"}) {
    const Metric metric = Find(name);
    Data data =
        Classes(60, seed, metric.target() == TargetType::kNumber ? 3 : 2);
    const bool number =
        std::string_view(name) == "rmse" || std::string_view(name) == "r2";
    if (number) data.truth.classes = 0;
    if (std::string_view(name) == "gini") data.truth.classes = 0;
    if (metric.needs() == Needs::kLabel) {
      for (float& value : data.good) value = value > 0.5F ? 1 : 0;
    }
    const BootstrapPlan plan(60, rng, 5);
    const auto draws = *Replicates(metric, {data.truth}, {data.good}, plan);
    for (int b = 0; b < 5; ++b) {
      std::vector<double> weights;
      weights.reserve(60);
      for (uint32_t i = 0; i < 60; ++i) {
        weights.push_back(plan.Draw(b)[plan.BlockOf(i)]);
      }
      const auto value = metric.Evaluate(data.truth, {data.good}, weights);
      RC_ASSERT(value.ok());
      RC_ASSERT(std::abs(*value - draws[static_cast<size_t>(b)]) < 1e-9);
    }
  }
}

}  // namespace
}  // namespace treesmith
