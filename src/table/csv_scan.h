// The grammar of delimited text: where records and cells begin and end.
//
// RFC 4180, read as leniently as pandas does: a quote opens a quoted cell only
// as the cell's first byte and is an ordinary byte elsewhere outside quotes;
// inside quotes "" is one quote; bytes after a closing quote belong to the
// cell. Records end with \n or \r\n, the last one also with the end of the
// text; blank lines are no records. NUL and invalid UTF-8 are ordinary bytes.
// Everything here is pure; views borrow from the text they were given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace treesmith {

// "\xEF\xBB\xBF" at the front of some files.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Finds record ends in a text that comes in chunks of any size, at a few
// gigabytes a second: 64 bytes at a time, slower only around quotes.
class RecordScanner {
 public:
  explicit RecordScanner(char delimiter) : delimiter_(delimiter) {}

  // Counts the records that end inside `chunk`.
  void Count(std::string_view chunk);
  // As Count; also appends, for each of them, the offset within `chunk` just
  // past its \n. Ends of blank lines are appended too, as their records must
  // be stepped over: a blank line is empty or a lone \r.
  void FindEnds(std::string_view chunk, std::vector<size_t>& ends);

  // Records so far, the header among them; an unfinished last line counts when
  // it holds anything.
  [[nodiscard]] int64_t records() const {
    return ended_ + (line_bytes_ > 0 ? 1 : 0);
  }
  // True between an opening quote and its end: at the end of a file the quote
  // was never closed.
  [[nodiscard]] bool in_quotes() const { return in_quotes_; }

 private:
  template <typename OnEnd>
  void Scan(std::string_view chunk, OnEnd&& on_end);
  // True when the quote at `at` opens (or re-opens) a quoted cell.
  [[nodiscard]] bool Opens(std::string_view chunk, size_t at) const;

  char delimiter_;
  bool in_quotes_ = false;
  // The byte before the next chunk; a line end before the first one.
  char previous_ = '\n';
  // The byte before it was a quote that closed a cell.
  bool previous_closed_ = false;
  int64_t ended_ = 0;
  // Bytes of the unfinished line.
  int64_t line_bytes_ = 0;
};

// The cells of one record (without its line end), raw: quotes and all.
// A record has at least one cell. Clears `cells` first.
void SplitCells(std::string_view record, char delimiter,
                std::vector<std::string_view>& cells);

// What a raw cell says. The answer borrows from `raw` where it can, else from
// `scratch`, which is overwritten.
std::string_view CellText(std::string_view raw, std::string& scratch);

// `text` as a raw cell: quoted only where the delimiter, a quote or a line end
// asks for it.
std::string QuoteCell(std::string_view text, char delimiter);

// The delimiter that a first line speaks for: the comma if it has any outside
// quotes, else the most frequent of tab, semicolon and bar, else the comma.
char GuessDelimiter(std::string_view first_line);

// `record` without \n, \r\n at its end.
std::string_view StripLineEnd(std::string_view record);

}  // namespace treesmith
