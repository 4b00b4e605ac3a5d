// MetricValue: a number and which way is better.
//
// An absent or non-finite value is never better than anything and everything
// real is better than it (aideml's A13: NaN once counted as best). The
// direction is fixed once a run (A12); comparing values of unlike directions is
// our own mistake, a CHECK.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "base/check.h"

namespace treesmith {

enum class Direction { kMinimize, kMaximize };

// "minimize" or "maximize".
std::string_view DirectionName(Direction direction);
std::optional<Direction> ParseDirection(std::string_view name);

class MetricValue {
 public:
  MetricValue() = default;
  MetricValue(double value, Direction direction)
      : value_(value), direction_(direction) {}
  static MetricValue Absent(Direction direction) {
    return {std::numeric_limits<double>::quiet_NaN(), direction};
  }

  [[nodiscard]] bool present() const { return std::isfinite(value_); }
  // REQUIRES: present()
  [[nodiscard]] double value() const {
    CHECK(present());
    return value_;
  }
  [[nodiscard]] Direction direction() const { return direction_; }

  // Strictly better; equal values are not.
  [[nodiscard]] bool BetterThan(const MetricValue& other) const {
    CHECK(direction_ == other.direction_);
    if (!present()) return false;
    if (!other.present()) return true;
    return direction_ == Direction::kMaximize ? value_ > other.value_
                                              : value_ < other.value_;
  }
  // How much better than `other`, in the metric's unit; negative if worse.
  // REQUIRES: both present
  [[nodiscard]] double GainOver(const MetricValue& other) const {
    CHECK(direction_ == other.direction_);
    return direction_ == Direction::kMaximize ? value() - other.value()
                                              : other.value() - value();
  }

 private:
  double value_ = std::numeric_limits<double>::quiet_NaN();
  Direction direction_ = Direction::kMinimize;
};

}  // namespace treesmith
