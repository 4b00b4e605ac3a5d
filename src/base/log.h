// LOG(kWarning, "llm", "attempt " + n + " of " + max): a line for the operator.
//
// No secrets, no code, no progress (that is ui/terminal's). Goes to stderr, or
// to the sink that a live screen has set. Any thread. The text is built only
// when the level is on.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace treesmith {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// From now on lines of at least `level` go to stderr.
void SetLogLevel(LogLevel level);
bool LogEnabled(LogLevel level);
// Lines such as "warning: [llm] attempt 2 of 4", without an end of line, go to
// `sink` from any thread; an empty one: to stderr again.
void SetLogSink(std::function<void(std::string line)> sink);
void LogLine(LogLevel level, std::string_view part, std::string_view text);

}  // namespace treesmith

#define LOG(level, part, text)                                        \
  do {                                                                \
    if (::treesmith::LogEnabled(::treesmith::LogLevel::level)) {      \
      ::treesmith::LogLine(::treesmith::LogLevel::level, part, text); \
    }                                                                 \
  } while (false)
