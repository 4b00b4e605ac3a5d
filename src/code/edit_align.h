// What of a matched edit is kept, and the splices that make the rest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "code/edit_match.h"
#include "code/source_lines.h"

namespace treesmith {

// Lines [begin, end) of the script become `text`, whole lines or nothing.
struct Splice {
  size_t begin = 0;
  size_t end = 0;
  std::vector<std::string> text;  // without line ends
  size_t edit = 0;                // the edit that it comes of
};

struct Alignment {
  std::vector<Splice> splices;  // ascending
  std::string refusal;          // why the edit seems cut; empty: it does not
};

// Lines that stand in both `quoted` and `wanted` are kept as the script has
// them; the others of `quoted` go and the others of `wanted` come, indented as
// their neighbours. `place` is where `quoted` stands in `script`, `in_string`
// which lines of it begin within a string (BeginsInString): new lines there are
// taken as they are written, and only beside a quote that is exact.
Alignment Align(const std::vector<SourceLine>& script,
                const std::vector<bool>& in_string,
                const std::vector<SourceLine>& quoted,
                const std::vector<SourceLine>& wanted, const EditPlace& place);

// Sorts splices by place. The edit of the second of two that touch the same
// lines, or insert at the same place, if there are such.
std::optional<size_t> SortSplices(std::vector<Splice>& splices);

// The script with sorted, disjoint splices made. CHECKs that undoing them gives
// the script again, byte for byte: nothing else has changed.
std::string Spliced(const std::vector<SourceLine>& script,
                    const std::vector<Splice>& splices);

}  // namespace treesmith
