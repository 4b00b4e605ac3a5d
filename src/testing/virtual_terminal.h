// VirtualTerminal: a pseudo-terminal, and what a person would see on it.
//
// Understands what Screen writes: text, carriage return, newline, cursor up
// (CSI n A), erase below (CSI J), colours, cursor shown and hidden (DECTCEM).
// Lines that are too long wrap, and wrap anew after a resize, as most emulators
// do (xterm's VT100 widget cuts them instead). Nothing scrolls off.
// One thread; what is written must be drained before the pty's buffer (4 KiB)
// is full.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace treesmith {

class VirtualTerminal {
 public:
  VirtualTerminal(size_t rows, size_t columns);

  // What a program takes for its terminal.
  [[nodiscard]] std::FILE* stream() const { return stream_.get(); }

  void Resize(size_t rows, size_t columns);
  // Reads what was written so far.
  void Drain();
  void Feed(std::string_view bytes);

  // As they stand on the screen, without trailing blanks and empty lines.
  [[nodiscard]] std::vector<std::string> lines() const;
  [[nodiscard]] bool cursor_shown() const { return cursor_shown_; }
  // The row of the screen on which the next text would stand.
  [[nodiscard]] size_t cursor_row() const;
  // All bytes since the beginning.
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  // A character (UTF-8) a cell.
  using Line = std::vector<std::string>;

  [[nodiscard]] size_t RowsOf(const Line& line) const;
  void Put(char c);
  void NewLine();
  void Up(size_t rows);
  void EraseBelow();
  size_t Escape(std::string_view sequence);

  UniqueFd master_;
  std::unique_ptr<std::FILE, Closer> stream_;
  size_t columns_;
  std::string bytes_;
  // Lines as they were written, before wrapping.
  std::vector<Line> written_ = {{}};
  size_t line_ = 0;
  size_t offset_ = 0;
  bool cursor_shown_ = true;
};

}  // namespace treesmith
