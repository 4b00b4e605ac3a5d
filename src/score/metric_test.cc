#include "score/metric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/rng.h"
#include "score/metric_row.h"

namespace treesmith {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Metric Find(std::string_view name) {
  Result<Metric> metric = FindMetric(name);
  EXPECT_TRUE(metric.ok()) << name;
  return *metric;
}

struct Case {
  std::string title;
  Metric metric;
  Truth truth = {};
  std::vector<float> prediction = {};
  int prediction_columns = 1;
  std::vector<double> weights = {};
  std::optional<double> value = {};

  [[nodiscard]] Result<double> Evaluate() const {
    return metric.Evaluate(truth, {prediction, prediction_columns}, weights);
  }
};

double NumberOf(const nlohmann::json& json) {
  if (json.is_null()) return kNan;
  if (json.is_string()) return std::numeric_limits<double>::infinity();
  return json.get<double>();
}

Case ReadCase(const nlohmann::json& json) {
  const auto name = json["metric"].get<std::string>();
  Case result = {.title = name + ", " + json["note"].get<std::string>(),
                 .metric = Find(name)};
  for (const auto& value : json["truth"]) {
    result.truth.values.push_back(NumberOf(value));
  }
  for (const auto& value : json["prediction"]) {
    result.prediction.push_back(static_cast<float>(NumberOf(value)));
  }
  result.truth.columns = json["columns"].get<int>();
  result.truth.classes = json["classes"].get<int>();
  result.prediction_columns = json["prediction_columns"].get<int>();
  if (!json["weights"].is_null()) {
    result.weights = json["weights"].get<std::vector<double>>();
  }
  if (!json["value"].is_null()) result.value = json["value"].get<double>();
  return result;
}

std::vector<Case> ReferenceCases() {
  std::ifstream file(std::string(TREESMITH_SOURCE_DIR) +
                     "/src/score/testdata/metric_vectors.json");
  std::vector<Case> cases;
  for (const auto& json : nlohmann::json::parse(file)) {
    cases.push_back(ReadCase(json));
  }
  return cases;
}

TEST(MetricTest, AgreesWithTheReferenceOnEveryGeneratedVector) {
  const std::vector<Case> cases = ReferenceCases();
  ASSERT_GT(cases.size(), 150U);
  for (const Case& reference : cases) {
    const Result<double> value = reference.Evaluate();
    if (!reference.value) {
      EXPECT_FALSE(value.ok()) << reference.title;
      continue;
    }
    ASSERT_TRUE(value.ok()) << reference.title << ": " << value.error().message;
    EXPECT_NEAR(*value, *reference.value,
                1e-9 * std::max(1.0, std::abs(*reference.value)))
        << reference.title;
  }
}

TEST(MetricTest, EveryMetricHasAReferenceVector) {
  std::vector<std::string> tested;
  for (const Case& reference : ReferenceCases()) {
    tested.emplace_back(reference.metric.row().name);
  }
  for (const Metric& metric : AllMetrics()) {
    EXPECT_THAT(tested, testing::Contains(metric.row().name));
  }
}

TEST(MetricTest, IgnoresWhatStandsInRowsOfWeightZero) {
  const Truth truth = {.values = {1, 2, 3}};
  const std::vector<float> prediction = {1, std::nanf(""), 4};
  const std::vector<double> weights = {1, 0, 1};
  const Result<double> value =
      Find("mae").Evaluate(truth, {prediction}, weights);
  ASSERT_TRUE(value.ok());
  EXPECT_DOUBLE_EQ(*value, 0.5);
}

TEST(MetricTest, A13_NanNeverBecomesAScore) {
  const Truth numbers = {.values = {1, 2, 3}};
  const Truth classes = {.values = {0, 1, 1}, .classes = 2};
  const std::vector<float> prediction = {0, std::nanf(""), 1};
  for (const Metric& metric : AllMetrics()) {
    if (metric.short_name().starts_with("map@")) continue;  // NaN: not ranked
    const bool number = metric.target() == TargetType::kNumber;
    const Result<double> value =
        metric.Evaluate(number ? numbers : classes, {prediction});
    EXPECT_FALSE(value.ok()) << metric.name();
  }
}

TEST(MetricTest, NamesTheRowThatIsImpossible) {
  const Truth truth = {.values = {1, 2}};
  const std::vector<float> prediction = {1, -3};
  const Result<double> value = Find("rmsle").Evaluate(truth, {prediction});
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(value.error().message,
            "score rmsle: the prediction of row 2 is negative");
}

TEST(MetricTest, SaysThatAFoldOfOneClassHasNoAuc) {
  const Truth truth = {.values = {1, 1}, .classes = 2};
  const std::vector<float> prediction = {0.5F, 0.25F};
  const Result<double> value = Find("auc").Evaluate(truth, {prediction});
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().message, "score auc: one class only in the truth");
}

