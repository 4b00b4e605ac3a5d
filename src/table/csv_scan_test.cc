#include "table/csv_scan.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace treesmith {
namespace {

// The grammar told one byte at a time: what the scanner must agree with.
std::vector<size_t> SlowEnds(std::string_view text) {
  enum { kStart, kPlain, kQuoted, kClosing } state = kStart;
  std::vector<size_t> ends;
  for (size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (state == kQuoted) {
      if (byte == '"') state = kClosing;
    } else if (byte == '\n') {
      ends.push_back(i + 1);
      state = kStart;
    } else if (byte == ',') {
      state = kStart;
    } else if (byte == '"' && (state == kStart || state == kClosing)) {
      state = kQuoted;
    } else {
      state = kPlain;
    }
  }
  return ends;
}

std::vector<std::string> Cells(std::string_view record) {
  std::vector<std::string_view> raw;
  SplitCells(record, ',', raw);
  std::vector<std::string> cells;
  cells.reserve(raw.size());
  std::string scratch;
  for (const auto cell : raw) cells.emplace_back(CellText(cell, scratch));
  return cells;
}

RC_GTEST_PROP(RecordScannerTest, AgreesWithTheGrammarHoweverTheTextIsCut, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(
          rc::gen::elementOf(std::string("ab,\"\"\n\r\n"))));
  std::string text;
  RecordScanner scanner(',');
  std::vector<size_t> ends;
  for (const std::string& piece : pieces) {
    const size_t first_new = ends.size();
    scanner.FindEnds(piece, ends);
    for (size_t i = first_new; i < ends.size(); ++i) ends[i] += text.size();
    text += piece;
  }
  RC_ASSERT(ends == SlowEnds(text));
}

TEST(RecordScannerTest, FindsEndsFarIntoLongTexts) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text +=
        std::to_string(i) + ",\"a\n\"\"" + std::string(i % 90, 'x') + "\"\r\n";
  }
  RecordScanner scanner(',');
  std::vector<size_t> ends;
  scanner.FindEnds(text, ends);
  EXPECT_EQ(ends, SlowEnds(text));
  EXPECT_EQ(scanner.records(), 1000);
  EXPECT_FALSE(scanner.in_quotes());
}

TEST(RecordScannerTest, CountsTheLastLineWithoutItsEndAndNoBlankOnes) {
  RecordScanner scanner(',');
  scanner.Count("a,b\r\n\r\n1,2\n\n");
  scanner.Count("3,4");
  EXPECT_EQ(scanner.records(), 3);
}

TEST(RecordScannerTest, TakesAQuoteInsideACellAsAnOrdinaryByte) {
  RecordScanner scanner(',');
  scanner.Count("1,5\" disk\n2,3\" disk\n");
  EXPECT_EQ(scanner.records(), 2);
}

TEST(RecordScannerTest, KnowsOfAQuoteThatNeverEnds) {
  RecordScanner scanner(',');
  scanner.Count("a\n\"b\nc\n");
  EXPECT_TRUE(scanner.in_quotes());
}

TEST(SplitCellsTest, SeparatesQuotedAndPlainCells) {
  EXPECT_EQ(Cells(R"("a,b",c,,"d ""e""",5" f)"),
            (std::vector<std::string>{"a,b", "c", "", "d \"e\"", "5\" f"}));
}

TEST(SplitCellsTest, KeepsBytesBehindAClosingQuote) {
  EXPECT_EQ(Cells(R"("a"b,"")"), (std::vector<std::string>{"ab", ""}));
}

TEST(SplitCellsTest, GivesOneEmptyCellForAnEmptyRecord) {
  EXPECT_EQ(Cells(""), (std::vector<std::string>{""}));
}

RC_GTEST_PROP(QuoteCellTest, IsReadBackAsTheSameText,
              (const std::vector<std::string>& texts)) {
  RC_PRE(!texts.empty());
  std::string record;
  for (const auto& text : texts) {
    if (&text != &texts.front()) record += ',';
    record += QuoteCell(text, ',');
  }
  RC_ASSERT(Cells(record) == texts);
}

TEST(GuessDelimiterTest, PrefersTheCommaAndLooksPastQuotes) {
  EXPECT_EQ(GuessDelimiter("a,b;c;d"), ',');
  EXPECT_EQ(GuessDelimiter("\"a,b\";c"), ';');
  EXPECT_EQ(GuessDelimiter("a\tb"), '\t');
  EXPECT_EQ(GuessDelimiter("a"), ',');
}

}  // namespace
}  // namespace treesmith
