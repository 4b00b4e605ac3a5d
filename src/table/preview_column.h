// ColumnSummary: what one column holds, from its cells one at a time.
//
// Memory is bounded whatever the cells are: the first 1,000 unlike values are
// counted, the number of all of them is estimated. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "table/profile.h"

namespace treesmith {

// How much a line about a column says.
enum class Detail { kFull, kShort };

class ColumnSummary {
 public:
  explicit ColumnSummary(std::string name);

  void Add(std::string_view cell);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] ColumnType type() const;
  // Unlike values; exact up to 1,000.
  [[nodiscard]] int64_t distinct() const;
  [[nodiscard]] double missing_share() const;
  // "0.42 to 80, mean 29.7; 88 values; 19.9% missing", without the name.
  [[nodiscard]] std::string Describe(Detail detail) const;
  // Range of a numeric column; REQUIRES: type() is kNumber, kCode or kBool of
  // numbers.
  [[nodiscard]] double min() const { return min_; }
  [[nodiscard]] double max() const { return max_; }
  [[nodiscard]] bool all_numbers() const;

 private:
  struct Slot {
    uint64_t hash = 0;
    int64_t count = 0;
    std::string value;
  };
  void CountValue(std::string_view cell);
  [[nodiscard]] std::vector<ValueShare> Top(size_t count) const;
  [[nodiscard]] std::string DescribeTop(size_t count) const;
  [[nodiscard]] int64_t present() const { return cells_ - missing_; }

  std::string name_;
  int64_t cells_ = 0;
  int64_t missing_ = 0;
  int64_t numbers_ = 0;
  int64_t integers_ = 0;
  int64_t dates_ = 0;
  int64_t times_ = 0;  // dates with a time of day
  double min_ = 0;     // of numbers, or seconds of dates
  double max_ = 0;
  double sum_ = 0;
  size_t shortest_ = SIZE_MAX;
  size_t longest_ = 0;
  int64_t total_length_ = 0;
  int64_t spaced_ = 0;  // cells with a blank inside
  size_t counted_ = 0;  // used slots
  std::vector<Slot> slots_;
  std::array<uint8_t, 1024> registers_{};  // HyperLogLog
};

// A number as a person writes it: at most five digits that matter.
std::string ShortNumber(double value);
// "12,345".
std::string Grouped(int64_t value);
// "19.9%"; "<0.1%" for a trace.
std::string Percent(double share);
// A value on one line: at most `max_bytes`, control characters made blanks,
// cut (with an ellipsis) only between characters.
std::string OneLine(std::string_view value, size_t max_bytes);

}  // namespace treesmith
