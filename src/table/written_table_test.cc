#include "table/written_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/file.h"

namespace treesmith {
namespace {

using testing::HasSubstr;

class WrittenTableTest : public testing::Test {
 protected:
  std::string ErrorOf(const std::string& text) {
    EXPECT_TRUE(WriteFile(path_, text).ok());
    const auto table = ReadWritten(path_, expected_);
    return table.ok() ? "" : table.error().message;
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make("written-table-test");
  std::filesystem::path path_ = folder_.path() / "submission.csv";
  ExpectedTable expected_{.rows = 3, .columns = 2};
};

TEST_F(WrittenTableTest, ReadsWhatIsExpected) {
  EXPECT_EQ(ErrorOf("id,y\n1,2\n2,3\n3,4\n"), "");
  EXPECT_EQ(ErrorOf("id,y\n1,2\n2,3\n3,4\n5,5\n"), "");  // told of by others
}

TEST_F(WrittenTableTest, UnpacksNothing) {
  gzFile packed = gzopen(path_.c_str(), "wb");
  gzputs(packed, "id,y\n1,2\n");
  gzclose(packed);
  const auto table = ReadWritten(path_, expected_);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().message,
            "read submission.csv: it is gzip data, not plain text");
}

TEST_F(WrittenTableTest, RefusesASizeThatNoRowsNeedBeforeReadingIt) {
  ASSERT_TRUE(WriteFile(path_, "id,y\n").ok());
  // Sparse: a terabyte that no disk holds.
  std::filesystem::resize_file(path_, uintmax_t{1} << 40);
  const auto table = ReadWritten(path_, expected_);
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message, HasSubstr("more than 3 rows can need"));
}

TEST_F(WrittenTableTest, RefusesFarTooManyRows) {
  std::string text = "id,y\n";
  for (int row = 0; row < 2000; ++row) text += ",\n";
  EXPECT_EQ(ErrorOf(text),
            "read submission.csv: it has 2000 rows, 3 are expected");
}

TEST_F(WrittenTableTest, RefusesFarTooManyColumns) {
  EXPECT_EQ(ErrorOf(std::string(1999, ',') + "\n"),
            "read submission.csv: it has 2000 columns, 2 are expected");
}

}  // namespace
}  // namespace treesmith
