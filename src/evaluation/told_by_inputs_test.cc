#include "evaluation/told_by_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>

#include "evaluation/canary.h"
#include "score/metric.h"

namespace treesmith {
namespace {

constexpr int32_t kRows = 1200;
constexpr int32_t kLearnt = 800;

// y follows from `cells` and noise, which only the test knows.
class ToldByInputsTest : public ::testing::Test {
 protected:
  // `row`: the cells of a row, with a comma after each, and the signal.
  template <typename Row>
  void Make(const std::string& names, Row row) {
    std::string text = names + ",y\n";
    for (int32_t i = 0; i < kRows; ++i) {
      const auto [cells, signal] = row(rng_);
      signal_.push_back(static_cast<float>(signal));
      truth_.push_back(signal_.back() +
                       0.5F * static_cast<float>(rng_.Normal()));
      text += cells + std::to_string(truth_.back()) + "\n";
    }
    TaskTables tables{*Table::Parse(text, "train.csv"), std::nullopt, {}};
    Target target;
    target.names = {"y"};
    std::vector<int32_t> rows(kRows);
    std::iota(rows.begin(), rows.end(), 0);
    const std::span<const int32_t> all(rows);
    told_ = ToldByInputs(tables, target, all.first(kLearnt),
                         std::span(truth_).first(kLearnt), all.subspan(kLearnt),
                         rng_);
  }
  static double Spearman(std::span<const float> a, std::span<const float> b) {
    Truth truth;
    truth.values.assign(a.begin(), a.end());
    return *FindMetric("spearman")->Evaluate(truth, {b});
  }
  [[nodiscard]] std::span<const float> Asked(
      const std::vector<float>& all) const {
    return std::span(all).subspan(kLearnt);
  }

  Rng rng_{4};
  std::vector<float> signal_;
  std::vector<float> truth_;
  std::vector<float> told_;
};

struct Line {
  std::string cells;
  double signal;
};

TEST_F(ToldByInputsTest, AProductOfColumnsIsTold) {
  Make("a,b,c", [](Rng& rng) {
    const double a = rng.Normal();
    const double b = rng.Normal();
    return Line{std::to_string(a) + "," + std::to_string(b) + "," +
                    std::to_string(rng.Normal()) + ",",
                a * b};
  });
  EXPECT_GT(Spearman(Asked(signal_), told_), 0.85);
}

TEST_F(ToldByInputsTest, WordsAndGapsAreTold) {
  Make("size,n", [](Rng& rng) {
    const bool small = rng.Below(2) == 0;
    const bool gap = rng.Below(2) == 0;
    return Line{std::string(small ? "small" : "large") + "," +
                    (gap ? "" : std::to_string(rng.Normal())) + ",",
                small == gap ? 1.0 : -1.0};
  });
  EXPECT_GT(Spearman(Asked(signal_), told_), 0.8);
}

// The distance of two places is harder for trees than for whoever knows it.
TEST_F(ToldByInputsTest, AFormulaOfFourColumnsIsFarFromAnAnswer) {
  Make("a,b,c,d", [](Rng& rng) {
    double x[4];
    std::string cells;
    for (double& value : x) {
      value = rng.Normal();
      cells += std::to_string(value) + ",";
    }
    return Line{cells, std::hypot(x[0] - x[2], x[1] - x[3])};
  });
  const double formula = KnownBeyond(Asked(truth_), Asked(signal_), told_);
  EXPECT_LT(formula, 0.7);
  EXPECT_GT(KnownBeyond(Asked(truth_), Asked(truth_), told_), 0.99);
  RecordProperty("formula", std::to_string(formula));
}

TEST_F(ToldByInputsTest, OfNoiseNothingIsTold) {
  Make("a",
       [](Rng& rng) { return Line{std::to_string(rng.Normal()) + ",", 0.0}; });
  EXPECT_LT(std::abs(Spearman(Asked(truth_), told_)), 0.15);
}

}  // namespace
}  // namespace treesmith
