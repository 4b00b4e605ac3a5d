// The metric of a task by its properties.
#pragma once

#include "base/result.h"
#include "model/task.h"
#include "score/metric.h"

namespace treesmith {

// FindMetric; for a custom one a metric that knows direction and needs, and
// cannot be evaluated (evaluation/metric_script.h makes one that can).
// BadInput: an unknown name, or a custom metric without them.
Result<Metric> MetricOf(const Task& task);

}  // namespace treesmith
