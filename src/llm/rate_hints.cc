#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>

#include "llm/failure.h"

namespace treesmith {
namespace {

// No provider means a longer wait; what is above is a wrong clock.
constexpr double kLongestSeconds = 7 * 86400.0;

std::string Value(const HttpHeaders& headers, const std::string& name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::optional<Milliseconds> FromSeconds(double seconds) {
  if (!(seconds >= 0) || seconds > kLongestSeconds) return std::nullopt;
  return Milliseconds(std::llround(seconds * 1000.0));
}

// "1s", "6m0s", "20ms", "1h2m3.5s", "12" (seconds).
std::optional<Milliseconds> ParseDuration(std::string_view text) {
  double seconds = 0;
  while (!text.empty()) {
    double value = 0;
    const auto [end, code] =
        std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.starts_with("ms")) {
      seconds += value / 1000;
      text.remove_prefix(2);
    } else if (text.empty() || text.front() == 's') {
      seconds += value;
      if (!text.empty()) text.remove_prefix(1);
    } else if (text.front() == 'm') {
      seconds += value * 60;
      text.remove_prefix(1);
    } else if (text.front() == 'h') {
      seconds += value * 3600;
      text.remove_prefix(1);
    } else {
      return std::nullopt;
    }
  }
  return FromSeconds(seconds);
}

std::optional<time_t> ParseTime(const std::string& text, const char* format) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), format, &parts);
  if (end == nullptr) return std::nullopt;
  return timegm(&parts);
}

// RFC 9110's date, in a `date` or `retry-after` header.
std::optional<time_t> ParseHttpDate(const std::string& text) {
  return ParseTime(text, "%a, %d %b %Y %H:%M:%S");
}

// The time from the server's own `date` on: our clock may be wrong, and Clock
// has no wall time.
std::optional<Milliseconds> Until(std::optional<time_t> then,
                                  const HttpHeaders& headers) {
  const std::optional<time_t> now = ParseHttpDate(Value(headers, "date"));
  if (!then || !now) return std::nullopt;
  const double seconds = std::difftime(*then, *now);
  return FromSeconds(seconds < 0 ? 0 : seconds);
}

std::optional<Milliseconds> RetryAfter(const HttpHeaders& headers) {
  const std::string exact = Value(headers, "retry-after-ms");
  if (!exact.empty()) {
    double milliseconds = 0;
    const auto [end, code] = std::from_chars(
        exact.data(), exact.data() + exact.size(), milliseconds);
    if (code == std::errc()) return FromSeconds(milliseconds / 1000);
  }
  const std::string text = Value(headers, "retry-after");
  if (text.empty()) return std::nullopt;
  if (const auto duration = ParseDuration(text)) return duration;
  return Until(ParseHttpDate(text), headers);
}

std::optional<int64_t> Count(const HttpHeaders& headers,
                             std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const std::string text = Value(headers, name);
    int64_t value = 0;
    const auto [end, code] =
        std::from_chars(text.data(), text.data() + text.size(), value);
    if (code == std::errc() && value >= 0) return value;
  }
  return std::nullopt;
}

// OpenAI's form is a duration, Anthropic's an RFC 3339 time.
std::optional<Milliseconds> Reset(const HttpHeaders& headers,
                                  const char* duration_name,
                                  const char* time_name) {
  const std::string duration = Value(headers, duration_name);
  if (!duration.empty()) return ParseDuration(duration);
  return Until(ParseTime(Value(headers, time_name), "%Y-%m-%dT%H:%M:%S"),
               headers);
}

}  // namespace

RateHints ReadRateHints(const HttpHeaders& headers) {
  RateHints hints;
  hints.retry_after = RetryAfter(headers);
  hints.remaining_requests = Count(headers, {"x-ratelimit-remaining-requests",
                                             "anthropic-ratelimit-requests-"
                                             "remaining"});
  hints.remaining_tokens = Count(headers, {"x-ratelimit-remaining-tokens",
                                           "anthropic-ratelimit-tokens-"
                                           "remaining"});
  hints.requests_reset = Reset(headers, "x-ratelimit-reset-requests",
                               "anthropic-ratelimit-requests-reset");
  hints.tokens_reset = Reset(headers, "x-ratelimit-reset-tokens",
                             "anthropic-ratelimit-tokens-reset");
  return hints;
}

}  // namespace treesmith
