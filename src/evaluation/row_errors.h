// RowErrors: how wrong each hidden row is foretold, near to how the metric sees
// it, so that errors can be added up over any rows. Pure; any thread.
#pragma once

#include <span>
#include <vector>

#include "score/metric.h"

namespace treesmith {

struct RowErrors {
  // Not negative; numbers: the distance, on the log scale or relative to the
  // value where the metric is; probabilities: log loss; orders of two classes:
  // the share of the other class on the wrong side; labels: 0 or 1.
  std::vector<double> error;
  // Prediction minus truth, of numbers (in the same terms) and probabilities;
  // empty for others.
  std::vector<double> bias;
};

// `terms`: predictions in the metric's terms, of as many rows as `truth`. Empty
// where there is no telling for one row: several targets, orders of more than
// two classes, lists of labels, a metric of the task's own.
RowErrors ErrorsOfRows(const Metric& metric, const Truth& truth,
                       PredictionView terms);

}  // namespace treesmith
