// CustomMetric: a row for each direction and need (metric.h).
#include <array>

#include "base/check.h"
#include "score/metric_row.h"

namespace treesmith {
namespace {

constexpr MetricRow RowOf(Direction direction, Needs needs, Pooling pooling,
                          TargetType target, Columns columns) {
  MetricRow row;
  row.name = "custom";
  row.short_name = "custom";
  row.formula = "computed by a script of the task";
  row.direction = direction;
  row.needs = needs;
  row.pooling = pooling;
  row.target = target;
  row.columns = columns;
  return row;
}

constexpr std::array<MetricRow, 4> RowsOf(Direction direction) {
  return {RowOf(direction, Needs::kValue, Pooling::kPooled, TargetType::kNumber,
                Columns::kSame),
          RowOf(direction, Needs::kLabel, Pooling::kPooled,
                TargetType::kClasses, Columns::kSame),
          RowOf(direction, Needs::kProbability, Pooling::kPooled,
                TargetType::kClasses, Columns::kClasses),
          RowOf(direction, Needs::kOrder, Pooling::kPerFold,
                TargetType::kNumber, Columns::kSame)};
}

constexpr std::array<MetricRow, 4> kMinimized = RowsOf(Direction::kMinimize);
constexpr std::array<MetricRow, 4> kMaximized = RowsOf(Direction::kMaximize);
constexpr std::array<std::string_view, 4> kNeedsNames = {
    "value", "label", "probability", "order"};

}  // namespace

std::string_view NeedsName(Needs needs) {
  return kNeedsNames[static_cast<size_t>(needs)];
}

std::optional<Needs> ParseNeeds(std::string_view name) {
  for (size_t i = 0; i < kNeedsNames.size(); ++i) {
    if (kNeedsNames[i] == name) return static_cast<Needs>(i);
  }
  return std::nullopt;
}

Metric CustomMetric(Direction direction, Needs needs,
                    const ExternalMetric* external) {
  const auto& rows =
      direction == Direction::kMinimize ? kMinimized : kMaximized;
  const MetricRow& row = rows[static_cast<size_t>(needs)];
  CHECK(row.needs == needs);
  return {&row, 0, external};
}

}  // namespace treesmith
