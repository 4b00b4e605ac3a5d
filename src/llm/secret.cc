#include "llm/secret.h"

#include <cctype>

namespace treesmith {
namespace {

constexpr std::string_view kMark = "[key]";
// Short values ("x", "none", "anything") are given to local servers that want
// no key; replacing them would spoil ordinary words.
constexpr size_t kShortestKey = 8;
// What follows a vendor's mark must be as long as this to be a key.
constexpr size_t kShortestTail = 12;

bool IsKeyCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ||
         c == '_' || c == '*' || c == '.';
}

void ReplaceAll(std::string& text, std::string_view what) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + kMark.size())) {
    text.replace(at, what.size(), kMark);
  }
}

// Everything from `start` on that belongs to one word of key characters.
void ReplaceMarked(std::string& text, std::string_view start) {
  for (size_t at = text.find(start); at != std::string::npos;
       at = text.find(start, at + 1)) {
    if (at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0) {
      continue;
    }
    size_t end = at + start.size();
    while (end < text.size() && IsKeyCharacter(text[end])) ++end;
    if (end - at - start.size() < kShortestTail) continue;
    text.replace(at, end - at, kMark);
  }
}

}  // namespace

std::string Secret::Scrub(std::string_view text) const {
  std::string clean = ScrubExact(text);
  for (const std::string_view start : {"sk-", "AIza", "Bearer "}) {
    ReplaceMarked(clean, start);
  }
  return clean;
}

std::string Secret::ScrubExact(std::string_view text) const {
  std::string clean(text);
  if (value_.size() >= kShortestKey) ReplaceAll(clean, value_);
  return clean;
}

}  // namespace treesmith
