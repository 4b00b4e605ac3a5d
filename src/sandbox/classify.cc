#include "sandbox/classify.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <utility>
#include <vector>

#include "model/outcome_detail.h"

namespace treesmith {
namespace {

// A script whose time ran out after this many refused forks was forking, not
// computing; a library that meets the limit falls back after a few.
constexpr int64_t kManyRefusals = 100;

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool IsNameByte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_' ||
         byte == '.';
}

// "KeyError: 'hour'", "pandas.errors.ParserError: ...", "KeyboardInterrupt".
bool NamesException(std::string_view line) {
  static constexpr std::array<std::string_view, 7> kEndings = {
      "Error",   "Exception", "Interrupt",     "Exit",
      "Warning", "Iteration", "ExceptionGroup"};
  size_t length = 0;
  while (length < line.size() && IsNameByte(line[length])) ++length;
  if (length == 0) return false;
  if (length < line.size() && line[length] != ':') return false;
  const std::string_view name = line.substr(0, length);
  return std::ranges::any_of(kEndings, [name](std::string_view ending) {
    return name.ends_with(ending);
  });
}

std::string_view LastLine(std::string_view output) {
  const std::vector<std::string_view> lines = Lines(output);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const size_t start = line->find_first_not_of(" \t");
    if (start != std::string_view::npos) return line->substr(start);
  }
  return {};
}

std::string SignalName(int signal) {
  static constexpr std::array<std::pair<int, const char*>, 9> kNames = {
      {{SIGSEGV, "SIGSEGV (bad memory access)"},
       {SIGABRT, "SIGABRT (aborted)"},
       {SIGFPE, "SIGFPE (arithmetic)"},
       {SIGILL, "SIGILL (illegal instruction)"},
       {SIGBUS, "SIGBUS (bad memory access)"},
       {SIGKILL, "SIGKILL"},
       {SIGTERM, "SIGTERM"},
       {SIGINT, "SIGINT"},
       {SIGPIPE, "SIGPIPE"}}};
  for (const auto& [number, name] : kNames) {
    if (number == signal) return name;
  }
  return "signal " + std::to_string(signal);
}

std::string Amount(int64_t bytes) {
  char text[32];
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  if (mebibytes >= 1024) {
    std::snprintf(text, sizeof text, "%.4g GiB", mebibytes / 1024);
  } else {
    std::snprintf(text, sizeof text, "%.4g MiB", mebibytes);
  }
  return text;
}

std::string Seconds(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g s",
                static_cast<double>(time.count()) / 1000);
  return text;
}

bool SaysDiskFull(std::string_view output, std::string_view exception) {
  // Where a library writes, the message may be its own: look at the last lines.
  const std::string_view end =
      output.substr(output.size() - std::min<size_t>(output.size(), 2048));
  return exception.find("[Errno 28]") != std::string_view::npos ||
         exception.find("[Errno 27]") != std::string_view::npos ||
         end.find("No space left on device") != std::string_view::npos;
}

bool SaysNoProcesses(std::string_view exception) {
  return exception.find("can't start new thread") != std::string_view::npos ||
         exception.starts_with("BlockingIOError: [Errno 11]");
}

Outcome OverMemory(const Limits& limits) {
  return {OutcomeKind::kMemory,
          "over the memory limit of " + Amount(limits.memory_bytes)};
}

Outcome OverProcesses(const Limits& limits) {
  return {OutcomeKind::kProcesses, "over the limit of " +
                                       std::to_string(limits.processes) +
                                       " processes and threads"};
}

Outcome ClassifyFailure(const Evidence& evidence, const Limits& limits) {
  const std::string exception = ExceptionLine(evidence.output);
  if (evidence.memory_kills > 0) return OverMemory(limits);
  if (exception.starts_with("MemoryError") ||
      exception.find("ArrayMemoryError") != std::string::npos ||
      exception.find("std::bad_alloc") != std::string::npos) {
    return {OutcomeKind::kMemory, OutcomeDetail(exception)};
  }
  if (evidence.refused_forks > 0 || SaysNoProcesses(exception)) {
    return OverProcesses(limits);
  }
  if (evidence.disk_full || SaysDiskFull(evidence.output, exception)) {
    return {OutcomeKind::kDisk,
            "its disk of " + Amount(limits.disk_bytes) + " is full"};
  }
  if (evidence.signal == SIGKILL || evidence.signal == SIGTERM) {
    return {OutcomeKind::kKilled, "ended by " + SignalName(evidence.signal)};
  }
  if (evidence.signal != 0) {
    return {OutcomeKind::kCrash, "ended by " + SignalName(evidence.signal)};
  }
  if (!exception.empty())
    return {OutcomeKind::kCrash, OutcomeDetail(exception)};
  std::string detail = "exit code " + std::to_string(evidence.exit_code);
  const std::string_view last = LastLine(evidence.output);
  if (!last.empty()) detail.append(": ").append(last);
  return {OutcomeKind::kCrash, OutcomeDetail(detail)};
}

}  // namespace

std::string ExceptionLine(std::string_view output) {
  const std::vector<std::string_view> lines = Lines(output);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (NamesException(*line)) return std::string(*line);
    // An exception whose class has a free name ends its traceback all the same:
    // it is the first line after the indented ones.
    if (line->starts_with("Traceback (most recent call last)")) {
      auto after = line.base();
      while (after != lines.end() &&
             (after->empty() || after->starts_with(' '))) {
        ++after;
      }
      return after == lines.end() ? std::string() : std::string(*after);
    }
  }
  return {};
}

Outcome Classify(const Evidence& evidence, const Limits& limits) {
  switch (evidence.ended_by) {
    case EndedBy::kStop:
      return {OutcomeKind::kKilled, "stopped"};
    case EndedBy::kMemoryLimit:
      return OverMemory(limits);
    case EndedBy::kProcessLimit:
      return OverProcesses(limits);
    case EndedBy::kOutputLimit:
      return {OutcomeKind::kOutput,
              "printed more than " + Amount(limits.output_bytes)};
    case EndedBy::kWallLimit:
      if (evidence.memory_kills > 0) return OverMemory(limits);
      if (evidence.refused_forks >= kManyRefusals) return OverProcesses(limits);
      return {OutcomeKind::kTimeout,
              "over the time limit of " + Seconds(limits.wall)};
    case EndedBy::kItself:
      break;
  }
  if (evidence.exit_code == 0 && evidence.signal == 0) return {};
  return ClassifyFailure(evidence, limits);
}

}  // namespace treesmith
