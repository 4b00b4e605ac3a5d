#include "operators/llm/llm_coder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "llm/wire_format.h"
#include "testing/llm_coder_fixture.h"

namespace treesmith {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const std::string kEdit =
    "Label: more\nTake more.\n"
    "<<<<<<< SEARCH\nanswer = 1\n=======\nanswer = 2\n>>>>>>> REPLACE\n";

// --- answers

TEST(LlmCoderTest, OneGoodAnswerIsOneCall) {
  CoderFixture it(Answers({ScriptAnswer("1")}));
  const auto candidate = it.coder.Write(it.Ask(Operator::kDraft), {});
  ASSERT_TRUE(candidate.ok());
  EXPECT_EQ(candidate->script.code, SampleScript("1"));
  EXPECT_EQ(candidate->plan, "Take the mean.");
  EXPECT_EQ(candidate->change, "means");
  EXPECT_EQ(candidate->usage.calls, 1);
  const LlmRequest request = it.model.requests().front();
  EXPECT_EQ(request.purpose, "draft");
  EXPECT_EQ(request.step, 7);
  EXPECT_THAT(request.turns, SizeIs(0));
}

TEST(LlmCoderTest, EditsAreMadeInTheParentsScript) {
  CoderFixture it(Answers({kEdit}));
  const NodeId draft = it.tree.Draft(0.5);
  const auto candidate = it.coder.Write(
      it.Ask(Operator::kImprove, {it.View(draft, SampleScript("1"))}), {});
  ASSERT_TRUE(candidate.ok()) << candidate.error().message;
  EXPECT_EQ(candidate->script.code, SampleScript("2"));
  EXPECT_EQ(candidate->change, "more");
  EXPECT_EQ(candidate->plan, "Take more.");
}

// A23: retries gave no reason, and after the last one prose was run as code.
TEST(LlmCoderTest, A23_AnUnusableAnswerIsAskedForAgainWithTheReason) {
  CoderFixture it(Answers({"I would take the mean.", ScriptAnswer("1")}));
  const auto candidate = it.coder.Write(it.Ask(Operator::kDraft), {});
  ASSERT_TRUE(candidate.ok());
  EXPECT_EQ(candidate->usage.calls, 2);
  const LlmRequest second = it.model.requests().back();
  ASSERT_THAT(second.turns, SizeIs(2));
  EXPECT_EQ(second.turns[0].text, "I would take the mean.");
  EXPECT_THAT(second.turns[1].text,
              HasSubstr("it holds no fenced block with a script"));
}

TEST(LlmCoderTest, A23_NothingIsRunWhereNoAnswerCanBeUsed) {
  CoderFixture it(Answers({"I would take the mean."}));
  const auto candidate = it.coder.Write(it.Ask(Operator::kDraft), {});
  ASSERT_FALSE(candidate.ok());
  EXPECT_EQ(candidate.error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(candidate.error().message,
            "write draft: none of 3 answers could be used: it holds no fenced "
            "block with a script");
  EXPECT_THAT(it.model.requests(), SizeIs(3));
}

// What is asked again, and with which words.
struct Bad {
  std::string what;
  LlmOutcome answer;
  std::string reason;
};

class UnusableAnswerTest : public ::testing::TestWithParam<Bad> {};

TEST_P(UnusableAnswerTest, IsAskedForAgainWithTheReason) {
  CoderFixture it([](const LlmRequest&, int serial) {
    return serial == 0 ? GetParam().answer : FakeReply(ScriptAnswer("3"));
  });
  const NodeId draft = it.tree.Draft(0.5);
  const auto candidate = it.coder.Write(
      it.Ask(Operator::kImprove, {it.View(draft, SampleScript("1"))}), {});
  ASSERT_TRUE(candidate.ok());
  EXPECT_EQ(candidate->script.code, SampleScript("3"));
  EXPECT_THAT(it.model.requests().back().turns.back().text,
              HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    All, UnusableAnswerTest,
    ::testing::Values(
        Bad{"cut", FakeReply("```python\nimport", LlmFinish::kLength),
            "it was cut off"},
        Bad{"refusal", FakeReply("I cannot.", LlmFinish::kRefusal),
            "it declines"},
        Bad{"empty", FakeReply("", LlmFinish::kEmpty), "it is empty"},
        Bad{"same", FakeReply(ScriptAnswer("1")), "the same as that of node 0"},
        Bad{"mute", FakeReply("```python\nimport os\nprint(os)\n```"),
            "never writes working/submission.csv"},
        Bad{"broken", FakeReply(ScriptAnswer("= 3")),
            "line 3: invalid syntax at '=': `answer = = 3`"},
        Bad{"misfit",
            FakeReply("<<<<<<< SEARCH\nabsent = 1\n=======\nx\n"
                      ">>>>>>> REPLACE\n"),
            "edit"}),
    [](const auto& bad) { return bad.param.what; });

TEST(LlmCoderTest, EditsOfNothingAreRefused) {
  CoderFixture it(Answers({kEdit, ScriptAnswer("1")}));
  EXPECT_TRUE(it.coder.Write(it.Ask(Operator::kDraft), {}).ok());
  EXPECT_THAT(it.model.requests().back().turns.back().text,
              HasSubstr("no script yet that edits could change"));
}

// A26: a default of 4,096 output tokens cut long scripts.
TEST(LlmCoderTest, A26_ACutAnswerGetsMoreRoom) {
  CoderFixture it([](const LlmRequest&, int serial) {
    return serial == 0 ? FakeReply("```python\nimport", LlmFinish::kLength)
                       : FakeReply(ScriptAnswer("1"));
  });
  EXPECT_TRUE(it.coder.Write(it.Ask(Operator::kDraft), {}).ok());
  EXPECT_GE(it.model.requests()[0].max_output_tokens, 16'384);
  EXPECT_EQ(it.model.requests()[1].max_output_tokens,
            2 * it.model.requests()[0].max_output_tokens);
}

TEST(LlmCoderTest, ARetryShowsOnlyTheLastFailure) {
  CoderFixture it(Answers({std::string(100'000, 'x'), "two", "three"}));
  EXPECT_FALSE(it.coder.Write(it.Ask(Operator::kDraft), {}).ok());
  const auto requests = it.model.requests();
  EXPECT_LT(requests[1].turns[0].text.size(), 25'000);
  ASSERT_THAT(requests[2].turns, SizeIs(2));
  EXPECT_EQ(requests[2].turns[0].text, "two");
}

TEST(LlmCoderTest, UsageCountsEveryAnswerOfTheStep) {
  CoderFixture it(Answers({"no", "no", ScriptAnswer("1")}));
  const auto candidate = it.coder.Write(it.Ask(Operator::kDraft), {});
  ASSERT_TRUE(candidate.ok());
  EXPECT_EQ(candidate->usage.calls, 3);
  EXPECT_EQ(candidate->usage.tokens_in, 30);
  EXPECT_EQ(candidate->usage.tokens_out, 15);
}

// D23: an unknown price is not zero.
TEST(LlmCoderTest, D23_AnUnknownPriceStaysUnknown) {
  CoderFixture it([](const LlmRequest&, int serial) {
    LlmOutcome outcome = FakeReply(serial == 0 ? "no" : ScriptAnswer("1"));
    if (serial == 0) outcome.usage().cost_usd.reset();
    return outcome;
  });
  const auto candidate = it.coder.Write(it.Ask(Operator::kDraft), {});
  ASSERT_TRUE(candidate.ok());
  EXPECT_FALSE(candidate->usage.cost_usd.has_value());
}

// --- failures of the client

ErrorKind KindAfter(FailureKind failure) {
  CoderFixture it(
      [failure](const LlmRequest&, int) { return FakeFailure(failure); });
  const auto candidate = it.coder.Write(it.Ask(Operator::kDraft), {});
  EXPECT_FALSE(candidate.ok());
  EXPECT_THAT(it.model.requests(), SizeIs(1));
  return candidate.error().kind;
}

// A17: an exhausted quota was asked again for ever.
TEST(LlmCoderTest, A17_FailuresOfTheClientEndTheStepAtOnce) {
  EXPECT_EQ(KindAfter(FailureKind::kQuota), ErrorKind::kFull);
  EXPECT_EQ(KindAfter(FailureKind::kBudget), ErrorKind::kFull);
  EXPECT_EQ(KindAfter(FailureKind::kServer), ErrorKind::kLost);
  EXPECT_EQ(KindAfter(FailureKind::kCancelled), ErrorKind::kCancelled);
}

TEST(LlmCoderTest, ARejectedKeyEndsTheRunAndNotOneStepAfterTheOther) {
  EXPECT_EQ(KindAfter(FailureKind::kKeyRejected), ErrorKind::kEnvironment);
  EXPECT_EQ(KindAfter(FailureKind::kUnknownModel), ErrorKind::kEnvironment);
}

// --- models with a small context

TEST(LlmCoderTest, AQuestionThatIsTooLongIsAskedLeaner) {
  CoderFixture it([](const LlmRequest& request, int) {
    return PromptBytes(request) > 7'000 ? FakeFailure(FailureKind::kTooLong)
                                        : FakeReply(ScriptAnswer("1"));
  });
  it.facts.preview = std::string(6'000, 'p');
  LlmCoder coder({LlmClients(it.model), it.prompts, it.facts,
                  DefaultLlmOptions(OperatorSet::kAira)});
  const auto candidate = coder.Write(it.Ask(Operator::kDraft), {});
  ASSERT_TRUE(candidate.ok()) << candidate.error().message;
  EXPECT_EQ(candidate->usage.calls, 4);
}

TEST(LlmCoderTest, AScriptThatDoesNotFitEndsItsStepOnly) {
  CoderFixture it([](const LlmRequest&, int) {
    return FakeFailure(FailureKind::kTooLong);
  });
  const NodeId draft = it.tree.Draft(0.5);
  const auto improved = it.coder.Write(
      it.Ask(Operator::kImprove, {it.View(draft, SampleScript("1"))}), {});
  EXPECT_EQ(improved.error().kind, ErrorKind::kBadInput);
  const auto drafted = it.coder.Write(it.Ask(Operator::kDraft), {});
  EXPECT_EQ(drafted.error().kind, ErrorKind::kFailed);
}

// A run of hours ended by one question that a provider finds fault with, or
// that does not fit the model's context.
TEST(LlmCoderTest, OneBadQuestionEndsItsStepOnlyWhereOthersWereAnswered) {
  for (const FailureKind fault :
       {FailureKind::kBadRequest, FailureKind::kTooLong}) {
    bool good = false;
    CoderFixture it([&](const LlmRequest&, int) {
      return good ? FakeReply(ScriptAnswer("1")) : FakeFailure(fault);
    });
    const auto draft = [&] {
      return it.coder.Write(it.Ask(Operator::kDraft), {});
    };
    EXPECT_EQ(draft().error().kind, ErrorKind::kFailed);
    good = true;
    EXPECT_TRUE(draft().ok());
    good = false;
    EXPECT_EQ(draft().error().kind, ErrorKind::kBadInput);
  }
}

// After a resume the coder is new, the tree is not.
TEST(LlmCoderTest, ATreeThatAModelHasWrittenShowsThatOthersWereAnswered) {
  CoderFixture it([](const LlmRequest&, int) {
    return FakeFailure(FailureKind::kTooLong);
  });
  Node builtin = it.tree.Scored(0.5, Operator::kDraft, {}, "linear");
  builtin.origin = "{}";
  builtin.usage = {.calls = 1, .tokens_in = 10, .tokens_out = 5};  // a review
  it.tree.Add(std::move(builtin));
  EXPECT_EQ(it.coder.Write(it.Ask(Operator::kDraft), {}).error().kind,
            ErrorKind::kFailed);
  Node node = it.tree.Scored(0.4, Operator::kDraft, {}, "linear");
  node.usage = {.calls = 1, .tokens_in = 10, .tokens_out = 5};
  it.tree.Add(std::move(node));
  EXPECT_EQ(it.coder.Write(it.Ask(Operator::kDraft), {}).error().kind,
            ErrorKind::kBadInput);
}

TEST(LlmCoderTest, ABoundOnQuestionsIsKeptByTellingLess) {
  CoderFixture it(Answers({""}));
  it.facts.preview = std::string(6'000, 'p');
  const NodeId draft = it.tree.Draft(0.5);
  for (int i = 0; i < 50; ++i) {
    Node node = it.tree.Scored(0.4, Operator::kImprove, {draft}, "linear");
    node.plan = std::string(700, 'm');
    it.tree.Add(std::move(node));
  }
  LlmOptions options = DefaultLlmOptions(OperatorSet::kAira);
  const Assignment assignment =
      it.Ask(Operator::kImprove, {it.View(draft, SampleScript("1"))});
  const auto bytes = [&](int64_t tokens) {
    options.prompt_tokens = tokens;
    const LlmCoder coder({LlmClients(it.model), it.prompts, it.facts, options});
    const LlmRequest request = coder.Question(assignment);
    EXPECT_THAT(request.tail, HasSubstr(SampleScript("1")));
    return PromptBytes(request);
  };
  const size_t whole = bytes(0);
  EXPECT_EQ(bytes(static_cast<int64_t>(whole)), whole);
  for (const int64_t tokens : {4'000, 3'300, 2'400}) {
    EXPECT_LE(bytes(tokens), 4 * tokens);
  }
  EXPECT_GT(whole, 4 * 4'000);
}

// --- which client, which parents

TEST(LlmCoderTest, EachOperatorAsksItsOwnModel) {
  CoderFixture it(Answers({"unused"}));
  FakeLlm repairer(Answers({ScriptAnswer("9")}));
  LlmClients clients(it.model);
  clients.Set(LlmPurpose::kDebug, repairer);
  LlmCoder coder(
      {clients, it.prompts, it.facts, DefaultLlmOptions(OperatorSet::kAira)});
  const NodeId buggy = it.tree.BuggyDraft();
  const auto candidate = coder.Write(
      it.Ask(Operator::kDebug, {it.View(buggy, SampleScript("1"))}), {});
  ASSERT_TRUE(candidate.ok());
  EXPECT_THAT(it.model.requests(), SizeIs(0));
  EXPECT_EQ(repairer.requests().front().purpose, "debug");
}

TEST(LlmCoderTest, DuplicatesAreNoParents) {
  CoderFixture it(Answers({""}));
  const NodeId draft = it.tree.Draft(0.5);
  const NodeId duplicate = it.tree.Duplicate(draft);
  const NodeSnapshot nodes = it.tree.tree().Nodes();
  EXPECT_TRUE(it.coder.Accepts(Operator::kImprove, {draft}, nodes));
  EXPECT_TRUE(it.coder.Accepts(Operator::kDraft, {}, nodes));
  EXPECT_FALSE(it.coder.Accepts(Operator::kDebug, {duplicate}, nodes));
}

}  // namespace
}  // namespace treesmith
