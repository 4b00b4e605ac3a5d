#include "search/ensemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/ensemble_blend.h"
#include "search/shortlist.h"

namespace treesmith {
namespace {

using testing::SizeIs;

Metric Find(std::string_view name) { return *FindMetric(name); }

// Finalists whose errors are given by hand: signal + own noise.
struct Finals {
  explicit Finals(size_t row_count, uint64_t seed = 1) : rng(seed) {
    for (size_t i = 0; i < row_count; ++i) {
      signal.push_back(rng.Normal());
      folds.push_back(static_cast<int>(i % 5));
    }
  }

  void Add(double noise, std::string family, double cost = 1) {
    std::vector<float>& values = predictions.emplace_back();
    for (const double truth : signal) {
      values.push_back(static_cast<float>(truth + noise * rng.Normal()));
    }
    families.push_back(std::move(family));
    costs.push_back(cost);
  }

  // As regression: the truth is the signal.
  [[nodiscard]] Truth Numbers() const { return {.values = signal}; }
  // As two classes: which side of zero the signal is.
  [[nodiscard]] Truth Classes() const {
    Truth truth = {.classes = 2};
    for (const double value : signal) truth.values.push_back(value > 0);
    return truth;
  }

  Result<Ensemble> Choose(const Metric& metric, const Truth& truth,
                          bool labels_only = false) {
    const BootstrapPlan plan(static_cast<uint32_t>(signal.size()), rng);
    EnsembleInput input = {.metric = metric,
                           .rows = {truth, folds, units},
                           .plan = plan,
                           .labels_only = labels_only};
    for (size_t i = 0; i < predictions.size(); ++i) {
      input.candidates.push_back({predictions[i], families[i], costs[i]});
      if (i < exists_without.size()) {
        input.candidates.back().exists_without = exists_without[i];
      }
    }
    return ChooseEnsemble(input, rng);
  }