TEST(MetricTest, SaysHowManyColumnsItNeeds) {
  const Truth truth = {.values = {0, 1, 2}, .classes = 3};
  const std::vector<float> prediction = {0, 1, 2};
  const Result<double> value = Find("logloss").Evaluate(truth, {prediction});
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().message,
            "score logloss: the prediction has 1 columns, it needs 3");
}

TEST(MetricTest, KeepsTheDigitsOfR2FarFromZero) {
  Truth truth = {};
  std::vector<float> prediction = {};
  for (int i = 0; i < 100; ++i) {
    truth.values.push_back(16'000'000.0 + i % 4);
    prediction.push_back(16'000'000.0F + static_cast<float>(i % 4 == 0));
  }
  // Classes 0..3 about 1.5: spread 125; errors (1, 0, 4, 9) * 25.
  const Result<double> value = Find("r2").Evaluate(truth, {prediction});
  ASSERT_TRUE(value.ok());
  EXPECT_NEAR(*value, 1 - (1.0 + 1 + 4 + 9) * 25 / 125, 1e-9);
}

// --- properties over random inputs ---

struct Sample {
  Truth truth = {};
  std::vector<float> prediction = {};
  int columns = 1;
};

// Any input a metric accepts: few distinct values, so that ties abound.
Sample RandomSample(const Metric& metric, size_t rows, Rng& rng) {
  Sample sample;
  const bool number = metric.target() == TargetType::kNumber;
  const bool per_class = metric.short_name().starts_with("map@") ||
                         metric.short_name().starts_with("ndcg@");
  const bool binary = metric.target() == TargetType::kBinary;
  sample.truth.classes = number ? 0 : per_class || !binary ? 3 : 2;
  const bool columns_by_class =
      per_class || (!number && !binary && metric.needs() != Needs::kLabel);
  sample.columns = columns_by_class ? 3 : 1;
  for (size_t i = 0; i < rows; ++i) {
    const uint64_t classes = number ? 6 : sample.truth.classes;
    // The first rows hold each class once.
    const uint64_t truth = i < classes ? i : rng.Below(classes);
    sample.truth.values.push_back(
        static_cast<double>(truth + (number ? 1 : 0)));
    for (int c = 0; c < sample.columns; ++c) {
      const double value = metric.needs() == Needs::kLabel
                               ? static_cast<double>(rng.Below(classes))
                           : number ? static_cast<double>(1 + rng.Below(6))
                                    : static_cast<double>(rng.Below(9)) / 8;
      sample.prediction.push_back(static_cast<float>(value));
    }
  }
  if (number) sample.prediction[0] = 7;  // never all equal
  return sample;
}

Sample Rearranged(const Sample& sample, std::span<const size_t> rows) {
  Sample result = {.truth = {.classes = sample.truth.classes},
                   .columns = sample.columns};
  const auto columns = static_cast<size_t>(sample.columns);
  for (const size_t row : rows) {
    result.truth.values.push_back(sample.truth.values[row]);
    for (size_t c = 0; c < columns; ++c) {
      result.prediction.push_back(sample.prediction[row * columns + c]);
    }
  }
  return result;
}

double Score(const Metric& metric, const Sample& sample,
             std::span<const double> weights = {}) {
  const Result<double> value = metric.Evaluate(
      sample.truth, {sample.prediction, sample.columns}, weights);
  RC_ASSERT(value.ok());
  return *value;
}

