#include "base/compress.h"

#include <zstd.h>

#include "base/check.h"

namespace treesmith {

std::string Compress(std::string_view bytes) {
  // The fastest level: most bytes are predictions, which hardly shrink at any.
  constexpr int kLevel = 1;
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size =
      ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kLevel);
  CHECK(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

Result<std::string> Decompress(std::string_view bytes, size_t max_bytes) {
  const unsigned long long size =
      ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return Failed("decompress blob: not a zstd frame of known size");
  }
  if (size > max_bytes) {
    return Failed("decompress blob: " + std::to_string(size) +
                  " bytes is over the bound");
  }
  std::string out(size, '\0');
  const size_t got =
      ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0) {
    return Failed(std::string("decompress blob: ") + ZSTD_getErrorName(got));
  }
  return out;
}

}  // namespace treesmith
