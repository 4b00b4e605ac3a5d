// The largest quantities that people may state: far more than anybody means,
// and small enough that sums and nanoseconds of them fit an int64_t.
#pragma once

namespace treesmith {

inline constexpr double kMostMilliseconds = 3650 * 8.64e7;  // ten years
inline constexpr double kMostBytes = 1125899906842624.0;    // a pebibyte

}  // namespace treesmith
