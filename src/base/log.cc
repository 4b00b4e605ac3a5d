#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <utility>

namespace treesmith {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Made at first use and never destroyed before the program ends.
spdlog::logger& Logger() {
  static spdlog::logger logger = [] {
    spdlog::logger made("treesmith",
                        std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made.set_level(spdlog::level::warn);
    made.set_pattern("%l: %v");
    return made;
  }();
  return logger;
}

struct Sink {
  std::mutex mutex;
  std::function<void(std::string)> write;
};

Sink& TheSink() {
  static Sink sink;
  return sink;
}

}  // namespace

void SetLogSink(std::function<void(std::string line)> sink) {
  const std::lock_guard lock(TheSink().mutex);
  TheSink().write = std::move(sink);
}

void SetLogLevel(LogLevel level) { Logger().set_level(ToSpdlog(level)); }

bool LogEnabled(LogLevel level) { return Logger().should_log(ToSpdlog(level)); }

void LogLine(LogLevel level, std::string_view part, std::string_view text) {
  {
    const std::lock_guard lock(TheSink().mutex);
    if (TheSink().write) {
      const auto name = spdlog::level::to_string_view(ToSpdlog(level));
      TheSink().write(fmt::format("{}: [{}] {}",
                                  std::string_view(name.data(), name.size()),
                                  part, text));
      return;
    }
  }
  Logger().log(ToSpdlog(level), "[{}] {}", part, text);
}

}  // namespace treesmith
