#include "sandbox/output_tail.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

TEST(OutputTailTest, KeepsAShortOutputWhole) {
  OutputTail tail;
  tail.Append("one\n");
  tail.Append("two\n");
  EXPECT_EQ(tail.Text(), "one\ntwo\n");
}

TEST(OutputTailTest, CountsTheBytesLeftOutBetweenHeadAndTail) {
  OutputTail tail;
  tail.Append(std::string(OutputTail::kHeadBytes, 'h'));
  tail.Append(std::string(1000, 'm'));
  tail.Append(std::string(OutputTail::kTailBytes, 't'));
  EXPECT_EQ(tail.Text(), std::string(OutputTail::kHeadBytes, 'h') +
                             "\n... 1000 bytes left out ...\n" +
                             std::string(OutputTail::kTailBytes, 't'));
}

TEST(OutputTailTest, KeepsTheSameTextHoweverTheBytesArrive) {
  std::string all;
  for (int i = 0; i < 30000; ++i) all += std::to_string(i) + "\n";
  OutputTail at_once;
  at_once.Append(all);
  OutputTail in_pieces;
  for (size_t at = 0; at < all.size(); at += 777) {
    in_pieces.Append(std::string_view(all).substr(at, 777));
  }
  EXPECT_EQ(at_once.Text(), in_pieces.Text());
  EXPECT_TRUE(at_once.Text().ends_with("29998\n29999\n"));
}

TEST(OutputTailTest, KeepsACharacterThatStraddlesHeadAndTail) {
  OutputTail tail;
  const std::string text = std::string(OutputTail::kHeadBytes - 1, 'a') + "é";
  tail.Append(text);
  EXPECT_EQ(tail.Text(), text);
}

TEST(OutputTailTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(ToValidUtf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(ToValidUtf8("\xED\xA0\x80"),
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ToValidUtf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ToValidUtf8("€𝄞"), "€𝄞");
}

}  // namespace
}  // namespace treesmith
