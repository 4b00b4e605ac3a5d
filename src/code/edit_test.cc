#include "code/edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treesmith {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kScript =
    "import pandas as pd\n"
    "\n"
    "\n"
    "def load(path):\n"
    "    frame = pd.read_csv(path)\n"
    "    frame = frame.dropna()\n"
    "    return frame\n"
    "\n"
    "\n"
    "def fit(frame):\n"
    "    params = dict(\n"
    "        rate=0.03,\n"
    "        rounds=800,\n"
    "    )\n"
    "    frame = frame.dropna()\n"
    "    return params\n";

std::string Applied(const std::vector<Edit>& edits,
                    std::string_view script = kScript) {
  const Result<std::string> result = ApplyEdits(script, edits);
  return result.ok() ? *result : "refused: " + result.error().message;
}

// kScript with the first `old_text` replaced.
std::string Changed(std::string_view old_text, std::string_view new_text) {
  std::string script(kScript);
  return script.replace(script.find(old_text), old_text.size(), new_text);
}

TEST(ApplyEditsTest, ReplacesQuotedLines) {
  EXPECT_EQ(Applied({{"        rate=0.03,\n", "        rate=0.01,\n"}}),
            Changed("rate=0.03", "rate=0.01"));
}

TEST(ApplyEditsTest, ShiftsNewLinesToTheIndentationOfThePlace) {
  EXPECT_EQ(Applied({{"rate=0.03,\nrounds=800,",
                      "rate=0.01,\nleaves=7,\n"
                      "rounds=800,"}}),
            Changed("rate=0.03,", "rate=0.01,\n        leaves=7,"));
}

TEST(ApplyEditsTest, KeepsTheBytesOfLinesThatAreQuotedLoosely) {
  EXPECT_EQ(Applied({{"frame=pd.read_csv( path )  \nframe = frame.dropna()\n"
                      "return frame",
                      "frame=pd.read_csv( path )  \nframe = frame.ffill()\n"
                      "return frame"}}),
            Changed("frame.dropna", "frame.ffill"));
}

TEST(ApplyEditsTest, RefusesWhatStandsInTwoPlaces) {
  EXPECT_THAT(Applied({{"    frame = frame.dropna()", "    frame = None"}}),
              HasSubstr("several places (lines 6, 15)"));
}

TEST(ApplyEditsTest, DecidesBetweenTwoPlacesByTheBlockThatIsNamed) {
  EXPECT_EQ(Applied({{"    frame = frame.dropna()", "    frame = frame.ffill()",
                      "def load(path):"}}),
            Changed("frame.dropna", "frame.ffill"));
}

// In a text over several lines white space counts, so nothing there is shifted.
constexpr std::string_view kText =
    "def query(n):\n"
    "    return f'''\n"
    "      select a\n"
    "        from b\n"
    "    '''\n";

TEST(ApplyEditsTest, TakesNewLinesOfALongStringAsTheyAreWritten) {
  EXPECT_EQ(Applied({{"      select a\n        from b\n",
                      "      select a\n   , c\n        from b\n"}},
                    kText),
            "def query(n):\n    return f'''\n      select a\n   , c\n"
            "        from b\n    '''\n");
}

TEST(ApplyEditsTest, RefusesAShiftedQuoteWithinALongString) {
  EXPECT_THAT(
      Applied({{"select a\n  from b\n", "select a\n, c\n  from b\n"}}, kText),
      HasSubstr("white space counts"));
}

TEST(ApplyEditsTest, MayReplaceALongStringFromOutside) {
  EXPECT_EQ(Applied({{"  return f'''\n    select a\n      from b\n  '''\n",
                      "  return n\n"}},
                    kText),
            "def query(n):\n    return n\n");
}

TEST(ApplyEditsTest, ProseThatEndsInAColonGivesNoUnitOfIndentation) {
  const std::string script =
      "# See below:\n"
      "#\n"
      "'''A tree:\n"
      "                        root\n"
      "'''\n"
      "def f(x):\n"
      "    return x\n"
      "def g(x):\n"
      "    return x + 1\n";
  EXPECT_EQ(
      Applied({{"def g(x):", "def g(x):\n    if x:\n        x = 2"}}, script),
      script.substr(0, script.find("    return x + 1")) +
          "    if x:\n        x = 2\n    return x + 1\n");
}

TEST(ApplyEditsTest, RefusesAnExactQuoteThatStandsOutsideOfTheNamedBlock) {
  const std::string script =
      "def f():\n    import os\n    return os\n"
      "class C:\n    def g(self):\n        import os\n        return os\n";
  EXPECT_THAT(
      Applied({{"        import os", "        import re", "def f():"}}, script),
      HasSubstr("several places (lines 2, 6)"));
  EXPECT_THAT(Applied({{"    import os", "    import re", "def f():"}}, script),
              HasSubstr("def f():\n    import re\n    return os\n"));
}