  Rng rng;
  std::vector<double> signal;
  std::vector<int> folds;
  std::vector<uint32_t> units;  // empty: a row each
  std::vector<std::vector<float>> predictions;
  std::vector<std::string> families;
  std::vector<double> costs;
  std::vector<std::vector<uint8_t>> exists_without;
};

double TotalWeight(const Ensemble& ensemble) {
  return std::accumulate(
      ensemble.members.begin(), ensemble.members.end(), 0.0,
      [](double sum, const EnsembleMember& m) { return sum + m.weight; });
}

TEST(EnsembleTest, EqualFamiliesGetThePlainMean) {
  Finals finals(2000);
  for (const char* family : {"a", "b", "c"}) finals.Add(1, family);
  const Result<Ensemble> ensemble =
      finals.Choose(Find("rmse"), finals.Numbers());
  ASSERT_TRUE(ensemble.ok());
  EXPECT_EQ(ensemble->kind, EnsembleKind::kMean) << ensemble->why;
  EXPECT_THAT(ensemble->members, SizeIs(3));
  EXPECT_NEAR(ensemble->score.value, 1 / std::sqrt(3.0), 0.03);
  EXPECT_GT(ensemble->over_single.mean, 0.3);
}

TEST(EnsembleTest, ABlendThatIsWorseGivesWayToTheSingleNode) {
  Finals finals(2000);
  finals.Add(0.1, "good");
  finals.Add(8, "bad");
  const Result<Ensemble> ensemble =
      finals.Choose(Find("mae"), finals.Numbers());
  ASSERT_TRUE(ensemble.ok());
  ASSERT_THAT(ensemble->members, SizeIs(1)) << ensemble->why;
  EXPECT_EQ(ensemble->members.front().candidate, 0U);
}

TEST(EnsembleTest, UnequalNodesOfOneFamilyAreWeighted) {
  Finals finals(6000);
  for (int i = 0; i < 6; ++i) finals.Add(1 + 0.2 * i, "same");
  const Result<Ensemble> ensemble =
      finals.Choose(Find("rmse"), finals.Numbers());
  ASSERT_TRUE(ensemble.ok());
  EXPECT_TRUE(ensemble->kind == EnsembleKind::kGreedy ||
              ensemble->kind == EnsembleKind::kStack)
      << ensemble->why;
  EXPECT_NEAR(TotalWeight(*ensemble), 1, 1e-9);
  EXPECT_LT(ensemble->score.value, 0.65);
}

// Two nodes that miss a period's level, one above and one below, cancel out in
// it; the next period has another level.
TEST(EnsembleTest, OnePeriodSeenTwiceIsNotFittedByWhatMissesItsLevel) {
  Finals finals(6000);
  for (const double miss : {0.0, 0.0, 0.0, 2.0, -2.0}) {
    finals.Add(miss == 0 ? 1 : 0.1, "family " + std::to_string(miss));
    for (float& value : finals.predictions.back()) {
      value += static_cast<float>(miss);
    }
  }
  const auto misses = [&] {
    const Result<Ensemble> ensemble =
        finals.Choose(Find("rmse"), finals.Numbers());
    return std::ranges::any_of(
        ensemble->members,
        [](const EnsembleMember& member) { return member.candidate >= 3; });
  };
  EXPECT_TRUE(misses());
  // Of two folds that share a third of the days.
  for (size_t i = 0; i < finals.folds.size(); ++i) {
    finals.folds[i] = i < 3000 ? 0 : 1;
    finals.units.push_back(static_cast<uint32_t>(i < 3000 ? i : i - 1000));
  }
  EXPECT_FALSE(misses());
}

TEST(EnsembleTest, NearCopiesCountOnce) {
  Finals finals(1000);
  finals.Add(1, "a");
  for (const char* family : {"b", "c"}) {
    finals.predictions.push_back(finals.predictions.front());
    finals.families.emplace_back(family);
    finals.costs.push_back(1);
  }
  const Result<Ensemble> ensemble =
      finals.Choose(Find("rmse"), finals.Numbers());
  ASSERT_TRUE(ensemble.ok());
  EXPECT_THAT(ensemble->members, SizeIs(1));
}

TEST(EnsembleTest, HoldsAtMostFiftyMembers) {
  Finals finals(300);
  for (int i = 0; i < 60; ++i) finals.Add(1, std::to_string(i));
  const Result<Ensemble> ensemble =
      finals.Choose(Find("rmse"), finals.Numbers());
  ASSERT_TRUE(ensemble.ok());
  EXPECT_THAT(ensemble->members, SizeIs(testing::Le(50U)));
}

TEST(EnsembleTest, IsTheSameForTheSameSeed) {
  const auto members = [] {
    Finals finals(1000);
    for (int i = 0; i < 8; ++i) finals.Add(1 + 0.1 * i, "same");
    std::vector<std::pair<size_t, double>> result;
    const Result<Ensemble> ensemble =
        finals.Choose(Find("rmse"), finals.Numbers());
    for (const EnsembleMember& m : ensemble->members) {
      result.emplace_back(m.candidate, m.weight);
    }
    return result;
  };
  EXPECT_EQ(members(), members());
}

TEST(EnsembleTest, BlendsRanksWhereScalesDiffer) {
  Finals finals(2000);
  finals.Add(1, "a");
  finals.Add(1, "b");
  for (float& value : finals.predictions[1]) value = std::exp(20 * value / 6);
  const Result<Ensemble> ensemble =
      finals.Choose(Find("auc"), finals.Classes());
  ASSERT_TRUE(ensemble.ok());
  EXPECT_THAT(ensemble->members, SizeIs(2)) << ensemble->why;
  EXPECT_GT(ensemble->over_single.mean,
            3 * ensemble->over_single.standard_error);
}

TEST(EnsembleTest, DecidesLabelsOfTheBlend) {
  Finals finals(3000);
  for (const char* family : {"a", "b", "c"}) {
    finals.Add(1, family);
    for (float& value : finals.predictions.back()) {
      value = 1 / (1 + std::exp(-value));
    }
  }
  const Result<Ensemble> ensemble =
      finals.Choose(Find("mcc"), finals.Classes());
  ASSERT_TRUE(ensemble.ok());
  ASSERT_TRUE(ensemble->decision.has_value());
  EXPECT_EQ(ensemble->decision->kind, DecisionKind::kCutPoints);
  EXPECT_THAT(ensemble->members, SizeIs(3)) << ensemble->why;
}

TEST(EnsembleTest, BlendsAColumnAClass) {
  Finals finals(3000);
  Truth truth = {.classes = 3};
  for (const double value : finals.signal) {
    truth.values.push_back(value < -0.5 ? 0 : value < 0.5 ? 1 : 2);
  }
  for (const char* family : {"a", "b"}) {
    finals.Add(0.7, family);
    std::vector<float> wide;
    for (const float value : finals.predictions.back()) {
      const float p[] = {std::exp(-value - 0.5F), 1.0F, std::exp(value - 0.5F)};
      const float total = p[0] + p[1] + p[2];
      for (const float each : p) wide.push_back(each / total);
    }
    finals.predictions.back() = std::move(wide);
  }
  for (const char* name : {"logloss", "f1_macro", "auc", "qwk"}) {
    const Metric metric = Find(name);
    const BootstrapPlan plan(3000, finals.rng);
    EnsembleInput input = {.metric = metric,
                           .rows = {truth, finals.folds},
                           .plan = plan,
                           .columns = 3};
    for (const auto& prediction : finals.predictions) {
      input.candidates.push_back(
          {prediction, "f" + std::to_string(input.candidates.size()), 1});
    }
    const Result<Ensemble> ensemble = ChooseEnsemble(input, finals.rng);
    ASSERT_TRUE(ensemble.ok()) << ensemble.error().message;
    EXPECT_THAT(ensemble->members, SizeIs(2)) << name << ": " << ensemble->why;
  }
}

TEST(EnsembleTest, LabelsAloneAreNotBlended) {
  Finals finals(500);
  for (const double noise : {2.0, 0.5}) {
    finals.Add(noise, std::to_string(noise));
    for (float& value : finals.predictions.back()) value = value > 0 ? 1 : 0;
  }
  const Result<Ensemble> ensemble =
      finals.Choose(Find("accuracy"), finals.Classes(), true);
  ASSERT_TRUE(ensemble.ok());
  ASSERT_THAT(ensemble->members, SizeIs(1));
  EXPECT_EQ(ensemble->members.front().candidate, 1U);
}

TEST(EnsembleTest, OneHoldOutIsNestedInHalves) {
  Finals finals(2000);
  finals.folds.assign(2000, 0);
  for (const char* family : {"a", "b", "c"}) finals.Add(1, family);
  const Result<Ensemble> ensemble =
      finals.Choose(Find("rmse"), finals.Numbers());
  ASSERT_TRUE(ensemble.ok());
  EXPECT_THAT(ensemble->members, SizeIs(3)) << ensemble->why;
}

// Searches of many nodes that differ by chance alone: the promised score
// against the true one, which follows from the weights. What the rows
// themselves add, whatever predicts them, is not counted.
double MeanBias(std::vector<size_t> (*list)(std::span<const Entrant>)) {
  constexpr int kSearches = 20;
  constexpr uint32_t kRows = 120;
  constexpr double kNoise = 0.6;
  const Metric rmse = Find("rmse");
  double bias = 0;
  for (uint64_t seed = 1; seed <= kSearches; ++seed) {
    Finals finals(kRows, seed);
    Truth truth = finals.Numbers();
    for (double& value : truth.values) value += finals.rng.Normal();
    for (int i = 0; i < 200; ++i) finals.Add(kNoise, "same");
    const HiddenRows rows = {truth, finals.folds};
    std::vector<FoldedScore> scores;
    scores.reserve(finals.predictions.size());
    for (const auto& prediction : finals.predictions) {
      scores.push_back(*ScoreFolds(rmse, rows, {prediction}));
    }
    std::vector<Entrant> entrants;
    entrants.reserve(scores.size());
    for (const FoldedScore& score : scores) {
      entrants.push_back({"same", rmse.Value(score.value), score.fold_values});
    }
    const BootstrapPlan plan(kRows, finals.rng, 50);
    EnsembleInput input = {.metric = rmse, .rows = rows, .plan = plan};
    for (const size_t node : list(entrants)) {
      input.candidates.push_back({finals.predictions[node], "same", 1});
    }
    const Ensemble ensemble = *ChooseEnsemble(input, finals.rng);
    double variance = 1;
    for (const EnsembleMember& member : ensemble.members) {
      variance += member.weight * member.weight * kNoise * kNoise;
    }
    const std::vector<float> signal(finals.signal.begin(), finals.signal.end());
    const double luck = ScoreFolds(rmse, rows, {signal})->value - 1;
    bias += (ensemble.worth->value - std::sqrt(variance) - luck) / kSearches;
  }
  return bias;
}

TEST(EnsembleTest, PromisesWhatANestedShortListIsWorth) {
  const double nested = MeanBias([](std::span<const Entrant> entrants) {
    return NestedShortList(entrants, ExistWithout(entrants));
  });
  EXPECT_NEAR(nested, 0, 0.01);
  // A list whose members were chosen on the very rows that score them.
  EXPECT_LT(MeanBias(ShortList), nested - 0.01);
}

// All but two are copies of each other with luck on fold 0, handed down by one
// that was chosen for it.
TEST(EnsembleTest, PromisesNoLuckThatWasHandedDown) {
  Finals finals(600, 5);
  Truth truth = finals.Numbers();
  for (double& value : truth.values) value += finals.rng.Normal();
  finals.Add(0.5, "same");
  finals.Add(0.5, "same");
  for (int i = 0; i < 6; ++i) {
    finals.Add(0.4, "same");
    std::vector<float>& lucky = finals.predictions.back();
    for (size_t row = 0; row < lucky.size(); ++row) {
      if (finals.folds[row] == 0) {
        lucky[row] = static_cast<float>(truth.values[row]);
      }
    }
  }
  const double all = finals.Choose(Find("rmse"), truth)->worth->value;
  finals.exists_without.assign(8, std::vector<uint8_t>(5, 1));
  for (size_t i = 2; i < 8; ++i) finals.exists_without[i][0] = 0;
  const double made = finals.Choose(Find("rmse"), truth)->worth->value;
  EXPECT_LT(all, 0.95);
  EXPECT_NEAR(made, 1.05, 0.08);

  // Nobody would exist: then all do.
  for (auto& exists : finals.exists_without) exists[0] = 0;
  EXPECT_NEAR(finals.Choose(Find("rmse"), truth)->worth->value, all, 0.02);
}

TEST(BlendTest, TakesTheMeanWhereTheMetricLives) {
  const std::vector<float> a = {std::exp(1.0F) - 1};
  const std::vector<float> b = {std::exp(3.0F) - 1};
  const BlendSpace space = BlendSpaceOf(Find("rmsle"));
  const auto in_a = ToBlendSpace(space, {a}, {});
  const auto in_b = ToBlendSpace(space, {b}, {});
  const std::span<const float> members[] = {in_a, in_b};
  const double weights[] = {1, 1};
  const auto blend = BlendInSpace(space, members, weights);
  EXPECT_NEAR(blend[0], std::exp(2.0F) - 1, 1e-5);
}

TEST(BlendTest, RanksFoldByFold) {
  const std::vector<float> values = {1, 2, 300, 100};
  const std::vector<int> folds = {0, 0, 1, 1};
  EXPECT_THAT(ToBlendSpace(BlendSpace::kRank, {values}, folds),
              testing::ElementsAre(0, 1, 1, 0));
}

}  // namespace
}  // namespace treesmith
