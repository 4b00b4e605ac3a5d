#include "table/table_parser.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "table/byte_source.h"
#include "table/csv_scan.h"
#include "table/json_records.h"

namespace treesmith {
namespace {

constexpr size_t kLongestRow = std::numeric_limits<uint32_t>::max();

}  // namespace

TableParser::TableParser(std::string bytes, std::string name)
    : name_(std::move(name)) {
  table_.bytes_ = std::move(bytes);
  table_.format_ = FormatOfName(name_);
}

Result<Table> TableParser::Run() {
  const size_t first = table_.bytes_.find_first_of("[{");
  if (table_.format_ == TableFormat::kJsonArray && first != std::string::npos &&
      table_.bytes_[first] == '{') {
    table_.format_ = TableFormat::kJsonLines;
  }
  if (table_.format_ == TableFormat::kDelimited) {
    TRY(ParseDelimited());
  } else {
    TRY(ParseJson());
  }
  return std::move(table_);
}

Error TableParser::At(size_t offset, const std::string& cause) const {
  const auto* begin = table_.bytes_.data();
  const auto line = 1 + std::count(begin, begin + offset, '\n');
  return BadInput("read " + name_ + ": line " + std::to_string(line) + " " +
                  cause);
}

Status TableParser::ParseHeader(std::string_view header) {
  table_.header_size_ =
      static_cast<size_t>(header.data() - table_.bytes_.data()) + header.size();
  SplitCells(header, table_.delimiter_, cells_);
  std::string scratch;
  for (const std::string_view cell : cells_) {
    table_.columns_.emplace_back(CellText(cell, scratch));
  }
  return {};
}

Status TableParser::AddRow(size_t begin, std::string_view record) {
  if (record.size() >= kLongestRow) {
    return At(begin, "starts a record of more than 4 GiB");
  }
  SplitCells(record, table_.delimiter_, cells_);
  const size_t width = table_.columns_.size();
  if (cells_.size() != width) {
    return At(begin, "has " + std::to_string(cells_.size()) +
                         " cells, the header " + std::to_string(width));
  }
  table_.row_begin_.push_back(begin);
  table_.row_size_.push_back(static_cast<uint32_t>(record.size()));
  uint32_t end = 0;
  for (const std::string_view cell : cells_) {
    end += static_cast<uint32_t>(cell.size());
    table_.cells_.push_back(end++);
  }
  return {};
}

Status TableParser::ParseDelimited() {
  const std::string_view text = table_.bytes_;
  const size_t start = text.starts_with(kByteOrderMark) ? 3 : 0;
  const std::string_view body = text.substr(start);
  const std::string_view first = body.substr(0, body.find('\n'));
  table_.delimiter_ =
      UnpackedName(name_).ends_with(".tsv") ? '\t' : GuessDelimiter(first);
  if (first.ends_with('\r')) table_.line_end_ = "\r\n";
  RecordScanner scanner(table_.delimiter_);
  std::vector<size_t> ends;
  scanner.FindEnds(body, ends);
  if (ends.empty() || ends.back() != body.size()) ends.push_back(body.size());
  size_t begin = 0;
  bool header = true;
  for (const size_t end : ends) {
    const size_t from = std::exchange(begin, end);
    const std::string_view record = StripLineEnd(body.substr(from, end - from));
    if (record.empty()) continue;
    if (end == body.size() && scanner.in_quotes()) {
      return At(start + from, "opens a quote that never ends");
    }
    if (std::exchange(header, false)) {
      TRY(ParseHeader(record));
      const auto rows = static_cast<size_t>(scanner.records());
      table_.row_begin_.reserve(rows);
      table_.row_size_.reserve(rows);
      table_.cells_.reserve(rows * table_.columns_.size());
    } else {
      TRY(AddRow(start + from, record));
    }
  }
  if (header) return BadInput("read " + name_ + ": the file is empty");
  return {};
}

Status TableParser::ParseJson() {
  JsonRecords records;
  size_t where = 0;
  const std::string cause = FindJsonRecords(table_.bytes_, records, where);
  if (!cause.empty()) return At(where, cause);
  if (records.rows.empty()) {
    return BadInput("read " + name_ + ": the file holds no records");
  }
  const size_t width = records.keys.size();
  table_.columns_ = std::move(records.keys);
  table_.cells_.assign(records.rows.size() * width * 2, 0);
  for (size_t row = 0; row < records.rows.size(); ++row) {
    const JsonSpan& whole = records.rows[row];
    if (whole.end - whole.begin >= kLongestRow) {
      return At(whole.begin, "starts a record of more than 4 GiB");
    }
    table_.row_begin_.push_back(whole.begin);
    table_.row_size_.push_back(static_cast<uint32_t>(whole.end - whole.begin));
  }
  for (const JsonMember& member : records.members) {
    const size_t begin = records.rows[member.row].begin;
    uint32_t* cell = &table_.cells_[(member.row * width + member.key) * 2];
    cell[0] = static_cast<uint32_t>(member.value.begin - begin);
    cell[1] = static_cast<uint32_t>(member.value.end - begin);
  }
  return {};
}

}  // namespace treesmith
