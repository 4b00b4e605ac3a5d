#include "table/hidden_order.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "table/profile_cell.h"
#include "table/split_rule.h"
#include "table/value.h"

namespace treesmith {
namespace {

// Of all steps from a row to the next, those against time. A file of series,
// one after the other, has one a series; rows in no order have about half.
constexpr double kMostStepsBack = 0.25;

bool InOrderOfTime(const std::vector<double>& dates) {
  int64_t forward = 0;
  int64_t back = 0;
  double last = std::nan("");
  for (const double date : dates) {
    if (std::isnan(date)) continue;
    if (date > last) ++forward;
    if (date < last) ++back;
    last = date;
  }
  const auto steps = static_cast<double>(dates.size());
  return static_cast<double>(std::min(forward, back)) <= kMostStepsBack * steps;
}

// Calls `follows(row before, row)` for neighbours within each group; true where
// it holds for all of them, and there are some.
template <typename Follows>
bool ThroughoutGroups(const std::vector<int32_t>& group_of, Follows follows) {
  std::vector<int64_t> last(group_of.size(), -1);  // by group
  bool some = false;
  for (size_t row = 0; row < group_of.size(); ++row) {
    int64_t& before = last[static_cast<size_t>(group_of[row])];
    if (before >= 0) {
      some = true;
      if (!follows(static_cast<size_t>(before), row)) return false;
    }
    before = static_cast<int64_t>(row);
  }
  return some;
}

// NaN for other text.
double NumberOrDate(std::string_view text) {
  if (const auto number = ParseNumber(text)) return *number;
  const auto date = ParseDateCell(text);
  return date ? date->seconds : std::nan("");
}

bool OneLabelAGroup(const Target& target, const FoldPlan& plan) {
  return ThroughoutGroups(plan.bootstrap_unit, [&](size_t before, size_t row) {
    for (int column = 0; column < target.columns(); ++column) {
      if (target.At(static_cast<int64_t>(before), column) !=
          target.At(static_cast<int64_t>(row), column)) {
        return false;
      }
    }
    return true;
  });
}

// A column of the test rises from row to row of every group. Ids do not count:
// scripts may be given fresh ones.
bool ColumnTellsOrder(const Task& task, const TaskTables& tables,
                      const FoldPlan& plan) {
  const std::vector<std::string>& names = tables.train.columns();
  std::string scratch;
  for (size_t i = 0; i < names.size(); ++i) {
    if (HasName(task.id, names[i]) || HasName(task.target, names[i])) continue;
    if (tables.test && !tables.test->FindColumn(names[i])) continue;
    const auto value = [&](size_t row) {
      return NumberOrDate(tables.train.Text(static_cast<int64_t>(row),
                                            static_cast<int>(i), scratch));
    };
    const auto rises = [&](size_t before, size_t row) {
      return value(before) < value(row);
    };
    if (ThroughoutGroups(plan.bootstrap_unit, rises)) return true;
  }
  return false;
}

}  // namespace

HiddenOrder ChooseHiddenOrder(const Task& task, const TaskTables& tables,
                              const Target& target, const FoldPlan& plan) {
  switch (plan.kind) {
    case SplitKind::kTime:
    case SplitKind::kBlocks:
      return InOrderOfTime(ReadDates(tables.train,
                                     *tables.train.FindColumn(plan.column),
                                     FindDateOrder(tables, plan.column)))
                 ? HiddenOrder::kTrain
                 : HiddenOrder::kDrawn;
    case SplitKind::kGroup:
      return OneLabelAGroup(target, plan) ||
                     ColumnTellsOrder(task, tables, plan)
                 ? HiddenOrder::kDrawnInGroups
                 : HiddenOrder::kDrawn;
    case SplitKind::kRandom:
    case SplitKind::kStratified:
      return HiddenOrder::kDrawn;
  }
  return HiddenOrder::kDrawn;
}

}  // namespace treesmith
