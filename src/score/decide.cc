#include "score/decide.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <utility>

#include "score/metric_row.h"

namespace treesmith {
namespace {

// Finer cut points than this follow chance, not the metric.
constexpr size_t kBins = 256;
// Of a metric that a script computes: every place of a cut asks it.
constexpr size_t kExternalBins = 24;
// Class weights are fitted on at most this many rows.
constexpr size_t kWeightRows = 20'000;
constexpr int kMaxRounds = 10;

constexpr std::array<std::pair<DecisionKind, std::string_view>, 5> kKinds = {{
    {DecisionKind::kArgmax, "argmax"},
    {DecisionKind::kWeightedArgmax, "weighted-argmax"},
    {DecisionKind::kCutPoints, "cut-points"},
    {DecisionKind::kMedian, "median"},
    {DecisionKind::kMean, "mean"},
}};

double At(PredictionView prediction, size_t row, int column) {
  const auto columns = static_cast<size_t>(prediction.columns);
  return static_cast<double>(
      prediction.values[row * columns + static_cast<size_t>(column)]);
}

size_t RowsOf(PredictionView prediction) {
  return prediction.values.size() / static_cast<size_t>(prediction.columns);
}

// The number that cut points cut: the score, or the expected class index.
double Position(PredictionView prediction, size_t row) {
  if (prediction.columns == 1) return At(prediction, row, 0);
  double expected = 0;
  double total = 0;
  for (int c = 0; c < prediction.columns; ++c) {
    expected += c * At(prediction, row, c);
    total += At(prediction, row, c);
  }
  return total > 0 ? expected / total : expected;
}

size_t LabelOf(double position, std::span<const double> cuts) {
  const auto reached = std::ranges::upper_bound(cuts, position);
  return static_cast<size_t>(reached - cuts.begin());
}

int WeightedArgmax(PredictionView prediction, size_t row,
                   std::span<const double> weights) {
  int best = 0;
  double best_value = -1;
  for (int c = 0; c < prediction.columns; ++c) {
    const double weight = weights.empty() ? 1 : weights[static_cast<size_t>(c)];
    const double value = weight * At(prediction, row, c);
    if (value > best_value) {
      best = c;
      best_value = value;
    }
  }
  return best;
}

double MedianUnder(PredictionView prediction, size_t row,
                   std::span<const double> values) {
  double total = 0;
  for (int c = 0; c < prediction.columns; ++c) total += At(prediction, row, c);
  double below = 0;
  for (size_t c = 0; c + 1 < values.size(); ++c) {
    below += At(prediction, row, static_cast<int>(c));
    if (below >= total / 2) return values[c];
  }
  return values.back();
}

double MeanUnder(PredictionView prediction, size_t row,
                 std::span<const double> values) {
  double total = 0;
  double sum = 0;
  for (size_t c = 0; c < values.size(); ++c) {
    const double probability = At(prediction, row, static_cast<int>(c));
    total += probability;
    sum += probability * values[c];
  }
  return total > 0 ? sum / total : sum;
}

double DecideRow(const Decision& decision, PredictionView prediction,
                 size_t row) {
  switch (decision.kind) {
    case DecisionKind::kArgmax:
    case DecisionKind::kWeightedArgmax:
      if (prediction.columns == 1) return At(prediction, row, 0) > 0.5 ? 1 : 0;
      return WeightedArgmax(prediction, row, decision.numbers);
    case DecisionKind::kCutPoints:
      return static_cast<double>(
          LabelOf(Position(prediction, row), decision.numbers));
    case DecisionKind::kMedian:
      return MedianUnder(prediction, row, decision.numbers);
    case DecisionKind::kMean:
      return MeanUnder(prediction, row, decision.numbers);
  }
  return 0;
}

// A metric of labels on counts of (truth, label): a handful of weighted rows.
class CountedScore {
 public:
  CountedScore(const Metric& metric, int classes)
      : metric_(metric), classes_(static_cast<size_t>(classes)) {
    truth_.classes = classes;
    for (size_t t = 0; t < classes_; ++t) {
      for (size_t label = 0; label < classes_; ++label) {
        truth_.values.push_back(static_cast<double>(t));
        labels_.push_back(static_cast<float>(label));
      }
    }
    counts_.resize(truth_.values.size());
  }

  void Clear() { std::ranges::fill(counts_, 0.0); }
  void Add(size_t truth, size_t label, double weight) {
    counts_[truth * classes_ + label] += weight;
  }
  // Larger is better; lowest where the metric is not defined.
  [[nodiscard]] double Gain() const {
    const Result<double> value =
        metric_.Evaluate(truth_, {labels_, 1}, counts_);
    if (!value.ok()) return -std::numeric_limits<double>::max();
    return metric_.direction() == Direction::kMaximize ? *value : -*value;
  }

