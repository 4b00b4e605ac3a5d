#include "table/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "table/csv_scan.h"

namespace treesmith {
namespace {

// pandas 2 (pandas.read_csv, na_values), sorted.
constexpr std::array<std::string_view, 19> kMissingWords = {
    "",     "#N/A",   "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN",
    "-nan", "1.#IND", "1.#QNAN",  "<NA>", "N/A",     "NA",       "NULL",
    "NaN",  "None",   "n/a",      "nan",  "null"};

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& byte : lower) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return lower;
}

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

// "-007" and "7.00" as whole numbers of any length; empty: it is none.
std::string WholeNumber(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view rest =
      point == std::string_view::npos ? "" : text.substr(point + 1);
  if (whole.empty() || !std::all_of(whole.begin(), whole.end(), IsDigit) ||
      rest.find_first_not_of('0') != std::string_view::npos) {
    return {};
  }
  const size_t first = whole.find_first_not_of('0');
  if (first == std::string_view::npos) return "0";
  return (negative ? "-" : "") + std::string(whole.substr(first));
}

}  // namespace

bool IsMissingWord(std::string_view text) {
  // The longest is "#N/A N/A" and "-1.#QNAN".
  return text.size() <= 8 &&
         std::find(kMissingWords.begin(), kMissingWords.end(), text) !=
             kMissingWords.end();
}

std::optional<double> ParseNumber(std::string_view text) {
  text = Trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  double number = 0;
  const auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || std::isnan(number)) {
    return std::nullopt;
  }
  if (code == std::errc::result_out_of_range) {
    // from_chars leaves the number alone; what matters is that it is one.
    const bool tiny = Lower(text).find("e-") != std::string::npos;
    return tiny ? 0.0 : std::copysign(HUGE_VAL, text[0] == '-' ? -1 : 1);
  }
  if (code != std::errc{}) return std::nullopt;
  return number;
}

std::string CanonicalValue(std::string_view text) {
  text = Trim(text);
  if (text.empty()) return {};
  const char first = text.front();
  if (IsDigit(first) || first == '-' || first == '+' || first == '.') {
    if (std::string whole = WholeNumber(text); !whole.empty()) return whole;
    if (const auto number = ParseNumber(text);
        number && std::isfinite(*number)) {
      std::array<char, 400> buffer{};
      const bool whole =
          std::abs(*number) < 1e15 && *number == std::nearbyint(*number);
      const auto end =
          whole ? std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                static_cast<int64_t>(*number))
                : std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                *number);
      return {buffer.data(), end.ptr};
    }
    return std::string(text);
  }
  if (text.size() == 4 || text.size() == 5) {
    if (std::string lower = Lower(text); lower == "true" || lower == "false") {
      return lower;
    }
  }
  return std::string(text);
}

std::string FoldName(std::string_view name) {
  if (name.starts_with(kByteOrderMark)) name.remove_prefix(3);
  return Lower(Trim(name));
}

bool HasName(std::span<const std::string> names, std::string_view column) {
  const std::string wanted = FoldName(column);
  return std::ranges::any_of(
      names, [&](const std::string& name) { return FoldName(name) == wanted; });
}

}  // namespace treesmith
