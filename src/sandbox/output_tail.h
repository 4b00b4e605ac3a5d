// OutputTail: keeps the beginning and the end of a stream in bounded memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace treesmith {

class OutputTail {
 public:
  static constexpr size_t kHeadBytes = size_t{8} << 10;
  static constexpr size_t kTailBytes = size_t{56} << 10;

  void Append(std::string_view bytes);

  // All bytes that came.
  [[nodiscard]] int64_t total_bytes() const { return total_bytes_; }

  // Head and tail, with a line between them that counts the bytes left out, as
  // valid UTF-8: what is not becomes U+FFFD, so it may grow by a factor of 3.
  [[nodiscard]] std::string Text() const;

 private:
  std::string head_;
  // A ring once it is full; next_ is where the oldest byte stands.
  std::string ring_;
  size_t next_ = 0;
  int64_t total_bytes_ = 0;
};

// The same text with each byte that is no part of valid UTF-8 replaced by
// U+FFFD.
std::string ToValidUtf8(std::string_view bytes);

}  // namespace treesmith
