#include "operators/builtin/builtin_coder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "operators/builtin/recipe.h"

namespace treesmith {
namespace {

using testing::Contains;
using testing::StartsWith;
using testing::UnorderedElementsAre;

Task HouseTask() {
  Task task;
  task.train = "train.csv";
  task.test = "test.csv";
  task.sample_submission = "sample_submission.csv";
  task.target = {"price"};
  task.id = {"id"};
  task.metric = "rmsle";
  return task;
}

Profile HouseProfile() {
  Profile profile;
  profile.train_rows = 2000;
  profile.test_rows = 1000;
  TargetProfile& target = profile.targets.emplace_back();
  target.name = "price";
  target.numeric = true;
  target.distinct = 900;
  target.min = 1;
  target.max = 100;
  target.skew = 1.5;
  const auto add = [&](const char* name, ColumnType type, int64_t distinct) {
    ColumnProfile& column = profile.columns.emplace_back();
    column.name = name;
    column.type = type;
    column.distinct = distinct;
  };
  add("size", ColumnType::kNumber, 500);
  add("rooms", ColumnType::kCode, 6);
  add("town", ColumnType::kCategory, 40);
  return profile;
}

// With a column that tells much, as most tables have.
Profile TellingProfile(int64_t rows) {
  Profile profile = HouseProfile();
  profile.train_rows = rows;
  profile.columns.front().signal = 0.7;
  return profile;
}

// A tree that is fed with a coder's own candidates.
class Search {
 public:
  explicit Search(const Profile& profile = HouseProfile())
      : coder_(MakeBuiltinCoder(HouseTask(), profile)) {}

  Coder& coder() { return *coder_; }
  Tree& tree() { return tree_; }
  void set_script_timeout(std::chrono::milliseconds timeout) {
    script_timeout_ = timeout;
  }

  Result<Candidate> Write(Operator op, const std::vector<NodeId>& parents,
                          const std::string& output = "",
                          std::vector<std::string> refused = {}) {
    Assignment assignment;
    assignment.step = StepId{static_cast<int64_t>(tree_.size())};
    assignment.op = op;
    for (const NodeId id : parents) {
      assignment.parents.emplace_back().id = id;
      assignment.parents.back().output = output;
    }
    assignment.nodes = tree_.Nodes();
    assignment.refused = std::move(refused);
    assignment.rng = Rng(7, tree_.size(), "write");
    assignment.script_timeout = script_timeout_;
    return coder_->Write(assignment, {});
  }

  NodeId Add(const Candidate& candidate, Operator op,
             std::vector<NodeId> parents, Outcome outcome = {}) {
    Node node;
    node.op = op;
    node.parents = std::move(parents);
    node.change = candidate.change;
    node.family = candidate.family;
    node.origin = candidate.origin;
    node.outcome = std::move(outcome);
    if (node.outcome.scored()) {
      node.score.emplace().value = MetricValue(1, Direction::kMinimize);
      if (op == Operator::kImprove) {
        node.score->over_parent = PairedGain{.mean = 0.1, .standard_error = 1};
      }
    }
    return tree_.Add(std::move(node));
  }

