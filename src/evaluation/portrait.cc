#include "evaluation/portrait.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "base/check.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

constexpr size_t kBins = 10;
// Bins of fewer rows say little; there are fewer bins then.
constexpr size_t kBinRows = 20;
constexpr size_t kMostTargets = 3;
constexpr size_t kMostClasses = 12;

// Rows by their value, cut into bins of equal size; equal values stay together.
std::vector<std::vector<size_t>> Binned(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(
      order, [&](size_t a, size_t b) { return values[a] < values[b]; });
  const size_t bins =
      std::clamp<size_t>(values.size() / kBinRows, size_t{1}, kBins);
  std::vector<std::vector<size_t>> binned;
  size_t begin = 0;
  for (size_t bin = 1; bin <= bins && begin < order.size(); ++bin) {
    size_t end = std::max(begin + 1, bin * order.size() / bins);
    while (end < order.size() && values[order[end]] == values[order[end - 1]]) {
      ++end;
    }
    binned.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                        order.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  return binned;
}

Calibration Calibrate(std::string of, const std::vector<double>& predicted,
                      const std::vector<bool>& is) {
  Calibration calibration;
  calibration.of = std::move(of);
  for (const std::vector<size_t>& rows : Binned(predicted)) {
    CalibrationBin bin;
    const auto n = static_cast<double>(rows.size());
    for (const size_t row : rows) {
      bin.predicted += predicted[row] / n;
      bin.observed += is[row] ? 1 / n : 0;
    }
    bin.rows = static_cast<int64_t>(rows.size());
    calibration.error += std::abs(bin.predicted - bin.observed) * n /
                         static_cast<double>(predicted.size());
    calibration.bins.push_back(bin);
  }
  return calibration;
}

bool Probabilities(const Predictions& predictions, const Target& target) {
  return predictions.kind == PredictionKind::kProbability &&
         !target.order_only && !target.classes.empty();
}

void AddCalibrations(const Target& target, const Truth& truth,
                     const Predictions& predictions, Portrait& portrait) {
  if (!Probabilities(predictions, target)) return;
  const auto width = static_cast<size_t>(predictions.columns);
  const size_t rows = truth.rows();
  if (predictions.columns != target.columns()) {
    // A column a class: is the likeliest class as likely as it says?
    std::vector<double> predicted;
    std::vector<bool> is;
    for (size_t row = 0; row < rows; ++row) {
      const auto first =
          predictions.values.begin() + static_cast<std::ptrdiff_t>(row * width);
      const auto likeliest =
          std::max_element(first, first + static_cast<std::ptrdiff_t>(width));
      predicted.push_back(*likeliest);
      is.push_back(truth.values[row] == static_cast<double>(likeliest - first));
    }
    portrait.calibrations.push_back(
        Calibrate("the likeliest class", predicted, is));
    return;
  }
  for (size_t k = 0; k < std::min(width, kMostTargets); ++k) {
    std::vector<double> predicted;
    std::vector<bool> is;
    for (size_t row = 0; row < rows; ++row) {
      predicted.push_back(predictions.values[row * width + k]);
      is.push_back(truth.values[row * width + k] > 0.5);
    }
    portrait.calibrations.push_back(Calibrate(
        target.names[k] + " = " + target.classes.back(), predicted, is));
  }
}

double Quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(place);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  const double part = place - static_cast<double>(low);
  return sorted[low] * (1 - part) + sorted[high] * part;
}

// Metrics that compare logarithms.
bool Logarithmic(const Metric& metric) {
  const std::string name = metric.short_name();
  return name.find("msle") != std::string::npos;
}

void AddResiduals(const Metric& metric, const Target& target,
                  const Truth& truth, const Predictions& predictions,
                  Portrait& portrait) {
  if (truth.classes > 0 || predictions.columns != truth.columns) return;
  const auto width = static_cast<size_t>(truth.columns);
  for (size_t k = 0; k < std::min(width, kMostTargets); ++k) {
    Residuals residuals;
    residuals.of = target.names[k];
    residuals.logarithms = Logarithmic(metric);
    const auto scaled = [&](double value) {
      return residuals.logarithms ? std::log1p(std::max(value, 0.0)) : value;
    };
    std::vector<double> predicted;
    std::vector<double> beyond;
    for (size_t row = 0; row < truth.rows(); ++row) {
      predicted.push_back(scaled(predictions.values[row * width + k]));
      beyond.push_back(scaled(truth.values[row * width + k]) -
                       predicted.back());
    }
    for (const std::vector<size_t>& rows : Binned(predicted)) {
      ResidualBin bin;
      std::vector<double> own;
      for (const size_t row : rows) {
        bin.predicted += predicted[row] / static_cast<double>(rows.size());
        own.push_back(beyond[row]);
      }
      std::ranges::sort(own);
      bin.low = Quantile(own, 0.1);
      bin.middle = Quantile(own, 0.5);
      bin.high = Quantile(own, 0.9);
      bin.rows = static_cast<int64_t>(rows.size());
      residuals.bins.push_back(bin);
    }
    portrait.residuals.push_back(std::move(residuals));
  }
}

