// What a model is told: every operator in both sets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operators/llm/step_values.h"
#include "operators/review.h"
#include "testing/llm_coder_fixture.h"

namespace treesmith {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kParentCode = SampleScript("parent");
const std::string kOtherCode = SampleScript("other");

// A tree with a scored draft, an improvement and a failed child.
struct Story {
  explicit Story(OperatorSet set = OperatorSet::kAira)
      : it(Answers({""}), set) {
    draft = it.tree.Draft(0.5, "lightgbm");
    Node better = it.tree.Scored(0.45, Operator::kImprove, {draft}, "linear");
    better.plan = "Use hours.";
    better.finding = "better than its parent by 0.05 (error 0.01)";
    better.score->over_best->standard_error = 0.0125;
    improved = it.tree.Add(std::move(better));
    Node failed;
    failed.op = Operator::kImprove;
    failed.parents = {draft};
    failed.plan = "Use holidays.";
    failed.outcome = {OutcomeKind::kCrash, "KeyError: 'holiday'"};
    failed.finding = ReviewFailure(failed.outcome);
    buggy = it.tree.Add(std::move(failed));
  }
  [[nodiscard]] std::string Of(Operator op) {
    switch (op) {
      case Operator::kDraft:
        return it.Prompt(it.Ask(op));
      case Operator::kImprove:
        return it.Prompt(it.Ask(op, {it.View(draft, kParentCode)}));
      case Operator::kDebug:
        return it.Prompt(it.Ask(op, {it.View(buggy, kParentCode)}));
      case Operator::kCrossover:
        return it.Prompt(it.Ask(
            op, {it.View(draft, kParentCode), it.View(improved, kOtherCode)}));
    }
    return "";
  }

