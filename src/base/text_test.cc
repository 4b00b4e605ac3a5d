#include "base/text.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

TEST(TextTest, LoweredChangesAsciiCapitalsAlone) {
  EXPECT_EQ(Lowered("Retry-After: \xC3\x84 Z@["), "retry-after: \xC3\x84 z@[");
}

TEST(TextTest, TrimmedKeepsWhatStandsBetween) {
  EXPECT_EQ(Trimmed(" \t\r\n\f\va b\n"), "a b");
  EXPECT_EQ(Trimmed(" \n"), "");
  EXPECT_EQ(Trimmed("\xC2\xA0x"), "\xC2\xA0x");
}

}  // namespace
}  // namespace treesmith
