#include "operators/llm/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kScript =
    "import pandas as pd\n"
    "train = pd.read_csv('input/train.csv')\n"
    "train.to_csv('working/submission.csv')\n";

std::string Fenced(const std::string& code,
                   const std::string& language = "python") {
  return "```" + language + "\n" + code + "```\n";
}

ModelAnswer Read(const std::string& text) {
  auto answer = ReadAnswer(text);
  EXPECT_TRUE(answer.ok()) << answer.error().message;
  return answer.ok() ? *std::move(answer) : ModelAnswer{};
}

std::string Refusal(const std::string& text) {
  const auto answer = ReadAnswer(text);
  return answer.ok() ? "read: " + answer->code : answer.error().message;
}

TEST(ReadAnswerTest, TakesLabelPlanAndScriptApart) {
  const ModelAnswer answer = Read(
      "**Label:** `Target Encoding`\n\nEncode towns.\n\n" + Fenced(kScript));
  EXPECT_EQ(answer.label, "target-encoding");
  EXPECT_EQ(answer.plan, "Encode towns.");
  EXPECT_EQ(answer.code, kScript);
  EXPECT_FALSE(answer.edits);
}

TEST(ReadAnswerTest, ReasoningIsNoPartOfTheAnswer) {
  const std::string answer = "Plan.\n" + Fenced(kScript);
  for (const std::string& thoughts :
       {std::string("<think>\nMaybe\n```python\nimport this\n```\n</think>\n"),
        std::string("It needs ``` fences.\n</think>\n"),
        std::string("<think></think>")}) {
    const ModelAnswer read = Read(thoughts + answer);
    EXPECT_EQ(read.code, kScript);
    EXPECT_EQ(read.plan, "Plan.");
  }
}

TEST(ReadAnswerTest, AClosingTagInTheScriptEndsNoReasoning) {
  const std::string code = kScript + "x = s.split('</think>')[1]\n";
  EXPECT_EQ(Read("Plan.\n" + Fenced(code) + "Done.").code, code);
  EXPECT_EQ(Read("<think>hm</think>Plan.\n" + Fenced(code)).code, code);
}

TEST(ReadAnswerTest, AnswersThatOnlyReasonAreRefused) {
  EXPECT_EQ(Refusal("<think>Let me see. I would use trees."),
            "it holds no fenced block with a script");
  EXPECT_EQ(Refusal("<think>I would use trees.</think>"),
            "it holds no fenced block with a script");
}

// A23: what is left after three failures was run as code, prose or not.
TEST(ReadAnswerTest, A23_ProseIsNeverTakenForCode) {
  EXPECT_EQ(Refusal("Use a model of input and write a submission."),
            "it holds no fenced block with a script");
  EXPECT_EQ(Refusal("See:\n```\nid,count\n1,2\n```\n"),
            "none of its fenced blocks holds Python");
  EXPECT_EQ(Refusal("See:\n```\nthe score = 3 of 4\n```\n"),
            "none of its fenced blocks holds Python");
  EXPECT_EQ(Refusal("Run:\n```bash\npip install x\n```\n"),
            "none of its fenced blocks holds Python");
  EXPECT_EQ(Refusal(""), "it holds no fenced block with a script");
}

TEST(ReadAnswerTest, TheLastWholeScriptOfSeveralIsTaken) {
  const std::string better = kScript + "# better\n";
  EXPECT_EQ(
      Read("Idea:\n" + Fenced("x = a / b\n") + "First:\n" + Fenced(kScript) +
           "Better:\n" + Fenced(better) + "Or:\n" + Fenced("y = 1\n"))
          .code,
      better);
}

TEST(ReadAnswerTest, PartsOfOneScriptAreJoinedInOrder) {
  const ModelAnswer answer = Read(
      "Load:\n" + Fenced("import pandas as pd\nt = pd.read_csv('input')\n") +
      "Then:\n" + Fenced("t.to_csv('submission.csv')\n", "py"));
  EXPECT_EQ(answer.code,
            "import pandas as pd\nt = pd.read_csv('input')\n\n"
            "t.to_csv('submission.csv')\n");
  EXPECT_EQ(answer.plan, "Load:");
}

