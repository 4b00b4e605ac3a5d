#include "table/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "table/preview_table.h"

namespace treesmith {
namespace {

using testing::HasSubstr;
using testing::Not;

class PreviewTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& content) {
    const auto path = folder_.path() / name;
    ASSERT_TRUE(MakeFolders(path.parent_path()).ok());
    ASSERT_TRUE(WriteFile(path, content).ok());
  }
  std::string Show(size_t max_bytes = 6000) {
    PreviewOptions options;
    options.max_bytes = max_bytes;
    const Result<std::string> text = Preview(folder_.path(), options);
    EXPECT_TRUE(text.ok());
    return text.ok() ? *text : "";
  }
  TablePreview Table(const std::string& name, int64_t sample_rows = 200'000) {
    return PreviewTable(folder_.path() / name, sample_rows);
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make("preview");
};

// `rows` lines "i,word" and a header.
std::string LongTable(int rows) {
  std::string text = "id,word\n";
  for (int i = 0; i < rows; ++i) {
    text += std::to_string(i) + ",w" + std::to_string(i % 7) + "\n";
  }
  return text;
}

TEST_F(PreviewTest, RepeatsAreCountedWhereAskedAndWhatIsNewIsTold) {
  Write("train.csv",
        "id,size,kind,day,gap,y\n1,5,a,2017-01-01,1,10\n2,6,a,2017-01-02,2,20\n"
        "3,7,b,2017-01-03,3,30\n4,8,b,2017-01-04,4,40\n");
  Write("test.csv",
        "id,size,kind,day,gap\n5,1,a,2018-01-01,\n6,2,b,2018-01-02,\n"
        "7,3,c,2018-01-03,3\n8,4,c,2018-01-04,4\n");
  PreviewOptions options;
  options.count_repeats = true;
  const std::string text = *Preview(folder_.path(), options);
  const std::string test = text.substr(text.find("test.csv: 4 rows"));
  EXPECT_THAT(test, HasSubstr("2 more, much as in train.csv"));
  EXPECT_THAT(test, Not(HasSubstr("size")));
  EXPECT_THAT(test, HasSubstr("kind: category, 3 values"));
  EXPECT_THAT(test, HasSubstr("day: date 2018-01-01"));
  EXPECT_THAT(test, HasSubstr("gap: "));
  EXPECT_THAT(Show(), Not(HasSubstr("much as in")));
}

TEST_F(PreviewTest, TellsRowsColumnsTypesGapsAndRanges) {
  Write("train.csv",
        "age,sex,day,flag\n"
        "22,male,2017-01-01,1\n"
        ",female,2017-01-02,0\n"
        "38,female,2017-03-01,1\n"
        "26,other,2018-01-01,1\n");
  const std::string text = Show();
  EXPECT_THAT(text, HasSubstr("train.csv: 4 rows x 4 columns"));
  EXPECT_THAT(text, HasSubstr("age: code 22 to 38"));
  EXPECT_THAT(text, HasSubstr("25% missing"));
  EXPECT_THAT(text, HasSubstr("day: date 2017-01-01 to 2018-01-01"));
  EXPECT_THAT(text, HasSubstr("female 50%"));
  EXPECT_THAT(text, HasSubstr("flag: bool, 2 values: 1 75%, 0 25%"));
}

TEST_F(PreviewTest, CountsRowsExactlyThoughItSamples) {
  Write("train.csv", LongTable(50'000));
  const TablePreview table = Table("train.csv", 1000);
  EXPECT_EQ(table.rows, 50'000);
  EXPECT_GT(table.sampled_rows, 900);
  EXPECT_LT(table.sampled_rows, 1300);
  // Evenly spread: both ends are in.
  EXPECT_LT(table.columns[0].min(), 100);
  EXPECT_GT(table.columns[0].max(), 49'900);
  EXPECT_THAT(Show(), HasSubstr("50,000 rows"));
}

TEST_F(PreviewTest, ALineBreakInQuotesIsNoRow) {
  Write("train.csv", "id,text\n1,\"a\nb \"\"c\"\"\"\n2,\"x,y\"\n");
  const TablePreview table = Table("train.csv");
  EXPECT_EQ(table.rows, 2);
  EXPECT_EQ(table.columns.size(), 2U);
  EXPECT_TRUE(table.notes.empty());
}

TEST_F(PreviewTest, ReadsJsonArraysAndLines) {
  Write("a.json", R"([{"x": 1, "s": "a}"}, {"x": 2.5, "y": [1, {"z": 2}]}])");
  Write("b.jsonl", "{\"x\": 1}\n{\"x\": null}\n");
  const TablePreview array = Table("a.json");
  EXPECT_EQ(array.rows, 2);
  ASSERT_EQ(array.columns.size(), 3U);
  EXPECT_EQ(array.columns[0].max(), 2.5);
  EXPECT_EQ(array.columns[2].missing_share(), 0.5);
  const TablePreview lines = Table("b.jsonl");
  EXPECT_EQ(lines.rows, 2);
  EXPECT_EQ(lines.columns[0].missing_share(), 0.5);
}

TEST_F(PreviewTest, A22_DescribesMalformedFilesAndGoesOn) {
  Write("bad.csv", "a,b\n1,2\n1,2,3\n");
  Write("binary.csv", std::string("a,b\n\0\0", 6));
  Write("broken.json", R"([{"a": 1}, {"a")");
  Write("empty.csv", "");
  Write("good.csv", "a,b\n1,2\n");
  Write("open.csv", "a,b\n1,\"2\n3,4\n");
  Write("wide.csv",
        "\xff\xfe"
        "a");
  Write("zipped.csv.gz", "\x1f\x8b nonsense");
  Write("zipped.zip", "PK nonsense");
  const std::string text = Show();
  EXPECT_THAT(text, HasSubstr("record 3 has 3 cells, the header 2"));
  EXPECT_THAT(text, HasSubstr("NUL bytes"));
  EXPECT_THAT(text, HasSubstr("ends in the middle of a value"));
  EXPECT_THAT(text, HasSubstr("! empty"));
  EXPECT_THAT(text, HasSubstr("good.csv: 1 rows x 2 columns"));
  EXPECT_THAT(text, HasSubstr("never closed"));
  EXPECT_THAT(text, HasSubstr("UTF-16"));
}

TEST_F(PreviewTest, NeverExceedsItsSizeAndNeverCutsALine) {
  std::string header = "id";
  std::string row = "1";
  for (int i = 0; i < 400; ++i) {
    header += ",feature" + std::to_string(i);
    row += "," + std::to_string(i) + ".5";
  }
  std::string rows;
  for (int i = 0; i < 20; ++i)
    rows += row.substr(0, row.size() - 1) + std::to_string(i) + "\n";
  Write("train.csv", header + "\n" + rows);
  Write("test.csv", header + "\n" + rows);
  const std::string whole = Show(1'000'000);
  for (const size_t max_bytes : {0, 10, 100, 500, 2000, 20'000, 60'000}) {
    const std::string text = Show(max_bytes);
    EXPECT_LE(text.size(), max_bytes);
    EXPECT_TRUE(text.empty() || text.ends_with('\n'));
  }
  EXPECT_THAT(Show(2000), HasSubstr("train.csv: 20 rows x 401 columns"));
  EXPECT_THAT(Show(2000), HasSubstr("constant, "));
  EXPECT_THAT(whole, HasSubstr("feature399"));
}

TEST_F(PreviewTest, ManyFilesOfAKindAreOneLine) {
  for (int i = 0; i < 30; ++i) {
    Write("images/" + std::to_string(i) + ".png", "x");
  }
  Write(".git/config", "secret");
  const std::string text = Show();
  EXPECT_THAT(text, HasSubstr("images/*.png: 30 files"));
  EXPECT_THAT(text, Not(HasSubstr("git")));
}

TEST_F(PreviewTest, TellsTrainTestAndSampleFirstAndNoRuns) {
  Write("a_board.csv", "rank\n1\n");
  Write("sample_submission.csv", "id,y\n2,0\n");
  Write("test.csv", "id\n2\n");
  Write("train.csv", "id,y\n1,0\n");
  Write("runs/mine-1/submission.csv", "id,y\n2,0\n");
  const std::string text = Show();
  const auto at = [&](const char* name) {
    return text.find(std::string(name) + ": 1 rows");
  };
  EXPECT_LT(at("train.csv"), at("test.csv"));
  EXPECT_LT(at("test.csv"), at("sample_submission.csv"));
  EXPECT_LT(at("sample_submission.csv"), at("a_board.csv"));
  EXPECT_THAT(text, Not(HasSubstr("runs")));
}

TEST_F(PreviewTest, RefusesAFolderThatIsNotThere) {
  const Result<std::string> text = Preview(folder_.path() / "nowhere");
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().kind, ErrorKind::kBadInput);
}

TEST(OneLineTest, CutsBetweenCharacters) {
  EXPECT_EQ(OneLine("a\nb", 10), "a b");
  EXPECT_EQ(OneLine("\xc3\xa9\xc3\xa9", 3), "\xc3\xa9...");
  EXPECT_EQ(OneLine("abcd", 2), "ab...");
}

TEST(ColumnSummaryTest, EstimatesManyDistinctValuesWithinATenth) {
  ColumnSummary column("x");
  for (int i = 0; i < 100'000; ++i) column.Add(std::to_string(i % 30'000));
  EXPECT_NEAR(static_cast<double>(column.distinct()), 30'000, 3'000);
}

}  // namespace
}  // namespace treesmith
