// Screen: what the terminal can do, and a region of it that is drawn again and
// again.
//
// Lines are elided to the terminal's width, which is read at every drawing, so
// a resize needs no signal: what was drawn is taken to have wrapped at the new
// width, as most emulators do. Only the engine loop's thread draws.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace treesmith {

enum class Color { kNone, kDim, kBold, kGreen, kRed, kYellow, kCyan };

struct ScreenTraits {
  bool live = false;   // a terminal that can move its cursor
  bool color = false;  // live, and NO_COLOR is not set (no-color.org)
  bool unicode = false;
};

// Looks at the stream, TERM, NO_COLOR, CLICOLOR_FORCE, LC_ALL/LC_CTYPE/LANG.
ScreenTraits TraitsOf(std::FILE* stream);

// The text in the colour, or as it is where colours are off.
std::string Paint(const ScreenTraits& traits, Color color,
                  std::string_view text);

// The text without what could command the terminal: scripts and models write
// it. Control characters but newline and tab become '?', a carriage return
// becomes a newline.
std::string Harmless(std::string_view text);

// Columns that the text takes: escape sequences and UTF-8 continuation bytes
// are not counted.
size_t VisibleWidth(std::string_view text);
// At most `width` columns, with an ellipsis where something was cut.
std::string Elide(std::string_view text, size_t width);

class Screen {
 public:
  Screen(std::FILE* stream, ScreenTraits traits)
      : stream_(stream), traits_(traits) {}
  // Leaves the cursor on a fresh line, visible.
  ~Screen() { Close(); }

  [[nodiscard]] const ScreenTraits& traits() const { return traits_; }
  // Rows and columns now; 24 x 80 where they cannot be had.
  [[nodiscard]] size_t rows() const;
  [[nodiscard]] size_t columns() const;

  // Replaces what the last Draw drew.
  void Draw(const std::vector<std::string>& lines);
  // Prints a line above the region that stays.
  void Say(std::string_view line);
  // Takes the region away and shows the cursor. Idempotent.
  void Close();

 private:
  std::string Erase() const;

  std::FILE* stream_;
  ScreenTraits traits_;
  std::vector<size_t> drawn_;  // widths of the region's lines
  bool hidden_ = false;
};

// Undoes what a Screen did to the terminal on stderr; async-signal-safe, for
// the handler of a second Ctrl-C.
void ShowCursorFromSignal();

}  // namespace treesmith
