#include "base/file.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace treesmith {
namespace {

TEST(FileTest, WhatIsWrittenIsReadBack) {
  auto folder = TemporaryFolder::Make("file_test");
  ASSERT_TRUE(folder.ok());
  const std::string content("a\0b\n", 4);
  ASSERT_TRUE(WriteFile(folder->path() / "f", content).ok());
  EXPECT_EQ(*ReadFile(folder->path() / "f"), content);
}

TEST(FileTest, AMissingFileIsNamedWithItsCause) {
  const auto result = ReadFile("/nonexistent/x");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message,
            "read /nonexistent/x: No such file or directory");
}

TEST(FileTest, AFailedWriteLeavesTheOldContentAndNoScrap) {
  auto folder = TemporaryFolder::Make("file_test");
  ASSERT_TRUE(folder.ok());
  const auto target = folder->path() / "taken";
  ASSERT_TRUE(MakeFolders(target / "inside").ok());
  EXPECT_FALSE(WriteFile(target, "x").ok());
  size_t entries = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(folder->path())) {
    ++entries;
  }
  EXPECT_EQ(entries, 1u);
}

TEST(FileTest, ATemporaryFolderGoesWithItsObject) {
  std::filesystem::path path;
  {
    auto folder = TemporaryFolder::Make("file_test");
    ASSERT_TRUE(folder.ok());
    path = folder->path();
    ASSERT_TRUE(WriteFile(path / "f", "x").ok());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace treesmith