 private:
  const Metric& metric_;
  size_t classes_;
  Truth truth_;
  std::vector<float> labels_;
  std::vector<double> counts_;
};

// Rows put in at most so many bins by position, each with its counts by class.
struct Histogram {
  std::vector<double> uppers;  // a cut at uppers[i] parts bin i from bin i + 1
  std::vector<std::vector<double>> counts;
};

struct Placed {
  double position;
  size_t truth;
  double weight;
};

std::vector<Placed> PlaceRows(const Truth& truth, PredictionView prediction,
                              std::span<const double> weights) {
  std::vector<Placed> placed;
  for (size_t row = 0; row < truth.rows(); ++row) {
    const double weight = WeightAt(weights, row);
    if (weight == 0) continue;
    placed.push_back({Position(prediction, row),
                      static_cast<size_t>(truth.values[row]), weight});
  }
  std::ranges::sort(placed, {}, &Placed::position);
  return placed;
}

Histogram MakeHistogram(const std::vector<Placed>& placed, int classes,
                        size_t bins) {
  Histogram histogram;
  const size_t per_bin = std::max<size_t>(1, placed.size() / bins);
  std::vector<double> counts(static_cast<size_t>(classes));
  size_t in_bin = 0;
  for (size_t i = 0; i < placed.size(); ++i) {
    counts[placed[i].truth] += placed[i].weight;
    ++in_bin;
    const bool last = i + 1 == placed.size();
    const bool tied = !last && placed[i + 1].position == placed[i].position;
    if (!last && (tied || in_bin < per_bin)) continue;
    histogram.uppers.push_back(
        last ? placed[i].position
             : (placed[i].position + placed[i + 1].position) / 2);
    histogram.counts.push_back(counts);
    std::ranges::fill(counts, 0.0);
    in_bin = 0;
  }
  return histogram;
}

// Cut points as numbers of bins: label L holds bins [cuts[L-1], cuts[L]).
using BinCuts = std::vector<size_t>;

double GainOfCuts(const Histogram& histogram, const BinCuts& cuts,
                  CountedScore& score) {
  score.Clear();
  size_t label = 0;
  for (size_t bin = 0; bin < histogram.counts.size(); ++bin) {
    while (label < cuts.size() && bin >= cuts[label]) ++label;
    const std::vector<double>& counts = histogram.counts[bin];
    for (size_t t = 0; t < counts.size(); ++t) score.Add(t, label, counts[t]);
  }
  return score.Gain();
}

// The cuts that give each class as many rows as it has.
BinCuts MatchingCuts(const Histogram& histogram, int classes) {
  std::vector<double> wanted(static_cast<size_t>(classes));
  for (const auto& counts : histogram.counts) {
    for (size_t t = 0; t < counts.size(); ++t) wanted[t] += counts[t];
  }
  BinCuts cuts;
  double upto = 0;
  double filled = 0;
  size_t bin = 0;
  for (size_t t = 0; t + 1 < wanted.size(); ++t) {
    upto += wanted[t];
    while (bin < histogram.counts.size() && filled < upto) {
      const auto& counts = histogram.counts[bin++];
      filled += std::accumulate(counts.begin(), counts.end(), 0.0);
    }
    cuts.push_back(bin);
  }
  return cuts;
}

// Coordinate ascent: each cut in turn to its best place between its
// neighbours, until none moves.
BinCuts BestCuts(const Histogram& histogram, int classes, CountedScore& score) {
  BinCuts cuts = MatchingCuts(histogram, classes);
  double best = GainOfCuts(histogram, cuts, score);
  for (int round = 0; round < kMaxRounds; ++round) {
    bool moved = false;
    for (size_t i = 0; i < cuts.size(); ++i) {
      const size_t low = i == 0 ? 0 : cuts[i - 1];
      const size_t high =
          i + 1 == cuts.size() ? histogram.counts.size() : cuts[i + 1];
      size_t best_place = cuts[i];
      for (size_t place = low; place <= high; ++place) {
        cuts[i] = place;
        const double gain = GainOfCuts(histogram, cuts, score);
        if (gain <= best) continue;
        best = gain;
        best_place = place;
        moved = true;
      }
      cuts[i] = best_place;
    }
    if (!moved) break;
  }
  return cuts;
}

Decision FitCuts(const Metric& metric, const Truth& truth,
                 PredictionView prediction, std::span<const double> weights) {
  const std::vector<Placed> placed = PlaceRows(truth, prediction, weights);
  const Histogram histogram =
      MakeHistogram(placed, truth.classes,
                    metric.external() == nullptr ? kBins : kExternalBins);
  CountedScore score(metric, truth.classes);
  Decision decision = {DecisionKind::kCutPoints};
  for (const size_t cut : BestCuts(histogram, truth.classes, score)) {
    // No bin below: below everything; none above: above everything.
    const double position = cut == 0 ? placed.front().position - 1
                            : cut == histogram.uppers.size()
                                ? placed.back().position + 1
                                : histogram.uppers[cut - 1];
    decision.numbers.push_back(position);
  }
  return decision;
}

// Weights by class, climbing one class at a time from `start`.
class WeightFit {
 public:
  WeightFit(const Metric& metric, const Truth& truth, PredictionView prediction,
            std::span<const double> weights)
      : truth_(truth),
        prediction_(prediction),
        weights_(weights),
        stride_(1 + truth.rows() / kWeightRows),
        score_(metric, truth.classes) {}

