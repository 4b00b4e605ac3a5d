// Table: one data file, whole and unpacked in memory, its cells indexed.
//
// Every cell is kept as the bytes it had, so that a view of the data copies
// them and never re-serialises. Columns of a JSON file are the keys of its
// objects in order of first appearance; a key that an object lacks is an empty
// raw cell. Memory: the file and 4 bytes (JSON: 8) a cell. Immutable once read:
// any number of threads may look.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/value.h"

namespace treesmith {

enum class TableFormat { kDelimited, kJsonArray, kJsonLines };

// By the name, .gz not counted: .json, .jsonl and .ndjson, else delimited. Of
// .json the content decides between an array and lines.
TableFormat FormatOfName(std::string_view name);

class Table {
 public:
  // BadInput with the line: a row with more or fewer cells than the header, an
  // open quote, JSON that is not an array of objects; a file without a header.
  static Result<Table> Read(const std::filesystem::path& path);
  // `name` gives the format and is what errors call it.
  static Result<Table> Parse(std::string bytes, std::string name);

  [[nodiscard]] TableFormat format() const { return format_; }
  // Of delimited files.
  [[nodiscard]] char delimiter() const { return delimiter_; }
  // "\n" or "\r\n": what the header ends with.
  [[nodiscard]] std::string_view line_end() const { return line_end_; }
  // The whole file, unpacked.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  // The header line with its byte order mark, without the line end.
  [[nodiscard]] std::string_view header() const;

  [[nodiscard]] int64_t rows() const {
    return static_cast<int64_t>(row_begin_.size());
  }
  // Names, unquoted.
  [[nodiscard]] const std::vector<std::string>& columns() const {
    return columns_;
  }
  // Exact name first, else by case and surrounding space ignored.
  [[nodiscard]] std::optional<int> FindColumn(std::string_view name) const;

  // The record without its line end; of JSON the object.
  [[nodiscard]] std::string_view Row(int64_t row) const;
  // The cell with its quotes; of JSON the value's text.
  [[nodiscard]] std::string_view Raw(int64_t row, int column) const;
  // What the cell says; empty for JSON null. Borrows from the table or from
  // `scratch`, which it may overwrite.
  [[nodiscard]] std::string_view Text(int64_t row, int column,
                                      std::string& scratch) const;
  [[nodiscard]] std::string Text(int64_t row, int column) const;
  // As numbers: NaN for a missing word and for what is no number; JSON true and
  // false are 1 and 0.
  [[nodiscard]] std::vector<double> Numbers(int column) const;

 private:
  friend class TableParser;
  Table() = default;

  TableFormat format_ = TableFormat::kDelimited;
  char delimiter_ = ',';
  std::string line_end_ = "\n";
  std::string bytes_;
  size_t header_size_ = 0;
  std::vector<std::string> columns_;
  // Offsets into bytes_; sizes without the line end.
  std::vector<size_t> row_begin_;
  std::vector<uint32_t> row_size_;
  // Delimited: end of each cell within its row. JSON: begin and end.
  std::vector<uint32_t> cells_;
};

}  // namespace treesmith
