// zstd in one call each way.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace treesmith {

// Level 3: predictions shrink as well as at higher levels, at a tenth of their
// cost. Any thread.
std::string Compress(std::string_view bytes);
// Fails on bytes that Compress did not write and on more than `max_bytes`.
Result<std::string> Decompress(std::string_view bytes,
                               size_t max_bytes = size_t{4} << 30);

}  // namespace treesmith
