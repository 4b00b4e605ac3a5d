#include "testing/virtual_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace treesmith {

VirtualTerminal::VirtualTerminal(size_t rows, size_t columns)
    : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)),
      columns_(columns) {
  CHECK(master_.get() >= 0);
  CHECK(::grantpt(master_.get()) == 0 && ::unlockpt(master_.get()) == 0);
  std::array<char, 64> name{};
  CHECK(::ptsname_r(master_.get(), name.data(), name.size()) == 0);
  const int terminal = ::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  CHECK(terminal >= 0);
  stream_.reset(::fdopen(terminal, "w"));
  CHECK(stream_ != nullptr);
  Resize(rows, columns);
}

void VirtualTerminal::Resize(size_t rows, size_t columns) {
  winsize size{};
  size.ws_row = static_cast<unsigned short>(rows);
  size.ws_col = static_cast<unsigned short>(columns);
  CHECK(::ioctl(master_.get(), TIOCSWINSZ, &size) == 0);
  columns_ = columns;
}

void VirtualTerminal::Drain() {
  std::array<char, 4096> buffer{};
  pollfd ready{master_.get(), POLLIN, 0};
  while (::poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN) != 0) {
    const ssize_t got = ::read(master_.get(), buffer.data(), buffer.size());
    if (got <= 0) return;
    Feed({buffer.data(), static_cast<size_t>(got)});
  }
}

void VirtualTerminal::Feed(std::string_view bytes) {
  bytes_ += bytes;
  while (!bytes.empty()) {
    const char c = bytes.front();
    if (c == '\x1b') {
      bytes.remove_prefix(Escape(bytes));
      continue;
    }
    bytes.remove_prefix(1);
    if (c == '\r') {
      offset_ -= offset_ % columns_;
    } else if (c == '\n') {
      NewLine();
    } else {
      Put(c);
    }
  }
}

size_t VirtualTerminal::RowsOf(const Line& line) const {
  return std::max<size_t>(1, (line.size() + columns_ - 1) / columns_);
}

void VirtualTerminal::Put(char c) {
  Line& line = written_[line_];
  const bool continues = (static_cast<unsigned char>(c) >> 6) == 2;
  if (continues && offset_ > 0) {
    line[offset_ - 1] += c;
    return;
  }
  if (line.size() <= offset_) line.resize(offset_ + 1, " ");
  line[offset_++] = std::string(1, c);
}

// To the next row of the same column; the terminal driver has put a carriage
// return before it.
void VirtualTerminal::NewLine() {
  const size_t column = offset_ % columns_;
  if (offset_ / columns_ + 1 < RowsOf(written_[line_])) {
    offset_ += columns_;
    return;
  }
  if (++line_ == written_.size()) written_.emplace_back();
  offset_ = column;
}

void VirtualTerminal::Up(size_t rows) {
  for (; rows > 0; --rows) {
    if (offset_ >= columns_) {
      offset_ -= columns_;
    } else if (line_ > 0) {
      --line_;
      offset_ += (RowsOf(written_[line_]) - 1) * columns_;
    }
  }
}

void VirtualTerminal::EraseBelow() {
  written_.resize(line_ + 1);
  Line& line = written_.back();
  line.resize(std::min(line.size(), offset_));
}

// Bytes of the sequence at the start of `sequence`.
size_t VirtualTerminal::Escape(std::string_view sequence) {
  CHECK(sequence.starts_with("\x1b["));
  const size_t end = sequence.find_first_not_of("0123456789;?", 2);
  CHECK(end != std::string_view::npos);
  const std::string argument(sequence.substr(2, end - 2));
  const char command = sequence[end];
  if (command == 'A') {
    Up(argument.empty() ? 1 : std::stoul(argument));
  } else if (command == 'J') {
    EraseBelow();
  } else if (argument == "?25") {
    CHECK(command == 'l' || command == 'h');
    cursor_shown_ = command == 'h';
  } else {
    CHECK(command == 'm');
  }
  return end + 1;
}

std::vector<std::string> VirtualTerminal::lines() const {
  std::vector<std::string> rows;
  for (const Line& line : written_) {
    for (size_t row = 0; row < RowsOf(line); ++row) {
      std::string text;
      const size_t end = std::min(line.size(), (row + 1) * columns_);
      for (size_t i = row * columns_; i < end; ++i) text += line[i];
      while (text.ends_with(' ')) text.pop_back();
      rows.push_back(std::move(text));
    }
  }
  while (!rows.empty() && rows.back().empty()) rows.pop_back();
  return rows;
}

size_t VirtualTerminal::cursor_row() const {
  size_t row = offset_ / columns_;
  for (size_t i = 0; i < line_; ++i) row += RowsOf(written_[i]);
  return row;
}

}  // namespace treesmith
