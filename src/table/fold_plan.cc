#include "table/fold_plan.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/rng.h"

namespace treesmith {
namespace {

constexpr std::array<std::string_view, 5> kSplitNames = {
    "random", "stratified", "group", "time", "blocks"};

// Whole groups in the order in which `rows` first meets them, each ascending.
void GatherGroups(const std::vector<int32_t>& group_of,
                  std::vector<int32_t>& rows) {
  std::vector<int32_t> place(group_of.size(), -1);  // by group
  int32_t met = 0;
  for (const int32_t row : rows) {
    int32_t& own =
        place[static_cast<size_t>(group_of[static_cast<size_t>(row)])];
    if (own < 0) own = met++;
  }
  std::ranges::sort(rows, {}, [&](int32_t row) {
    const auto group = static_cast<size_t>(group_of[static_cast<size_t>(row)]);
    return std::pair(place[group], row);
  });
}

}  // namespace

std::string_view SplitKindName(SplitKind kind) {
  return kSplitNames[static_cast<size_t>(kind)];
}

FoldPlan::Place FoldPlan::PlaceOf(int unit) const {
  CHECK(unit >= 0 && unit < units());
  if (overlapping()) return {static_cast<size_t>(unit), 0};
  return {static_cast<size_t>(unit / folds), unit % folds};
}

bool FoldPlan::Hides(int unit, int64_t row) const {
  const Place place = PlaceOf(unit);
  return hidden_in[place.entry][static_cast<size_t>(row)] == place.fold;
}

bool FoldPlan::TrainsOn(int unit, int64_t row) const {
  const Place place = PlaceOf(unit);
  const int8_t fold = hidden_in[place.entry][static_cast<size_t>(row)];
  if (fold == kUnused) return false;
  if (fold == kAlwaysTrain) return true;
  return kind == SplitKind::kTime ? fold > place.fold : fold != place.fold;
}

std::vector<int32_t> FoldPlan::HiddenRows(int unit) const {
  std::vector<int32_t> chosen;
  for (int64_t row = 0; row < rows; ++row) {
    if (Hides(unit, row)) chosen.push_back(static_cast<int32_t>(row));
  }
  if (order == HiddenOrder::kTrain) return chosen;
  Rng rng(order_seed, static_cast<uint64_t>(unit), "hidden-order");
  rng.Shuffle(std::span(chosen));
  if (order == HiddenOrder::kDrawnInGroups) {
    GatherGroups(bootstrap_unit, chosen);
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