  CoderFixture it;
  NodeId draft;
  NodeId improved;
  NodeId buggy;
};

constexpr Operator kAll[] = {Operator::kDraft, Operator::kImprove,
                             Operator::kDebug, Operator::kCrossover};
constexpr OperatorSet kSets[] = {OperatorSet::kAide, OperatorSet::kAira};

TEST(PromptTest, EveryPromptTellsTaskDataMachineAndContract) {
  for (const OperatorSet set : kSets) {
    for (const Operator op : kAll) {
      const std::string prompt = Story(set).Of(op);
      EXPECT_THAT(
          prompt,
          AllOf(HasSubstr("Predict how many bikes are rented."),
                HasSubstr("rmsle = sqrt("), HasSubstr("Lower is better."),
                HasSubstr("`bikers`"), HasSubstr("train.csv: 900 rows"),
                HasSubstr("900 rows of train, 100 of test"),
                HasSubstr("runs of days of `when` are hidden"),
                HasSubstr("run 5 times for its score"),
                HasSubstr("Python 3.11.2 with lightgbm 4.6.0."),
                HasSubstr("use 2 threads"), HasSubstr("4.0 GiB"),
                HasSubstr("working/submission.csv"),
                HasSubstr("may take at most 60 s")));
      EXPECT_THAT(prompt, AllOf(HasSubstr("less than about 0.0125"),
                                HasSubstr("lightgbm 0.5 (best of 1)"),
                                HasSubstr("Label: ")));
    }
  }
}

TEST(PromptTest, WhatIsEqualInARunStandsFirstAndIsEqual) {
  Story story;
  const LlmRequest draft =
      story.it.coder.Question(story.it.Ask(Operator::kDraft));
  Assignment later =
      story.it.Ask(Operator::kDebug, {story.it.View(story.buggy, kParentCode)});
  later.time_left = std::chrono::minutes(3);
  later.steps_left = 4;
  const LlmRequest debug = story.it.coder.Question(later);
  EXPECT_EQ(draft.system, debug.system);
  EXPECT_EQ(draft.prefix, debug.prefix);
  EXPECT_GT(draft.prefix.size(), 2'000);
  EXPECT_THAT(debug.measured, HasSubstr("The whole search has 3 min left. 4 "
                                        "steps left."));
}

// A25: runs could not be replayed; a question's name holds nothing that a
// clock measured or a script printed.
TEST(PromptTest, A25_EqualStepsOfTwoRunsAskTheSameQuestion) {
  Story story;
  Assignment first = story.it.Ask(Operator::kImprove,
                                  {story.it.View(story.draft, kParentCode)});
  Assignment second = first;
  second.time_left = std::chrono::seconds(99);
  second.parents[0].output = "fitted in 3.1 s";
  second.parents[0].diagnosis =
      "score 0.5 (error 0.1), by fold: 0.5\n"
      "took 99 s for 5 runs; the limit is 70 s a run\nbias 0.25\n";
  const auto hash = [&](const Assignment& assignment) {
    return HashRequest(story.it.coder.Question(assignment), "m");
  };
  EXPECT_EQ(hash(first), hash(second));
  second.parents[0].diagnosis = "score 0.6\n";
  EXPECT_NE(hash(first), hash(second));
}

TEST(PromptTest, ImproveShowsScriptDiagnosisAndSiblings) {
  EXPECT_THAT(
      Story().Of(Operator::kImprove),
      AllOf(HasSubstr(kParentCode), HasSubstr("bias 0.25"),
            HasSubstr("node 0 (draft, lightgbm; 0.5)"),
            HasSubstr("Use hours. -> better than its parent by 0.05 (error "
                      "0.01)"),
            HasSubstr("Use holidays. -> failed: crashed: KeyError"),
            HasSubstr("<<<<<<< SEARCH")));
}

TEST(PromptTest, ALoopOverFoldsIsToldWithWhatItCosts) {
  CoderFixture it(Answers({""}));
  Node node = it.tree.Scored(0.5, Operator::kDraft, {}, "linear");
  node.seconds = std::chrono::seconds(250);
  node.predictions.resize(5);
  const NodeId slow = it.tree.Add(std::move(node));
  const std::string code =
      SampleScript("1") + "for fold in range(10):\n    model.fit(x, y)\n";
  const Assignment assignment =
      it.Ask(Operator::kImprove, {it.View(slow, code)});
  EXPECT_THAT(it.coder.Question(assignment).measured,
              AllOf(HasSubstr("fits its model 10 times in a loop over folds "
                              "(line 5)"),
                    HasSubstr("It took 50 s a run"),
                    HasSubstr("one fit would take about 5 s")));
}

TEST(PromptTest, OnlyAiraShowsWhatAGoodParentPrinted) {
  EXPECT_THAT(Story(OperatorSet::kAira).Of(Operator::kImprove),
              HasSubstr("fitted 300 rounds"));
  EXPECT_THAT(Story(OperatorSet::kAide).Of(Operator::kImprove),
              Not(HasSubstr("fitted 300 rounds")));
  EXPECT_THAT(Story(OperatorSet::kAide).Of(Operator::kDebug),
              HasSubstr("fitted 300 rounds"));
}

TEST(PromptTest, DebugShowsFailureOutputAndScript) {
  for (const OperatorSet set : kSets) {
    EXPECT_THAT(Story(set).Of(Operator::kDebug),
                AllOf(HasSubstr("crashed: KeyError: 'holiday'"),
                      HasSubstr("fitted 300 rounds"), HasSubstr(kParentCode)));
  }
}

// D20: crossover saw neither outputs nor memory.
TEST(PromptTest, CrossoverShowsBothScriptsAndTheirMeasurements) {
  Story story;
  const std::string prompt = story.Of(Operator::kCrossover);
  EXPECT_THAT(prompt, AllOf(HasSubstr(kParentCode), HasSubstr(kOtherCode),
                            HasSubstr("First script: node 0"),
                            HasSubstr("Second script: node 1"),
                            HasSubstr("What the second script printed"),
                            HasSubstr("Use holidays.")));
}

TEST(PromptTest, DraftsOfAideSeeAllGoodNodesAndThoseOfAiraTheDrafts) {
  EXPECT_THAT(Story(OperatorSet::kAide).Of(Operator::kDraft),
              AllOf(HasSubstr("- node 1 (improve of node 0"),
                    Not(HasSubstr("Use holidays."))));
  EXPECT_THAT(Story(OperatorSet::kAira).Of(Operator::kDraft),
              AllOf(HasSubstr("- node 0 (draft"), Not(HasSubstr("node 1 ("))));
}

TEST(PromptTest, TheCueGrowsWithWhatWasMade) {
  CoderFixture it(Answers({""}));
  EXPECT_THAT(it.Prompt(it.Ask(Operator::kDraft)), HasSubstr("Minimal:"));
  it.tree.Draft(0.5);
  const NodeId second = it.tree.BuggyDraft();
  EXPECT_THAT(it.Prompt(it.Ask(Operator::kDraft)), HasSubstr("Moderate:"));
  it.tree.Draft(0.6);
  it.tree.Draft(0.7);
  EXPECT_THAT(it.Prompt(it.Ask(Operator::kDraft)), HasSubstr("Elaborate:"));
  const std::string improve =
      it.Prompt(it.Ask(Operator::kImprove, {it.View({0}, kParentCode)}));
  EXPECT_THAT(improve, HasSubstr("Minimal: a small change"));
  EXPECT_THAT(
      it.Prompt(it.Ask(Operator::kDebug, {it.View(second, kParentCode)})),
      Not(HasSubstr("How elaborate")));
}

TEST(PromptTest, AideHasNoCue) {
  EXPECT_THAT(Story(OperatorSet::kAide).Of(Operator::kDraft),
              Not(HasSubstr("How elaborate")));
}

TEST(PromptTest, RefusedScriptsAndWorkInFlightAreTold) {
  for (const OperatorSet set : kSets) {
    Story story(set);
    Assignment assignment = story.it.Ask(Operator::kDraft);
    assignment.refused = {"equal to node 1"};
    assignment.changes_in_flight = {"two-stage", "two-stage", "splines"};
    EXPECT_THAT(story.it.Prompt(assignment),
                AllOf(HasSubstr("refused: equal to node 1."),
                      HasSubstr("splines, two-stage\n")));
  }
}

TEST(PromptTest, TheHostDecidesLabels) {
  CoderFixture it(Answers({""}));
  it.facts.needs = Needs::kLabel;
  const LlmCoder labels(
      {LlmClients(it.model), it.prompts, it.facts, LlmOptions{}});
  EXPECT_THAT(
      labels.Question(it.Ask(Operator::kDraft)).prefix,
      AllOf(HasSubstr("The host decides labels"),
            HasSubstr("probabilities.csv"), Not(HasSubstr("scores.csv"))));
  it.facts.profile.targets.emplace_back().kind = TargetKind::kOrdinal;
  const LlmCoder ordered(
      {LlmClients(it.model), it.prompts, it.facts, LlmOptions{}});
  EXPECT_THAT(ordered.Question(it.Ask(Operator::kDraft)).prefix,
              HasSubstr("scores.csv"));
}

TEST(PromptTest, AReportedTaskEvaluatesItself) {
  CoderFixture it(Answers({""}));
  it.facts.task.mode = EvaluationMode::kReported;
  const LlmCoder coder(
      {LlmClients(it.model), it.prompts, it.facts, LlmOptions{}});
  const std::string prefix = coder.Question(it.Ask(Operator::kDraft)).prefix;
  EXPECT_THAT(prefix,
              AllOf(HasSubstr("working/metric.json"), HasSubstr("`metric: `"),
                    Not(HasSubstr("keeps labels back"))));
}

TEST(PromptTest, NoTagIsLeftInAnyPrompt) {
  for (const OperatorSet set : kSets) {
    for (const Operator op : kAll) {
      EXPECT_THAT(Story(set).Of(op), Not(HasSubstr("{{")));
    }
  }
}

TEST(NoiseLevelTest, IsTheMedianOfTheNewestComparisons) {
  TreeBuilder tree;
  EXPECT_EQ(NoiseLevel(tree.tree().Nodes()), std::nullopt);
  tree.Draft(0.5);
  for (const double error : {0.3, 0.1, 0.2}) {
    Node node = tree.Scored(0.4, Operator::kDraft, {}, "");
    node.score->over_best->standard_error = error;
    tree.Add(std::move(node));
  }
  EXPECT_EQ(NoiseLevel(tree.tree().Nodes()), 0.2);
}

}  // namespace
}  // namespace treesmith
