// What a script says of itself (design 5.3, reported mode).
//
// A script tells its metric in working/metric.json, {"metric": NUMBER}, or in
// the last line that it prints of the form `metric: NUMBER`. Numbers are read
// by the host, integers too, and never by a model alone (A10, A11).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/metric_value.h"
#include "model/task.h"

namespace treesmith {

struct ReportedMetric {
  // Absent where it is not finite (A13); `text` is what was said then.
  std::optional<double> value;
  std::string text;
};

// `json`: the content of metric.json, empty without one; it wins. Nothing:
// neither tells a metric.
std::optional<ReportedMetric> FindReportedMetric(std::string_view json,
                                                 std::string_view output);

// Which way is better, once for a run (A12): as stated, as the metric has it,
// or by the words of metric and goal. BadInput when none of them tells.
Result<Direction> ReportedDirection(const Task& task);

}  // namespace treesmith
