#include "table/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/file.h"

namespace treesmith {
namespace {

Table Parsed(std::string bytes, const std::string& name = "t.csv") {
  auto table = Table::Parse(std::move(bytes), name);
  EXPECT_TRUE(table.ok()) << table.error().message;
  return *std::move(table);
}
std::string ErrorOf(std::string bytes, const std::string& name = "t.csv") {
  const auto table = Table::Parse(std::move(bytes), name);
  return table.ok() ? "" : table.error().message;
}

TEST(TableTest, KeepsCellsByteForByte) {
  const Table table =
      Parsed("\xEF\xBB\xBF\"Id\",x\r\n1,\"a \"\"b\"\"\"\r\n2,\r\n");
  EXPECT_EQ(table.header(), "\xEF\xBB\xBF\"Id\",x");
  EXPECT_EQ(table.columns(), (std::vector<std::string>{"Id", "x"}));
  EXPECT_EQ(table.line_end(), "\r\n");
  EXPECT_EQ(table.rows(), 2);
  EXPECT_EQ(table.Row(0), "1,\"a \"\"b\"\"\"");
  EXPECT_EQ(table.Raw(0, 1), "\"a \"\"b\"\"\"");
  EXPECT_EQ(table.Text(0, 1), "a \"b\"");
  EXPECT_EQ(table.Raw(1, 1), "");
}

TEST(TableTest, FindsColumnsByExactNameThenWhateverTheCase) {
  const Table table = Parsed("a,A,Id \n1,2,3\n");
  EXPECT_EQ(table.FindColumn("A"), 1);
  EXPECT_EQ(table.FindColumn("ID"), 2);
  EXPECT_EQ(table.FindColumn("b"), std::nullopt);
}

TEST(TableTest, NamesTheLineOfARaggedRow) {
  EXPECT_EQ(ErrorOf("a,b\n1,\"x\ny\"\n1,2,3\n"),
            "read t.csv: line 4 has 3 cells, the header 2");
}

TEST(TableTest, NamesTheWholePathOfAFileThatItCannotRead) {
  const auto folder = *TemporaryFolder::Make("table_test");
  const std::filesystem::path path = folder.path() / "t.csv";
  ASSERT_TRUE(WriteFile(path, "a,b\n1\n").ok());
  EXPECT_THAT(Table::Read(path).error().message,
              testing::StartsWith("read " + path.string() + ": line 2"));
}

TEST(TableTest, SaysThatAFileIsEmpty) {
  EXPECT_EQ(ErrorOf(""), "read t.csv: the file is empty");
  EXPECT_EQ(ErrorOf("\n\n"), "read t.csv: the file is empty");
}

TEST(TableTest, MayHaveAHeaderAlone) { EXPECT_EQ(Parsed("a,b").rows(), 0); }

TEST(TableTest, NamesTheLineOfAnOpenQuote) {
  EXPECT_EQ(ErrorOf("a\n\"1\n2\n"),
            "read t.csv: line 2 opens a quote that never ends");
}

TEST(TableTest, ReadsNumbersAndLeavesGapsAsNan) {
  const auto numbers =
      Parsed("a\n1\n 2.5 \n+3\nNA\nNone\nx\n1e400\n").Numbers(0);
  EXPECT_EQ(numbers[0], 1);
  EXPECT_EQ(numbers[1], 2.5);
  EXPECT_EQ(numbers[2], 3);
  EXPECT_TRUE(std::isnan(numbers[3]));
  EXPECT_TRUE(std::isnan(numbers[4]));
  EXPECT_TRUE(std::isnan(numbers[5]));
  EXPECT_TRUE(std::isinf(numbers[6]));
}

TEST(TableTest, ReadsAJsonArrayAsRowsThatKeepTheirText) {
  const Table table = Parsed(
      "[ {\"id\": 1, \"t\": \"a\\n\\u00e9\"},\n {\"t\":null, "
      "\"n\":[1,{\"}\":2}]} ]",
      "t.json");
  EXPECT_EQ(table.columns(), (std::vector<std::string>{"id", "t", "n"}));
  EXPECT_EQ(table.rows(), 2);
  EXPECT_EQ(table.Row(0), "{\"id\": 1, \"t\": \"a\\n\\u00e9\"}");
  EXPECT_EQ(table.Text(0, 1), "a\n\xC3\xA9");
  EXPECT_EQ(table.Text(1, 1), "");
  EXPECT_EQ(table.Raw(1, 2), "[1,{\"}\":2}]");
  EXPECT_EQ(table.Raw(1, 0), "");
}

TEST(TableTest, ReadsJsonLinesUnderEitherName) {
  EXPECT_EQ(Parsed("{\"a\":1}\n{\"a\":true}\n", "t.jsonl").Numbers(0),
            (std::vector<double>{1, 1}));
  EXPECT_EQ(Parsed("{\"a\":1}\n{\"a\":2}\n", "t.json").format(),
            TableFormat::kJsonLines);
}

TEST(TableTest, NamesTheLineOfBrokenJson) {
  EXPECT_EQ(ErrorOf("[{\"a\":1},\n3]", "t.json"),
            "read t.json: line 2 has something else than an object");
  EXPECT_EQ(ErrorOf("{\"a\":1}\n{\"a\":", "t.jsonl"),
            "read t.jsonl: line 2 ends inside a value");
}

TEST(CanonicalValueTest, SpellsEqualValuesAlike) {
  for (const char* one : {"1", "1.0", "01", "+1", "1e0", " 1 ", "1."}) {
    EXPECT_EQ(CanonicalValue(one), "1") << one;
  }
  EXPECT_EQ(CanonicalValue("True"), CanonicalValue("true"));
  EXPECT_EQ(CanonicalValue("0.50"), CanonicalValue("5e-1"));
  EXPECT_EQ(CanonicalValue("-0"), "0");
}

TEST(CanonicalValueTest, KeepsLongIdsAndTextApart) {
  EXPECT_NE(CanonicalValue("12345678901234567891"),
            CanonicalValue("12345678901234567892"));
  EXPECT_EQ(CanonicalValue("2015-01-27 13:08:24.0000002"),
            "2015-01-27 13:08:24.0000002");
  EXPECT_EQ(CanonicalValue("0013_01"), "0013_01");
}

}  // namespace
}  // namespace treesmith
