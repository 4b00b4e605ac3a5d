// Blend: the weighted mean of predictions, taken where the metric lives.
//
// RMSLE is an error of logarithms, AUC sees ranks alone, a label comes of a
// probability; a mean taken elsewhere gives away part of what a blend is worth.
// Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "score/metric.h"

namespace treesmith {

enum class BlendSpace {
  kPlain,  // the values themselves
  kLog1p,  // log(1 + x)
  kLog,    // log(x)
  kRank,   // places in [0, 1], column by column and fold by fold
};

// "plain", "log1p", "log" and "rank".
std::string_view BlendSpaceName(BlendSpace space);
std::optional<BlendSpace> ParseBlendSpace(std::string_view name);

// Of predictions that the metric looks at as they are; what labels are decided
// from may be blended elsewhere (Ensemble::space).
BlendSpace BlendSpaceOf(const Metric& metric);

// Predictions in the space. Ranks are taken within each fold (empty: all rows
// are one), since each fold has a model, and so a scale, of its own.
std::vector<float> ToBlendSpace(BlendSpace space, PredictionView prediction,
                                std::span<const int> folds);

// Back to predictions, in place; ranks stay as they are.
void FromBlendSpace(BlendSpace space, std::span<float> values);

// The blend of members that are in the space already, as predictions again.
// REQUIRES: equal lengths, a weight each, not all zero
std::vector<float> BlendInSpace(BlendSpace space,
                                std::span<const std::span<const float>> members,
                                std::span<const double> weights);

// Correlation of two members in the space, on rows spread evenly; 1 for two
// constants, which a blend cannot tell apart.
double Likeness(std::span<const float> a, std::span<const float> b);

}  // namespace treesmith
