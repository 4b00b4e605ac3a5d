#include "score/order.h"

#include <array>
#include <bit>
#include <utility>

namespace treesmith {
namespace {

struct Keyed {
  uint32_t key;
  uint32_t index;
};

// A float as an unsigned number of the same order. Adding 0 turns -0 into 0.
uint32_t OrderedKey(float value) {
  const auto bits = std::bit_cast<uint32_t>(value + 0.0F);
  constexpr uint32_t kSign = 0x80000000U;
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

// One stable pass of a radix sort, by the bits from `shift` on.
void RadixPass(const std::vector<Keyed>& from, std::vector<Keyed>& to,
               int shift) {
  constexpr uint32_t kBuckets = 1U << 11U;  // three passes cover 32 bits
  std::array<uint32_t, kBuckets> starts = {};
  for (const Keyed& item : from) {
    ++starts[(item.key >> shift) & (kBuckets - 1)];
  }
  uint32_t next = 0;
  for (uint32_t& start : starts) next += std::exchange(start, next);
  for (const Keyed& item : from) {
    to[starts[(item.key >> shift) & (kBuckets - 1)]++] = item;
  }
}

}  // namespace

std::vector<uint32_t> AscendingOrder(std::span<const float> values) {
  std::vector<Keyed> items(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    items[i] = {OrderedKey(values[i]), static_cast<uint32_t>(i)};
  }
  std::vector<Keyed> other(values.size());
  RadixPass(items, other, 0);
  RadixPass(other, items, 11);
  RadixPass(items, other, 22);
  std::vector<uint32_t> order(values.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = other[i].index;
  return order;
}

std::vector<uint32_t> TieEnds(std::span<const float> values,
                              std::span<const uint32_t> order) {
  std::vector<uint32_t> ends;
  for (size_t i = 1; i <= order.size(); ++i) {
    if (i == order.size() || values[order[i]] != values[order[i - 1]]) {
      ends.push_back(static_cast<uint32_t>(i));
    }
  }
  return ends;
}

std::vector<double> UnitRanks(std::span<const float> values) {
  const std::vector<uint32_t> order = AscendingOrder(values);
  std::vector<double> ranks(values.size(), 0.5);
  if (values.size() < 2) return ranks;
  const auto span = static_cast<double>(values.size() - 1);
  size_t begin = 0;
  for (const uint32_t end : TieEnds(values, order)) {
    const double middle = static_cast<double>(begin + end - 1) / 2 / span;
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = middle;
    begin = end;
  }
  return ranks;
}

}  // namespace treesmith
