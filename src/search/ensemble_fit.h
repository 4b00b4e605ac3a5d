// The ways to find weights for a blend. For search/ensemble.cc alone.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/rng.h"
#include "score/metric.h"
#include "search/ensemble_blend.h"

namespace treesmith {

// What weights are fitted on: the members' predictions in the blend's space on
// some of the hidden rows.
struct FitRows {
  BlendSpace space = BlendSpace::kPlain;
  int columns = 1;
  // The loss that weights are fitted to and its truth: the metric itself, or
  // for labels a proper loss of the probabilities.
  Metric loss;
  Truth truth;
  std::vector<std::vector<float>> members;
  // Better first.
  std::vector<double> gains;
  std::vector<std::string> families;
};

// One weight a member, adding up to 1.
using Weights = std::vector<double>;

Weights BestAlone(const FitRows& rows);
// Equal weights for the best member of each family.
Weights FamilyMean(const FitRows& rows);
// Counts of picks over bags of random halves of the members.
Weights GreedyBags(const FitRows& all, Rng& rng);
// Non-negative least squares in the blend's space, drawn to equal weights.
Weights RidgeStack(const FitRows& rows);

}  // namespace treesmith
