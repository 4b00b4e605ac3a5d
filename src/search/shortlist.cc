#include "search/shortlist.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace treesmith {
namespace {

std::vector<size_t> BestOf(std::span<const Entrant> entrants, size_t count) {
  std::vector<size_t> order(entrants.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    return entrants[a].value.BetterThan(entrants[b].value);
  });
  std::set<std::string_view> families;
  std::ranges::stable_partition(order, [&](size_t i) {
    return families.insert(entrants[i].family).second;
  });
  if (order.size() > count) order.resize(count);
  return order;
}

// The mean of the other folds; folds of one plan are about as large.
MetricValue ValueWithout(const Entrant& entrant, size_t left_out) {
  double sum = 0;
  double count = 0;
  for (size_t fold = 0; fold < entrant.fold_values.size(); ++fold) {
    const double value = entrant.fold_values[fold];
    if (fold == left_out || !std::isfinite(value)) continue;
    sum += value;
    count += 1;
  }
  const Direction direction = entrant.value.direction();
  return count > 0 ? MetricValue(sum / count, direction)
                   : MetricValue::Absent(direction);
}

}  // namespace

std::vector<size_t> ShortList(std::span<const Entrant> entrants) {
  return BestOf(entrants, kFinalists);
}

std::vector<std::vector<uint8_t>> ExistWithout(
    std::span<const Entrant> entrants) {
  const size_t folds =
      entrants.empty() ? 0 : entrants.front().fold_values.size();
  if (folds < 2) return {};
  std::vector<std::vector<uint8_t>> exist(entrants.size(),
                                          std::vector<uint8_t>(folds, 1));
  for (size_t fold = 0; fold < folds; ++fold) {
    std::vector<MetricValue> without;
    without.reserve(entrants.size());
    for (const Entrant& entrant : entrants) {
      without.push_back(ValueWithout(entrant, fold));
    }
    for (size_t i = 0; i < entrants.size(); ++i) {
      for (const size_t parent : entrants[i].parents) {
        size_t better = 0;
        size_t better_without = 0;
        for (size_t other = 0; other < i; ++other) {
          if (entrants[other].value.BetterThan(entrants[parent].value)) {
            ++better;
          }
          if (exist[other][fold] != 0 &&
              without[other].BetterThan(without[parent])) {
            ++better_without;
          }
        }
        const bool chosen = better_without <= 2 * better;
        if (!chosen || exist[parent][fold] == 0) exist[i][fold] = 0;
      }
    }
  }
  return exist;
}

std::vector<size_t> NestedShortList(
    std::span<const Entrant> entrants,
    const std::vector<std::vector<uint8_t>>& exist) {
  const size_t folds =
      entrants.empty() ? 0 : entrants.front().fold_values.size();
  if (folds < 2) return BestOf(entrants, 2 * kFinalists);
  std::vector<size_t> list = ShortList(entrants);
  std::set<size_t> listed(list.begin(), list.end());
  for (size_t fold = 0; fold < folds; ++fold) {
    std::vector<Entrant> without(entrants.begin(), entrants.end());
    std::vector<Entrant> existing;
    std::vector<size_t> places;
    for (size_t i = 0; i < entrants.size(); ++i) {
      without[i].value = ValueWithout(entrants[i], fold);
      if (exist[i][fold] == 0) continue;
      existing.push_back(without[i]);
      places.push_back(i);
    }
    for (const size_t i : ShortList(without)) {
      if (listed.insert(i).second) list.push_back(i);
    }
    for (const size_t i : ShortList(existing)) {
      if (listed.insert(places[i]).second) list.push_back(places[i]);
    }
  }
  return list;
}

}  // namespace treesmith
