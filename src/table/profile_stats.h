// Measures of one and two columns. NaN answers "cannot be said": no variance,
// no rows. Vectors of one call have equal lengths unless said otherwise. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace treesmith {

// Average ranks from 1; ties share theirs.
std::vector<double> Ranks(std::span<const double> values);
// The same of the values that `codes` stand for. `ascending`: all codes by
// their value, so that a column is sorted once for all that asks its order.
std::vector<double> CodeRanks(std::span<const int32_t> codes,
                              std::span<const double> value_of_code,
                              std::span<const int32_t> ascending);
double Mean(std::span<const double> values);
double StandardDeviation(std::span<const double> values);
double Skew(std::span<const double> values);
// `sorted` ascending; linear between neighbours.
double Quantile(std::span<const double> sorted, double share);
double Correlation(std::span<const double> a, std::span<const double> b);
// |2 AUC - 1| of a score of these ranks for the rows where `label` is 1, not 0.
double AbsoluteGini(std::span<const double> ranks,
                    std::span<const double> label);
// Correlation ratio of the ranks given `group` (0, 1, ...).
double RankEta(std::span<const double> ranks, std::span<const int32_t> group);
// What the means of `y` by `group` say about y: each row is foretold by the
// rows of the other parity, so that many groups are no signal by themselves.
std::vector<double> CrossMeans(std::span<const int32_t> group,
                               std::span<const double> y);

// Of two samples of any lengths, both ascending.
double KolmogorovSmirnov(std::span<const double> a, std::span<const double> b);
// Population stability index over the deciles of `a`; both ascending.
double NumericPsi(std::span<const double> a, std::span<const double> b);
// Over shares of equal categories.
double SharePsi(std::span<const double> a, std::span<const double> b);

}  // namespace treesmith
