// A script as Python's tokenizer lays it out: brackets, strings, indentation.
//
// Linear, and sure: a problem that is found here, Python 3.11 refuses too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace treesmith {

struct LayoutProblem {
  int line = 0;  // from 1
  std::string cause;
};

struct Layout {
  struct Span {
    uint32_t begin = 0;  // bytes of the script
    uint32_t end = 0;
  };
  // The first problem; what follows in the script has not been read then.
  std::optional<LayoutProblem> problem;
  // Ends of lines that do not end a statement, with the comments before them:
  // within brackets, and after a backslash. Ascending.
  std::vector<Span> joints;
  // Strings over several lines, quotes included. Ascending.
  std::vector<Span> long_strings;
};

// Any thread.
Layout ReadLayout(std::string_view script);

}  // namespace treesmith
