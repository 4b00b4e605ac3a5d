#include "score/rank_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/check.h"
#include "score/order.h"

namespace treesmith {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr uint8_t kPositive = 1;
constexpr uint8_t kRunEnd = 2;

// Adds rows in order of score; a pair of equal scores counts half.
template <typename WeightOf>
double AreaOf(std::span<const uint8_t> flags, WeightOf weight_of) {
  double area = 0;
  double negatives_below = 0;
  double all_positives = 0;
  double positives = 0;  // of the open run of equal scores
  double negatives = 0;
  for (size_t i = 0; i < flags.size(); ++i) {
    const double weight = weight_of(i);
    const bool positive = (flags[i] & kPositive) != 0;
    positives += positive ? weight : 0;
    negatives += positive ? 0 : weight;
    if ((flags[i] & kRunEnd) == 0) continue;
    area += positives * (negatives_below + negatives / 2);
    negatives_below += negatives;
    all_positives += positives;
    positives = 0;
    negatives = 0;
  }
  const double pairs = all_positives * negatives_below;
  return pairs > 0 ? area / pairs : kNan;
}

// As AreaOf, in whole numbers and without a branch on the class: labels are as
// good as random in order of score, and every second guess would be wrong.
template <typename WeightOf>
double WholeAreaOf(std::span<const uint8_t> flags, WeightOf weight_of) {
  uint64_t doubled_area = 0;
  uint64_t negatives_below = 0;
  uint64_t all_positives = 0;
  uint64_t positives = 0;
  uint64_t negatives = 0;
  for (size_t i = 0; i < flags.size(); ++i) {
    const uint64_t weight = weight_of(i);
    const uint64_t positive = weight * (flags[i] & kPositive);
    positives += positive;
    negatives += weight - positive;
    if ((flags[i] & kRunEnd) == 0) continue;
    doubled_area += positives * (2 * negatives_below + negatives);
    negatives_below += negatives;
    all_positives += positives;
    positives = 0;
    negatives = 0;
  }
  const double pairs =
      static_cast<double>(all_positives) * static_cast<double>(negatives_below);
  return pairs > 0 ? static_cast<double>(doubled_area) / 2 / pairs : kNan;
}

std::vector<float> PredictionColumn(const MetricInput& input, int column) {
  std::vector<float> values(input.truth.rows());
  const auto stride = static_cast<size_t>(input.prediction.columns);
  for (size_t i = 0; i < values.size(); ++i) {
    const float value =
        input.prediction.values[i * stride + static_cast<size_t>(column)];
    // Rows of weight 0 may hold anything; their place does not matter.
    values[i] = std::isnan(value) ? 0 : value;
  }
  return values;
}

// Ranks by rising value where a weight of w stands for w equal rows: the
// middle of the places that a run of ties covers.
std::vector<double> WeightedRanks(std::span<const float> values,
                                  std::span<const double> weights) {
  const std::vector<uint32_t> order = AscendingOrder(values);
  std::vector<double> ranks(values.size());
  double below = 0;
  size_t begin = 0;
  for (const uint32_t end : TieEnds(values, order)) {
    double run = 0;
    for (size_t i = begin; i < end; ++i) run += WeightAt(weights, order[i]);
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = below + run / 2;
    below += run;
    begin = end;
  }
  return ranks;
}

struct Moments {
  double covariance = 0;
  double variance_a = 0;
  double variance_b = 0;
};

Moments WeightedMoments(std::span<const double> a, std::span<const double> b,
                        std::span<const double> weights) {
  double total = 0;
  double mean_a = 0;
  double mean_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double weight = WeightAt(weights, i);
    if (weight == 0) continue;
    total += weight;
    mean_a += weight * a[i];
    mean_b += weight * b[i];
  }
  mean_a /= total;
  mean_b /= total;
  Moments moments;
  for (size_t i = 0; i < a.size(); ++i) {
    const double weight = WeightAt(weights, i);
    if (weight == 0) continue;
    moments.covariance += weight * (a[i] - mean_a) * (b[i] - mean_b);
    moments.variance_a += weight * (a[i] - mean_a) * (a[i] - mean_a);
    moments.variance_b += weight * (b[i] - mean_b) * (b[i] - mean_b);
  }
  return moments;
}

