#include "operators/llm/text.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

TEST(ClipTest, NeverCutsACharacter) {
  EXPECT_EQ(Clip("abcdef", 6), "abcdef");
  EXPECT_EQ(Clip("abcdefg", 6), "abc...");
  EXPECT_EQ(Clip("ab\u00e4\u00e4\u00e4", 7), "ab\u00e4...");
  EXPECT_EQ(Clip("abcdef", 2), "..");
}

TEST(ClipSentencesTest, EndsWithASentenceWhereItCan) {
  EXPECT_EQ(ClipSentences("One two. Three four. Five.", 22),
            "One two. Three four.");
  EXPECT_EQ(ClipSentences("One. Two three four five six", 20),
            "One. Two three fo...");
  EXPECT_EQ(ClipSentences("line one\nline two is long", 14), "line one");
}

TEST(ClipMiddleTest, KeepsBothEndsAndCountsWhatIsMissing) {
  const std::string clipped =
      ClipMiddle(std::string(100, 'a') + std::string(100, 'z'), 100);
  EXPECT_EQ(clipped, std::string(40, 'a') + "\n[... 100 bytes left out ...]\n" +
                         std::string(60, 'z'));
  EXPECT_EQ(ClipMiddle("short", 100), "short");
}

TEST(DurationTextTest, IsAsExactAsPeopleAre) {
  using namespace std::chrono_literals;
  EXPECT_EQ(DurationText(0ms), "0 s");
  EXPECT_EQ(DurationText(1234ms), "1.2 s");
  EXPECT_EQ(DurationText(90s), "90 s");
  EXPECT_EQ(DurationText(600s), "10 min");
  EXPECT_EQ(DurationText(9000s), "2.5 h");
}

}  // namespace
}  // namespace treesmith
