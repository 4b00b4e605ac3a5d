#include "evaluation/canary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "score/metric.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;

constexpr int kRows = 300;

Target Numbers() {
  Target target;
  target.names = {"y"};
  for (int i = 0; i < kRows; ++i) target.values.push_back(i);
  return target;
}

Target Classes(int count) {
  Target target = Numbers();
  for (int i = 0; i < kRows; ++i) {
    target.values[static_cast<size_t>(i)] = i % count;
  }
  for (int k = 0; k < count; ++k) target.classes.push_back(std::to_string(k));
  return target;
}

std::vector<int32_t> Rows(int from = 0) {
  std::vector<int32_t> rows(static_cast<size_t>(kRows - from));
  std::iota(rows.begin(), rows.end(), from);
  return rows;
}

TEST(CanaryTest, ShuffledLabelsAreThoseOfTheRowsThemselves) {
  const Target target = Numbers();
  Rng rng(1);
  const Donors donors = ShuffledLabels(target, Rows(100), rng);
  for (int32_t row = 0; row < 100; ++row) {
    EXPECT_EQ(donors[static_cast<size_t>(row)], row);  // hidden rows: untouched
  }
  Donors learnt(donors.begin() + 100, donors.end());
  EXPECT_NE(learnt, Rows(100));
  std::ranges::sort(learnt);
  EXPECT_EQ(learnt, Rows(100));
}

TEST(CanaryTest, ARowWithoutALabelStaysWithoutOne) {
  Target target = Numbers();
  target.values[7] = std::numeric_limits<double>::quiet_NaN();
  Rng rng(1);
  const Donors shuffled = ShuffledLabels(target, Rows(), rng);
  const Donors mirrored = MirroredLabels(target, Rows(), shuffled, rng);
  EXPECT_EQ(shuffled[7], 7);
  EXPECT_EQ(mirrored[7], 7);
  EXPECT_EQ(std::ranges::count(shuffled, 7), 1);
  EXPECT_EQ(std::ranges::count(mirrored, 7), 1);
}

TEST(CanaryTest, TheMirrorOfNumbersIsTheirOppositeRank) {
  const Target target = Numbers();
  Rng rng(1);
  const Donors shuffled = ShuffledLabels(target, Rows(), rng);
  const Donors mirrored = MirroredLabels(target, Rows(), shuffled, rng);
  for (size_t row = 0; row < mirrored.size(); ++row) {
    EXPECT_EQ(mirrored[row], kRows - 1 - shuffled[row]);
  }
}

TEST(CanaryTest, TheMirrorOfAClassIsAnotherClass) {
  const Target target = Classes(3);
  Rng rng(1);
  const Donors shuffled = ShuffledLabels(target, Rows(), rng);
  const Donors mirrored = MirroredLabels(target, Rows(), shuffled, rng);
  for (size_t row = 0; row < mirrored.size(); ++row) {
    EXPECT_EQ(mirrored[row] % 3, (shuffled[row] % 3 + 1) % 3);
  }
}

Information Of(std::string_view metric, const Target& target,
               const std::vector<float>& predictions) {
  Rng rng(3);
  const auto information = InformationIn(
      *FindMetric(metric), TruthOf(target, Rows()), {predictions, 1}, rng);
  EXPECT_TRUE(information.ok()) << information.error().message;
  return *information;
}

// A constant has the best score that knows nothing, and knows nothing.
TEST(CanaryTest, AConstantKnowsNothingAndTheTruthEverything) {
  const Target target = Numbers();
  EXPECT_NEAR(Of("rmse", target, std::vector<float>(kRows, 150)).gain, 0, 1e-9);
  std::vector<float> truth(target.values.begin(), target.values.end());
  const Information all = Of("rmse", target, truth);
  EXPECT_EQ(all.score, 0);
  EXPECT_GT(all.gain, 50);
  EXPECT_GT(all.gain, 10 * all.noise);
  EXPECT_TRUE(KnowsTooMuch(all, all));
}

TEST(CanaryTest, HigherIsAlsoAGain) {
  const Target target = Classes(2);
  std::vector<float> truth(target.values.begin(), target.values.end());
  const Information right = Of("auc", target, truth);
  EXPECT_NEAR(right.gain, 0.5, 0.05);
  for (float& value : truth) value = 1 - value;
  EXPECT_LT(Of("auc", target, truth).gain, -0.4);
}

Information Gain(double gain) { return {gain, 0, gain, 0.01}; }