bool Near(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(a));
}

RC_GTEST_PROP(MetricProperty, TheOrderOfRowsDoesNotMatter, (uint64_t seed)) {
  Rng rng(seed);
  for (const Metric& metric : AllMetrics()) {
    const Sample sample = RandomSample(metric, 20, rng);
    std::vector<size_t> rows(20);
    std::iota(rows.begin(), rows.end(), size_t{0});
    rng.Shuffle(std::span(rows));
    RC_LOG() << metric.name();
    RC_ASSERT(
        Near(Score(metric, sample), Score(metric, Rearranged(sample, rows))));
  }
}

RC_GTEST_PROP(MetricProperty, AWeightIsARepetition, (uint64_t seed)) {
  Rng rng(seed);
  for (const Metric& metric : AllMetrics()) {
    const Sample sample = RandomSample(metric, 20, rng);
    std::vector<double> weights;
    std::vector<size_t> rows;
    for (size_t i = 0; i < 20; ++i) {
      const uint64_t times = i < 6 ? 1 + rng.Below(2) : rng.Below(4);
      weights.push_back(static_cast<double>(times));
      rows.insert(rows.end(), times, i);
    }
    RC_LOG() << metric.name();
    RC_ASSERT(Near(Score(metric, sample, weights),
                   Score(metric, Rearranged(sample, rows))));
  }
}

// What a perfect prediction is, in the form that the metric needs.
Sample Perfect(const Metric& metric, Sample sample) {
  for (size_t i = 0; i < sample.truth.rows(); ++i) {
    const double truth = sample.truth.values[i];
    for (int c = 0; c < sample.columns; ++c) {
      const size_t at =
          i * static_cast<size_t>(sample.columns) + static_cast<size_t>(c);
      sample.prediction[at] =
          static_cast<float>(sample.columns > 1 ? (truth == c ? 1 : 0) : truth);
    }
  }
  (void)metric;
  return sample;
}

RC_GTEST_PROP(MetricProperty, NothingIsBetterThanThePerfectPrediction,
              (uint64_t seed)) {
  Rng rng(seed);
  for (const Metric& metric : AllMetrics()) {
    const Sample sample = RandomSample(metric, 20, rng);
    const MetricValue perfect =
        metric.Value(Score(metric, Perfect(metric, sample)));
    RC_LOG() << metric.name();
    RC_ASSERT(!metric.Value(Score(metric, sample)).BetterThan(perfect));
  }
}

// --- names ---

TEST(MetricNamesTest, FindsWhatPeopleWrite) {
  const std::pair<const char*, const char*> names[] = {
      {"rmse", "rmse"},
      {"RMSE", "rmse"},
      {"neg_root_mean_squared_error", "rmse"},
      {"Root Mean Squared Logarithmic Error", "rmsle"},
      {"area under the ROC curve", "auc"},
      {"roc_auc", "auc"},
      {"roc_auc_score", "auc"},
      {"ROC-AUC", "auc"},
      {"categorization accuracy", "accuracy"},
      {"accuracy_score", "accuracy"},
      {"SMAPE", "smape"},
      {"neg_log_loss", "logloss"},
      {"f1_score", "f1"},
      {"F2", "f_beta@2"},
      {"f0.5 score", "f_beta@0.5"},
      {"map@3", "map@3"},
      {"NDCG@10", "ndcg@10"},
      {"pinball@0.9", "pinball@0.9"},
      {"Quadratic Weighted Kappa", "qwk"},
      {"r2", "r2"},
      {"R^2", "r2"},
      {"RMSE of log", "rmse_log"},
      {"median_absolute_error", "medae"},
      {"neg_mean_absolute_percentage_error", "mape"},
      {"mean column AUC", "mcauc"},
      {"mean column-wise RMSLE", "mcrmsle"},
      {"mean column rmsle", "mcrmsle"},
      {"mean column rmse", "mcrmse"},
      {"MCRMSE", "mcrmse"},
      {"mean column mae", "mcmae"},
      {"mean column log loss", "mclogloss"},
      {"log loss", "logloss"},
      {"multi-class logarithmic loss", "logloss"},
      {"brier_score_loss", "brier"},
      {"neg_brier_score", "brier"},
      {"balanced_accuracy_score", "balanced_accuracy"},
      {"f1", "f1"},
      {"macro F1", "f1_macro"},
      {"f1_micro", "f1_micro"},
      {"Weighted F1 score", "f1_weighted"},
      {"fbeta_score", "f_beta@2"},
      {"matthews_corrcoef", "mcc"},
      {"Matthews correlation coefficient", "mcc"},
      {"cohen_kappa_score", "qwk"},
      {"kappa", "qwk"},
      {"Normalized Gini Coefficient", "gini"},
      {"MAP@12", "map@12"},
      {"quantile loss", "pinball@0.5"},
      {"mean_pinball_loss@0.1", "pinball@0.1"},
      {"Spearman's rank correlation", "spearman"},
      {"spearmanr", "spearman"},
      {"concordance index", "c_index"},
      {"C-index", "c_index"},
  };
  for (const auto& [name, short_name] : names) {
    EXPECT_EQ(Find(name).short_name(), short_name) << name;
  }
}

