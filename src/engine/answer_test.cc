#include "engine/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treesmith {
namespace {

using testing::HasSubstr;
using testing::Optional;

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

}  // namespace
}  // namespace treesmith