// Ranks of doubles: the truth, which floats could merge.
std::vector<double> TruthRanks(const MetricInput& input,
                               std::span<const double> weights) {
  const size_t n = input.truth.rows();
  std::vector<size_t> order(n);
  for (size_t i = 0; i < n; ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](size_t i) { return input.TruthAt(i); });
  std::vector<double> ranks(n);
  double below = 0;
  for (size_t begin = 0; begin < n;) {
    size_t end = begin;
    double run = 0;
    while (end < n &&
           input.TruthAt(order[end]) == input.TruthAt(order[begin])) {
      run += WeightAt(weights, order[end++]);
    }
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = below + run / 2;
    below += run;
    begin = end;
  }
  return ranks;
}

// Sums of weights by place, with prefix sums in logarithmic time (Fenwick).
class PrefixSums {
 public:
  explicit PrefixSums(size_t places) : sums_(places + 1, 0.0) {}

  void Add(size_t place, double weight) {
    for (size_t i = place + 1; i < sums_.size(); i += i & (~i + 1)) {
      sums_[i] += weight;
    }
  }
  // Of places below `place`.
  [[nodiscard]] double Below(size_t place) const {
    double sum = 0;
    for (size_t i = place; i > 0; i -= i & (~i + 1)) sum += sums_[i];
    return sum;
  }

 private:
  std::vector<double> sums_;
};

// Where a row's run of equal predictions begins and ends, in sorted order.
struct Run {
  size_t begin;
  size_t end;
};

std::vector<Run> RunsOf(std::span<const float> values) {
  const std::vector<uint32_t> order = AscendingOrder(values);
  std::vector<Run> runs(values.size());
  size_t begin = 0;
  for (const uint32_t end : TieEnds(values, order)) {
    for (size_t i = begin; i < end; ++i) runs[order[i]] = {begin, end};
    begin = end;
  }
  return runs;
}

struct PairSums {
  double right = 0;  // ties count half
  double all = 0;
};

// Counts the pairs of `row` with all that outlive it, which `later` holds.
void CountPairs(const Run& run, double weight, const PrefixSums& later,
                size_t places, PairSums& pairs) {
  const double everything = later.Below(places);
  const double through = later.Below(run.end);
  const double tied = through - later.Below(run.begin);
  pairs.right += weight * (everything - through + tied / 2);
  pairs.all += weight * everything;
}

PairSums CountComparable(const MetricInput& input,
                         std::span<const double> weights) {
  const size_t n = input.truth.rows();
  const bool censoring = input.truth.columns == 2;
  const std::vector<Run> runs = RunsOf(PredictionColumn(input, 0));
  std::vector<size_t> order(n);
  for (size_t i = 0; i < n; ++i) order[i] = i;
  std::ranges::sort(order, std::greater<>(),
                    [&](size_t i) { return input.TruthAt(i); });
  const auto is_event = [&](size_t i) {
    return !censoring || input.TruthAt(i, 1) != 0;
  };
  PrefixSums later(n);
  PairSums pairs;
  const auto add = [&](size_t begin, size_t end, bool events) {
    for (size_t i = begin; i < end; ++i) {
      if (is_event(order[i]) != events) continue;
      later.Add(runs[order[i]].begin, WeightAt(weights, order[i]));
    }
  };
  for (size_t begin = 0; begin < n;) {
    size_t end = begin;
    while (end < n &&
           input.TruthAt(order[end]) == input.TruthAt(order[begin])) {
      ++end;
    }
    // Censored at the time of an event: it lived longer.
    add(begin, end, false);
    for (size_t i = begin; i < end; ++i) {
      if (!is_event(order[i])) continue;
      CountPairs(runs[order[i]], WeightAt(weights, order[i]), later, n, pairs);
    }
    add(begin, end, true);
    begin = end;
  }
  return pairs;
}

// The middle of weighted values; the mean of the two middle ones where the
// weight splits evenly, so that weights are repetitions.
double WeightedMedian(std::vector<std::pair<double, double>>& values) {
  std::ranges::sort(values);
  double total = 0;
  for (const auto& [value, weight] : values) total += weight;
  double below = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    below += values[i].second;
    if (below > total / 2) return values[i].first;
    if (below == total / 2 && i + 1 < values.size()) {
      return (values[i].first + values[i + 1].first) / 2;
    }
  }
  return values.back().first;
}

}  // namespace

