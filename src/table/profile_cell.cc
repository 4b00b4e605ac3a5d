#include "table/profile_cell.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "table/value.h"

namespace treesmith {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view Trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// At most 15 digits and one point: exact in a double, five times as fast as
// from_chars. Nothing where the cell is of another form.
std::optional<double> ParsePlainNumber(std::string_view cell) {
  static constexpr std::array<double, 16> kPowers = {
      1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  if (cell.size() > 16) return std::nullopt;
  size_t at = cell.front() == '-' ? 1 : 0;
  int64_t digits = 0;
  size_t count = 0;
  size_t decimals = 0;
  bool point = false;
  for (; at < cell.size(); ++at) {
    const char c = cell[at];
    if (IsDigit(c)) {
      digits = digits * 10 + (c - '0');
      ++count;
      if (point) ++decimals;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      return std::nullopt;
    }
  }
  if (count == 0 || count > 15) return std::nullopt;
  const double value = static_cast<double>(digits) / kPowers[decimals];
  return cell.front() == '-' ? -value : value;
}

// Takes an unsigned number of at most `width` digits off the front.
std::optional<int> TakeNumber(std::string_view& text, size_t width) {
  int value = 0;
  size_t count = 0;
  while (count < width && count < text.size() && IsDigit(text[count])) {
    value = value * 10 + (text[count++] - '0');
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

struct DateParts {
  int first = 0;
  int second = 0;
  int third = 0;
  char mark = '-';
  bool year_first = false;
};

// The parts of a date in any of the orders, and the rest of the text.
std::optional<DateParts> TakeParts(std::string_view& text) {
  const size_t before = text.size();
  const std::optional<int> first = TakeNumber(text, 4);
  if (!first || text.empty()) return std::nullopt;
  const size_t width = before - text.size();
  const char mark = text.front();
  if (mark != '-' && mark != '/' && mark != '.') return std::nullopt;
  text.remove_prefix(1);
  const std::optional<int> second = TakeNumber(text, 2);
  if (!second || !TakeChar(text, mark)) return std::nullopt;
  const bool year_first = width == 4;
  if (!year_first && width > 2) return std::nullopt;
  const std::optional<int> third = TakeNumber(text, year_first ? 2 : 4);
  if (!third) return std::nullopt;
  return DateParts{*first, *second, *third, mark, year_first};
}

bool DayFirst(const DateParts& parts, DateOrder order) {
  if (parts.first > 12) return true;
  if (parts.second > 12) return false;
  return order == DateOrder::kDayFirst ||
         (order == DateOrder::kUsual && parts.mark == '.');
}

// Day number of a date, and the rest of the text.
std::optional<int64_t> TakeDay(std::string_view& text, DateOrder order) {
  const std::optional<DateParts> parts = TakeParts(text);
  if (!parts) return std::nullopt;
  int year = parts->first;
  int month = parts->second;
  int day = parts->third;
  if (!parts->year_first) {
    year = parts->third;
    const bool day_first = DayFirst(*parts, order);
    month = day_first ? parts->second : parts->first;
    day = day_first ? parts->first : parts->second;
  }
  if (year < 1000) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// Seconds of "12:30[:59[.123]]" and the rest of the text.
std::optional<double> TakeTime(std::string_view& text) {
  const std::optional<int> hour = TakeNumber(text, 2);
  if (!hour || *hour > 24 || !TakeChar(text, ':')) return std::nullopt;
  const std::optional<int> minute = TakeNumber(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  double seconds = *hour * 3600.0 + *minute * 60.0;
  if (!TakeChar(text, ':')) return seconds;
  const std::optional<int> second = TakeNumber(text, 2);
  if (!second || *second > 60) return std::nullopt;
  seconds += *second;
  if (TakeChar(text, '.')) {
    double unit = 0.1;
    while (!text.empty() && IsDigit(text.front())) {
      seconds += unit * (text.front() - '0');
      unit /= 10;
      text.remove_prefix(1);
    }
  }
  return seconds;
}

bool IsZone(std::string_view text) {
  text = Trim(text);
  if (text.empty() || text == "Z" || text == "UTC" || text == "GMT") {
    return true;
  }
  if (text.front() != '+' && text.front() != '-') return false;
  for (const char c : text.substr(1)) {
    if (!IsDigit(c) && c != ':') return false;
  }
  return text.size() >= 3 && text.size() <= 6;
}

}  // namespace

bool IsMissingCell(std::string_view cell) {
  if (cell.empty()) return true;
  if (cell.size() > 5 || IsDigit(cell.front())) return false;
  cell = Trim(cell);
  // What pandas takes for a gap, but for "None".
  static constexpr std::array<std::string_view, 12> kWords = {
      "",     "NA",   "NaN",  "nan",  "N/A",  "n/a",
      "NULL", "null", "<NA>", "#N/A", "-nan", "-NaN"};
  for (const std::string_view word : kWords) {
    if (cell == word) return true;
  }
  return false;
}

std::optional<double> ParseNumberCell(std::string_view cell) {
  if (cell.empty()) return std::nullopt;
  if (const auto plain = ParsePlainNumber(cell)) return plain;
  const std::optional<double> value = ParseNumber(cell);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<DateCell> ParseDateCell(std::string_view cell, DateOrder order) {
  cell = Trim(cell);
  if (cell.size() < 8 || cell.size() > 40 || !IsDigit(cell.front())) {
    return std::nullopt;
  }
  const std::optional<int64_t> day = TakeDay(cell, order);
  if (!day) return std::nullopt;
  DateCell date{static_cast<double>(*day) * 86400.0, false};
  if (cell.empty()) return date;
  if (!TakeChar(cell, 'T') && !TakeChar(cell, ' ')) return std::nullopt;
  const std::optional<double> time = TakeTime(cell);
  if (!time || !IsZone(cell)) return std::nullopt;
  date.seconds += *time;
  date.has_time = true;
  return date;
}

void DateOrderFinder::Add(std::string_view cell) {
  std::string_view text = Trim(cell);
  const std::optional<DateParts> parts = TakeParts(text);
  if (!parts || !ParseDateCell(cell)) return;
  ++seen_;
  if (parts->year_first) return;
  year_last_ = true;
  day_ = day_ || parts->first > 12;
  month_ = month_ || parts->second > 12;
  dotted_ = dotted_ || parts->mark == '.';
}

bool DateOrderFinder::settled() const {
  // So many dates that all begin with the year are followed by no others in
  // their table; nor so many with the month first by one with the day first.
  constexpr int kEnough = 1000;
  return day_ || (seen_ >= kEnough && (month_ || !year_last_));
}

DateOrder DateOrderFinder::order() const {
  if (day_) return DateOrder::kDayFirst;
  if (month_) return DateOrder::kMonthFirst;
  return dotted_ ? DateOrder::kDayFirst : DateOrder::kUsual;
}

std::string FormatDate(double seconds) {
  const auto whole = static_cast<int64_t>(std::floor(seconds));
  const std::chrono::sys_seconds time{std::chrono::seconds(whole)};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  std::array<char, 64> text{};
  const int date_length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
      static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  std::string out(text.data(), static_cast<size_t>(date_length));
  if (time == midnight) return out;
  const int time_length =
      std::snprintf(text.data(), text.size(), " %02d:%02d:%02d",
                    static_cast<int>(clock.hours().count()),
                    static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()));
  return out.append(text.data(), static_cast<size_t>(time_length));
}

}  // namespace treesmith
