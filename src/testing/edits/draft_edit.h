// DraftEdit: a change of a script as it is meant, before a model words it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"

namespace treesmith {

using TextLines = std::vector<std::string>;

// Lines without their ends; what JoinLines makes ends every line.
TextLines SplitLines(std::string_view text);
std::string JoinLines(const TextLines& lines);

struct DraftLine {
  enum class Role { kKept, kGone, kNew };
  Role role = Role::kKept;
  std::string text;
};

struct DraftEdit {
  size_t begin = 0;  // the first line that is quoted
  std::vector<DraftLine> lines;

  [[nodiscard]] TextLines Quoted() const;    // kept and gone
  [[nodiscard]] TextLines Replaced() const;  // kept and new
  // The script after the edit.
  [[nodiscard]] TextLines Applied(const TextLines& script) const;
  // How many lines at the end are kept.
  [[nodiscard]] size_t KeptTail() const;
};

// Some valid change somewhere in the script: numbers, names, new lines, lines
// that go, blocks, lines that get a condition around them, functions. Quoted
// are 0 to 3 lines around, and more until the quote stands in one place alone,
// white space aside. Nothing if luck was bad.
std::optional<DraftEdit> DraftSomeEdit(const TextLines& script, Rng& rng);

// A change of one line whose text stands elsewhere too, quoted alone.
std::optional<DraftEdit> DraftAmbiguousEdit(const TextLines& script, Rng& rng);

// Quotes one more line above and below, where there are such.
void QuoteMore(const TextLines& script, DraftEdit& edit);

}  // namespace treesmith
