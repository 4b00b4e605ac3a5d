#include "table/task_metric.h"

namespace treesmith {

Result<Metric> MetricOf(const Task& task) {
  if (task.metric != "custom") return FindMetric(task.metric);
  if (!task.direction) {
    return BadInput("check metric custom: no direction is stated",
                    "add direction = \"minimize\" or \"maximize\" under "
                    "[metric], or --direction");
  }
  const auto needs = ParseNeeds(task.metric_needs);
  if (!needs) {
    return BadInput("check metric custom: what it compares is not stated",
                    "add needs = \"value\", \"label\", \"probability\" or "
                    "\"order\" under [metric]");
  }
  return CustomMetric(*task.direction, *needs);
}

}  // namespace treesmith
