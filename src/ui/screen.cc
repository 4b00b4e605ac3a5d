#include "ui/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace treesmith {
namespace {

constexpr std::string_view kHideCursor = "\x1b[?25l";
constexpr std::string_view kShowCursor = "\x1b[?25h";
constexpr std::string_view kReset = "\x1b[0m";

bool IsSet(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool Utf8Locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = Environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string::npos ||
           value.find("utf8") != std::string::npos;
  }
  return false;
}

std::string_view Code(Color color) {
  switch (color) {
    case Color::kNone:
      return "";
    case Color::kDim:
      return "\x1b[2m";
    case Color::kBold:
      return "\x1b[1m";
    case Color::kGreen:
      return "\x1b[32m";
    case Color::kRed:
      return "\x1b[31m";
    case Color::kYellow:
      return "\x1b[33m";
    case Color::kCyan:
      return "\x1b[36m";
  }
  return "";
}

// Length of the escape sequence at the start of `text`; 0 if there is none.
size_t EscapeLength(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1b' || text[1] != '[') return 0;
  size_t i = 2;
  while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
  return i < text.size() ? i + 1 : i;
}

bool Continuation(char c) { return (static_cast<unsigned char>(c) >> 6) == 2; }

winsize SizeOf(std::FILE* stream) {
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0) size = {};
  return size;
}

}  // namespace

ScreenTraits TraitsOf(std::FILE* stream) {
  ScreenTraits traits;
  const std::string term = Environment("TERM");
  traits.live =
      ::isatty(::fileno(stream)) != 0 && !term.empty() && term != "dumb";
  traits.color = (traits.live || IsSet("CLICOLOR_FORCE")) && !IsSet("NO_COLOR");
  traits.unicode = Utf8Locale();
  return traits;
}

std::string Paint(const ScreenTraits& traits, Color color,
                  std::string_view text) {
  if (!traits.color || color == Color::kNone) return std::string(text);
  return std::string(Code(color)) + std::string(text) + std::string(kReset);
}

std::string Harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next =
        static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == '\r') {
      if (next != '\n') out += '\n';
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
      out += '?';  // C1 controls: some terminals obey them
      ++i;
    } else if ((byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7F) {
      out += '?';
    } else {
      out += text[i];
    }
  }
  return out;
}

size_t VisibleWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const size_t escape = EscapeLength(text);
    if (escape == 0 && !Continuation(text[0])) ++width;
    text.remove_prefix(escape == 0 ? 1 : escape);
  }
  return width;
}

std::string Elide(std::string_view text, size_t width) {
  if (VisibleWidth(text) <= width) return std::string(text);
  if (width < 4) return std::string();
  std::string out;
  size_t used = 0;
  bool escaped = false;
  while (!text.empty()) {
    const size_t escape = EscapeLength(text);
    if (escape > 0) {
      out += text.substr(0, escape);
      text.remove_prefix(escape);
      escaped = true;
      continue;
    }
    if (!Continuation(text[0]) && used++ == width - 3) break;
    out += text[0];
    text.remove_prefix(1);
  }
  out += "...";
  if (escaped) out += kReset;
  return out;
}

size_t Screen::rows() const {
  const winsize size = SizeOf(stream_);
  return size.ws_row == 0 ? 24 : size.ws_row;
}

size_t Screen::columns() const {
  const winsize size = SizeOf(stream_);
  return size.ws_col == 0 ? 80 : size.ws_col;
}

// The cursor stands below the region's last line.
std::string Screen::Erase() const {
  if (drawn_.empty()) return "";
  const size_t width = columns();
  size_t rows = 0;
  for (const size_t line : drawn_) {
    rows += std::max<size_t>(1, (line + width - 1) / width);
  }
  return "\x1b[" + std::to_string(rows) + "A\r\x1b[J";
}

void Screen::Draw(const std::vector<std::string>& lines) {
  std::string out;
  if (!hidden_) out += kHideCursor;
  hidden_ = true;
  out += Erase();
  const size_t width = columns();
  drawn_.clear();
  for (const std::string& line : lines) {
    const std::string fitting = Elide(line, width - 1);
    drawn_.push_back(VisibleWidth(fitting));
    out += fitting;
    out += '\n';
  }
  std::fwrite(out.data(), 1, out.size(), stream_);
  std::fflush(stream_);
}

void Screen::Say(std::string_view line) {
  std::string out = Erase();
  drawn_.clear();
  out += line;
  out += '\n';
  std::fwrite(out.data(), 1, out.size(), stream_);
  std::fflush(stream_);
}

void Screen::Close() {
  std::string out = Erase();
  drawn_.clear();
  if (hidden_) out += kShowCursor;
  hidden_ = false;
  if (out.empty()) return;
  std::fwrite(out.data(), 1, out.size(), stream_);
  std::fflush(stream_);
}

void ShowCursorFromSignal() {
  constexpr char kBytes[] = "\x1b[?25h\x1b[0m\n";
  if (::isatty(STDERR_FILENO) == 0) return;
  const ssize_t ignored = ::write(STDERR_FILENO, kBytes, sizeof kBytes - 1);
  static_cast<void>(ignored);
}

}  // namespace treesmith
