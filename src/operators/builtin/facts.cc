#include "operators/builtin/facts.h"

#include <algorithm>

namespace treesmith {

std::vector<std::string> TaskFacts::Names(ColumnRole role) const {
  std::vector<std::string> names;
  for (const FactColumn& column : columns) {
    if (column.role == role) names.push_back(column.name);
  }
  return names;
}

int64_t TaskFacts::Count(ColumnRole role) const {
  return std::ranges::count(columns, role, &FactColumn::role);
}

std::vector<std::string> TaskFacts::OtherTargets() const {
  std::vector<std::string> others;
  if (MultiTarget()) others = target;
  for (const std::string& name : auxiliary) {
    if (std::ranges::find(parts, name) == parts.end()) others.push_back(name);
  }
  return others;
}

const FactColumn* TaskFacts::Find(std::string_view name) const {
  const auto found = std::ranges::find(columns, name, &FactColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

}  // namespace treesmith
