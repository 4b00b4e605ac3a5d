#include "model/llm.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

TEST(HashRequestTest, NamesTheQuestionAndNotWhatWasMeasured) {
  const LlmRequest question{
      .system = "s", .prefix = "p", .tail = "t", .measured = "took 3 s"};
  LlmRequest other = question;
  other.measured = "took 4 s";
  EXPECT_EQ(HashRequest(question, "m"), HashRequest(other, "m"));
  other.tail = "u";
  EXPECT_NE(HashRequest(question, "m"), HashRequest(other, "m"));
  EXPECT_NE(HashRequest(question, "m"), HashRequest(question, "n"));
}

}  // namespace
}  // namespace treesmith
