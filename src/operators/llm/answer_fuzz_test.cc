// Answers that were damaged at random, read as the coder reads them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "operators/llm/answer.h"
#include "testing/llm_coder_fixture.h"
#include "testing/mutate.h"

namespace treesmith {
namespace {

constexpr std::array<std::string_view, 14> kWords = {"```python\n",
                                                     "\n```\n",
                                                     "~~~\n",
                                                     "<think>",
                                                     "</think>\n",
                                                     "Label: ",
                                                     "<<<<<<< SEARCH\n",
                                                     "=======\n",
                                                     ">>>>>>> REPLACE\n",
                                                     "*** Begin Patch\n",
                                                     "```diff\n",
                                                     "`",
                                                     "\r\n",
                                                     "import numpy\n"};

// Our own words, in the shapes that models give their answers.
std::vector<std::string> OwnAnswers() {
  const std::string script = SampleScript("train.mean()");
  const std::string edit =
      "Label: raise-the-rate\nRaise the rate.\n\n<<<<<<< SEARCH\nrate = 0.03\n"
      "=======\nrate = 0.05\n>>>>>>> REPLACE\n";
  const std::string diff =
      "The change:\n```diff\n--- a/solution.py\n+++ b/solution.py\n"
      "@@ -1,2 +1,2 @@\n import numpy\n-rate = 0.03\n+rate = 0.05\n```\n";
  return {
      ScriptAnswer("train.mean()"),
      "<think>What decides the hour?\n```python\nx = 1\n```\n</think>\n" +
          ScriptAnswer("train.median()"),
      "Sure! First the features:\n```python\nimport pandas as pd\n```\nThen "
      "all of it:\n~~~python\n" +
          script + "~~~\nThis averages.",
      edit,
      diff,
      script};
}

// Real ones, where TREESMITH_MODEL_REPLIES names a folder of them.
std::vector<std::string> Answers() {
  std::vector<std::string> answers = OwnAnswers();
  const char* folder = std::getenv("TREESMITH_MODEL_REPLIES");
  if (folder == nullptr) return answers;
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.insert(entry.path());
  }
  for (const auto& path : paths) answers.push_back(*ReadFile(path));
  return answers;
}

std::set<std::string> BareLines(std::string_view text) {
  std::set<std::string> lines;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.insert(std::string(Trimmed(text.substr(at, end - at))));
    at = end + 1;
  }
  return lines;
}

// Nothing in a script that the answer does not have as a line of its own, the
// fence that some glue to the last one aside.
void ExpectLinesOf(const std::string& answer, const std::string& code) {
  const std::set<std::string> lines = BareLines(answer);
  for (const std::string& line : BareLines(code)) {
    const auto from = lines.lower_bound(line);
    const bool there =
        lines.contains(line) ||
        std::any_of(from, lines.end(), [&](const std::string& other) {
          return other.starts_with(line) &&
                 other.find_first_not_of("` \t\r", line.size()) ==
                     std::string::npos;
        });
    EXPECT_TRUE(line.empty() || there) << line;
  }
}

TEST(AnswerFuzzTest, DamagedAnswersAreReadOrRefusedAndNothingIsInvented) {
  const std::vector<std::string> answers = Answers();
  constexpr uint64_t kRounds = 4'000;
  int scripts = 0;
  int edits = 0;
  int refused = 0;
  for (uint64_t round = 0; round < kRounds; ++round) {
    Rng rng(9, round, "answer");
    const std::string text =
        Mutator(rng)(answers[rng.Below(answers.size())], kWords);
    SCOPED_TRACE(round);
    const Result<ModelAnswer> answer = ReadAnswer(text);
    if (!answer.ok()) {
      ++refused;
      EXPECT_EQ(answer.error().kind, ErrorKind::kBadInput);
      EXPECT_FALSE(answer.error().message.empty());
      continue;
    }
    EXPECT_NE(answer->edits, !answer->code.empty());
    EXPECT_LE(answer->plan.size(), kPlanBytes);
    EXPECT_TRUE(std::ranges::all_of(answer->label, [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '.';
    }));
    ++(answer->edits ? edits : scripts);
    ExpectLinesOf(text, answer->code);
  }
  EXPECT_GT(scripts, 1'000);
  EXPECT_GT(edits, 100);
  EXPECT_GT(refused, 20);
}

// Through the coder: whatever the model sends, a step has a candidate that
// parses or ends with a reason.
TEST(AnswerFuzzTest, ACoderThatGetsDamagedAnswersEndsItsSteps) {
  const std::vector<std::string> answers = Answers();
  int candidates = 0;
  for (uint64_t round = 0; round < 300; ++round) {
    CoderFixture fixture([&](const LlmRequest&, int serial) {
      Rng rng(10, 10 * round + static_cast<uint64_t>(serial), "coder");
      return FakeReply(
          Mutator(rng)(answers[rng.Below(answers.size())], kWords));
    });
    const Result<Candidate> candidate =
        fixture.coder.Write(fixture.Ask(Operator::kDraft), {});
    EXPECT_LE(fixture.model.requests().size(), 3u);
    if (!candidate.ok()) {
      EXPECT_EQ(candidate.error().kind, ErrorKind::kBadInput);
      continue;
    }
    ++candidates;
    EXPECT_NE(candidate->script.code.find("submission"), std::string::npos);
  }
  EXPECT_GT(candidates, 100);
}

}  // namespace
}  // namespace treesmith
