#include "model/outcome_detail.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

TEST(OutcomeDetailTest, IsCutBetweenCharacters) {
  EXPECT_EQ(OutcomeDetail("KeyError: 'hour'"), "KeyError: 'hour'");
  EXPECT_EQ(OutcomeDetail(std::string(500, 'a')), std::string(500, 'a'));
  EXPECT_EQ(OutcomeDetail(std::string(499, 'a') + "\xC3\xA4"),
            std::string(499, 'a'));
}

}  // namespace
}  // namespace treesmith
