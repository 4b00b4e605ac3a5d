#include "sandbox/output_tail.h"

#include <algorithm>

namespace treesmith {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// Length of the valid UTF-8 sequence (RFC 3629) that `bytes` starts with; 0 if
// there is none.
size_t SequenceLength(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first < 0x80) return 1;
  size_t length = 0;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0 || bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(bytes[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(bytes[1]);
  if (first == 0xE0 && second < 0xA0) return 0;  // overlong
  if (first == 0xED && second > 0x9F) return 0;  // a surrogate
  if (first == 0xF0 && second < 0x90) return 0;  // overlong
  if (first == 0xF4 && second > 0x8F) return 0;  // beyond U+10FFFF
  return length;
}

}  // namespace

std::string ToValidUtf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t length = SequenceLength(bytes);
    if (length == 0) {
      text += kReplacement;
      bytes.remove_prefix(1);
      continue;
    }
    text += bytes.substr(0, length);
    bytes.remove_prefix(length);
  }
  return text;
}

void OutputTail::Append(std::string_view bytes) {
  total_bytes_ += static_cast<int64_t>(bytes.size());
  const size_t room = kHeadBytes - head_.size();
  head_ += bytes.substr(0, room);
  bytes.remove_prefix(std::min(room, bytes.size()));
  if (bytes.size() > kTailBytes) bytes.remove_prefix(bytes.size() - kTailBytes);
  while (!bytes.empty()) {
    if (ring_.size() < kTailBytes) {
      const size_t count = std::min(kTailBytes - ring_.size(), bytes.size());
      ring_ += bytes.substr(0, count);
      bytes.remove_prefix(count);
      continue;
    }
    const size_t count = std::min(kTailBytes - next_, bytes.size());
    bytes.copy(ring_.data() + next_, count);
    bytes.remove_prefix(count);
    next_ = (next_ + count) % kTailBytes;
  }
}

std::string OutputTail::Text() const {
  const int64_t kept = static_cast<int64_t>(head_.size() + ring_.size());
  const std::string tail = ring_.substr(next_) + ring_.substr(0, next_);
  // Cut in one piece where nothing is left out, so that no character that
  // straddles the two is torn.
  if (kept == total_bytes_) return ToValidUtf8(head_ + tail);
  return ToValidUtf8(head_) + "\n... " + std::to_string(total_bytes_ - kept) +
         " bytes left out ...\n" + ToValidUtf8(tail);
}

}  // namespace treesmith