 private:
  std::chrono::milliseconds script_timeout_{0};
  std::unique_ptr<Coder> coder_;
  Tree tree_{Direction::kMinimize};
};

TEST(BuiltinCoderTest, DraftsEachFamilyOnceBeforeAnyTwice) {
  Search search;
  std::set<std::string> families;
  for (int i = 0; i < search.coder().draft_count(); ++i) {
    const auto draft = search.Write(Operator::kDraft, {});
    ASSERT_TRUE(draft.ok());
    EXPECT_TRUE(families.insert(draft->family).second);
    search.Add(*draft, Operator::kDraft, {});
  }
  EXPECT_GE(families.size(), 6u);
  const auto more = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(more.ok());
  EXPECT_TRUE(families.contains(more->family));
}

TEST(BuiltinCoderTest, NeverWritesTheSameRecipeTwice) {
  Search search;
  const auto draft = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(draft.ok());
  NodeId parent = search.Add(*draft, Operator::kDraft, {});
  std::set<std::string> origins = {draft->origin};
  for (int i = 0; i < 60; ++i) {
    const auto better = search.Write(Operator::kImprove, {parent});
    ASSERT_TRUE(better.ok());
    EXPECT_TRUE(origins.insert(better->origin).second) << better->change;
    const NodeId id = search.Add(*better, Operator::kImprove, {parent});
    if (i % 3 == 0) parent = id;
  }
}

TEST(BuiltinCoderTest, TheSameAssignmentGivesTheSameCandidate) {
  Search search;
  const auto draft = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(draft.ok());
  const NodeId parent = search.Add(*draft, Operator::kDraft, {});
  const auto one = search.Write(Operator::kImprove, {parent});
  const auto other = search.Write(Operator::kImprove, {parent});
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_EQ(one->script.code, other->script.code);
  EXPECT_EQ(one->origin, other->origin);
}

TEST(BuiltinCoderTest, ARefusedScriptIsFollowedByAnother) {
  Search search;
  const auto draft = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(draft.ok());
  const NodeId parent = search.Add(*draft, Operator::kDraft, {});
  const auto one = search.Write(Operator::kImprove, {parent});
  const auto other =
      search.Write(Operator::kImprove, {parent}, "", {"equal to node 0"});
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_NE(one->origin, other->origin);
}

TEST(BuiltinCoderTest, ImproveChangesOneThingAndSaysWhy) {
  Search search;
  const auto draft = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(draft.ok());
  const NodeId parent = search.Add(*draft, Operator::kDraft, {});
  const auto better = search.Write(Operator::kImprove, {parent});
  ASSERT_TRUE(better.ok());
  EXPECT_EQ(better->family, draft->family);
  EXPECT_FALSE(better->plan.empty());
  EXPECT_FALSE(better->change.empty());
}

TEST(BuiltinCoderTest, DebugDropsTheBlockThatTheTracebackEndsIn) {
  Search search;
  const auto draft = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(draft.ok());
  Candidate candidate = *draft;
  Recipe recipe = *DecodeRecipe(candidate.origin);
  recipe.blocks.insert("feature.ratios");
  candidate.origin = EncodeRecipe(recipe);
  const NodeId buggy =
      search.Add(candidate, Operator::kDraft, {},
                 {.kind = OutcomeKind::kCrash, .detail = "ValueError: x"});
  const auto mended = search.Write(
      Operator::kDebug, {buggy},
      "  File \"script.py\", line 30, in add_ratios\n    x\nValueError: x");
  ASSERT_TRUE(mended.ok());
  EXPECT_EQ(mended->change, "repair.drop-block");
  EXPECT_FALSE(DecodeRecipe(mended->origin)->Has("feature.ratios"));
}

// A short run may end after one draft: then it should be a good one.
TEST(BuiltinCoderTest, OfDraftsThatCostAboutAsLittleTheLikeliestComesFirst) {
  Search search;
  const auto first = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->family, "lightgbm");
}

// On many rows trees first, though a linear model is the cheapest; on few rows
// a linear one is as likely.
TEST(BuiltinCoderTest, FamiliesThatMayBeTheBestAreDraftedFirst) {
  const auto first = [](int64_t rows, int count) {
    Search search(TellingProfile(rows));
    std::vector<std::string> families;
    for (int i = 0; i < count; ++i) {
      const auto draft = search.Write(Operator::kDraft, {});
      families.push_back(draft->family);
      search.Add(*draft, Operator::kDraft, {});
    }
    return families;
  };
  EXPECT_THAT(first(400'000, 3),
              UnorderedElementsAre("lightgbm", "xgboost", "catboost"));
  EXPECT_THAT(first(1000, 5), Contains("linear"));
}

class TextTaskTest : public testing::Test {
 protected:
  TextTaskTest() {
    profile_.train_rows = 15'000;
    profile_.columns.resize(1);
    profile_.columns[0].type = ColumnType::kText;
    profile_.columns[0].mean_words = 30;
    profile_.targets[0].kind = TargetKind::kBinary;
    profile_.targets[0].distinct = 2;
    profile_.targets[0].classes = {{"a", 0.5}, {"b", 0.5}};
    task_.metric = "logloss";
  }

  Result<Candidate> FirstDraft(BuiltinOptions options = {}) {
    Assignment assignment;
    assignment.nodes = tree_.Nodes();
    return MakeBuiltinCoder(task_, profile_, std::move(options))
        ->Write(assignment, {});
  }

 private:
  Profile profile_ = HouseProfile();
  Task task_ = HouseTask();
  Tree tree_{Direction::kMinimize};
};

TEST_F(TextTaskTest, AModelOfWordsIsDraftedFirst) {
  const auto draft = FirstDraft();
  ASSERT_TRUE(draft.ok()) << draft.error().message;
  EXPECT_THAT(draft->family, StartsWith("text-"));
}

TEST_F(TextTaskTest, SmallTreesStartFromWhatModelsOfWordsSay) {
  const auto draft = FirstDraft({.families = {"lightgbm"}});
  ASSERT_TRUE(draft.ok()) << draft.error().message;
  const Recipe recipe = *DecodeRecipe(draft->origin);
  EXPECT_TRUE(recipe.Has("feature.text-scores"));
  EXPECT_TRUE(recipe.Has("feature.text-bayes"));
  EXPECT_FALSE(recipe.Has("feature.text-topics"));
  EXPECT_LE(recipe.Knob("num_leaves", 31), 8);
}

TEST(BuiltinCoderTest, OfTheOthersTheCheapestIsDraftedFirst) {
  const std::vector<double> costs =
      MakeBuiltinCoder(HouseTask(), TellingProfile(400'000))->draft_costs();
  ASSERT_GT(costs.size(), 4U);
  // After the three of trees that are boosted.
  EXPECT_TRUE(std::is_sorted(costs.begin() + 3, costs.end()));
}

TEST(BuiltinCoderTest, DebugOfATimeoutMakesTheScriptCheaper) {
  Search search;
  const auto draft = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(draft.ok());
  const NodeId buggy =
      search.Add(*draft, Operator::kDraft, {}, {OutcomeKind::kTimeout, ""});
  const auto mended = search.Write(Operator::kDebug, {buggy});
  ASSERT_TRUE(mended.ok());
  EXPECT_LT(mended->nominal_cost, draft->nominal_cost);
}

TEST(BuiltinCoderTest, WhatCannotBeRepairedIsGivenUpWithAReason) {
  Search search;
  const auto draft = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(draft.ok());
  const NodeId buggy =
      search.Add(*draft, Operator::kDraft, {},
                 {.kind = OutcomeKind::kCrash, .detail = "OSError: gone"});
  const auto mended = search.Write(Operator::kDebug, {buggy}, "OSError: gone");
  ASSERT_FALSE(mended.ok());
  EXPECT_EQ(mended.error().kind, ErrorKind::kBadInput);
  EXPECT_NE(mended.error().message.find("OSError: gone"), std::string::npos);
}

TEST(BuiltinCoderTest, CrossoverTakesTheFeaturesOfOneAndTheModelOfTheOther) {
  Search search;
  const auto first = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(first.ok());
  Candidate rich = *first;
  Recipe recipe = *DecodeRecipe(rich.origin);
  recipe.blocks.insert("encode.counts");
  rich.origin = EncodeRecipe(recipe);
  const NodeId one = search.Add(rich, Operator::kDraft, {});
  const auto second = search.Write(Operator::kDraft, {});
  ASSERT_TRUE(second.ok());
  const NodeId other = search.Add(*second, Operator::kDraft, {});
  const auto child = search.Write(Operator::kCrossover, {other, one});
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(child->family, second->family);
  EXPECT_TRUE(DecodeRecipe(child->origin)->Has("encode.counts"));
}

TEST(BuiltinCoderTest, WhatTakesTooLongIsNotCrossed) {
  Search search(TellingProfile(2'000'000));
  std::vector<NodeId> parents;
  for (int i = 0; i < 2; ++i) {
    const auto draft = search.Write(Operator::kDraft, {});
    ASSERT_TRUE(draft.ok());
    Candidate rich = *draft;
    Recipe recipe = *DecodeRecipe(rich.origin);
    if (i == 0) recipe.blocks.insert("encode.counts");
    rich.origin = EncodeRecipe(recipe);
    parents.push_back(search.Add(rich, Operator::kDraft, {}));
  }
  EXPECT_TRUE(search.Write(Operator::kCrossover, parents).ok());
  search.set_script_timeout(std::chrono::seconds(3));
  EXPECT_FALSE(search.Write(Operator::kCrossover, parents).ok());
}

TEST(BuiltinCoderTest, AScriptWithoutARecipeIsNotImproved) {
  Search search;
  const NodeId foreign = search.Add({}, Operator::kDraft, {});
  EXPECT_FALSE(search.coder().Accepts(Operator::kImprove, {foreign},
                                      search.tree().Nodes()));
  EXPECT_FALSE(search.Write(Operator::kImprove, {foreign}).ok());
}

}  // namespace
}  // namespace treesmith
