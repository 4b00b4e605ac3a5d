#include "llm/sse_parser.h"

#include <algorithm>
#include <utility>

namespace treesmith {

std::vector<SseEvent> SseParser::Push(std::string_view bytes) {
  std::vector<SseEvent> events;
  while (!bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    // Two searches by memchr: find_first_of looks at every byte by itself.
    const size_t newline = bytes.find('\n');
    const size_t end = std::min(bytes.substr(0, newline).find('\r'), newline);
    line_ += bytes.substr(0, end);
    if (end == std::string_view::npos) break;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    EndLine(events);
  }
  return events;
}

std::vector<SseEvent> SseParser::Finish() {
  std::vector<SseEvent> events;
  if (!line_.empty()) EndLine(events);
  Dispatch(events);
  return events;
}

void SseParser::EndLine(std::vector<SseEvent>& events) {
  std::string line = std::exchange(line_, {});
  if (std::exchange(first_line_, false) && line.starts_with("\xEF\xBB\xBF")) {
    line.erase(0, 3);
  }
  if (line.empty()) {
    Dispatch(events);
    return;
  }
  const size_t colon = line.find(':');
  const std::string_view field = std::string_view(line).substr(0, colon);
  std::string_view value;
  if (colon != std::string::npos) {
    value = std::string_view(line).substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
  }
  if (field == "data") {
    if (std::exchange(has_data_, true)) event_.data += '\n';
    event_.data += value;
  } else if (field == "event") {
    event_.name = value;
  }
}

void SseParser::Dispatch(std::vector<SseEvent>& events) {
  SseEvent event = std::exchange(event_, {});
  if (std::exchange(has_data_, false)) events.push_back(std::move(event));
}

}  // namespace treesmith
