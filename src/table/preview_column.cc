#include "table/preview_column.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/hash.h"
#include "table/profile_cell.h"

namespace treesmith {
namespace {

constexpr size_t kSlots = 2048;  // a power of two, twice kCounted
constexpr size_t kCounted = 1000;
constexpr size_t kKeptBytes = 80;  // of a value, for showing
constexpr int64_t kCodeValues = 50;

std::string Format(const char* format, double value) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), format, value);
  return {text.data(), static_cast<size_t>(std::max(length, 0))};
}

}  // namespace

std::string ShortNumber(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e9) {
    return Format("%.0f", value);
  }
  return Format("%.5g", value);
}

std::string Grouped(int64_t value) {
  std::string text = std::to_string(value);
  const size_t first = text.starts_with('-') ? 1 : 0;
  for (size_t at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string Percent(double share) {
  if (share > 0 && share < 0.001) return "<0.1%";
  if (share < 1 && share > 0.999) return ">99.9%";
  return Format("%.3g%%", 100 * share);
}

std::string OneLine(std::string_view value, size_t max_bytes) {
  std::string out;
  for (const char c : value.substr(0, max_bytes)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  if (value.size() <= max_bytes) return out;
  const auto continues = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
  };
  if (continues(value[max_bytes])) {
    while (!out.empty() && continues(out.back())) out.pop_back();
    if (!out.empty()) out.pop_back();
  }
  return out + "...";
}

ColumnSummary::ColumnSummary(std::string name)
    : name_(std::move(name)), slots_(kSlots) {}

void ColumnSummary::Add(std::string_view cell) {
  ++cells_;
  if (IsMissingCell(cell)) {
    ++missing_;
    return;
  }
  if (const auto number = ParseNumberCell(cell)) {
    min_ = numbers_ + dates_ == 0 ? *number : std::min(min_, *number);
    max_ = numbers_ + dates_ == 0 ? *number : std::max(max_, *number);
    ++numbers_;
    if (*number == std::floor(*number)) ++integers_;
    sum_ += *number;
  } else if (const auto date = ParseDateCell(cell)) {
    min_ =
        numbers_ + dates_ == 0 ? date->seconds : std::min(min_, date->seconds);
    max_ =
        numbers_ + dates_ == 0 ? date->seconds : std::max(max_, date->seconds);
    ++dates_;
    if (date->has_time) ++times_;
  } else if (cell.find(' ') != std::string_view::npos) {
    ++spaced_;
  }
  shortest_ = std::min(shortest_, cell.size());
  longest_ = std::max(longest_, cell.size());
  total_length_ += static_cast<int64_t>(cell.size());
  CountValue(cell);
}

void ColumnSummary::CountValue(std::string_view cell) {
  const uint64_t hash = HashBytes(cell).low | 1;  // 0 marks a free slot
  // HyperLogLog (Flajolet 2007): 1,024 registers, 3 % error.
  const auto rank = static_cast<uint8_t>(std::countl_zero(hash | 1023) + 1);
  uint8_t& entry = registers_[(hash >> 1) & 1023];
  entry = std::max(entry, rank);
  size_t at = (hash >> 12) & (kSlots - 1);
  while (slots_[at].hash != 0 && slots_[at].hash != hash) {
    at = (at + 1) & (kSlots - 1);
  }
  if (slots_[at].hash == 0) {
    if (counted_ == kCounted) return;
    ++counted_;
    slots_[at].hash = hash;
    slots_[at].value = cell.substr(0, kKeptBytes + 1);
  }
  ++slots_[at].count;
}

int64_t ColumnSummary::distinct() const {
  if (counted_ < kCounted) return static_cast<int64_t>(counted_);
  double sum = 0;
  int64_t empty = 0;
  for (const uint8_t rank : registers_) {
    sum += std::ldexp(1.0, -rank);
    if (rank == 0) ++empty;
  }
  constexpr double kRegisters = 1024;
  double estimate =
      0.7213 / (1 + 1.079 / kRegisters) * kRegisters * kRegisters / sum;
  if (estimate < 2.5 * kRegisters && empty > 0) {
    estimate = kRegisters * std::log(kRegisters / static_cast<double>(empty));
  }
  return std::clamp(static_cast<int64_t>(estimate),
                    static_cast<int64_t>(kCounted), present());
}

double ColumnSummary::missing_share() const {
  return cells_ == 0
             ? 0
             : static_cast<double>(missing_) / static_cast<double>(cells_);
}

bool ColumnSummary::all_numbers() const {
  return present() > 0 && numbers_ == present();
}

ColumnType ColumnSummary::type() const {
  const int64_t values = distinct();
  if (values <= 1) return ColumnType::kConstant;
  if (values == 2) return ColumnType::kBool;
  if (all_numbers()) {
    const bool whole = integers_ == numbers_;
    return whole && values <= kCodeValues ? ColumnType::kCode
                                          : ColumnType::kNumber;
  }
  if (dates_ == present()) {
    return times_ > 0 ? ColumnType::kDateTime : ColumnType::kDate;
  }
  if (present() >= 2 * values) return ColumnType::kCategory;
  if (2 * spaced_ >= present() || total_length_ >= 40 * present()) {
    return ColumnType::kText;
  }
  // Of a handful of rows nobody can say that values never repeat.
  return present() >= 50 && 10 * values >= 9 * present()
             ? ColumnType::kId
             : ColumnType::kCategory;
}

std::vector<ValueShare> ColumnSummary::Top(size_t count) const {
  std::vector<const Slot*> used;
  for (const Slot& slot : slots_) {
    if (slot.count > 0) used.push_back(&slot);
  }
  std::ranges::sort(used, [](const Slot* a, const Slot* b) {
    return a->count != b->count ? a->count > b->count : a->value < b->value;
  });
  std::vector<ValueShare> top;
  for (const Slot* slot : used) {
    if (top.size() == count) break;
    top.push_back({slot->value, static_cast<double>(slot->count) /
                                    static_cast<double>(present())});
  }
  return top;
}

std::string ColumnSummary::DescribeTop(size_t count) const {
  std::string text;
  for (const ValueShare& value : Top(count)) {
    text += text.empty() ? "" : ", ";
    text += OneLine(value.value, kKeptBytes / 2) + " " + Percent(value.share);
  }
  if (distinct() > static_cast<int64_t>(count)) text += ", ...";
  return text;
}

std::string ColumnSummary::Describe(Detail detail) const {
  const bool full = detail == Detail::kFull;
  const ColumnType kind = type();
  std::string text(ColumnTypeName(kind));
  const bool exact = counted_ < kCounted;
  const std::string values =
      (exact ? "" : "about ") + Grouped(distinct()) + " values";
  switch (kind) {
    case ColumnType::kConstant:
      text += present() == 0 ? ", no value at all"
                             : ": " + OneLine(Top(1)[0].value, kKeptBytes / 2);
      break;
    case ColumnType::kNumber:
      text += " " + ShortNumber(min_) + " to " + ShortNumber(max_);
      if (full) {
        text += ", mean " + ShortNumber(sum_ / static_cast<double>(numbers_)) +
                ", " + values;
      }
      break;
    case ColumnType::kCode:
      text +=
          " " + ShortNumber(min_) + " to " + ShortNumber(max_) + ", " + values;
      if (full) text += ": " + DescribeTop(4);
      break;
    case ColumnType::kDate:
    case ColumnType::kDateTime:
      text += " " + FormatDate(min_) + " to " + FormatDate(max_);
      if (full) text += ", " + values;
      break;
    case ColumnType::kBool:
    case ColumnType::kCategory:
      text += ", " + values;
      if (full) text += ": " + DescribeTop(5);
      break;
    case ColumnType::kText:
    case ColumnType::kId:
      text += " of " + Grouped(static_cast<int64_t>(shortest_)) + " to " +
              Grouped(static_cast<int64_t>(longest_)) + " bytes";
      if (full) text += ", " + values + ", as: " + OneLine(Top(1)[0].value, 60);
      break;
  }
  if (missing_ > 0 && present() > 0) {
    text += "; " + Percent(missing_share()) + " missing";
  }
  return text;
}

}  // namespace treesmith
