// Edits out of answers that were damaged at random, and the corpus of careless
// ones: nothing crashes, nothing is applied but what an edit says.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "code/edit.h"
#include "code/source_lines.h"
#include "testing/edits/edit_corpus.h"
#include "testing/edits/read_scripts.h"
#include "testing/mutate.h"

namespace treesmith {
namespace {

constexpr std::array<std::string_view, 14> kWords = {
    "<<<<<<< SEARCH\n",
    "=======\n",
    ">>>>>>> REPLACE\n",
    "\n```python\n",
    "\n```\n",
    "@@ -1,3 +1,3 @@\n",
    "*** Begin Patch\n",
    "*** End Patch\n",
    "--- a\n+++ b\n",
    "# ... existing code ...\n",
    "\"\"\"",
    "\r\n",
    "\t",
    "    "};

// How often each line stands in a text, white space and line numbers aside.
using Counts = std::map<std::string, int>;
Counts LinesOf(std::string_view text) {
  Counts counts;
  for (const SourceLine& line : SourceLines(text)) {
    if (!IsBlank(line.text)) ++counts[Squeezed(line.text)];
  }
  return counts;
}

// Whether some edit has the line in that part, numbers before it aside.
bool Says(const std::vector<Edit>& edits, std::string Edit::* part,
          const std::string& squeezed) {
  return std::ranges::any_of(edits, [&](const Edit& edit) {
    return std::ranges::any_of(LinesOf(edit.*part), [&](const auto& line) {
      return line.first.ends_with(squeezed);
    });
  });
}

// What came is what some edit adds, what went is what some edit quotes.
void ExpectOnlyWhatWasSaid(const std::string& script, const std::string& made,
                           const std::vector<Edit>& edits) {
  Counts change = LinesOf(made);
  for (const auto& [line, count] : LinesOf(script)) change[line] -= count;
  for (const auto& [line, count] : change) {
    if (count > 0) {
      EXPECT_TRUE(Says(edits, &Edit::replace, line)) << line;
    }
    if (count < 0) {
      EXPECT_TRUE(Says(edits, &Edit::search, line)) << line;
    }
  }
}

TEST(EditFuzzTest, DamagedAnswersChangeNothingButWhatTheySay) {
  const std::vector<EditCase> cases =
      MakeEditCases(RepositoryScripts(TREESMITH_SOURCE_DIR), 4);
  ASSERT_GT(cases.size(), 100u);
  constexpr uint64_t kRounds = 2'000;
  int applied = 0;
  for (uint64_t round = 0; round < kRounds; ++round) {
    Rng rng(11, round, "damage");
    const EditCase& edit = cases[rng.Below(cases.size())];
    const std::string answer = Mutator(rng)(edit.answer, kWords);
    const Result<std::vector<Edit>> edits = ParseEdits(answer);
    if (!edits.ok()) {
      EXPECT_FALSE(edits.error().message.empty());
      continue;
    }
    if (edits->empty()) continue;
    const Result<std::string> made = ApplyEdits(edit.script, *edits);
    if (!made.ok()) {
      EXPECT_EQ(made.error().kind, ErrorKind::kBadInput);
      continue;
    }
    ++applied;
    SCOPED_TRACE(round);
    ExpectOnlyWhatWasSaid(edit.script, *made, *edits);
  }
  EXPECT_GT(applied, 150);
}

TEST(EditFuzzTest, NoEditOfTheCorpusIsAppliedWrongly) {
  std::vector<std::string> wrong;
  int right = 0;
  const std::vector<EditCase> cases =
      MakeEditCases(RepositoryScripts(TREESMITH_SOURCE_DIR), 12);
  EXPECT_GE(cases.size(), 300u);
  for (const EditCase& edit : cases) {
    const JudgedEdit judged = Judge(edit);
    if (judged.verdict == EditVerdict::kWrong) {
      wrong.push_back(edit.kind + "\n" + edit.answer);
    }
    if (judged.verdict == EditVerdict::kRight) ++right;
  }
  EXPECT_EQ(wrong, std::vector<std::string>());
  EXPECT_GE(right, 250);
}

}  // namespace
}  // namespace treesmith
