#include "table/predictions.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

TEST(PredictionsTest, AreReadBackAsTheyWereWritten) {
  const Predictions predictions{
      PredictionKind::kProbability, 3, {0.1F, 0.2F, 0.7F, 1, -0.0F, 1e-30F}};
  const auto decoded = DecodePredictions(EncodePredictions(predictions));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, predictions);
}

TEST(PredictionsTest, MayBeOfNoRow) {
  const Predictions none{PredictionKind::kValue, 2, {}};
  EXPECT_EQ(*DecodePredictions(EncodePredictions(none)), none);
}

TEST(PredictionsTest, RefuseOtherBytes) {
  EXPECT_FALSE(DecodePredictions("").ok());
  EXPECT_FALSE(DecodePredictions("no predictions").ok());
}

}  // namespace
}  // namespace treesmith
