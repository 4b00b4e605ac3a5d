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

// 2017-01-31, 2017/1/31, 31.1.2017, 31/1/2017 or 1/31/2017 (month first where
// both fit), each with an optional time (T or blank, 12:30[:59[.123]]) and
// zone, which is not looked at.
std::optional<DateCell> ParseDateCell(std::string_view cell);

// "2017-01-31", with " 12:30:00" where the time is not midnight.
std::string FormatDate(double seconds);

}  // namespace treesmith
