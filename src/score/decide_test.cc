#include "score/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"

namespace treesmith {
namespace {

using testing::ElementsAre;

Metric Find(std::string_view name) { return *FindMetric(name); }

double Evaluate(const Metric& metric, const Truth& truth,
                std::span<const float> labels) {
  return *metric.Evaluate(truth, {labels});
}

// A rare positive class whose true probability is known.
struct Rare {
  Truth truth = {.classes = 2};
  std::vector<float> probability = {};
  std::vector<int> folds = {};
};

Rare MakeRare(size_t rows) {
  Rng rng(1);
  Rare rare;
  for (size_t i = 0; i < rows; ++i) {
    const double p = std::pow(rng.Uniform(), 4);
    rare.probability.push_back(static_cast<float>(p));
    rare.truth.values.push_back(rng.Uniform() < p ? 1 : 0);
    rare.folds.push_back(static_cast<int>(i % 5));
  }
  return rare;
}

TEST(DecideTest, TakesTheLikeliestClassForAccuracy) {
  const Truth truth = {.values = {0, 2}, .classes = 3};
  const std::vector<float> p = {0.5F, 0.2F, 0.3F, 0.3F, 0.3F, 0.4F};
  const Result<Decision> decision =
      FitDecision(Find("accuracy"), truth, {p, 3});
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(*decision, Decision{});
  EXPECT_THAT(ApplyDecision(*decision, {p, 3}), ElementsAre(0, 2));
}

TEST(DecideTest, CutsABinaryProbabilityAtAHalfForAccuracy) {
  const std::vector<float> p = {0.4F, 0.5F, 0.6F};
  EXPECT_THAT(ApplyDecision(Decision{}, {p}), ElementsAre(0, 0, 1));
}

TEST(DecideTest, ThresholdForF1IsHalfOfTheBestF1) {
  // Known of F1 (Lipton 2014): with true probabilities the best threshold is
  // half of the F1 that it reaches.
  const Rare rare = MakeRare(50'000);
  const Metric f1 = Find("f1");
  const Result<Decision> decision =
      FitDecision(f1, rare.truth, {rare.probability});
  ASSERT_TRUE(decision.ok());
  ASSERT_EQ(decision->kind, DecisionKind::kCutPoints);
  const auto labels = ApplyDecision(*decision, {rare.probability});
  EXPECT_NEAR(decision->numbers.front(), Evaluate(f1, rare.truth, labels) / 2,
              0.05);
}

TEST(DecideTest, FittedThresholdsBeatAHalf) {
  const Rare rare = MakeRare(20'000);
  for (const char* name : {"f1", "balanced_accuracy", "mcc", "f2"}) {
    const Metric metric = Find(name);
    const Result<Decided> decided =
        DecideByFold(metric, {rare.truth, rare.folds}, {rare.probability});
    ASSERT_TRUE(decided.ok());
    EXPECT_GT(Evaluate(metric, rare.truth, decided->values),
              Evaluate(metric, rare.truth,
                       ApplyDecision(Decision{}, {rare.probability})))
        << name;
  }
}

TEST(DecideTest, CutPointsOfARegressionBeatRoundingUnderKappa) {
  Rng rng(3);
  Truth truth = {.classes = 5};
  std::vector<float> score;
  std::vector<float> rounded;
  std::vector<int> folds;
  for (int i = 0; i < 4000; ++i) {
    const double latent = rng.Normal();
    const double label = latent < -1    ? 0
                         : latent < 0   ? 1
                         : latent < 1   ? 2
                         : latent < 1.5 ? 3
                                        : 4;
    truth.values.push_back(label);
    // A regression shrinks towards the middle.
    const double shrunk = 1.5 + 0.5 * (latent + 0.4 * rng.Normal());
    score.push_back(static_cast<float>(shrunk));
    rounded.push_back(
        static_cast<float>(std::round(std::clamp(shrunk, 0.0, 4.0))));
    folds.push_back(i % 5);
  }
  const Metric qwk = Find("qwk");
  const Result<Decided> decided = DecideByFold(qwk, {truth, folds}, {score});
  ASSERT_TRUE(decided.ok());
  EXPECT_EQ(decided->decision.numbers.size(), 4U);
  EXPECT_TRUE(std::ranges::is_sorted(decided->decision.numbers));
  EXPECT_GT(Evaluate(qwk, truth, decided->values),
            Evaluate(qwk, truth, rounded) + 0.05);
}

TEST(DecideTest, WeighsClassesForMacroF1) {
  Rng rng(4);
  Truth truth = {.classes = 3};
  std::vector<float> p;
  for (int i = 0; i < 6000; ++i) {
    const double rare = 0.3 * rng.Uniform() * rng.Uniform();
    const double middle = 0.5 * rng.Uniform();
    const double draw = rng.Uniform();
    truth.values.push_back(draw < rare ? 2 : draw < rare + middle ? 1 : 0);
    p.push_back(static_cast<float>(1 - rare - middle));
    p.push_back(static_cast<float>(middle));
    p.push_back(static_cast<float>(rare));
  }
  const Metric f1 = Find("f1_macro");
  const Result<Decided> decided = DecideByFold(f1, {truth}, {p, 3});
  ASSERT_TRUE(decided.ok());
  EXPECT_EQ(decided->decision.kind, DecisionKind::kWeightedArgmax);
  EXPECT_GT(Evaluate(f1, truth, decided->values),
            Evaluate(f1, truth, ApplyDecision(Decision{}, {p, 3})) + 0.02);
}

TEST(DecideTest, TakesTheMedianValueForAbsoluteErrors) {
  const Truth truth = {.values = {10, 30}};
  const std::vector<double> values = {10, 20, 30};
  const std::vector<float> p = {0.6F, 0.1F, 0.3F, 0.3F, 0.1F, 0.6F};
  const Result<Decision> decision =
      FitDecision(Find("mae"), truth, {p, 3}, {}, values);
  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(ApplyDecision(*decision, {p, 3}), ElementsAre(10, 30));
}

// The labels of a fold must not depend on the truth of that fold.
TEST(DecideTest, AFoldsOwnTruthDoesNotDecideItsLabels) {
  Rare rare = MakeRare(1000);
  const Metric f1 = Find("f1");
  const auto before =
      DecideByFold(f1, {rare.truth, rare.folds}, {rare.probability})->values;
  for (size_t i = 0; i < rare.folds.size(); ++i) {
    if (rare.folds[i] == 2) rare.truth.values[i] = 1 - rare.truth.values[i];
  }
  const auto after =
      DecideByFold(f1, {rare.truth, rare.folds}, {rare.probability})->values;
  for (size_t i = 0; i < rare.folds.size(); ++i) {
    if (rare.folds[i] != 2) continue;
    ASSERT_EQ(before[i], after[i]);
  }
}

// Nor by another fold that hides the same rows.
TEST(DecideTest, AFoldsOwnTruthDoesNotDecideItsLabelsByAnotherFold) {
  // Periods that overlap: units 500 to 999 are hidden in both.
  const Rare once = MakeRare(1500);
  Rare twice;
  twice.truth.classes = 2;
  std::vector<uint32_t> units;
  const auto add = [&](uint32_t unit, int fold) {
    twice.truth.values.push_back(once.truth.values[unit]);
    twice.probability.push_back(once.probability[unit]);
    twice.folds.push_back(fold);
    units.push_back(unit);
  };
  for (uint32_t unit = 500; unit < 1500; ++unit) add(unit, 0);
  for (uint32_t unit = 0; unit < 1000; ++unit) add(unit, 1);
  const Metric f1 = Find("f1");
  const auto decide = [&] {
    return DecideByFold(f1, {twice.truth, twice.folds, units},
                        {twice.probability})
        ->values;
  };
  const auto before = decide();
  for (size_t i = 0; i < units.size(); ++i) {
    if (units[i] >= 500) twice.truth.values[i] = 1 - twice.truth.values[i];
  }
  const auto after = decide();
  for (size_t i = 0; i < 1000; ++i) ASSERT_EQ(before[i], after[i]);
}

TEST(DecideTest, SurvivesJson) {
  const Decision decision = {DecisionKind::kCutPoints, {0.1, 1.0 / 3}};
  const Result<Decision> read = ParseDecision(DecisionJson(decision));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, decision);
}

TEST(DecideTest, RefusesOtherJson) {
  for (const char* text : {"", "[]", "{\"kind\":\"x\",\"numbers\":[]}",
                           "{\"kind\":\"argmax\",\"numbers\":[\"a\"]}"}) {
    EXPECT_FALSE(ParseDecision(text).ok()) << text;
  }
}

TEST(DecideTest, A13_RefusesNan) {
  const Truth truth = {.values = {0, 1}, .classes = 2};
  const std::vector<float> p = {0.5F, std::nanf("")};
  const Result<Decision> decision = FitDecision(Find("f1"), truth, {p});
  ASSERT_FALSE(decision.ok());
  EXPECT_EQ(decision.error().message,
            "decide labels for f1: the prediction of row 2 is not a finite "
            "number");
}

}  // namespace
}  // namespace treesmith
