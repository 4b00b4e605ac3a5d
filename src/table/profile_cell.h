// What one cell of a table can be read as.
//
// "None" is a value, not a gap: exports of R and surveys use it as a category
// (masonry: None). Any thread; nothing is kept of the arguments.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace treesmith {

// Empty, or one of the words that tools write for a gap (NA, NaN, null, ...).
bool IsMissingCell(std::string_view cell);

// A finite decimal number, blanks around it allowed. "0x1f", "inf" and "1,5"
// are none.
std::optional<double> ParseNumberCell(std::string_view cell);

struct DateCell {
  double seconds = 0;  // since 1970-01-01, as written; no time zone
  bool has_time = false;
};

// Which part of 1/2/2017 is the day; a part above 12 is it in any case.
enum class DateOrder {
  kUsual,  // of 1.2.2017 the first, else the second
  kDayFirst,
  kMonthFirst,
};

// 2017-01-31, 2017/1/31, 31.1.2017, 31/1/2017 or 1/31/2017, each with an
// optional time (T or blank, 12:30[:59[.123]]) and zone, which is not looked
// at.
std::optional<DateCell> ParseDateCell(std::string_view cell,
                                      DateOrder order = DateOrder::kUsual);

// Tells the order of a column's dates from its cells: one tells for them all.
class DateOrderFinder {
 public:
  // The cells that follow are of another file, which may write dates otherwise.
  void StartTable() { seen_ = 0; }
  // What is no date tells nothing.
  void Add(std::string_view cell);
  // More cells would not change the order, or hardly.
  [[nodiscard]] bool settled() const;
  // kUsual: no cell tells, or the year stands first.
  [[nodiscard]] DateOrder order() const;

 private:
  bool day_ = false;    // some first part is above 12
  bool month_ = false;  // some second part is
  bool dotted_ = false;
  bool year_last_ = false;
  int seen_ = 0;  // dates of this table
};

// "2017-01-31", with " 12:30:00" where the time is not midnight.
std::string FormatDate(double seconds);

}  // namespace treesmith
