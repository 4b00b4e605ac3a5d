#include "operators/llm/llm_reviewer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/llm_coder_fixture.h"

namespace treesmith {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// As a client of a model that was asked with a schema.
LlmOutcome Structured(const std::string& json) {
  LlmOutcome outcome = FakeReply("text");
  outcome.reply()->structured = json;
  return outcome;
}

Result<Review> Ask(const LlmOutcome& answer, const ReviewQuestion& question) {
  CoderFixture it([&](const LlmRequest&, int) { return answer; });
  LlmReviewer reviewer({LlmClients(it.model), it.prompts, it.facts, {}});
  return reviewer.Ask(question, {});
}

ReviewQuestion MetricQuestion(const std::string& output) {
  ReviewQuestion question;
  question.output = output;
  question.metric_wanted = true;
  return question;
}

std::optional<double> MetricOf(const std::string& json,
                               const std::string& output) {
  const auto review = Ask(Structured(json), MetricQuestion(output));
  EXPECT_TRUE(review.ok());
  return review.ok() ? review->metric : std::nullopt;
}

TEST(LlmReviewerTest, IsAskedOnlyWhereTheRulesDoNotKnowTheCause) {
  const auto wanted = [](OutcomeKind kind, const std::string& output) {
    ReviewQuestion question;
    question.outcome.kind = kind;
    question.output = output;
    return LlmReviewer::Wanted(question);
  };
  EXPECT_TRUE(wanted(OutcomeKind::kCrash, "Segmentation fault"));
  EXPECT_TRUE(wanted(OutcomeKind::kNoSubmission, "no rows left, giving up"));
  EXPECT_FALSE(wanted(OutcomeKind::kNoSubmission, ""));
  EXPECT_FALSE(wanted(
      OutcomeKind::kCrash,
      "Traceback (most recent call last):\n  File \"x\"\nKeyError: 'hour'\n"));
  for (const OutcomeKind kind :
       {OutcomeKind::kScored, OutcomeKind::kTimeout, OutcomeKind::kMemory,
        OutcomeKind::kBadSubmission, OutcomeKind::kDuplicate,
        OutcomeKind::kKilled}) {
    EXPECT_FALSE(wanted(kind, "something"));
  }
  EXPECT_TRUE(LlmReviewer::Wanted(MetricQuestion("")));
}

TEST(LlmReviewerTest, AFindingComesFromOneStructuredCall) {
  CoderFixture it([](const LlmRequest&, int) {
    return Structured(R"({"finding":"A native library failed."})");
  });
  LlmReviewer reviewer({LlmClients(it.model), it.prompts, it.facts, {}});
  ReviewQuestion question;
  question.step = {3};
  question.outcome = {OutcomeKind::kCrash, "signal 11"};
  question.code = "import this_one";
  question.output = "Segmentation fault";
  const auto review = reviewer.Ask(question, {});
  ASSERT_TRUE(review.ok());
  EXPECT_EQ(review->finding, "A native library failed.");
  EXPECT_EQ(review->usage.calls, 1);
  EXPECT_EQ(review->metric, std::nullopt);
  ASSERT_THAT(it.model.requests(), SizeIs(1));
  const LlmRequest request = it.model.requests().front();
  EXPECT_EQ(request.purpose, "review");
  EXPECT_EQ(request.step, 3);
  ASSERT_TRUE(request.schema.has_value());
  EXPECT_THAT(request.schema->json, Not(HasSubstr("metric")));
  EXPECT_THAT(request.tail + request.measured,
              AllOf(HasSubstr("import this_one"), HasSubstr("signal 11"),
                    HasSubstr("Segmentation fault")));
}

// A10, D14: a metric was believed that a model read off cut output.
TEST(LlmReviewerTest, A10_D14_OnlyANumberThatTheScriptPrintedIsBelieved) {
  EXPECT_EQ(MetricOf(R"({"finding":"","metric":0.25})", "CV: 0.250 (5 folds)"),
            0.25);
  EXPECT_EQ(MetricOf(R"({"finding":"","metric":0.3})", "CV: 0.25, 0.35"),
            std::nullopt);
  EXPECT_EQ(MetricOf(R"({"finding":"","metric":0.25})", "done"), std::nullopt);
  EXPECT_EQ(MetricOf(R"({"finding":"","metric":-1.5e-3})", "loss=-1.5e-03"),
            -1.5e-3);
}

// A11: an integer was taken for no metric at all, a perfect 1 among them.
TEST(LlmReviewerTest, A11_IntegersAndNumbersInQuotesCount) {
  EXPECT_EQ(MetricOf(R"({"metric":1})", "accuracy 1"), 1.0);
  EXPECT_EQ(MetricOf(R"({"metric":"0.8"})", "accuracy 0.8"), 0.8);
}

// A12: the direction was the model's; here there is no such field.
TEST(LlmReviewerTest, A12_TheDirectionIsNeverTheModels) {
  CoderFixture it([](const LlmRequest&, int) {
    return Structured(R"({"metric":1,"lower_is_better":false})");
  });
  LlmReviewer reviewer({LlmClients(it.model), it.prompts, it.facts, {}});
  EXPECT_TRUE(reviewer.Ask(MetricQuestion("1"), {}).ok());
  EXPECT_THAT(it.model.requests().front().schema->json,
              AllOf(HasSubstr("metric"), Not(HasSubstr("lower"))));
}

// A13: NaN counted as the best score.
TEST(LlmReviewerTest, A13_WhatIsNoFiniteNumberIsNoMetric) {
  EXPECT_EQ(MetricOf(R"({"metric":null})", "nan"), std::nullopt);
  EXPECT_EQ(MetricOf(R"({"metric":"NaN"})", "nan"), std::nullopt);
  EXPECT_EQ(MetricOf(R"({"metric":"inf"})", "inf"), std::nullopt);
  EXPECT_EQ(MetricOf(R"({"metric":"about 3"})", "3"), std::nullopt);
}

// A14: an answer in plain text, or one that lacks a field, ended the run.
TEST(LlmReviewerTest, A14_AnUnreadableAnswerIsAnEmptyReview) {
  for (const std::string& json :
       {std::string(), std::string("[]"), std::string("{}"),
        std::string(R"({"finding":7})"), std::string("{\"finding\":")}) {
    const auto review = Ask(Structured(json), MetricQuestion("0.5"));
    ASSERT_TRUE(review.ok()) << json;
    EXPECT_EQ(review->finding, "");
    EXPECT_EQ(review->metric, std::nullopt);
    EXPECT_EQ(review->usage.calls, 1);
  }
}

// A18: review prompts held everything that was printed.
TEST(LlmReviewerTest, A18_LongScriptsAndOutputsAreBounded) {
  CoderFixture it([](const LlmRequest&, int) { return Structured("{}"); });
  it.facts.task.goal = std::string(500'000, 'g');
  LlmReviewer reviewer({LlmClients(it.model), it.prompts, it.facts, {}});
  ReviewQuestion question = MetricQuestion(std::string(500'000, 'o') + " 0.5");
  question.code = std::string(500'000, 'c');
  EXPECT_TRUE(reviewer.Ask(question, {}).ok());
  const LlmRequest request = it.model.requests().front();
  EXPECT_LT(request.tail.size() + request.measured.size(), 40'000);
  EXPECT_THAT(request.measured, HasSubstr("o 0.5"));
}

}  // namespace
}  // namespace treesmith
