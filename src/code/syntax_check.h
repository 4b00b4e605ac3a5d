// Whether Python would take a script, without running Python.
//
// What is found is told to the model that wrote the script, so it names a line
// and a cause in Python's own words where there are such. No script that
// Python takes is refused; some that it does not take pass, and crash at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace treesmith {

struct SyntaxProblem {
  int line = 0;       // from 1
  std::string cause;  // such as "'(' was never closed"
  // The line itself, trimmed and cut to a readable length.
  std::string text;
};

// The first problem; nothing if there is none, or if the script is too large
// to be parsed (syntax_tree.h). Any thread.
std::optional<SyntaxProblem> CheckSyntax(std::string_view script);

// "line 12: '(' was never closed: `x = (1`"
std::string Describe(const SyntaxProblem& problem);

}  // namespace treesmith