TEST(MetricNamesTest, EveryNameFindsItsOwnMetric) {
  for (const Metric& metric : AllMetrics()) {
    EXPECT_EQ(Find(metric.name()), metric) << metric.name();
    EXPECT_EQ(Find(metric.short_name()), metric) << metric.short_name();
  }
}

TEST(MetricNamesTest, OffersTheNearestNamesForAnUnknownOne) {
  const Result<Metric> metric = FindMetric("rmsel");
  ASSERT_FALSE(metric.ok());
  EXPECT_EQ(metric.error().message, "find metric rmsel: no such metric");
  EXPECT_THAT(metric.error().hint, testing::HasSubstr("rmsle"));
  EXPECT_THAT(NearestMetricNames("acuracy"),
              testing::ElementsAre("accuracy", testing::_, testing::_));
}

TEST(MetricNamesTest, RefusesAParameterThatMeansNothing) {
  for (const char* name :
       {"map@0", "map@1.5", "map@x", "pinball@2", "rmse@3", "ndcg@", "f1@2"}) {
    EXPECT_FALSE(FindMetric(name).ok()) << name;
  }
}

TEST(MetricNamesTest, FindsTheLongestPhraseInAText) {
  const std::pair<const char*, const char*> texts[] = {
      {"Submissions are evaluated on area under the ROC curve between the "
       "predicted probability and the observed target.",
       "auc"},
      {"Submissions are scored using the Root Mean Squared Logarithmic Error "
       "(RMSLE).",
       "rmsle"},
      {"evaluated on Root-Mean-Squared-Error (RMSE) between the logarithm of "
       "the predicted value and the logarithm of the observed sales price.",
       "rmse_log"},
      {"Use the RMSE metric between the logarithm of the predicted and "
       "observed values.",
       "rmse_log"},
      {"RMSE of the predicted price, a log of which is kept for ten years.",
       "rmse"},
      {"evaluated according to the Mean Average Precision @ 3 (MAP@3)",
       "map@3"},
      {"Your score is the percentage of passengers you correctly predict. "
       "This is known as accuracy.",
       "accuracy"},
      {"scored using multi-class logarithmic loss", "logloss"},
      {"scored on the column-wise root mean squared logarithmic error",
       "mcrmsle"},
      {"mean column-wise ROC AUC", "mcauc"},
      {"NDCG (Normalized discounted cumulative gain) @k where k=5", "ndcg@5"},
  };
  for (const auto& [text, short_name] : texts) {
    const std::optional<Metric> metric = FindMetricInText(text);
    ASSERT_TRUE(metric.has_value()) << text;
    EXPECT_EQ(metric->short_name(), short_name) << text;
  }
}

TEST(MetricNamesTest, FindsNothingInATextWithoutAMetric) {
  EXPECT_FALSE(
      FindMetricInText("A map of the rmses of the world.").has_value());
}

}  // namespace
}  // namespace treesmith
