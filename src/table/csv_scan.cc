#include "table/csv_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace treesmith {
namespace {

constexpr size_t kBlock = 64;

// Bit i says whether block[i] is `byte`.
uint64_t MaskOf(const char* block, char byte) {
  uint64_t mask = 0;
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(byte);
  for (size_t part = 0; part < 4; ++part) {
    __m128i bytes;
    std::memcpy(&bytes, block + part * 16, sizeof bytes);
    const auto bits =
        static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
    mask |= uint64_t{bits} << (part * 16);
  }
#else
  for (size_t i = 0; i < kBlock; ++i) {
    mask |= uint64_t{block[i] == byte} << i;
  }
#endif
  return mask;
}

// Bits [from, to).
uint64_t BitsBetween(size_t from, size_t to) {
  const uint64_t below_to =
      to >= kBlock ? ~uint64_t{0} : (uint64_t{1} << to) - 1;
  const uint64_t from_on = from >= kBlock ? 0 : ~uint64_t{0} << from;
  return below_to & from_on;
}

}  // namespace

bool RecordScanner::Opens(std::string_view chunk, size_t at) const {
  const char before = at > 0 ? chunk[at - 1] : previous_;
  return before == delimiter_ || before == '\n';
}

// Newlines outside quotes end a line. `line_begin` may lie before the chunk
// (a huge value, by wrapping), hence the sum with line_bytes_.
template <typename OnEnd>
void RecordScanner::Scan(std::string_view chunk, OnEnd&& on_end) {
  // Offset in the chunk of the quote that closed a cell last; another quote
  // right behind it re-opens the cell.
  constexpr size_t kNone = static_cast<size_t>(-2);
  size_t closed_at = previous_closed_ ? static_cast<size_t>(-1) : kNone;
  size_t line_begin = 0;
  const auto end_line = [&](size_t at) {
    const int64_t size = line_bytes_ + static_cast<int64_t>(at - line_begin);
    const char before = at > 0 ? chunk[at - 1] : previous_;
    const bool blank = size == 0 || (size == 1 && before == '\r');
    ended_ += blank ? 0 : 1;
    line_bytes_ = 0;
    line_begin = at + 1;
    on_end(at + 1);
  };
  std::array<char, kBlock> tail{};
  for (size_t base = 0; base < chunk.size(); base += kBlock) {
    const char* block = chunk.data() + base;
    const size_t size = std::min(kBlock, chunk.size() - base);
    if (size < kBlock) {
      std::memcpy(tail.data(), block, size);
      block = tail.data();
    }
    const uint64_t valid = BitsBetween(0, size);
    uint64_t quotes = MaskOf(block, '"') & valid;
    uint64_t ends = MaskOf(block, '\n') & valid;
    size_t from = 0;  // where the state in_quotes_ began, within the block
    while (quotes != 0) {
      const auto at = static_cast<size_t>(std::countr_zero(quotes));
      quotes &= quotes - 1;
      if (in_quotes_) {
        ends &= ~BitsBetween(from, at);
        in_quotes_ = false;
        closed_at = base + at;
        from = at;
      } else if (closed_at + 1 == base + at || Opens(chunk, base + at)) {
        in_quotes_ = true;
        from = at;
      }
    }
    if (in_quotes_) ends &= ~BitsBetween(from, kBlock);
    while (ends != 0) {
      end_line(base + static_cast<size_t>(std::countr_zero(ends)));
      ends &= ends - 1;
    }
  }
  if (chunk.empty()) return;
  line_bytes_ += static_cast<int64_t>(chunk.size() - line_begin);
  previous_closed_ = closed_at == chunk.size() - 1;
  previous_ = chunk.back();
}

void RecordScanner::Count(std::string_view chunk) {
  Scan(chunk, [](size_t) {});
}

void RecordScanner::FindEnds(std::string_view chunk,
                             std::vector<size_t>& ends) {
  Scan(chunk, [&](size_t end) { ends.push_back(end); });
}

void SplitCells(std::string_view record, char delimiter,
                std::vector<std::string_view>& cells) {
  cells.clear();
  size_t begin = 0;
  for (;;) {
    size_t at = begin;
    if (at < record.size() && record[at] == '"') {
      // Behind the closing quote, the rest of the cell is plain.
      for (++at; at < record.size(); ++at) {
        if (record[at] != '"') continue;
        if (at + 1 < record.size() && record[at + 1] == '"') {
          ++at;
          continue;
        }
        break;
      }
    }
    const size_t end = record.find(delimiter, at);
    if (end == std::string_view::npos) {
      cells.push_back(record.substr(begin));
      return;
    }
    cells.push_back(record.substr(begin, end - begin));
    begin = end + 1;
  }
}

std::string_view CellText(std::string_view raw, std::string& scratch) {
  if (raw.empty() || raw.front() != '"') return raw;
  const size_t second = raw.find('"', 1);
  if (second == raw.size() - 1 && second > 0) {
    return raw.substr(1, raw.size() - 2);
  }
  scratch.clear();
  size_t at = 1;
  for (; at < raw.size(); ++at) {
    if (raw[at] == '"') {
      if (at + 1 >= raw.size() || raw[at + 1] != '"') break;
      ++at;
    }
    scratch.push_back(raw[at]);
  }
  if (at < raw.size()) scratch.append(raw.substr(at + 1));
  return scratch;
}

std::string QuoteCell(std::string_view text, char delimiter) {
  const std::array<char, 4> special = {delimiter, '"', '\n', '\r'};
  if (text.find_first_of(std::string_view(special.data(), special.size())) ==
      std::string_view::npos) {
    return std::string(text);
  }
  std::string out = "\"";
  for (const char byte : text) {
    if (byte == '"') out += '"';
    out += byte;
  }
  return out + "\"";
}

char GuessDelimiter(std::string_view first_line) {
  constexpr std::string_view kCandidates = ",\t;|";
  std::array<size_t, kCandidates.size()> counts{};
  bool in_quotes = false;
  for (const char byte : first_line) {
    if (byte == '"') in_quotes = !in_quotes;
    const size_t which = kCandidates.find(byte);
    if (!in_quotes && which != std::string_view::npos) ++counts[which];
  }
  if (counts[0] > 0) return ',';
  const auto* best = std::max_element(counts.begin(), counts.end());
  return *best == 0 ? ','
                    : kCandidates[static_cast<size_t>(best - counts.begin())];
}

std::string_view StripLineEnd(std::string_view record) {
  if (record.ends_with('\n')) record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

}  // namespace treesmith
