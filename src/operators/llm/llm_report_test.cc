#include "operators/llm/llm_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/llm_coder_fixture.h"

namespace treesmith {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

LlmParts Parts(CoderFixture& it) {
  return {LlmClients(it.model), it.prompts, it.facts, {}};
}

TEST(ReportTextTest, TellsTheOutcomeAndAsksOnce) {
  CoderFixture it(Answers({"# Report\nGood."}));
  const NodeId best = it.tree.Draft(0.5, "linear");
  it.tree.BuggyDraft();
  const auto text = WriteReportText(Parts(it),
                                    {.nodes = it.tree.tree().Nodes(),
                                     .best = best,
                                     .best_code = "import best",
                                     .answer = "A blend of three."},
                                    {});
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->markdown, "# Report\nGood.");
  EXPECT_EQ(text->usage.calls, 1);
  EXPECT_THAT(
      it.model.requests().front().tail,
      AllOf(HasSubstr("A blend of three."), HasSubstr("import best"),
            HasSubstr("2 scripts were written; 1 were scored"),
            HasSubstr("best single one is node 0 (draft, linear; 0.5)")));
  EXPECT_EQ(it.model.requests().front().purpose, "report");
}

TEST(ReportTextTest, APageInOneFenceIsUnwrapped) {
  CoderFixture it(Answers({"<think>hm</think>```markdown\n# Report\n```"}));
  const auto text =
      WriteReportText(Parts(it), {.nodes = it.tree.tree().Nodes()}, {});
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->markdown, "# Report\n");
}

TEST(ReportTextTest, AnEmptyAnswerIsAnError) {
  CoderFixture it(Answers({""}));
  EXPECT_FALSE(
      WriteReportText(Parts(it), {.nodes = it.tree.tree().Nodes()}, {}).ok());
}

// A18: the report's prompt held the code of every good node.
TEST(ReportTextTest, A18_ThePromptIsBoundedInALargeTree) {
  CoderFixture it(Answers({"Report."}));
  for (int i = 0; i < 2'000; ++i) {
    Node node = it.tree.Scored(1.0 / (1 + i), Operator::kDraft, {}, "linear");
    node.plan = std::string(2'000, 'p');
    it.tree.Add(std::move(node));
  }
  EXPECT_TRUE(WriteReportText(Parts(it),
                              {.nodes = it.tree.tree().Nodes(),
                               .best_code = std::string(500'000, 'c')},
                              {})
                  .ok());
  EXPECT_LT(it.model.requests().front().tail.size(), 60'000);
}

}  // namespace
}  // namespace treesmith
