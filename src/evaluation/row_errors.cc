#include "evaluation/row_errors.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace treesmith {
namespace {

enum class Scale { kPlain, kLog, kRelative };

Scale ScaleOf(const Metric& metric) {
  const std::string name = metric.name();
  if (name.find("percentage") != std::string::npos) return Scale::kRelative;
  return name.find("log") != std::string::npos ? Scale::kLog : Scale::kPlain;
}

RowErrors OfNumbers(Scale scale, const Truth& truth,
                    std::span<const float> predicted) {
  RowErrors rows;
  for (size_t i = 0; i < predicted.size(); ++i) {
    const double y = truth.values[i];
    const auto p = static_cast<double>(predicted[i]);
    double bias = p - y;
    if (scale == Scale::kLog && p > -1 && y > -1) {
      bias = std::log1p(p) - std::log1p(y);
    } else if (scale == Scale::kRelative && y != 0) {
      bias /= std::abs(y);
    }
    rows.bias.push_back(bias);
    rows.error.push_back(std::abs(bias));
  }
  return rows;
}

RowErrors OfLabels(const Truth& truth, std::span<const float> predicted) {
  RowErrors rows;
  for (size_t i = 0; i < predicted.size(); ++i) {
    const bool right = static_cast<double>(predicted[i]) == truth.values[i];
    rows.error.push_back(right ? 0 : 1);
  }
  return rows;
}

// A probability of 0 for what is so would weigh more than all other rows.
double LogLoss(double probability) {
  return -std::log(std::clamp(probability, 1e-3, 1.0));
}

RowErrors OfProbabilities(const Truth& truth, PredictionView predicted) {
  RowErrors rows;
  const auto columns = static_cast<size_t>(predicted.columns);
  for (size_t i = 0; i < truth.rows(); ++i) {
    const auto real = static_cast<size_t>(truth.values[i]);
    if (columns > 1) {
      rows.error.push_back(
          LogLoss(static_cast<double>(predicted.values[i * columns + real])));
      continue;
    }
    const auto p = static_cast<double>(predicted.values[i]);
    rows.error.push_back(LogLoss(real == 1 ? p : 1 - p));
    rows.bias.push_back(p - truth.values[i]);
  }
  return rows;
}

// Two classes: for each row the share of the other class's rows that stand on
// the wrong side of it, equal ones by half. Its mean over a class is 1 - AUC.
RowErrors OfOrder(const Truth& truth, std::span<const float> score) {
  std::vector<size_t> order(score.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return score[i]; });
  const auto positives =
      static_cast<double>(std::ranges::count(truth.values, 1.0));
  const double negatives = static_cast<double>(score.size()) - positives;
  RowErrors rows;
  if (positives == 0 || negatives == 0) return rows;
  rows.error.resize(score.size());
  double positives_below = 0;
  double negatives_below = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    double equal_positives = 0;
    for (; end < order.size() && score[order[end]] == score[order[begin]];
         ++end) {
      equal_positives += truth.values[order[end]];
    }
    const double equal_negatives =
        static_cast<double>(end - begin) - equal_positives;
    for (; begin < end; ++begin) {
      const size_t i = order[begin];
      rows.error[i] =
          truth.values[i] == 1
              ? 1 - (negatives_below + equal_negatives / 2) / negatives
              : (positives_below + equal_positives / 2) / positives;
    }
    positives_below += equal_positives;
    negatives_below += equal_negatives;
  }
  return rows;
}

}  // namespace

RowErrors ErrorsOfRows(const Metric& metric, const Truth& truth,
                       PredictionView terms) {
  const bool one = truth.columns == 1 && metric.external() == nullptr;
  const auto columns = static_cast<size_t>(std::max(terms.columns, 1));
  if (!one || terms.values.size() != truth.rows() * columns) return {};
  switch (metric.needs()) {
    case Needs::kValue:
      if (terms.columns != 1) return {};
      return OfNumbers(ScaleOf(metric), truth, terms.values);
    case Needs::kLabel:
      if (terms.columns != 1) return {};
      return truth.classes == 0 ? OfNumbers(Scale::kPlain, truth, terms.values)
                                : OfLabels(truth, terms.values);
    case Needs::kProbability:
      return truth.classes == 0 ? RowErrors{} : OfProbabilities(truth, terms);
    case Needs::kOrder:
      if (terms.columns != 1 || truth.classes != 2) return {};
      return OfOrder(truth, terms.values);
  }
  return {};
}

}  // namespace treesmith