TEST(ApplyEditsTest, RefusesALineThatIsCut) {
  EXPECT_THAT(Applied({{"    frame = pd.read_csv(", "    frame = None"}}),
              HasSubstr("stands nowhere"));
}

TEST(ApplyEditsTest, RefusesLinesLeftOut) {
  EXPECT_THAT(Applied({{"    return params",
                        "    # ... rest of the code ...\n    return params"}}),
              HasSubstr("leaves lines out"));
}

// A new function before another one, the commonest of all edits, whose lines
// are like those of its neighbours.
TEST(ApplyEditsTest, PutsANewFunctionThatSharesLinesWithTheOneBefore) {
  const std::string clean =
      "def clean(frame):\n    frame = frame.abs()\n    return frame\n\n\n";
  EXPECT_EQ(Applied({{"def fit(frame):\n", clean + "def fit(frame):\n"}}),
            Changed("def fit(", clean + "def fit("));
}

TEST(ApplyEditsTest, RefusesAFunctionOnceMoreBeforeAnotherOne) {
  EXPECT_THAT(Applied({{"def fit(frame):\n",
                        "def load(path):\n    frame = pd.read_parquet(path)\n"
                        "    return frame\n\n\ndef fit(frame):\n"}}),
              HasSubstr("seems cut"));
}

TEST(ApplyEditsTest, RefusesAQuoteWhoseEndIsCut) {
  EXPECT_THAT(Applied({{"        rate=0.03,",
                        "        rate=0.03,\n"
                        "        rounds=100,"}}),
              HasSubstr("seems cut"));
}

TEST(ApplyEditsTest, MakesAnEditOfWhatAnotherWrote) {
  EXPECT_EQ(Applied({{"        rate=0.03,", "        pace=0.03,"},
                     {"        pace=0.03,", "        pace=0.02,"}}),
            Changed("rate=0.03", "pace=0.02"));
}

TEST(ApplyEditsTest, RefusesTwoEditsOfOneLine) {
  EXPECT_THAT(Applied({{"        rate=0.03,", "        rate=0.02,"},
                       {"        rate=0.03,", "        rate=0.01,"}}),
              HasSubstr("edit 2 of 2"));
}

TEST(ApplyEditsTest, DropsLineNumbers) {
  EXPECT_EQ(Applied({{"11:         rate=0.03,\n12:         rounds=800,",
                      "11:         rate=0.01,\n12:         rounds=800,"}}),
            Changed("rate=0.03", "rate=0.01"));
}

TEST(ApplyEditsTest, KeepsWindowsLineEndsAndAMissingLastOne) {
  EXPECT_EQ(Applied({{"b", "x\ny"}}, "a\r\nb\r\nc"), "a\r\nx\r\ny\r\nc");
  EXPECT_EQ(Applied({{"c", "d"}}, "a\r\nb\r\nc"), "a\r\nb\r\nd");
}

TEST(ParseEditsTest, ReadsBlocksBetweenProseAndFences) {
  const auto edits = ParseEdits(
      "Lower the rate.\n```python\n<<<<<<< SEARCH\na\n=======\nb\n"
      ">>>>>>> REPLACE\n```\nDone.\n<<<<<<< SEARCH def f():\nc\n=======\n"
      ">>>>>>> REPLACE\n");
  ASSERT_TRUE(edits.ok());
  EXPECT_THAT(*edits,
              ElementsAre(Edit{"a\n", "b\n"}, Edit{"c\n", "", "def f():"}));
}

TEST(ParseEditsTest, ReadsDiffsWithoutBelievingTheirNumbers) {
  const auto edits = ParseEdits(
      "```diff\n--- a.py\n+++ a.py\n@@ -90,3 +91,3 @@ def f():\n a\n-b\n+c\n"
      "```\n");
  ASSERT_TRUE(edits.ok());
  EXPECT_THAT(*edits, ElementsAre(Edit{"a\nb\n", "a\nc\n", "def f():"}));
}

TEST(ParseEditsTest, RefusesABlockThatTheAnswerEndsIn) {
  for (const std::string_view cut :
       {"<<<<<<< SEARCH\na\n=======\nb\n", "<<<<<<< SEARCH\na\n",
        "<<<<<<< SEARCH\na\n>>>>>>> REPLACE\n", "a\n>>>>>>> REPLACE\n",
        "```diff\n-a\n+b\n"}) {
    EXPECT_FALSE(ParseEdits(cut).ok()) << cut;
  }
}

TEST(ParseEditsTest, FindsNoneInAWholeScript) {
  const auto edits = ParseEdits("A plan.\n```python\nprint(1)\n```\n");
  ASSERT_TRUE(edits.ok());
  EXPECT_THAT(*edits, IsEmpty());
}

}  // namespace
}  // namespace treesmith
