// Portrait: how an answer's hidden predictions lie beside the truth, as few
// numbers that pictures are drawn from.
//
// Made once, at the end of a run, where the labels are; stored with the answer,
// so that a report can be made again without the task. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "score/metric.h"
#include "table/predictions.h"
#include "table/target.h"

namespace treesmith {

// Rows whose predicted probabilities lie together.
struct CalibrationBin {
  double predicted = 0;  // mean
  double observed = 0;   // share of rows that are of the class
  int64_t rows = 0;
};

// Of one target; bins from low to high.
struct Calibration {
  // What the probability is of: "y = 1", or "the likeliest class".
  std::string of;
  std::vector<CalibrationBin> bins;
  // Mean distance of the two, weighted by rows.
  double error = 0;
};

// Rows whose predictions lie together: what the truth is beyond them.
struct ResidualBin {
  double predicted = 0;  // mean
  double low = 0;        // quantiles of truth - prediction: 10 %, 50 %, 90 %
  double middle = 0;
  double high = 0;
  int64_t rows = 0;
};

struct Residuals {
  std::string of;  // the target
  // In log(1 + value), for metrics that compare there.
  bool logarithms = false;
  std::vector<ResidualBin> bins;
};

// counts[truth][decided]; the rarest classes are put together in the last.
struct Confusion {
  std::string of;
  std::vector<std::string> classes;
  std::vector<std::vector<int64_t>> counts;
};

struct Portrait {
  std::vector<Calibration> calibrations;
  std::vector<Residuals> residuals;
  std::vector<Confusion> confusions;
};

// `predictions` of the rows of `truth`; `labels`: the same as the metric
// compared them, where it needs labels, a column a target. Empty where the two
// have not as many rows.
Portrait PortraitOf(const Metric& metric, const Target& target,
                    const Truth& truth, const Predictions& predictions,
                    std::span<const float> labels);

std::string EncodePortrait(const Portrait& portrait);
Result<Portrait> DecodePortrait(std::string_view json);

}  // namespace treesmith
