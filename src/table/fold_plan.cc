#include "table/fold_plan.h"

#include <array>

#include "base/check.h"

namespace treesmith {
namespace {

constexpr std::array<std::string_view, 5> kSplitNames = {
    "random", "stratified", "group", "time", "blocks"};

}  // namespace

std::string_view SplitKindName(SplitKind kind) {
  return kSplitNames[static_cast<size_t>(kind)];
}

bool FoldPlan::Hides(int unit, int64_t row) const {
  CHECK(unit >= 0 && unit < units());
  const auto& fold_of = hidden_in[static_cast<size_t>(unit / folds)];
  return fold_of[static_cast<size_t>(row)] == unit % folds;
}

bool FoldPlan::TrainsOn(int unit, int64_t row) const {
  CHECK(unit >= 0 && unit < units());
  const int8_t fold =
      hidden_in[static_cast<size_t>(unit / folds)][static_cast<size_t>(row)];
  if (fold == kUnused) return false;
  if (fold == kAlwaysTrain) return true;
  return kind == SplitKind::kTime ? fold > unit % folds : fold != unit % folds;
}

std::vector<int32_t> FoldPlan::HiddenRows(int unit) const {
  std::vector<int32_t> chosen;
  for (int64_t row = 0; row < rows; ++row) {
    if (Hides(unit, row)) chosen.push_back(static_cast<int32_t>(row));
  }
  return chosen;
}

std::vector<int32_t> FoldPlan::TrainRows(int unit) const {
  std::vector<int32_t> chosen;
  for (int64_t row = 0; row < rows; ++row) {
    if (TrainsOn(unit, row)) chosen.push_back(static_cast<int32_t>(row));
  }
  return chosen;
}

}  // namespace treesmith
