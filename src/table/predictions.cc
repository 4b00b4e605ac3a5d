#include "table/predictions.h"

#include <bit>
#include <cstring>

#include "base/compress.h"

namespace treesmith {
namespace {

// Front of the bytes before compression; little-endian, as every machine we
// build for.
struct Header {
  uint32_t version = 1;
  uint32_t kind = 0;
  int64_t columns = 0;
  int64_t rows = 0;
};
static_assert(std::endian::native == std::endian::little);
constexpr uint32_t kKinds = 4;

}  // namespace

// Bytes of equal weight lie together (all exponents, then ...): zstd then finds
// the little that float predictions repeat.
std::string EncodePredictions(const Predictions& predictions) {
  const auto columns = static_cast<size_t>(predictions.columns);
  const auto rows = static_cast<size_t>(predictions.rows());
  const Header header{.kind = static_cast<uint32_t>(predictions.kind),
                      .columns = predictions.columns,
                      .rows = predictions.rows()};
  std::string bytes(sizeof header + predictions.values.size() * 4, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  char* out = bytes.data() + sizeof header;
  for (size_t column = 0; column < columns; ++column) {
    for (size_t byte = 0; byte < 4; ++byte) {
      for (size_t row = 0; row < rows; ++row) {
        const auto bits =
            std::bit_cast<uint32_t>(predictions.values[row * columns + column]);
        *out++ = static_cast<char>(bits >> (8 * byte) & 0xFF);
      }
    }
  }
  return Compress(bytes);
}

Result<Predictions> DecodePredictions(std::string_view bytes) {
  TRY_ASSIGN(const std::string raw, Decompress(bytes));
  Header header;
  if (raw.size() < sizeof header) {
    return Failed("decode predictions: too short");
  }
  std::memcpy(&header, raw.data(), sizeof header);
  const size_t cells = (raw.size() - sizeof header) / 4;
  if (header.version != 1 || header.kind >= kKinds || header.columns < 1 ||
      header.columns > (int64_t{1} << 30) || header.rows < 0 ||
      header.rows > static_cast<int64_t>(cells) ||
      static_cast<size_t>(header.columns * header.rows) * 4 + sizeof header !=
          raw.size()) {
    return Failed("decode predictions: not what this version writes");
  }
  Predictions predictions;
  predictions.kind = static_cast<PredictionKind>(header.kind);
  predictions.columns = static_cast<int>(header.columns);
  predictions.values.resize(cells);
  const auto columns = static_cast<size_t>(header.columns);
  const auto rows = static_cast<size_t>(header.rows);
  const char* in = raw.data() + sizeof header;
  for (size_t column = 0; column < columns; ++column) {
    const char* block = in + column * rows * 4;
    for (size_t row = 0; row < rows; ++row) {
      uint32_t bits = 0;
      for (size_t byte = 0; byte < 4; ++byte) {
        bits |= uint32_t{static_cast<unsigned char>(block[byte * rows + row])}
                << (8 * byte);
      }
      predictions.values[row * columns + column] = std::bit_cast<float>(bits);
    }
  }
  return predictions;
}

}  // namespace treesmith
