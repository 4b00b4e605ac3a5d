// NodeScore: what hidden evaluation says of a node.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/metric_value.h"

namespace treesmith {

// How much better a node is than another on the same hidden rows.
struct PairedGain {
  // In the metric's unit, positive is better.
  double mean = 0;
  // Its standard error, from a bootstrap of the split's unit.
  double standard_error = 0;
};

struct NodeScore {
  MetricValue value;
  // Of `value` alone: shown, never used to compare nodes.
  double standard_error = 0;
  // One value a finished unit (fold of a repeat), in their order.
  std::vector<double> unit_values;
  // Against the first parent, where both are scored on the same units.
  std::optional<PairedGain> over_parent;
  // Against the best node before this one.
  std::optional<PairedGain> over_best;
  // What the present ensemble, the plain mean of the best nodes of the four
  // best families that are near the best, gains when the node takes the place
  // of its own family's (or is added, where that has none). Absent for families
  // that are far behind.
  std::optional<PairedGain> over_ensemble;
  // Stopped early by racing: `value` is an estimate and the node can be neither
  // a finalist nor a best node.
  bool partial = false;
};

}  // namespace treesmith
