#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace treesmith {
namespace {

Result<std::unique_ptr<int>> Half(int value) {
  if (value % 2 != 0)
    return BadInput("halve " + std::to_string(value) + ": odd");
  return std::make_unique<int>(value / 2);
}

Result<int> Quarter(int value) {
  TRY_ASSIGN(const auto half, Half(value));
  TRY_ASSIGN(const auto quarter, Half(*half));
  return *quarter;
}

TEST(ResultTest, TryAssignPassesValuesOn) { EXPECT_EQ(*Quarter(8), 2); }

TEST(ResultTest, TryAssignPassesTheFirstErrorOn) {
  const auto result = Quarter(6);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "halve 3: odd");
  EXPECT_EQ(result.error().kind, ErrorKind::kBadInput);
}

TEST(ResultTest, WrapNamesTheActAndKeepsKindAndHint) {
  const Error error =
      BadInput("parse x: no", "give a number").Wrap("load task");
  EXPECT_EQ(error.message, "load task: parse x: no");
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_EQ(error.hint, "give a number");
}

TEST(ResultTest, AFullDiskIsAKindOfItsOwn) {
  EXPECT_EQ(ErrnoError("write", "f", ENOSPC).kind, ErrorKind::kFull);
  EXPECT_NE(ErrnoError("write", "f", ENOSPC).hint, "");
  EXPECT_EQ(ErrnoError("write", "f", EACCES).kind, ErrorKind::kFailed);
}

}  // namespace
}  // namespace treesmith
