#include "table/csv_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <utility>
#include <vector>

#include "base/file.h"

namespace treesmith {
namespace {

class CsvReaderTest : public testing::Test {
 protected:
  std::filesystem::path Write(std::string_view name, std::string_view text) {
    const auto path = folder_->path() / name;
    EXPECT_TRUE(WriteFile(path, text).ok());
    return path;
  }
  std::filesystem::path WriteGzip(std::string_view text) {
    const auto path = folder_->path() / "a.csv.gz";
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return path;
  }
  // Line and bytes of each record; an error's text as the last one.
  static std::vector<std::pair<int64_t, std::string>> All(
      const std::filesystem::path& path) {
    std::vector<std::pair<int64_t, std::string>> all;
    auto reader = CsvReader::Open(path);
    if (!reader.ok()) return {{-1, reader.error().message}};
    CsvRecord record;
    for (;;) {
      const auto more = reader->Next(record);
      if (!more.ok()) all.emplace_back(-1, more.error().message);
      if (!more.ok() || !*more) return all;
      all.emplace_back(record.line, record.bytes);
    }
  }
  using Records = std::vector<std::pair<int64_t, std::string>>;
  Result<TemporaryFolder> folder_ = TemporaryFolder::Make("reader");
};

TEST_F(CsvReaderTest, GivesRecordsWithTheirLines) {
  EXPECT_EQ(All(Write("a.csv", "\xEF\xBB\xBFid,t\r\n1,\"x\ny\"\r\n\r\n2,z")),
            (Records{{1, "id,t"}, {2, "1,\"x\ny\""}, {5, "2,z"}}));
}

TEST_F(CsvReaderTest, ReadsGzipLikeTheFileItself) {
  std::string text = "a,b\n";
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + ",\"q\nq\"\n";
  EXPECT_EQ(All(WriteGzip(text)), All(Write("a.csv", text)));
}

TEST_F(CsvReaderTest, SaysThatGzipDataEndTooEarly) {
  const auto path = WriteGzip(std::string(100'000, 'a') + "\nb,c\nd,e\n");
  const std::string packed = *ReadFile(path);
  const auto cut = Write("cut.csv.gz", packed.substr(0, packed.size() / 2));
  EXPECT_EQ(All(cut).back().second,
            "read cut.csv.gz: the gzip data end too early");
}

TEST_F(CsvReaderTest, HasNoRecordsInAnEmptyFile) {
  EXPECT_EQ(All(Write("a.csv", "")), Records{});
}

TEST_F(CsvReaderTest, NamesTheLineOfAnOpenQuote) {
  EXPECT_EQ(All(Write("a.csv", "a\n1\n\"2\n3\n")).back(),
            (std::pair<int64_t, std::string>{
                -1, "read a.csv: line 3 opens a quote that never ends"}));
}

TEST_F(CsvReaderTest, ToleratesNulAndBytesThatAreNotUtf8) {
  const std::string text("a\n\0\xff\n", 5);
  EXPECT_EQ(All(Write("a.csv", text)),
            (Records{{1, "a"}, {2, std::string("\0\xff", 2)}}));
}

TEST_F(CsvReaderTest, SplitsTsvAtTabs) {
  auto reader = CsvReader::Open(Write("a.tsv", "a,b\tc\n"));
  CsvRecord record;
  ASSERT_TRUE(*reader->Next(record));
  EXPECT_EQ(record.cells, (std::vector<std::string_view>{"a,b", "c"}));
}

TEST_F(CsvReaderTest, SaysWhichFileIsMissing) {
  const auto path = folder_->path() / "no.csv";
  EXPECT_EQ(CsvReader::Open(path).error().message,
            "open " + path.string() + ": no such file");
}

}  // namespace
}  // namespace treesmith
