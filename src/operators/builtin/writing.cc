#include "operators/builtin/writing.h"

#include <cctype>
#include <cmath>
#include <string_view>

namespace treesmith {
namespace {

// So many words are a text, whatever they are.
constexpr double kTextWords = 4;
// Two words on the mean may be a title or a query.
constexpr double kTitleWords = 2;
// Longer than names, and longer than two words of Chinese.
constexpr double kLongValue = 40;
constexpr double kShortestUnparted = 8;

double Known(double value) { return std::isfinite(value) ? value : 0; }

// The character that begins at `at`, which moves behind it. Bytes that are no
// UTF-8 stand for themselves.
uint32_t TakeCharacter(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const uint32_t first = byte(at++);
  const int more = first >= 0xF0   ? 3
                   : first >= 0xE0 ? 2
                   : first >= 0xC0 ? 1
                                   : 0;
  uint32_t character = more == 0 ? first : first & (0x3FU >> more);
  for (int i = 0; i < more; ++i) {
    character = character << 6 | (byte(at++) & 0x3F);
  }
  return character;
}

// Of a script that puts no blanks between words.
bool IsUnparted(uint32_t character) {
  const auto within = [&](uint32_t first, uint32_t last) {
    return character >= first && character <= last;
  };
  return within(0x0E00, 0x0EFF) ||  // Thai, Lao
         within(0x1000, 0x109F) ||  // Burmese
         within(0x1780, 0x17FF) ||  // Khmer
         within(0x3040, 0x30FF) ||  // Japanese
         within(0x3400, 0x9FFF);    // Chinese, and Japanese again
}

struct Letters {
  double bytes = 0;
  double characters = 0;
  double unparted = 0;
  double words = 0;
  double small_words = 0;  // begin with one of a to z
  double letters = 0;
  double digits = 0;
};

Letters CountLetters(const ColumnProfile& column) {
  Letters seen;
  for (const ValueShare& top : column.top) {
    seen.bytes += static_cast<double>(top.value.size());
    bool starts = true;
    for (size_t at = 0; at < top.value.size();) {
      const uint32_t character = TakeCharacter(top.value, at);
      const bool ascii = character < 0x80;
      const auto byte = static_cast<unsigned char>(ascii ? character : 0);
      const bool blank = character == ' ';
      ++seen.characters;
      seen.unparted += IsUnparted(character) ? 1 : 0;
      seen.letters += !ascii || std::isalpha(byte) != 0 ? 1 : 0;
      seen.digits += std::isdigit(byte) != 0 ? 1 : 0;
      if (starts && !blank) {
        ++seen.words;
        seen.small_words += std::islower(byte) != 0 ? 1 : 0;
      }
      starts = blank;
    }
  }
  return seen;
}

}  // namespace

Writing WritingOf(const ColumnProfile& column, int64_t rows) {
  const double words = Known(column.mean_words);
  if (column.type != ColumnType::kText) return {.words = words};
  const Letters seen = CountLetters(column);
  const double characters =
      Known(column.mean_length) * seen.characters / std::fmax(seen.bytes, 1);
  const Writing of_characters = {
      .text = true, .unparted = true, .words = characters};
  if (seen.unparted * 2 > seen.characters && characters >= kShortestUnparted) {
    return of_characters;
  }
  if (words >= kTextWords) return {.text = true, .words = words};
  // Codes and sums of bytes have more than a digit in ten letters.
  if (seen.letters == 0 || seen.digits * 10 > seen.letters) {
    return {.words = words};
  }
  if (characters >= kLongValue) {
    if (words < 1.5) return of_characters;
    return {.text = true, .words = words};
  }
  const double present =
      static_cast<double>(rows) * (1 - Known(column.missing_train));
  const bool unlike = static_cast<double>(column.distinct) >= 0.9 * present;
  // Names of people have capitals.
  const bool names = seen.small_words * 3 < seen.words;
  return {.text = words >= kTitleWords && unlike && !names, .words = words};
}

}  // namespace treesmith