  [[nodiscard]] std::vector<double> Climb(std::vector<double> start) {
    double best = Gain(start);
    for (int round = 0; round < kMaxRounds; ++round) {
      bool moved = false;
      for (double& weight : start) {
        const double from = weight;
        double best_weight = from;
        for (const double factor :
             {0.5, 0.7, 0.85, 0.95, 1.05, 1.2, 1.4, 2.0}) {
          weight = from * factor;
          const double gain = Gain(start);
          if (gain <= best) continue;
          best = gain;
          best_weight = weight;
          moved = true;
        }
        weight = best_weight;
      }
      if (!moved) break;
    }
    return start;
  }

  [[nodiscard]] double Gain(std::span<const double> class_weights) {
    score_.Clear();
    for (size_t row = 0; row < truth_.rows(); row += stride_) {
      const int label = WeightedArgmax(prediction_, row, class_weights);
      score_.Add(static_cast<size_t>(truth_.values[row]),
                 static_cast<size_t>(label), WeightAt(weights_, row));
    }
    return score_.Gain();
  }

 private:
  const Truth& truth_;
  PredictionView prediction_;
  std::span<const double> weights_;
  size_t stride_;
  CountedScore score_;
};

// 1 / share of each class: what balanced accuracy wants of true probabilities.
std::vector<double> InverseShares(const Truth& truth,
                                  std::span<const double> weights) {
  std::vector<double> counts(static_cast<size_t>(truth.classes), 1.0);
  for (size_t row = 0; row < truth.rows(); ++row) {
    counts[static_cast<size_t>(truth.values[row])] += WeightAt(weights, row);
  }
  for (double& count : counts) {
    count = static_cast<double>(truth.rows()) / count;
  }
  return counts;
}

Decision FitClassWeights(const Metric& metric, const Truth& truth,
                         PredictionView prediction,
                         std::span<const double> weights) {
  WeightFit fit(metric, truth, prediction, weights);
  const std::vector<double> even(static_cast<size_t>(truth.classes), 1.0);
  const std::vector<double> inverse = InverseShares(truth, weights);
  const bool from_inverse = fit.Gain(inverse) > fit.Gain(even);
  // A script is not asked hundreds of times.
  if (metric.external() != nullptr) {
    return {DecisionKind::kWeightedArgmax, from_inverse ? inverse : even};
  }
  return {DecisionKind::kWeightedArgmax,
          fit.Climb(from_inverse ? inverse : even)};
}

// The likeliest class is the right one where each hit counts the same.
bool IsPlainAccuracy(const Metric& metric) {
  return metric.row().short_name == "accuracy" ||
         metric.row().short_name == "f1_micro";
}

bool AllWithin01(PredictionView prediction) {
  return std::ranges::all_of(prediction.values,
                             [](float v) { return v >= 0 && v <= 1; });
}

Status CheckPrediction(const Metric& metric, size_t rows, size_t classes,
                       PredictionView prediction) {
  const std::string act = "decide labels for " + metric.short_name() + ": ";
  const auto columns = static_cast<size_t>(prediction.columns);
  if (columns != 1 && columns != classes) {
    return BadInput(act + std::to_string(columns) + " columns for " +
                    std::to_string(classes) + " classes");
  }
  if (rows == 0 || prediction.values.size() != rows * columns) {
    return BadInput(act + std::to_string(prediction.values.size() / columns) +
                    " predictions for " + std::to_string(rows) + " rows");
  }
  for (size_t i = 0; i < prediction.values.size(); ++i) {
    if (!std::isfinite(prediction.values[i])) {
      return BadInput(act + "the prediction of row " +
                      std::to_string(i / columns + 1) +
                      " is not a finite number");
    }
  }
  return {};
}

// Weights that leave the rows whose part is `part` out, and those of `several`
// parts; or nothing but zeros.
std::vector<double> WithoutPart(std::span<const int> parts,
                                std::span<const uint8_t> several, int part) {
  std::vector<double> weights(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool shared = !several.empty() && several[i] != 0;
    weights[i] = parts[i] != part && !shared;
  }
  return weights;
}

// The folds, or two halves where there is only one.
std::vector<int> PartsOf(std::span<const int> folds, size_t rows) {
  std::vector<int> parts(folds.begin(), folds.end());
  const bool single = std::ranges::all_of(
      parts, [&](int fold) { return fold == parts.front(); });
  if (!single) return parts;
  parts.resize(rows);
  for (size_t i = 0; i < rows; ++i) parts[i] = static_cast<int>(i % 2);
  return parts;
}

bool IsFitted(const Decision& decision) {
  return decision.kind == DecisionKind::kWeightedArgmax ||
         decision.kind == DecisionKind::kCutPoints;
}

}  // namespace

std::string DecisionJson(const Decision& decision) {
  const auto* const kind = std::ranges::find(
      kKinds, decision.kind, &decltype(kKinds)::value_type::first);
  nlohmann::ordered_json json;
  json["kind"] = kind->second;
  json["numbers"] = decision.numbers;
  return json.dump();
}

Result<Decision> ParseDecision(std::string_view text) {
  const Error error = BadInput("read decision: not as it was written");
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("kind") ||
      !json["kind"].is_string() || !json.contains("numbers") ||
      !json["numbers"].is_array()) {
    return error;
  }
  const auto name = json["kind"].get<std::string>();
  const auto* const kind =
      std::ranges::find(kKinds, name, &decltype(kKinds)::value_type::second);
  if (kind == kKinds.end()) return error;
  Decision decision = {kind->first};
  for (const auto& number : json["numbers"]) {
    if (!number.is_number()) return error;
    decision.numbers.push_back(number.get<double>());
  }
  return decision;
}

