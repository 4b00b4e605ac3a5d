// HTML and Python source as HTML, for the report.
//
// Everything that a script, a model or a task wrote goes through EscapeHtml: it
// must never end the element it stands in (aideml's A27).
#pragma once

#include <string>
#include <string_view>

namespace treesmith {

// The text as content or as a quoted attribute: & < > " ' are entities, control
// characters but newline and tab are left out.
std::string EscapeHtml(std::string_view text);

// Python source with <span class="k|s|c|n"> around keywords, strings, comments
// and numbers. Any text is taken; what is no Python is coloured as it comes.
std::string HighlightPython(std::string_view code);

// The text as one word of a POSIX shell.
std::string ShellQuote(std::string_view text);

}  // namespace treesmith
