// Hash128: the name of a content (XXH3, 128 bits).
//
// For telling contents apart, not for defending against somebody who makes
// collisions on purpose.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace treesmith {

struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
  [[nodiscard]] bool IsZero() const { return high == 0 && low == 0; }
  // 32 lower-case hexadecimal digits, the canonical (big-endian) form.
  [[nodiscard]] std::string Hex() const;
  // The reverse of Hex; nothing for any other text.
  static std::optional<Hash128> FromHex(std::string_view hex);
};

Hash128 HashBytes(std::string_view bytes);

// HashBytes of pieces, put together.
class Hasher {
 public:
  Hasher();
  Hasher(const Hasher&) = delete;
  ~Hasher();
  void Add(std::string_view bytes);
  [[nodiscard]] Hash128 Digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace treesmith

template <>
struct std::hash<treesmith::Hash128> {
  size_t operator()(const treesmith::Hash128& value) const noexcept {
    return value.low;
  }
};
