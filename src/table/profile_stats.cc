#include "table/profile_stats.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace treesmith {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double Count(size_t size) { return static_cast<double>(size); }

}  // namespace

std::vector<double> Ranks(std::span<const double> values) {
  // Each value beside its place: a sort of places alone misses the cache.
  std::vector<std::pair<double, uint32_t>> order(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    order[i] = {values[i], static_cast<uint32_t>(i)};
  }
  std::ranges::sort(order, {}, &std::pair<double, uint32_t>::first);
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && order[end].first == order[begin].first) ++end;
    const double rank = (Count(begin) + Count(end) + 1) / 2;
    for (; begin < end; ++begin) ranks[order[begin].second] = rank;
  }
  return ranks;
}

std::vector<double> CodeRanks(std::span<const int32_t> codes,
                              std::span<const double> value_of_code,
                              std::span<const int32_t> ascending) {
  std::vector<size_t> counts(value_of_code.size());
  for (const int32_t code : codes) ++counts[static_cast<size_t>(code)];
  const auto value = [&](size_t at) {
    return value_of_code[static_cast<size_t>(ascending[at])];
  };
  std::vector<double> rank_of_code(value_of_code.size());
  size_t before = 0;
  for (size_t begin = 0; begin < ascending.size();) {
    // Unlike codes may be of one value: dates written in two ways.
    size_t end = begin;
    size_t rows = 0;
    for (; end < ascending.size() && value(end) == value(begin); ++end) {
      rows += counts[static_cast<size_t>(ascending[end])];
    }
    const double rank = (Count(2 * before + rows) + 1) / 2;
    before += rows;
    for (; begin < end; ++begin) {
      rank_of_code[static_cast<size_t>(ascending[begin])] = rank;
    }
  }
  std::vector<double> ranks;
  ranks.reserve(codes.size());
  for (const int32_t code : codes) {
    ranks.push_back(rank_of_code[static_cast<size_t>(code)]);
  }
  return ranks;
}

double Mean(std::span<const double> values) {
  if (values.empty()) return kNone;
  return std::accumulate(values.begin(), values.end(), 0.0) /
         Count(values.size());
}

double StandardDeviation(std::span<const double> values) {
  const double mean = Mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return values.empty() ? kNone : std::sqrt(sum / Count(values.size()));
}

double Skew(std::span<const double> values) {
  const double mean = Mean(values);
  const double deviation = StandardDeviation(values);
  if (!(deviation > 0)) return kNone;
  double sum = 0;
  for (const double value : values) {
    const double unit = (value - mean) / deviation;
    sum += unit * unit * unit;
  }
  return sum / Count(values.size());
}

double Quantile(std::span<const double> sorted, double share) {
  if (sorted.empty()) return kNone;
  const double at = share * Count(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - Count(below)) * (sorted[above] - sorted[below]);
}

double Correlation(std::span<const double> a, std::span<const double> b) {
  const double mean_a = Mean(a);
  const double mean_b = Mean(b);
  double product = 0;
  double square_a = 0;
  double square_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    product += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  const double scale = std::sqrt(square_a) * std::sqrt(square_b);
  return scale > 0 ? product / scale : kNone;
}

double AbsoluteGini(std::span<const double> ranks,
                    std::span<const double> label) {
  double sum = 0;
  double positive = 0;
  for (size_t i = 0; i < ranks.size(); ++i) {
    if (label[i] != 1) continue;
    sum += ranks[i];
    ++positive;
  }
  const double negative = Count(ranks.size()) - positive;
  if (positive == 0 || negative == 0) return kNone;
  const double auc =
      (sum - positive * (positive + 1) / 2) / (positive * negative);
  return std::abs(2 * auc - 1);
}

double RankEta(std::span<const double> ranks, std::span<const int32_t> group) {
  const double mean = Mean(ranks);
  std::unordered_map<int32_t, std::pair<double, double>> groups;
  double total = 0;
  for (size_t i = 0; i < ranks.size(); ++i) {
    auto& [sum, count] = groups[group[i]];
    sum += ranks[i] - mean;
    ++count;
    total += (ranks[i] - mean) * (ranks[i] - mean);
  }
  double between = 0;
  for (const auto& [key, entry] : groups) {
    between += entry.first * entry.first / entry.second;
  }
  return total > 0 ? std::sqrt(between / total) : kNone;
}

std::vector<double> CrossMeans(std::span<const int32_t> group,
                               std::span<const double> y) {
  // A group of few rows says little: it counts as ten rows of the mean more.
  constexpr double kPrior = 10;
  const double mean = Mean(y);
  struct Sums {
    double sum[2] = {0, 0};
    double count[2] = {0, 0};
  };
  std::unordered_map<int32_t, Sums> groups;
  for (size_t i = 0; i < y.size(); ++i) {
    Sums& sums = groups[group[i]];
    sums.sum[i % 2] += y[i];
    ++sums.count[i % 2];
  }
  std::vector<double> means(y.size());
  for (size_t i = 0; i < y.size(); ++i) {
    const Sums& sums = groups[group[i]];
    const size_t other = 1 - i % 2;
    means[i] = (sums.sum[other] + kPrior * mean) / (sums.count[other] + kPrior);
  }
  return means;
}

double KolmogorovSmirnov(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return kNone;
  double most = 0;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const double at = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == at) ++i;
    while (j < b.size() && b[j] == at) ++j;
    most = std::max(most, std::abs(Count(i) / Count(a.size()) -
                                   Count(j) / Count(b.size())));
  }
  return most;
}

double NumericPsi(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return kNone;
  std::vector<double> edges;
  for (int decile = 1; decile < 10; ++decile) {
    const double edge = Quantile(a, decile / 10.0);
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  }
  const auto shares = [&](std::span<const double> values) {
    std::vector<double> share_of_bin;
    size_t before = 0;
    for (size_t bin = 0; bin <= edges.size(); ++bin) {
      const auto end = bin == edges.size()
                           ? values.end()
                           : std::ranges::upper_bound(values, edges[bin]);
      const auto at = static_cast<size_t>(end - values.begin());
      share_of_bin.push_back(Count(at - before) / Count(values.size()));
      before = at;
    }
    return share_of_bin;
  };
  return SharePsi(shares(a), shares(b));
}

double SharePsi(std::span<const double> a, std::span<const double> b) {
  // An empty cell would be infinite; a ten-thousandth is below what is seen.
  constexpr double kFloor = 1e-4;
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double share_a = std::max(a[i], kFloor);
    const double share_b = std::max(b[i], kFloor);
    sum += (share_a - share_b) * std::log(share_a / share_b);
  }
  return sum;
}

}  // namespace treesmith
