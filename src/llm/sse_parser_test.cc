#include "llm/sse_parser.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

using Events = std::vector<SseEvent>;

Events ParseInPieces(const std::string& bytes, size_t size) {
  SseParser parser;
  Events all;
  for (size_t at = 0; at < bytes.size(); at += size) {
    for (SseEvent& event : parser.Push(bytes.substr(at, size))) {
      all.push_back(std::move(event));
    }
  }
  for (SseEvent& event : parser.Finish()) all.push_back(std::move(event));
  return all;
}

TEST(SseParserTest, EventsAreTheSameHoweverTheBytesAreCut) {
  const std::string bytes =
      "\xEF\xBB\xBF: hello\r\nevent: a\r\ndata: 1\r\ndata:2\r\n\r\n"
      "data: \xC3\xA9\r\rid: 7\n\ndata\n\n";
  const Events expected = {{"a", "1\n2"}, {"", "\xC3\xA9"}, {"", ""}};
  for (size_t size = 1; size <= bytes.size(); ++size) {
    EXPECT_EQ(ParseInPieces(bytes, size), expected) << size;
  }
}

TEST(SseParserTest, TheLastEventCountsWithoutItsBlankLine) {
  EXPECT_EQ(ParseInPieces("data: [DONE]", 5), (Events{{"", "[DONE]"}}));
}

TEST(SseParserTest, InvalidUtf8PassesThrough) {
  EXPECT_EQ(ParseInPieces("data: \xFF\xC3\n\n", 3), (Events{{"", "\xFF\xC3"}}));
}

}  // namespace
}  // namespace treesmith
