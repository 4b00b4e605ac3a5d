// The lines of a script, and what of a line counts when quotes are compared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace treesmith {

struct SourceLine {
  std::string_view text;  // without its line end
  std::string_view end;   // "\n" or "\r\n"; a last line may lack the "\n"
};

// Views into `source`, which must outlive them. A text that ends in a line end
// has no empty line after it.
std::vector<SourceLine> SourceLines(std::string_view source);

// For each line of `source`, as SourceLines made them: whether it begins within
// a string over several lines, where white space counts. Behind a fault of the
// layout (layout.h) none is known to.
std::vector<bool> BeginsInString(std::string_view source,
                                 const std::vector<SourceLine>& script);

// Letters, digits, "_" and all of UTF-8 beyond ASCII: what needs a space
// between.
bool IsWord(char c);

bool IsBlank(std::string_view line);

// The white space before the first other character.
std::string_view IndentOf(std::string_view line);

// Its width in columns; a tab leads to the next multiple of four.
int IndentWidth(std::string_view line);

// The line without the white space that may drift: indentation, trailing, and
// outside of strings and between tokens. "x = f( a )" and "x=f(a)" squeeze
// to one text, "'a b'" and "'ab'" do not. Lexed as one line, without knowing
// whether it stands inside a longer string.
std::string Squeezed(std::string_view line);

}  // namespace treesmith
