// Measures of one and two columns. NaN answers "cannot be said": no variance,
// no rows. Vectors of one call have equal lengths unless said otherwise. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace treesmith {

// Average ranks from 1; ties share theirs.
std::vector<double> Ranks(std::span<const double> values);
double Mean(std::span<const double> values);
double StandardDeviation(std::span<const double> values);
double Skew(std::span<const double> values);
// `sorted` ascending; linear between neighbours.
double Quantile(std::span<const double> sorted, double share);
double Correlation(std::span<const double> a, std::span<const double> b);
// |rank correlation|.
double AbsoluteSpearman(std::span<const double> a, std::span<const double> b);
// |2 AUC - 1| of `score` for the rows where `label` is 1, not 0.
double AbsoluteGini(std::span<const double> score,
                    std::span<const double> label);
// Correlation ratio of the ranks of `values` given `group` (0, 1, ...).
double RankEta(std::span<const double> values, std::span<const int32_t> group);
// What the means of `y` by `group` say about y: each row is foretold by the
// rows of the other parity, so that many groups are no signal by themselves.
std::vector<double> CrossMeans(std::span<const int32_t> group,
                               std::span<const double> y);

// Of two samples of any lengths.
double KolmogorovSmirnov(std::vector<double> a, std::vector<double> b);
// Population stability index over the deciles of `a`.
double NumericPsi(std::vector<double> a, std::span<const double> b);
// Over shares of equal categories.
double SharePsi(std::span<const double> a, std::span<const double> b);

}  // namespace treesmith
