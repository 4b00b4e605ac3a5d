// The metrics that are functions of sums over rows.
#pragma once

#include "score/metric_row.h"

namespace treesmith {

// Means of a loss over rows, by column and then averaged.
extern const Additive kSquaredError;  // root of the mean
extern const Additive kMeanSquaredError;
extern const Additive kSquaredLogError;  // root, of log(1 + x)
extern const Additive kSquaredPureLog;   // root, of log(x)
extern const Additive kAbsoluteError;
extern const Additive kPercentageError;
extern const Additive kSymmetricPercentageError;
extern const Additive kPinball;
extern const Additive kRSquared;

// Of probabilities.
extern const Additive kLogLoss;
extern const Additive kBrier;

// Of decided labels, from counts by class.
extern const Additive kAccuracy;
extern const Additive kBalancedAccuracy;
extern const Additive kFBetaBinary;
extern const Additive kFBetaMacro;
extern const Additive kFBetaMicro;
extern const Additive kFBetaWeighted;
extern const Additive kMatthews;
extern const Additive kQuadraticKappa;

// Means over rows of how well a row's classes are ranked.
extern const Additive kMeanAveragePrecision;
extern const Additive kDiscountedGain;

}  // namespace treesmith
