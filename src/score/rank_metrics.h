// The metrics that need all rows at once: ranks and medians.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "score/metric_row.h"

namespace treesmith {

// Area under the ROC curve; ties count half. Several classes: one against the
// rest, the plain mean. Several columns of truth: the mean over columns.
Result<double> AreaUnderCurve(const MetricInput& input,
                              std::span<const double> weights);
// Covariance of the truth with the ranks of the prediction, over that with its
// own ranks: 2 AUC - 1 for two classes.
Result<double> NormalizedGini(const MetricInput& input,
                              std::span<const double> weights);
Result<double> Spearman(const MetricInput& input,
                        std::span<const double> weights);
// Share of comparable pairs in the right order, ties half. A second column of
// truth says whether the event was seen (1) or the row was censored (0).
Result<double> ConcordanceIndex(const MetricInput& input,
                                std::span<const double> weights);
Result<double> MedianAbsoluteError(const MetricInput& input,
                                   std::span<const double> weights);

// One ROC curve sorted once, for many weightings of its rows.
class SortedCurve {
 public:
  // `positive[i]` tells the class of row i. REQUIRES: equal lengths, no NaN.
  SortedCurve(std::span<const float> scores, std::span<const uint8_t> positive);

  // NaN where the weights leave one class only. Linear.
  [[nodiscard]] double Area(std::span<const double> weights) const;
  // The same for a weight per unit; `unit_of_place[i]` is the unit of the row
  // `order()[i]`, so that rows are read in order.
  [[nodiscard]] double Area(std::span<const uint16_t> unit_of_place,
                            std::span<const uint8_t> unit_weights) const;

  [[nodiscard]] std::span<const uint32_t> order() const { return order_; }

 private:
  std::vector<uint32_t> order_;
  // By place: bit 0 positive, bit 1 last of its run of equal scores.
  std::vector<uint8_t> flags_;
};

// The curves whose mean area AreaUnderCurve is: one for two classes.
std::vector<SortedCurve> CurvesOf(const MetricInput& input);

}  // namespace treesmith
