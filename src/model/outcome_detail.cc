#include "model/outcome_detail.h"

namespace treesmith {
namespace {

constexpr size_t kMostBytes = 500;  // model/outcome.h

}  // namespace

std::string OutcomeDetail(std::string_view message) {
  if (message.size() <= kMostBytes) return std::string(message);
  size_t end = kMostBytes;
  while (end > 0 &&
         (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return std::string(message.substr(0, end));
}

}  // namespace treesmith
