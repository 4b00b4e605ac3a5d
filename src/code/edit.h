// Search/replace edits: how a model changes a script without sending all of it.
//
// An edit quotes lines of the script and says what stands there instead.
// Models quote loosely (other indentation, lost blank lines, invented line
// numbers), so matching is tolerant, but of white space only: the quoted lines
// must be whole lines of the script, in one place of it alone, and every line
// that an edit keeps stays as it is, byte for byte. What is ambiguous, cut or
// contradictory is refused with a reason that can be told to the model; nothing
// is guessed. Pure functions, for any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace treesmith {

struct Edit {
  // Whole lines as the model quotes them, one place of the script.
  std::string search;
  // What stands there instead; empty deletes.
  std::string replace;
  // A line that opens a block around the place ("def fit(x):"), where the
  // answer names one; it decides between places that are equal otherwise.
  std::string within = {};

  bool operator==(const Edit&) const = default;
};

// The edits in an answer, in its order; none where it holds none. Read are
//   <<<<<<< SEARCH / ======= / >>>>>>> REPLACE   with prose or fences around;
//   unified diffs with @@ lines, whose line numbers are not believed;
//   *** Begin Patch / *** End Patch.
// A block that is cut (the answer ends in it, or a part of it is missing) makes
// the whole answer an error of kBadInput.
Result<std::vector<Edit>> ParseEdits(std::string_view answer);

// The script with all the edits made, or an error of kBadInput that says which
// edit cannot be used and why, for the model: then nothing is applied. Edits
// refer to the script as given; one that quotes what an earlier edit wrote is
// made after it. New lines get the script's own indentation and line ends.
Result<std::string> ApplyEdits(std::string_view script,
                               const std::vector<Edit>& edits);

}  // namespace treesmith
