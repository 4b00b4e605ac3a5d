#include "operators/llm/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace treesmith {
namespace {

constexpr std::string_view kCut = "...";

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The largest boundary between characters that is not behind `at`.
size_t Boundary(std::string_view text, size_t at) {
  while (at > 0 && at < text.size() && IsContinuation(text[at])) --at;
  return std::min(at, text.size());
}

}  // namespace

std::string TrimEnd(std::string text) {
  text.resize(text.find_last_not_of('\n') + 1);
  return text;
}

std::string Clip(std::string_view text, size_t most_bytes) {
  if (text.size() <= most_bytes) return std::string(text);
  if (most_bytes <= kCut.size()) return std::string(kCut.substr(0, most_bytes));
  const size_t end = Boundary(text, most_bytes - kCut.size());
  return std::string(text.substr(0, end)) + std::string(kCut);
}

std::string ClipSentences(std::string_view text, size_t most_bytes) {
  if (text.size() <= most_bytes) return std::string(text);
  const std::string_view kept = text.substr(0, most_bytes);
  size_t end = kept.rfind('\n');
  if (end == std::string_view::npos) end = 0;
  for (const std::string_view stop : {". ", ".\n"}) {
    const size_t found = kept.rfind(stop);
    if (found != std::string_view::npos) end = std::max(end, found + 1);
  }
  if (end < most_bytes / 2) return Clip(text, most_bytes);
  return std::string(kept.substr(0, end));
}

std::string ClipMiddle(std::string_view text, size_t most_bytes) {
  if (text.size() <= most_bytes) return std::string(text);
  // The end tells more: a traceback stands there.
  const size_t begin = Boundary(text, most_bytes * 2 / 5);
  size_t end = text.size() - (most_bytes - begin);
  while (end < text.size() && IsContinuation(text[end])) ++end;
  return fmt::format("{}\n[... {} bytes left out ...]\n{}",
                     text.substr(0, begin), end - begin, text.substr(end));
}

std::string ListSome(const std::vector<std::string>& words, size_t most) {
  std::string text;
  for (size_t i = 0; i < words.size() && i < most; ++i) {
    if (i > 0) text += ", ";
    text += words[i];
  }
  if (words.size() > most) {
    text += fmt::format(" and {} more", words.size() - most);
  }
  return text;
}

std::string DurationText(std::chrono::milliseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  if (seconds < 10) return fmt::format("{:.2g} s", seconds);
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace treesmith
