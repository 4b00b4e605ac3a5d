#include "search/ensemble_gain.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.h"
#include "score/order.h"

namespace treesmith {
namespace {

constexpr size_t kRows = 501;

FitRows Rows(std::string_view metric, BlendSpace space, int classes,
             int columns) {
  Rng rng(1);
  FitRows rows = {.space = space,
                  .columns = columns,
                  .loss = *FindMetric(metric),
                  .truth = {.classes = classes},
                  .members = {},
                  .gains = {},
                  .families = {}};
  for (size_t row = 0; row < kRows; ++row) {
    rows.truth.values.push_back(
        static_cast<double>(rng.Below(static_cast<uint64_t>(classes))));
  }
  std::vector<float>& member = rows.members.emplace_back();
  for (size_t i = 0; i < kRows * static_cast<size_t>(columns); ++i) {
    member.push_back(static_cast<float>(rng.Below(200)) / 199);
  }
  return rows;
}

double Gain(const FitRows& rows) {
  std::vector<float> blend = rows.members.front();
  return BlendGain(rows)(blend);
}

double Score(const FitRows& rows) {
  return *rows.loss.Evaluate(rows.truth, {rows.members.front(), rows.columns});
}

TEST(BlendGainTest, IsTheAreaOfRanksWithTies) {
  FitRows rows = Rows("auc", BlendSpace::kRank, 2, 1);
  EXPECT_NEAR(Gain(rows), Score(rows), 1e-12);
  const std::vector<double> ranks = UnitRanks(rows.members.front());
  rows.members.front().assign(ranks.begin(), ranks.end());
  EXPECT_NEAR(Gain(rows), Score(rows), 1e-12);
}

TEST(BlendGainTest, IsTheLogLossOfTwoClassesAndOfCertainty) {
  FitRows rows = Rows("logloss", BlendSpace::kPlain, 2, 1);
  rows.members.front()[0] = 1.0000001F;
  rows.members.front()[1] = 0;
  const double gain = Gain(rows);
  rows.members.front()[0] = 1;
  EXPECT_NEAR(gain, -Score(rows), 1e-12);
}

TEST(BlendGainTest, SeesTheTrueClassesAlone) {
  FitRows rows = Rows("logloss", BlendSpace::kPlain, 3, 3);
  const std::optional<FitRows> reduced = OnTrueClasses(rows);
  ASSERT_TRUE(reduced.has_value());
  EXPECT_NEAR(Gain(*reduced), -Score(rows), 1e-12);
  EXPECT_FALSE(OnTrueClasses(Rows("brier", BlendSpace::kPlain, 3, 3)));
}

TEST(BlendGainTest, IsTheMetricElsewhere) {
  const FitRows rows = Rows("brier", BlendSpace::kPlain, 2, 1);
  EXPECT_NEAR(Gain(rows), -Score(rows), 1e-12);
}

}  // namespace
}  // namespace treesmith
