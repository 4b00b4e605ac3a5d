#include "app/units.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/quantity.h"

namespace treesmith {
namespace {

struct Unit {
  std::string_view name;  // lower case
  double size;
};

constexpr std::array<Unit, 6> kDurations = {{{"ms", 1},
                                             {"s", 1e3},
                                             {"", 1e3},
                                             {"m", 6e4},
                                             {"h", 3.6e6},
                                             {"d", 8.64e7}}};
constexpr std::array<Unit, 14> kSizes = {{{"", 1},
                                          {"b", 1},
                                          {"kb", 1e3},
                                          {"mb", 1e6},
                                          {"gb", 1e9},
                                          {"tb", 1e12},
                                          {"k", 1024.0},
                                          {"m", 1048576.0},
                                          {"g", 1073741824.0},
                                          {"kib", 1024.0},
                                          {"mib", 1048576.0},
                                          {"gib", 1073741824.0},
                                          {"tib", 1099511627776.0},
                                          {"t", 1099511627776.0}}};

// Takes "12.5unit" off the front of `text`; nothing when it does not start so.
template <size_t kSize>
std::optional<double> TakeAmount(const std::array<Unit, kSize>& units,
                                 std::string_view& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(after - text.data()));
  size_t length = 0;
  std::string name;
  while (length < text.size() &&
         std::isalpha(static_cast<unsigned char>(text[length])) != 0) {
    name += static_cast<char>(
        std::tolower(static_cast<unsigned char>(text[length++])));
  }
  text.remove_prefix(length);
  const auto unit =
      std::ranges::find(units, std::string_view(name), &Unit::name);
  if (unit == units.end()) return std::nullopt;
  return number * unit->size;
}

}  // namespace

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  double total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto amount = TakeAmount(kDurations, rest);
    if (!amount || *amount < 0) {
      total = 0;
      break;
    }
    total += *amount;
  }
  if (total < 1 || total > kMostMilliseconds) {
    return BadInput("read duration '" + std::string(text) + "': not a time",
                    "write it like 90s, 10m or 1h30m");
  }
  return std::chrono::milliseconds(static_cast<int64_t>(total));
}

Result<int64_t> ParseBytes(std::string_view text) {
  std::string_view rest = text;
  const auto amount = TakeAmount(kSizes, rest);
  if (!amount || !rest.empty() || *amount < 1 || *amount > kMostBytes) {
    return BadInput("read size '" + std::string(text) + "': not a size",
                    "write it like 512MiB or 4GiB");
  }
  return static_cast<int64_t>(*amount);
}

}  // namespace treesmith