// One feature and a metric of order: by luck a shuffled fit points the right
// way half of the time, and then its mirror points the other way.
TEST(CanaryTest, LuckOnceIsNoLeak) {
  EXPECT_EQ(JudgeCanary(Gain(0.4), {Gain(0.39), Gain(-0.39)}).verdict,
            CheckVerdict::kClear);
  EXPECT_EQ(JudgeCanary(Gain(0.4), {Gain(0.02)}).verdict, CheckVerdict::kClear);
}

TEST(CanaryTest, KnowingWhatNoInputTellsWithoutLearningIsALeak) {
  const Check check = JudgeCanary(Gain(0.4), {Gain(0.4), Gain(0.38)}, 0.97);
  EXPECT_EQ(check.verdict, CheckVerdict::kLeak);
  EXPECT_THAT(check.text, HasSubstr("still scores 0.38"));
  EXPECT_THAT(check.text, HasSubstr("chance is 0"));
  EXPECT_THAT(check.text, HasSubstr("knows 97 %"));
}

TEST(CanaryTest, KnowingWhatTheInputsTellIsNone) {
  const std::vector<Information> canaries = {Gain(0.4), Gain(0.38)};
  EXPECT_EQ(JudgeCanary(Gain(0.4), canaries, 0.1).verdict,
            CheckVerdict::kClear);
  EXPECT_EQ(JudgeCanary(Gain(0.4), canaries, 0.6).verdict,
            CheckVerdict::kSuspect);
}

// The truth is a signal and noise; a plain model sees the signal blurred.
class KnownBeyondTest : public ::testing::Test {
 protected:
  KnownBeyondTest() {
    Rng rng(2);
    for (int i = 0; i < 1000; ++i) {
      signal_.push_back(static_cast<float>(rng.Normal()));
      truth_.push_back(signal_.back() + static_cast<float>(rng.Normal()));
      told_.push_back(signal_.back() + 0.3F * static_cast<float>(rng.Normal()));
    }
  }
  std::vector<float> signal_;
  std::vector<float> truth_;
  std::vector<float> told_;
};

TEST_F(KnownBeyondTest, TheAnswerIsAllAndTheSignalLittle) {
  EXPECT_NEAR(KnownBeyond(truth_, truth_, told_), 1, 1e-9);
  EXPECT_LT(KnownBeyond(truth_, signal_, told_), 0.15);
  EXPECT_NEAR(KnownBeyond(truth_, told_, told_), 0, 1e-9);
}

TEST_F(KnownBeyondTest, AnswersMixedWithAModelAreStillAnswers) {
  std::vector<float> mixed = told_;
  for (size_t i = 0; i < mixed.size(); ++i) mixed[i] += 0.5F * truth_[i];
  EXPECT_GT(KnownBeyond(truth_, mixed, told_), 0.9);
}

TEST_F(KnownBeyondTest, NothingIsKnownBeyondWhatTellsAll) {
  EXPECT_EQ(KnownBeyond(signal_, signal_, signal_), 0);
}

TEST(OneNumberTest, IsTheNumberOrWhetherItIsTheMostFrequentClass) {
  const Predictions values{PredictionKind::kValue, 1, {7, 8, 9}};
  const Target numbers = Numbers();
  EXPECT_EQ(OneNumber(numbers, values, Rows()).Label(5), 5);
  EXPECT_EQ(OneNumber(numbers, values, Rows()).Prediction(2), 9);

  Target classes = Classes(3);
  for (int i = 0; i < 10; ++i) classes.values[static_cast<size_t>(i)] = 2;
  const Predictions columns{
      PredictionKind::kProbability, 3, {0.1F, 0.2F, 0.7F, 1, 0, 0}};
  const OneNumber number(classes, columns, Rows());
  EXPECT_EQ(number.Label(0), 1);   // of class 2
  EXPECT_EQ(number.Label(30), 0);  // of class 0
  EXPECT_EQ(number.Prediction(0), 0.7F);
  const Predictions labels{PredictionKind::kLabel, 1, {0, 2, 2}};
  EXPECT_EQ(OneNumber(classes, labels, Rows()).Prediction(0), 0);
  EXPECT_EQ(OneNumber(classes, labels, Rows()).Prediction(1), 1);
}

TEST(CanaryTest, AScoreLikeChanceHasNothingToLeak) {
  EXPECT_EQ(JudgeCanary(Gain(0.02), {}).verdict, CheckVerdict::kClear);
}

}  // namespace
}  // namespace treesmith