SortedCurve::SortedCurve(std::span<const float> scores,
                         std::span<const uint8_t> positive)
    : order_(AscendingOrder(scores)), flags_(scores.size()) {
  CHECK(scores.size() == positive.size());
  for (size_t i = 0; i < order_.size(); ++i) {
    flags_[i] = positive[order_[i]] != 0 ? kPositive : 0;
    const bool run_ends =
        i + 1 == order_.size() || scores[order_[i]] != scores[order_[i + 1]];
    if (run_ends) flags_[i] |= kRunEnd;
  }
}

double SortedCurve::Area(std::span<const double> weights) const {
  if (weights.empty()) {
    return WholeAreaOf(flags_, [](size_t) { return uint64_t{1}; });
  }
  return AreaOf(flags_, [&](size_t i) { return weights[order_[i]]; });
}

double SortedCurve::Area(std::span<const uint16_t> unit_of_place,
                         std::span<const uint8_t> unit_weights) const {
  return WholeAreaOf(flags_, [&](size_t i) {
    return uint64_t{unit_weights[unit_of_place[i]]};
  });
}

std::vector<SortedCurve> CurvesOf(const MetricInput& input) {
  std::vector<SortedCurve> curves;
  curves.reserve(static_cast<size_t>(input.prediction.columns));
  const size_t n = input.truth.rows();
  const bool multiclass = input.truth.classes > 2;
  std::vector<uint8_t> positive(n);
  for (int c = 0; c < input.prediction.columns; ++c) {
    for (size_t i = 0; i < n; ++i) {
      const double truth = input.TruthAt(i, multiclass ? 0 : c);
      positive[i] = truth == (multiclass ? c : 1) ? 1 : 0;
    }
    curves.emplace_back(PredictionColumn(input, c), positive);
  }
  return curves;
}

Result<double> AreaUnderCurve(const MetricInput& input,
                              std::span<const double> weights) {
  double total = 0;
  int column = 0;
  for (const SortedCurve& curve : CurvesOf(input)) {
    const double area = curve.Area(weights);
    if (std::isnan(area)) {
      return BadInput("score auc: one class only in the truth" +
                      (input.prediction.columns > 1
                           ? " of column " + std::to_string(column + 1)
                           : std::string()));
    }
    total += area;
    ++column;
  }
  return total / column;
}

Result<double> NormalizedGini(const MetricInput& input,
                              std::span<const double> weights) {
  std::vector<double> truth(input.truth.rows());
  for (size_t i = 0; i < truth.size(); ++i) truth[i] = input.TruthAt(i);
  const double own =
      WeightedMoments(truth, TruthRanks(input, weights), weights).covariance;
  if (own <= 0) return BadInput("score gini: the truth is constant");
  const std::vector<double> ranks =
      WeightedRanks(PredictionColumn(input, 0), weights);
  return WeightedMoments(truth, ranks, weights).covariance / own;
}

Result<double> Spearman(const MetricInput& input,
                        std::span<const double> weights) {
  const Moments moments = WeightedMoments(
      TruthRanks(input, weights),
      WeightedRanks(PredictionColumn(input, 0), weights), weights);
  if (moments.variance_a <= 0) {
    return BadInput("score spearman: the truth is constant");
  }
  if (moments.variance_b <= 0) {
    return BadInput("score spearman: the prediction is constant");
  }
  return moments.covariance /
         std::sqrt(moments.variance_a * moments.variance_b);
}

Result<double> ConcordanceIndex(const MetricInput& input,
                                std::span<const double> weights) {
  const PairSums pairs = CountComparable(input, weights);
  if (pairs.all <= 0) {
    return BadInput("score concordance_index: no pair can be compared");
  }
  return pairs.right / pairs.all;
}

Result<double> MedianAbsoluteError(const MetricInput& input,
                                   std::span<const double> weights) {
  double total = 0;
  for (int c = 0; c < input.truth.columns; ++c) {
    std::vector<std::pair<double, double>> errors;
    for (size_t i = 0; i < input.truth.rows(); ++i) {
      const double weight = WeightAt(weights, i);
      if (weight == 0) continue;
      const double error =
          std::abs(input.TruthAt(i, c) - input.PredictionAt(i, c));
      errors.emplace_back(error, weight);
    }
    total += WeightedMedian(errors);
  }
  return total / input.truth.columns;
}

}  // namespace treesmith
