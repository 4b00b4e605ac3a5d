#include "search/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/tree_builder.h"

namespace treesmith {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

//   0 linear 0.5       1 trees 0.4        7 (draft, failed)
//   2 0.45  3 (dup)    4 failed  6 0.39
//                      5 failed repair
class MemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    build_.Draft(0.5, "linear");
    build_.Draft(0.4, "trees");
    build_.Improve(NodeId{0}, 0.45);
    build_.Duplicate(NodeId{0});
    build_.BuggyImprove(NodeId{1});
    build_.BuggyDebug(NodeId{4});
    build_.Improve(NodeId{1}, 0.39);
    build_.BuggyDraft("knn");
  }
  std::vector<int64_t> Select(const MemoryQuery& query) {
    std::vector<int64_t> ids;
    for (const NodeId id : SelectMemory(build_.tree().Nodes(), query)) {
      ids.push_back(id.value);
    }
    return ids;
  }

  TreeBuilder build_;
};

TEST_F(MemoryTest, NoneIsNone) {
  EXPECT_THAT(Select({.scope = MemoryScope::kNone}), IsEmpty());
}

TEST_F(MemoryTest, AllGoodAreTheScoredOnesInOrder) {
  EXPECT_THAT(Select({.scope = MemoryScope::kAllGood,
                      .op = Operator::kImprove,
                      .parents = {{6}}}),
              ElementsAre(0, 1, 2, 6));
}

TEST_F(MemoryTest, OverTheBoundTheBestStay) {
  EXPECT_THAT(Select({.scope = MemoryScope::kAllGood, .max_nodes = 2}),
              ElementsAre(1, 6));
}

TEST_F(MemoryTest, SiblingsOfADraftAreTheDraftsFailuresIncluded) {
  EXPECT_THAT(Select({.scope = MemoryScope::kSiblings}), ElementsAre(0, 1, 7));
}

TEST_F(MemoryTest, SiblingsOfAnImprovementAreTheParentsChildren) {
  const MemoryQuery query{.scope = MemoryScope::kSiblings,
                          .op = Operator::kImprove,
                          .parents = {{1}}};
  EXPECT_THAT(Select(query), ElementsAre(4, 6));
}

TEST_F(MemoryTest, DuplicatesAreNeverTold) {
  const MemoryQuery query{.scope = MemoryScope::kSiblings,
                          .op = Operator::kImprove,
                          .parents = {{0}}};
  EXPECT_THAT(Select(query), ElementsAre(2));
}

TEST_F(MemoryTest, AncestorsGoBackToWhatWasNoFailure) {
  EXPECT_THAT(Select({.scope = MemoryScope::kAncestors,
                      .op = Operator::kDebug,
                      .parents = {{5}}}),
              ElementsAre(1, 4));
  EXPECT_THAT(Select({.scope = MemoryScope::kAncestors,
                      .op = Operator::kImprove,
                      .parents = {{6}}}),
              IsEmpty());
}

TEST_F(MemoryTest, ADigestHasTheBestTheFamiliesTheSiblingsAndTheFailures) {
  EXPECT_THAT(Select({.scope = MemoryScope::kDigest,
                      .op = Operator::kImprove,
                      .parents = {{6}}}),
              ElementsAre(0, 1, 2, 4, 5, 7));
}

TEST_F(MemoryTest, TheBestOfEveryFamilyIsInADigestHoweverBadItIs) {
  for (int i = 0; i < 50; ++i) build_.Improve(NodeId{1}, 0.3 - 0.001 * i);
  EXPECT_THAT(Select({.scope = MemoryScope::kDigest, .max_nodes = 12}),
              Contains(2));
}

TEST_F(MemoryTest, ALongNodeThatDoesNotFitMakesRoomForShorterOnes) {
  Node wordy = build_.Scored(0.1, Operator::kImprove, {NodeId{1}}, "trees");
  wordy.change = std::string(10'000, 'x');
  const NodeId id = build_.Add(wordy);
  const auto chosen =
      Select({.scope = MemoryScope::kAllGood, .max_tokens = 1'000});
  EXPECT_THAT(chosen, Not(Contains(id.value)));
  EXPECT_THAT(chosen, ElementsAre(0, 1, 2, 6));
}

// A long plan takes no more of the bound than what is told of it.
TEST_F(MemoryTest, OfAPlanCountsWhatIsTold) {
  Node wordy = build_.Scored(0.1, Operator::kImprove, {NodeId{1}}, "trees");
  wordy.plan = std::string(10'000, 'x');
  EXPECT_LT(MemoryTokens(wordy), 100);
  const NodeId id = build_.Add(wordy);
  EXPECT_THAT(Select({.scope = MemoryScope::kAllGood, .max_tokens = 1'000}),
              Contains(id.value));
}

TEST_F(MemoryTest, TheBoundsHoldAtAnySizeOfTheTree) {
  for (int i = 0; i < 2000; ++i) {
    Node node = build_.Scored(0.3 + 0.0001 * i, Operator::kImprove, {{1}},
                              "family " + std::to_string(i % 100));
    node.plan = "a plan of some forty letters, more or less";
    build_.Add(node);
  }
  for (const MemoryScope scope :
       {MemoryScope::kAllGood, MemoryScope::kSiblings, MemoryScope::kDigest}) {
    const MemoryQuery query{.scope = scope,
                            .op = Operator::kImprove,
                            .parents = {{1}},
                            .max_nodes = 20,
                            .max_tokens = 400};
    const auto chosen = SelectMemory(build_.tree().Nodes(), query);
    int64_t tokens = 0;
    for (const NodeId id : chosen) {
      tokens += MemoryTokens(build_.tree().at(id));
    }
    EXPECT_LE(chosen.size(), 20U);
    EXPECT_LE(tokens, 400);
    EXPECT_GE(tokens, 300);
  }
}

TEST(MemoryScopeTest, NamesAreReadBack) {
  for (const char* name :
       {"none", "all-good", "siblings", "ancestors", "digest"}) {
    EXPECT_EQ(MemoryScopeName(*ParseMemoryScope(name)), name);
  }
  EXPECT_FALSE(ParseMemoryScope("all").has_value());
}

}  // namespace
}  // namespace treesmith
