#include "engine/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "testing/tree_builder.h"

namespace treesmith {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using testing::SizeIs;

Answer WithPromise() {
  Answer answer;
  answer.choice.emplace();
  answer.choice->members = {{NodeId{3}, 1}};
  answer.choice->best = {3};
  answer.choice->honest_score = 0.5;
  answer.choice->honest_error = 0.25;
  return answer;
}

TEST(AnswerTest, KeepsThePromiseAndItsError) {
  const Result<Answer> read = DecodeAnswer(EncodeAnswer(WithPromise()));
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(read->choice->honest_score, Optional(0.5));
  EXPECT_THAT(read->choice->honest_error, Optional(0.25));
}

TEST(AnswerTest, ReadsAPromiseWithoutAnErrorFromEarlierLogs) {
  std::string json = EncodeAnswer(WithPromise());
  const std::string error = "\"honest_se\":0.25,";
  ASSERT_THAT(json, HasSubstr(error));
  json.erase(json.find(error), error.size());
  const Result<Answer> read = DecodeAnswer(json);
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(read->choice->honest_score, Optional(0.5));
  EXPECT_FALSE(read->choice->honest_error.has_value());
}

// Node 1 was the best for fold 0 alone. What was mended out of its failed child
// and what was crossed with it would not be there without that fold.
TEST(NestedShortListTest, TellsWhoWouldExistWithoutAFold) {
  TreeBuilder tree;
  const auto scored = [&](std::vector<double> folds, Operator op,
                          std::vector<NodeId> parents) {
    Node node =
        tree.Scored((folds[0] + folds[1]) / 2, op, std::move(parents), "same");
    node.score->unit_values = std::move(folds);
    node.score->unit_values.push_back(9);  // of a repeat
    return tree.Add(std::move(node));
  };
  const NodeId draft = scored({5, 5}, Operator::kDraft, {});
  const NodeId lucky = scored({0, 6}, Operator::kDraft, {});
  const NodeId failed = tree.BuggyImprove(lucky);
  const NodeId mended = scored({1, 7}, Operator::kDebug, {failed});
  const NodeId crossed = scored({1, 7}, Operator::kCrossover, {draft, lucky});

  std::map<NodeId, std::vector<uint8_t>> exists;
  for (const Listed& listed : NestedShortList(tree.tree(), 2)) {
    exists[listed.node] = listed.exists_without;
  }
  EXPECT_THAT(exists, SizeIs(4));
  EXPECT_THAT(exists[lucky], ElementsAre(1, 1));
  EXPECT_THAT(exists[mended], ElementsAre(0, 1));
  EXPECT_THAT(exists[crossed], ElementsAre(0, 1));
}

}  // namespace
}  // namespace treesmith