TEST(ReadAnswerTest, FencesOfEveryKindAreRead) {
  EXPECT_EQ(Read("~~~python\n" + kScript + "~~~").code, kScript);
  EXPECT_EQ(Read("````\n" + kScript + "````").code, kScript);
  EXPECT_EQ(Read("```Python {.x}\r\nimport a\r\n```").code, "import a\n");
  EXPECT_EQ(Read("1. So:\n   ```python\n   import a\n     b\n   ```").code,
            "import a\n  b\n");
  EXPECT_EQ(Read("```python\n" + kScript).code, kScript);
  EXPECT_EQ(Read("```python\nimport a\nprint(a)```").code,
            "import a\nprint(a)\n");
  EXPECT_EQ(Read(kScript).code, kScript);
}

TEST(ReadAnswerTest, AQuotationOnOneLineOpensNothing) {
  const ModelAnswer answer = Read("```x = 1``` is wrong.\n" + Fenced(kScript));
  EXPECT_EQ(answer.code, kScript);
  EXPECT_EQ(answer.plan, "```x = 1``` is wrong.");
}

TEST(ReadAnswerTest, ProseBehindTheScriptIsThePlanWhereThereIsNoOther) {
  EXPECT_EQ(Read(Fenced(kScript) + "\nThis averages models.").plan,
            "This averages models.");
}

TEST(ReadAnswerTest, EditsAreKnownFencedOrBare) {
  const std::string edit =
      "<<<<<<< SEARCH\na = 1\n=======\na = 2\n>>>>>>> REPLACE\n";
  for (const std::string& text :
       {edit, Fenced(edit), Fenced(edit, ""),
        std::string("```diff\n@@ -1 +1 @@\n-a = 1\n+a = 2\n```\n")}) {
    const ModelAnswer answer = Read("Label: a\nRaise a.\n" + text);
    EXPECT_TRUE(answer.edits) << text;
    EXPECT_EQ(answer.code, "");
    EXPECT_EQ(answer.plan, "Raise a.");
    EXPECT_EQ(answer.label, "a");
  }
}

TEST(ReadAnswerTest, AWholeScriptCountsMoreThanADiffBesideIt) {
  const ModelAnswer answer =
      Read("The change:\n```diff\n-a\n+b\n```\nAll:\n" + Fenced(kScript));
  EXPECT_FALSE(answer.edits);
  EXPECT_EQ(answer.code, kScript);
}

TEST(ReadAnswerTest, PlansAreBounded) {
  std::string prose;
  for (int i = 0; i < 500; ++i) prose += "A sentence of words. ";
  const ModelAnswer answer = Read(prose + "\n" + Fenced(kScript));
  EXPECT_LE(answer.plan.size(), kPlanBytes);
  EXPECT_THAT(answer.plan, ::testing::EndsWith("of words."));
}

TEST(LabelOfTest, KeepsWhatABanditCanCount) {
  EXPECT_EQ(LabelOf(" `encode.target-oof` "), "encode.target-oof");
  EXPECT_EQ(LabelOf("Two  Stage / Blend!"), "two-stage-blend");
  EXPECT_EQ(LabelOf("größe"), "gr-e");
  EXPECT_EQ(LabelOf(""), "");
  EXPECT_LE(LabelOf(std::string(500, 'x')).size(), 40);
}

// Answers of a strong model; nothing of them lies in the repository.
TEST(ReadAnswerTest, RealAnswersAreReadWhole) {
  const char* folder = std::getenv("TREESMITH_MODEL_REPLIES");
  if (folder == nullptr) GTEST_SKIP() << "TREESMITH_MODEL_REPLIES is not set";
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto text = ReadFile(entry.path());
    ASSERT_TRUE(text.ok());
    if (!text->contains("```python")) continue;
    const ModelAnswer answer = Read(*text);
    EXPECT_THAT(answer.code, HasSubstr("submission.csv")) << entry.path();
    EXPECT_THAT(answer.code, Not(HasSubstr("```"))) << entry.path();
    EXPECT_GT(answer.plan.size(), 100) << entry.path();
    ++read;
  }
  EXPECT_GE(read, 20);
}

}  // namespace
}  // namespace treesmith
