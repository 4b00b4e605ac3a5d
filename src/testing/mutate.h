// Mutated: a text as a bad line, a bad model or a bad server would make of it.
//
// For tests that throw thousands of such texts at a reader. Header only, on
// base alone, so that tests of every layer may use it.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/rng.h"

namespace treesmith {

// One to four changes: bytes replaced, inserted, dropped or doubled, lines
// dropped, doubled, swapped or indented anew, the end cut off, and pieces of
// `words` (what matters to the reader: fences, marks, braces) strewn in.
class Mutator {
 public:
  explicit Mutator(Rng& rng) : rng_(rng) {}

  template <size_t kCount>
  std::string operator()(std::string text,
                         const std::array<std::string_view, kCount>& words) {
    for (uint64_t changes = 1 + rng_.Below(4); changes > 0; --changes) {
      if (rng_.Below(3) == 0) {
        text.insert(At(text), words[rng_.Below(words.size())]);
      } else {
        Change(text);
      }
    }
    return text;
  }

 private:
  size_t At(const std::string& text) { return rng_.Below(text.size() + 1); }

  // Bytes [first, second): the line at `at` with its end.
  static std::pair<size_t, size_t> LineAt(const std::string& text, size_t at) {
    const size_t before =
        at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const size_t begin = before == std::string::npos ? 0 : before + 1;
    const size_t end = text.find('\n', at);
    return {begin, end == std::string::npos ? text.size() : end + 1};
  }

  void Change(std::string& text) {
    const size_t at = At(text);
    const auto [begin, end] = LineAt(text, at);
    const std::string line = text.substr(begin, end - begin);
    switch (rng_.Below(9)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(rng_.Below(256));
        break;
      case 1:
        text.insert(at, 1, static_cast<char>(rng_.Below(256)));
        break;
      case 2:
        text.erase(at, 1 + rng_.Below(40));
        break;
      case 3:
        text.insert(at, text.substr(at, 1 + rng_.Below(40)));
        break;
      case 4:
        text.erase(begin, end - begin);
        break;
      case 5:
        text.insert(begin, line);
        break;
      case 6:
        text.erase(begin, end - begin);
        text.insert(LineAt(text, At(text)).first, line);
        break;
      case 7:
        text.insert(begin, rng_.Below(9), ' ');
        break;
      default:
        if (rng_.Below(4) == 0) text.resize(at);
        break;
    }
  }

  Rng& rng_;
};

}  // namespace treesmith
