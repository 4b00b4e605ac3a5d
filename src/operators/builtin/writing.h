// Writing: whether a column holds texts to read rather than names or codes, and
// whether blanks part its words.
//
// Told from how some of its values are written, the most frequent if any
// repeat. Careful: a column that may well be names stays one, since a model of
// words finds nothing in words that do not repeat.
#pragma once

#include <cstdint>

#include "table/profile.h"

namespace treesmith {

struct Writing {
  bool text = false;
  // Chinese, Japanese, Thai, addresses of pages: characters are counted where
  // other texts have words.
  bool unparted = false;
  // Mean number a value: of words, or of characters where nothing parts words.
  double words = 0;
};

// `rows`: of train, those that the profile looked at.
Writing WritingOf(const ColumnProfile& column, int64_t rows);

}  // namespace treesmith
