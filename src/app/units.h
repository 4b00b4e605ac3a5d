// Durations and sizes as people type them: "90s", "10m", "1h30m", "4GiB".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace treesmith {

// ms, s, m, h, d, in any combination, largest first; a bare number is seconds.
// BadInput for anything else, for nothing or less, and above ten years.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

// B, KB, MB, GB, TB (powers of 1,000) and KiB, MiB, GiB, TiB (of 1,024); case
// does not matter; a bare number is bytes. BadInput as above, and above 2^50.
Result<int64_t> ParseBytes(std::string_view text);

}  // namespace treesmith