Result<Decision> FitDecision(const Metric& metric, const Truth& truth,
                             PredictionView prediction,
                             std::span<const double> weights,
                             std::span<const double> class_values) {
  const size_t classes = class_values.empty()
                             ? static_cast<size_t>(truth.classes)
                             : class_values.size();
  TRY(CheckPrediction(metric, truth.rows(), classes, prediction));
  if (!class_values.empty()) {
    const bool absolute =
        metric.row().short_name == "mae" || metric.row().short_name == "medae";
    return Decision{absolute ? DecisionKind::kMedian : DecisionKind::kMean,
                    {class_values.begin(), class_values.end()}};
  }
  const bool probabilities =
      prediction.columns > 1 || (classes == 2 && AllWithin01(prediction));
  if (IsPlainAccuracy(metric) && probabilities) return Decision{};
  if (metric.target() == TargetType::kOrdered || prediction.columns == 1) {
    return FitCuts(metric, truth, prediction, weights);
  }
  return FitClassWeights(metric, truth, prediction, weights);
}

std::vector<float> ApplyDecision(const Decision& decision,
                                 PredictionView prediction) {
  std::vector<float> values(RowsOf(prediction));
  for (size_t row = 0; row < values.size(); ++row) {
    values[row] = static_cast<float>(DecideRow(decision, prediction, row));
  }
  return values;
}

Result<Decided> DecideByFold(const Metric& metric, const HiddenRows& rows,
                             PredictionView prediction,
                             std::span<const double> class_values) {
  const Truth& truth = rows.truth;
  TRY_ASSIGN(Decision whole,
             FitDecision(metric, truth, prediction, {}, class_values));
  Decided decided = {ApplyDecision(whole, prediction), std::move(whole)};
  if (!IsFitted(decided.decision)) return decided;
  const std::vector<int> parts = PartsOf(rows.folds, truth.rows());
  const std::vector<uint8_t> several = InSeveralFolds(rows);
  const int count = 1 + *std::ranges::max_element(parts);
  for (int part = 0; part < count; ++part) {
    const std::vector<double> others = WithoutPart(parts, several, part);
    if (std::ranges::all_of(others, [](double w) { return w == 0; })) continue;
    TRY_ASSIGN(const Decision fitted,
               FitDecision(metric, truth, prediction, others, class_values));
    const std::vector<float> values = ApplyDecision(fitted, prediction);
    for (size_t row = 0; row < values.size(); ++row) {
      if (parts[row] == part) decided.values[row] = values[row];
    }
  }
  return decided;
}

}  // namespace treesmith
