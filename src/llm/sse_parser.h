// SseParser: server-sent events out of bytes that arrive in any pieces.
//
// Follows the WHATWG definition: lines end in LF, CR or CRLF, `data` lines of
// one event are joined by LF, comments and unknown fields are skipped. One
// surprise: an event that the end of the stream cuts off is not delivered by
// Push; Finish() delivers it, because some servers leave the last blank line
// out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace treesmith {

struct SseEvent {
  std::string name;  // empty when the stream gives none
  std::string data;  // bytes as they came; may be invalid UTF-8
  bool operator==(const SseEvent&) const = default;
};

class SseParser {
 public:
  // The events that `bytes` completed, in order.
  std::vector<SseEvent> Push(std::string_view bytes);
  // The event that was not ended by a blank line, if any.
  std::vector<SseEvent> Finish();

 private:
  void EndLine(std::vector<SseEvent>& events);
  void Dispatch(std::vector<SseEvent>& events);

  std::string line_;
  SseEvent event_;
  bool has_data_ = false;
  bool first_line_ = true;
  // A CR ended the last line; an LF that follows belongs to it.
  bool after_cr_ = false;
};

}  // namespace treesmith
