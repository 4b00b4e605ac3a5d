// Racing: whether the other folds of a node are worth their time.
//
// Rules of design 5.4. A node that is stopped gets an estimate that may steer
// the search but never be chosen. Pure; any thread.
#pragma once

#include <span>
#include <vector>

#include "model/score.h"

namespace treesmith {

// No race before this many nodes are complete; the rival is the k-th best.
inline constexpr int kRaceRank = 10;

struct RaceState {
  // Over the rival, on the folds that are done.
  PairedGain gain;
  int folds_done = 0;
  int folds = 0;
  // Of UsualSpread.
  double usual_spread = 0;
  int complete_nodes = 0;
  // The only or best node of its family: blends need it whole.
  bool best_of_family = false;
};

struct RaceVerdict {
  double chance = 1;  // that the whole node is better than its rival
  bool stop = false;
};

RaceVerdict JudgeRace(const RaceState& state);

// How far the fold differences between two nodes usually lie from their mean:
// the root mean square over earlier pairs, each given by its differences fold
// by fold. 0 where no pair has two folds.
double UsualSpread(std::span<const std::vector<double>> differences);

// The score that is recorded for a stopped node.
MetricValue PartialScore(const MetricValue& rival, const PairedGain& gain);

}  // namespace treesmith