// By class: its place in the picture. The rarest share the last place.
std::vector<size_t> PlacesOf(const Target& target, const Truth& truth,
                             size_t column, Confusion& confusion) {
  const size_t classes = target.classes.size();
  const auto width = static_cast<size_t>(truth.columns);
  std::vector<int64_t> rows(classes, 0);
  for (size_t row = 0; row < truth.rows(); ++row) {
    ++rows[static_cast<size_t>(truth.values[row * width + column])];
  }
  std::vector<size_t> order(classes);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(
      order, [&](size_t a, size_t b) { return rows[a] > rows[b]; });
  const size_t own = classes > kMostClasses ? kMostClasses - 1 : classes;
  std::vector<size_t> shown(order.begin(),
                            order.begin() + static_cast<std::ptrdiff_t>(own));
  std::ranges::sort(shown);
  std::vector<size_t> places(classes, own);
  for (size_t i = 0; i < own; ++i) {
    places[shown[i]] = i;
    confusion.classes.push_back(target.classes[shown[i]]);
  }
  if (own < classes) {
    confusion.classes.push_back(std::to_string(classes - own) + " others");
  }
  return places;
}

void AddConfusions(const Target& target, const Truth& truth,
                   std::span<const float> labels, Portrait& portrait) {
  if (target.classes.empty() || labels.size() != truth.values.size()) return;
  const auto width = static_cast<size_t>(truth.columns);
  for (size_t k = 0; k < std::min(width, kMostTargets); ++k) {
    Confusion confusion;
    confusion.of = target.names[k];
    const std::vector<size_t> places = PlacesOf(target, truth, k, confusion);
    const size_t size = confusion.classes.size();
    confusion.counts.assign(size, std::vector<int64_t>(size, 0));
    for (size_t row = 0; row < truth.rows(); ++row) {
      const auto is = static_cast<size_t>(truth.values[row * width + k]);
      const auto said = static_cast<size_t>(labels[row * width + k]);
      CHECK(said < places.size());
      ++confusion.counts[places[is]][places[said]];
    }
    portrait.confusions.push_back(std::move(confusion));
  }
}

Json CalibrationJson(const Calibration& calibration) {
  Json bins = Json::array();
  for (const CalibrationBin& bin : calibration.bins) {
    bins.push_back({bin.predicted, bin.observed, bin.rows});
  }
  return {{"of", calibration.of}, {"bins", bins}, {"error", calibration.error}};
}

Json ResidualsJson(const Residuals& residuals) {
  Json bins = Json::array();
  for (const ResidualBin& bin : residuals.bins) {
    bins.push_back({bin.predicted, bin.low, bin.middle, bin.high, bin.rows});
  }
  return {{"of", residuals.of}, {"log", residuals.logarithms}, {"bins", bins}};
}

Calibration CalibrationOf(const Json& json) {
  Calibration calibration;
  calibration.of = json.at("of").get<std::string>();
  calibration.error = json.at("error").get<double>();
  for (const Json& bin : json.at("bins")) {
    calibration.bins.push_back({bin.at(0).get<double>(),
                                bin.at(1).get<double>(),
                                bin.at(2).get<int64_t>()});
  }
  return calibration;
}

Residuals ResidualsOf(const Json& json) {
  Residuals residuals;
  residuals.of = json.at("of").get<std::string>();
  residuals.logarithms = json.at("log").get<bool>();
  for (const Json& bin : json.at("bins")) {
    residuals.bins.push_back({bin.at(0).get<double>(), bin.at(1).get<double>(),
                              bin.at(2).get<double>(), bin.at(3).get<double>(),
                              bin.at(4).get<int64_t>()});
  }
  return residuals;
}

}  // namespace

Portrait PortraitOf(const Metric& metric, const Target& target,
                    const Truth& truth, const Predictions& predictions,
                    std::span<const float> labels) {
  Portrait portrait;
  if (truth.rows() == 0 ||
      static_cast<size_t>(predictions.rows()) != truth.rows()) {
    return portrait;
  }
  AddCalibrations(target, truth, predictions, portrait);
  AddResiduals(metric, target, truth, predictions, portrait);
  AddConfusions(target, truth, labels, portrait);
  return portrait;
}

std::string EncodePortrait(const Portrait& portrait) {
  Json json = {{"calibrations", Json::array()},
               {"residuals", Json::array()},
               {"confusions", Json::array()}};
  for (const Calibration& one : portrait.calibrations) {
    json["calibrations"].push_back(CalibrationJson(one));
  }
  for (const Residuals& one : portrait.residuals) {
    json["residuals"].push_back(ResidualsJson(one));
  }
  for (const Confusion& one : portrait.confusions) {
    json["confusions"].push_back(
        {{"of", one.of}, {"classes", one.classes}, {"counts", one.counts}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Portrait> DecodePortrait(std::string_view json) {
  try {
    const Json parsed = Json::parse(json);
    Portrait portrait;
    for (const Json& one : parsed.at("calibrations")) {
      portrait.calibrations.push_back(CalibrationOf(one));
    }
    for (const Json& one : parsed.at("residuals")) {
      portrait.residuals.push_back(ResidualsOf(one));
    }
    for (const Json& one : parsed.at("confusions")) {
      portrait.confusions.push_back(
          {one.at("of").get<std::string>(),
           one.at("classes").get<std::vector<std::string>>(),
           one.at("counts").get<std::vector<std::vector<int64_t>>>()});
    }
    return portrait;
  } catch (const Json::exception& error) {
    return Failed(std::string("read portrait of the answer: ") + error.what());
  }
}

}  // namespace treesmith
