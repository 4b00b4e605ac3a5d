#include "code/own_code.h"

#include <gtest/gtest.h>

#include <string>

namespace treesmith {
namespace {

// The script with a bar where its own code begins.
std::string Parted(std::string script) {
  script.insert(OwnCodeBegin(script), "|");
  return script;
}

TEST(OwnCodeTest, IsAllOfAnOrdinaryScript) {
  EXPECT_EQ(Parted("# why\nimport os\n"), "|# why\nimport os\n");
  EXPECT_EQ(Parted(""), "|");
}

TEST(OwnCodeTest, FollowsImportsFromTheFuture) {
  EXPECT_EQ(Parted("# why\nfrom __future__ import annotations\nx = 1\n"),
            "# why\nfrom __future__ import annotations|\nx = 1\n");
}

TEST(OwnCodeTest, FollowsOneOverSeveralLines) {
  EXPECT_EQ(Parted("from __future__ import (\n    annotations,\n)\nx = 1\n"),
            "from __future__ import (\n    annotations,\n)|\nx = 1\n");
}

TEST(OwnCodeTest, TakesALineOfADocstringForNoImport) {
  EXPECT_EQ(Parted("\"\"\"Why.\nfrom __future__ import annotations\n\"\"\"\n"
                   "x = 1\n"),
            "\"\"\"Why.\nfrom __future__ import annotations\n\"\"\"|\nx = 1\n");
}

TEST(OwnCodeTest, FollowsDocstringAndImports) {
  EXPECT_EQ(Parted("'Why.'\nfrom __future__ import division\n"
                   "from __future__ import annotations  # more\nx = 1\n"),
            "'Why.'\nfrom __future__ import division\n"
            "from __future__ import annotations  |# more\nx = 1\n");
}

TEST(OwnCodeTest, MayBeginWithinALine) {
  EXPECT_EQ(Parted("from __future__ import division; x = 1\n"),
            "from __future__ import division; |x = 1\n");
}

TEST(OwnCodeTest, ALaterTextIsNoDocstring) {
  EXPECT_EQ(Parted("x = 1\n'Why.'\n"), "|x = 1\n'Why.'\n");
}

TEST(OwnCodeTest, IsFoundInAScriptTooLargeToBeParsedWhole) {
  std::string script = "from __future__ import annotations\n";
  const size_t begin = script.size() - 1;
  for (int i = 0; i < 100'000; ++i) script += "x = [1, 2]\n";
  EXPECT_EQ(OwnCodeBegin(script), begin);
}

}  // namespace
}  // namespace treesmith
