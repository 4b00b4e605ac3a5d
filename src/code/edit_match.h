// Where in a script the quoted lines of an edit stand.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "code/source_lines.h"

namespace treesmith {

// How the indentation of a quote maps to that of the script.
class IndentMap {
 public:
  // Notes that a line indented by `quoted` columns in the quote has the white
  // space `actual` in the script. False where that contradicts a note before.
  bool Note(int quoted, std::string_view actual);

  // The white space for a new line that the edit indents by `quoted` columns:
  // as noted, else by as many more levels as the edit has. `quoted_unit` and
  // `script_unit` are the columns of a level in the edit and in the script.
  [[nodiscard]] std::string Translate(int quoted, int quoted_unit,
                                      int script_unit) const;

  // REQUIRES: a note was made.
  [[nodiscard]] int least_actual_width() const;

 private:
  std::map<int, std::string> actual_;  // by quoted width
};

// One place of the script that reads as quoted.
struct EditPlace {
  // Of the script, one for every quoted line that is not blank, ascending.
  // Blank lines of either side do not count.
  std::vector<size_t> lines;
  IndentMap indents;
  // The quote is the script's text, byte for byte, blank lines and white space
  // at line ends aside.
  bool exact = false;
  // The quote's first line lost its indentation and the others did not, so the
  // first new line has lost it too.
  bool first_line_shorn = false;
};

// All places where the script reads as `quoted`, white space aside (squeezed
// lines are equal and the indentation of the quote maps to the script's one to
// one); empty where there is none. At most `most` are looked for.
std::vector<EditPlace> FindPlaces(const std::vector<SourceLine>& script,
                                  const std::vector<SourceLine>& quoted,
                                  size_t most);

// True if a line that reads as `opener` opens a block around line `line`:
// it stands above and is less indented, as is all between.
bool StandsWithin(const std::vector<SourceLine>& script, size_t line,
                  std::string_view opener);

}  // namespace treesmith
