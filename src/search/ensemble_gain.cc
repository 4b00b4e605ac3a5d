#include "search/ensemble_gain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace treesmith {
namespace {

// Keys of AreaOfRanks: a place in steps far below what two ranks are apart, the
// class in the lowest bit; two passes sort them.
constexpr uint32_t kBuckets = 1U << 11U;
constexpr float kSteps = (1U << 21U) - 1;

using Buckets = std::array<uint32_t, kBuckets>;

// By the digit key / unit; `starts` holds how many there are of each.
void SortBy(uint32_t unit, const std::vector<uint32_t>& from, Buckets& starts,
            std::vector<uint32_t>& to) {
  uint32_t next = 0;
  for (uint32_t& start : starts) next += std::exchange(start, next);
  for (const uint32_t key : from) to[starts[key / unit % kBuckets]++] = key;
}

// 0 with one class only.
double AreaOf(const std::vector<uint32_t>& sorted) {
  uint64_t doubled = 0;
  uint64_t below = 0;
  uint64_t all_positives = 0;
  for (size_t i = 0; i < sorted.size();) {
    const uint32_t place = sorted[i] >> 1U;
    uint64_t positives = 0;
    uint64_t negatives = 0;
    for (; i < sorted.size() && sorted[i] >> 1U == place; ++i) {
      positives += sorted[i] & 1U;
      negatives += 1 - (sorted[i] & 1U);
    }
    doubled += positives * (2 * below + negatives);
    below += negatives;
    all_positives += positives;
  }
  const double pairs =
      static_cast<double>(below) * static_cast<double>(all_positives);
  return pairs > 0 ? static_cast<double>(doubled) / 2 / pairs : 0;
}

}  // namespace

std::optional<FitRows> OnTrueClasses(const FitRows& rows) {
  if (rows.loss.short_name() != "logloss" || rows.truth.classes < 3) {
    return std::nullopt;
  }
  FitRows reduced = rows;
  reduced.columns = 1;
  reduced.truth.classes = 2;
  reduced.truth.values.assign(rows.truth.rows(), 1);
  const auto columns = static_cast<size_t>(rows.columns);
  for (std::vector<float>& member : reduced.members) {
    std::vector<float> own(rows.truth.rows());
    for (size_t row = 0; row < own.size(); ++row) {
      own[row] =
          member[row * columns + static_cast<size_t>(rows.truth.values[row])];
    }
    member = std::move(own);
  }
  return reduced;
}

BlendGain::Way BlendGain::WayOf(const FitRows& rows) {
  if (rows.columns != 1 || rows.truth.columns != 1 || rows.truth.classes != 2) {
    return Way::kMetric;
  }
  const std::string name = rows.loss.short_name();
  if (name == "logloss") return Way::kLogLoss;
  return name == "auc" && rows.space == BlendSpace::kRank ? Way::kAreaOfRanks
                                                          : Way::kMetric;
}

BlendGain::BlendGain(const FitRows& rows) : rows_(rows), way_(WayOf(rows)) {
  if (way_ != Way::kAreaOfRanks) return;
  keys_.resize(rows.truth.rows());
  sorted_.resize(keys_.size());
}

double BlendGain::operator()(std::span<float> blend) {
  if (way_ == Way::kLogLoss) return LogLikelihood(blend);
  if (way_ == Way::kAreaOfRanks) return AreaOfRanks(blend);
  // Means of rounded floats may leave [0, 1] by a hair.
  if (rows_.loss.needs() == Needs::kProbability) {
    for (float& value : blend) value = std::clamp(value, 0.0F, 1.0F);
  }
  const Result<double> value =
      rows_.loss.EvaluateTrusted(rows_.truth, {blend, rows_.columns});
  if (!value.ok()) return -std::numeric_limits<double>::max();
  return rows_.loss.direction() == Direction::kMaximize ? *value : -*value;
}

// One logarithm for the product of eight probabilities, which 2e-16 each cannot
// make zero.
double BlendGain::LogLikelihood(std::span<const float> blend) const {
  constexpr double kFloor = std::numeric_limits<double>::epsilon();
  constexpr size_t kTogether = 8;
  double sum = 0;
  double product = 1;
  for (size_t row = 0; row < blend.size(); ++row) {
    const auto one = static_cast<double>(blend[row]);
    const double own = rows_.truth.values[row] == 1 ? one : 1 - one;
    product *= std::clamp(own, kFloor, 1 - kFloor);
    if (row % kTogether != kTogether - 1) continue;
    sum += std::log(product);
    product = 1;
  }
  return (sum + std::log(product)) / static_cast<double>(blend.size());
}

double BlendGain::AreaOfRanks(std::span<const float> blend) {
  Buckets low = {};
  Buckets high = {};
  for (size_t row = 0; row < blend.size(); ++row) {
    const float place = std::clamp(blend[row], 0.0F, 1.0F) * kSteps;
    const uint32_t key = (static_cast<uint32_t>(place) << 1U) |
                         (rows_.truth.values[row] == 1 ? 1U : 0U);
    keys_[row] = key;
    ++low[key % kBuckets];
    ++high[key / kBuckets];
  }
  SortBy(1, keys_, low, sorted_);
  SortBy(kBuckets, sorted_, high, keys_);
  return AreaOf(keys_);
}

}  // namespace treesmith
