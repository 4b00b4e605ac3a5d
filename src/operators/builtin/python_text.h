// Small pieces of Python source: literals, wrapped lists, filled templates.
//
// Everything a task's files can hold (column names, file names) passes through
// PythonQuote, so no name can break out of its literal.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace treesmith {

// A double-quoted Python string literal; valid UTF-8 is kept, control
// characters are escaped.
std::string PythonQuote(std::string_view text);

// The shortest literal that reads back as the same number; no point for whole
// ones ("300", "0.05").
std::string PythonNumber(double value);

// `NAME = [...]`, on one line where it fits in 88 columns, else one or more
// items a line.
std::string PythonList(std::string_view name,
                       const std::vector<std::string>& values);

// `(name, literal)` pairs as keyword arguments, one a line, each line indented
// and closed by a comma.
std::string PythonArguments(
    const std::vector<std::pair<std::string, std::string>>& arguments,
    int indent);

// `head` and a colon, then `lines`, which are whole ones, indented by four more
// columns; "" without lines.
std::string PythonBlock(std::string_view head, const std::string& lines);

// Replaces every @name@ of the template. REQUIRES: every @name@ is bound.
std::string FillTemplate(
    std::string_view text,
    const std::vector<std::pair<std::string, std::string>>& values);

// `text` broken at spaces into lines of at most `width` bytes.
std::vector<std::string> WrapWords(std::string_view text, size_t width);

}  // namespace treesmith
