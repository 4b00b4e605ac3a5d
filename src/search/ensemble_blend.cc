#include "search/ensemble_blend.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "base/check.h"
#include "score/order.h"

namespace treesmith {
namespace {

// Logarithms are taken in double and rounded once, so that another program
// with the same C library gets the same float (evaluation/blend_program.h).

// Ranks of one column within one fold, written where they came from.
void RankColumn(PredictionView prediction, std::span<const uint32_t> rows,
                size_t column, std::vector<float>& out) {
  const auto columns = static_cast<size_t>(prediction.columns);
  std::vector<float> values;
  values.reserve(rows.size());
  for (const uint32_t row : rows) {
    values.push_back(prediction.values[row * columns + column]);
  }
  const std::vector<double> ranks = UnitRanks(values);
  for (size_t i = 0; i < rows.size(); ++i) {
    out[rows[i] * columns + column] = static_cast<float>(ranks[i]);
  }
}

std::vector<float> RankByFold(PredictionView prediction,
                              std::span<const int> folds) {
  const auto columns = static_cast<size_t>(prediction.columns);
  const size_t rows = prediction.values.size() / columns;
  const int count = folds.empty() ? 1 : 1 + *std::ranges::max_element(folds);
  std::vector<std::vector<uint32_t>> rows_of(static_cast<size_t>(count));
  for (size_t row = 0; row < rows; ++row) {
    const int fold = folds.empty() ? 0 : folds[row];
    rows_of[static_cast<size_t>(fold)].push_back(static_cast<uint32_t>(row));
  }
  std::vector<float> out(prediction.values.size());
  for (const std::vector<uint32_t>& fold_rows : rows_of) {
    for (size_t c = 0; c < columns; ++c) {
      RankColumn(prediction, fold_rows, c, out);
    }
  }
  return out;
}

constexpr std::array<std::pair<BlendSpace, std::string_view>, 4> kNames = {{
    {BlendSpace::kPlain, "plain"},
    {BlendSpace::kLog1p, "log1p"},
    {BlendSpace::kLog, "log"},
    {BlendSpace::kRank, "rank"},
}};

// Enough rows to tell copies from kin.
constexpr size_t kLikenessRows = 2000;

}  // namespace

std::string_view BlendSpaceName(BlendSpace space) {
  return std::ranges::find(kNames, space, &decltype(kNames)::value_type::first)
      ->second;
}

std::optional<BlendSpace> ParseBlendSpace(std::string_view name) {
  const auto* const found =
      std::ranges::find(kNames, name, &decltype(kNames)::value_type::second);
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

BlendSpace BlendSpaceOf(const Metric& metric) {
  const std::string name = metric.short_name();
  if (name == "rmsle" || name == "mcrmsle") return BlendSpace::kLog1p;
  if (name == "rmse_log") return BlendSpace::kLog;
  // map@k and ndcg@k rank the columns of a row, not the rows of a column.
  const bool ranks_rows = metric.needs() == Needs::kOrder &&
                          !name.starts_with("map@") &&
                          !name.starts_with("ndcg@");
  return ranks_rows ? BlendSpace::kRank : BlendSpace::kPlain;
}

std::vector<float> ToBlendSpace(BlendSpace space, PredictionView prediction,
                                std::span<const int> folds) {
  if (space == BlendSpace::kRank) return RankByFold(prediction, folds);
  std::vector<float> out(prediction.values.begin(), prediction.values.end());
  // A refit may predict what no truth is (-0.2 bikers); its logarithm would
  // make the whole blend infinite.
  for (float& value : out) {
    const auto exact = static_cast<double>(value);
    if (space == BlendSpace::kLog1p) {
      value = static_cast<float>(std::log1p(std::max(0.0, exact)));
    }
    if (space == BlendSpace::kLog) {
      const double least = std::numeric_limits<float>::min();
      value = static_cast<float>(std::log(std::max(least, exact)));
    }
  }
  return out;
}

void FromBlendSpace(BlendSpace space, std::span<float> values) {
  if (space == BlendSpace::kPlain || space == BlendSpace::kRank) return;
  for (float& value : values) {
    const auto exact = static_cast<double>(value);
    // A truth of 0 may come out as -1e-9.
    if (space == BlendSpace::kLog1p) {
      value = static_cast<float>(std::max(0.0, std::expm1(exact)));
    }
    if (space == BlendSpace::kLog) {
      value = static_cast<float>(std::exp(exact));
    }
  }
}

std::vector<float> BlendInSpace(BlendSpace space,
                                std::span<const std::span<const float>> members,
                                std::span<const double> weights) {
  CHECK(members.size() == weights.size());
  CHECK(!members.empty());
  double total = 0;
  for (const double weight : weights) total += weight;
  CHECK(total > 0);
  std::vector<double> sum(members.front().size(), 0.0);
  for (size_t m = 0; m < members.size(); ++m) {
    if (weights[m] == 0) continue;
    CHECK(members[m].size() == sum.size());
    const double weight = weights[m] / total;
    for (size_t i = 0; i < sum.size(); ++i) {
      sum[i] += weight * static_cast<double>(members[m][i]);
    }
  }
  std::vector<float> blend(sum.begin(), sum.end());
  FromBlendSpace(space, blend);
  return blend;
}

double Likeness(std::span<const float> a, std::span<const float> b) {
  const size_t stride = 1 + a.size() / kLikenessRows;
  double n = 0;
  double mean_a = 0;
  double mean_b = 0;
  for (size_t i = 0; i < a.size(); i += stride) {
    mean_a += static_cast<double>(a[i]);
    mean_b += static_cast<double>(b[i]);
    n += 1;
  }
  mean_a /= n;
  mean_b /= n;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (size_t i = 0; i < a.size(); i += stride) {
    const double x = static_cast<double>(a[i]) - mean_a;
    const double y = static_cast<double>(b[i]) - mean_b;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  // Two constants are copies of each other, as far as a blend goes.
  return aa * bb > 0 ? ab / std::sqrt(aa * bb) : (aa == bb ? 1 : 0);
}

}  // namespace treesmith
