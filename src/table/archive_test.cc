#include "table/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/file.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct PackedEntry {
  std::string name;
  std::string content;
  bool link = false;  // a symbolic link to `content`
};

void Pack(const fs::path& path, const std::vector<PackedEntry>& entries) {
  archive* out = archive_write_new();
  archive_write_set_format_zip(out);
  ASSERT_EQ(archive_write_open_filename(out, path.c_str()), ARCHIVE_OK);
  for (const PackedEntry& packed : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, packed.name.c_str());
    archive_entry_set_perm(entry, 0644);
    if (packed.link) {
      archive_entry_set_filetype(entry, AE_IFLNK);
      archive_entry_set_symlink(entry, packed.content.c_str());
    } else {
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_entry_set_size(entry,
                             static_cast<la_int64_t>(packed.content.size()));
    }
    archive_write_header(out, entry);
    if (!packed.link) {
      archive_write_data(out, packed.content.data(), packed.content.size());
    }
    archive_entry_free(entry);
  }
  archive_write_free(out);
}

class ArchiveTest : public testing::Test {
 protected:
  fs::path Zip(const std::vector<PackedEntry>& entries) {
    Pack(folder_.path() / "data.zip", entries);
    return folder_.path() / "data.zip";
  }
  std::string Content(const std::string& name) {
    const Result<std::string> content = ReadFile(folder_.path() / name);
    return content.ok() ? *content : "(none)";
  }
  std::vector<std::string> FilesLeft() {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      names.push_back(entry.path().lexically_relative(folder_.path()));
    }
    return names;
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make("archive");
};

TEST_F(ArchiveTest, UnpacksFilesAndFolders) {
  const auto zip = Zip({{"train.csv", "a\n1\n"}, {"more/x.csv", "b\n2\n"}});
  const Result<Unpacked> unpacked = UnpackArchive(zip, folder_.path());
  ASSERT_TRUE(unpacked.ok()) << unpacked.error().message;
  EXPECT_THAT(unpacked->files, UnorderedElementsAre("train.csv", "more/x.csv"));
  EXPECT_EQ(Content("train.csv"), "a\n1\n");
  EXPECT_EQ(Content("more/x.csv"), "b\n2\n");
}

TEST_F(ArchiveTest, LeavesOutWhatClimbsOrLinks) {
  const auto zip = Zip({{"../evil.csv", "x"},
                        {"a/../../evil.csv", "x"},
                        {"/tmp/evil.csv", "x"},
                        {"..\\evil.csv", "x"},
                        {"link", "/etc/passwd", true},
                        {"good.csv", "y"}});
  const Result<Unpacked> unpacked = UnpackArchive(zip, folder_.path());
  ASSERT_TRUE(unpacked.ok()) << unpacked.error().message;
  EXPECT_THAT(unpacked->files, ElementsAre("good.csv"));
  EXPECT_EQ(unpacked->skipped.size(), 5U);
  EXPECT_FALSE(fs::exists(folder_.path().parent_path() / "evil.csv"));
  EXPECT_THAT(FilesLeft(), UnorderedElementsAre("data.zip", "good.csv"));
}

TEST_F(ArchiveTest, NeverFollowsALinkThatLiesInTheFolder) {
  const TemporaryFolder elsewhere = *TemporaryFolder::Make("elsewhere");
  fs::create_directory_symlink(elsewhere.path(), folder_.path() / "sub");
  const Result<Unpacked> unpacked =
      UnpackArchive(Zip({{"sub/x.csv", "x"}}), folder_.path());
  ASSERT_TRUE(unpacked.ok());
  EXPECT_THAT(unpacked->files, IsEmpty());
  EXPECT_TRUE(fs::is_empty(elsewhere.path()));
}

TEST_F(ArchiveTest, KeepsWhatLiesThereAlready) {
  ASSERT_TRUE(WriteFile(folder_.path() / "train.csv", "mine").ok());
  const Result<Unpacked> unpacked =
      UnpackArchive(Zip({{"train.csv", "theirs"}}), folder_.path());
  ASSERT_TRUE(unpacked.ok());
  EXPECT_EQ(Content("train.csv"), "mine");
  EXPECT_THAT(unpacked->skipped[0], HasSubstr("lies there already"));
}

TEST_F(ArchiveTest, ABombLeavesNothingBehind) {
  UnpackLimits limits;
  limits.max_bytes = 1000;
  limits.max_ratio = 2;
  const auto zip = Zip({{"a.csv", "x"}, {"b.csv", std::string(1 << 20, 'x')}});
  const Result<Unpacked> unpacked = UnpackArchive(zip, folder_.path(), limits);
  ASSERT_FALSE(unpacked.ok());
  EXPECT_EQ(unpacked.error().kind, ErrorKind::kBadInput);
  EXPECT_THAT(unpacked.error().message, HasSubstr("too many bytes"));
  EXPECT_THAT(FilesLeft(), ElementsAre("data.zip"));
}

TEST_F(ArchiveTest, BoundsTheNumberOfEntries) {
  UnpackLimits limits;
  limits.max_entries = 2;
  const auto zip = Zip({{"a", "x"}, {"b", "x"}, {"c", "x"}});
  EXPECT_FALSE(UnpackArchive(zip, folder_.path(), limits).ok());
}

TEST_F(ArchiveTest, OpensOneArchiveWithinAnotherAndNoMore) {
  Pack(folder_.path() / "deepest.zip", {{"c.csv", "c"}});
  Pack(folder_.path() / "inner.zip",
       {{"b.csv", "b"}, {"deepest.zip", Content("deepest.zip")}});
  const std::string inner = Content("inner.zip");
  fs::remove(folder_.path() / "inner.zip");
  fs::remove(folder_.path() / "deepest.zip");
  const Result<Unpacked> unpacked = UnpackArchive(
      Zip({{"a.csv", "a"}, {"sub/inner.zip", inner}}), folder_.path());
  ASSERT_TRUE(unpacked.ok()) << unpacked.error().message;
  EXPECT_THAT(unpacked->files,
              UnorderedElementsAre("a.csv", "sub/b.csv", "sub/deepest.zip"));
}

TEST_F(ArchiveTest, ADamagedArchiveIsBadInput) {
  ASSERT_TRUE(WriteFile(folder_.path() / "x.zip", "PK nonsense").ok());
  const Result<Unpacked> unpacked =
      UnpackArchive(folder_.path() / "x.zip", folder_.path());
  ASSERT_FALSE(unpacked.ok());
  EXPECT_EQ(unpacked.error().kind, ErrorKind::kBadInput);
  EXPECT_THAT(DescribeArchive(folder_.path() / "x.zip"), HasSubstr("unpack"));
}

TEST_F(ArchiveTest, DescribesWhatIsInside) {
  EXPECT_EQ(DescribeArchive(Zip({{"a.csv", "x"}, {"b.csv", "y"}})),
            "2 files: a.csv, b.csv");
}

}  // namespace
}  // namespace treesmith
