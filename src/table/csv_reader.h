// CsvReader: the records of a delimited file, one at a time, in bounded memory.
//
// gzip is unpacked, a byte order mark skipped, the delimiter taken from the
// first line (tab for .tsv). The reader does not ask that all records have as
// many cells as the header: Table does, a preview tells of it. See csv_scan.h
// for the grammar. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/byte_source.h"
#include "table/csv_scan.h"

namespace treesmith {

struct CsvRecord {
  // Borrowed from the reader until its next call; without the line end.
  std::string_view bytes;
  // Raw cells of `bytes`; CellText unquotes one.
  std::vector<std::string_view> cells;
  // Line of the file on which the record starts, from 1.
  int64_t line = 0;
};

class CsvReader {
 public:
  // BadInput: no such file. An empty file has no records.
  static Result<CsvReader> Open(const std::filesystem::path& path);

  // The next record (the header first), or false at the end. BadInput, with the
  // line: a quote that never ends, or a record of more than 64 MiB.
  Result<bool> Next(CsvRecord& record);

  [[nodiscard]] char delimiter() const { return delimiter_; }

 private:
  CsvReader(ByteSource source, std::string name);
  // Reads one more chunk behind what is left; finds its record ends.
  Status Fill();

  ByteSource source_;
  std::string name_;
  char delimiter_ = ',';
  RecordScanner scanner_{','};
  std::string buffer_;
  // Start of the next record in `buffer_`.
  size_t begin_ = 0;
  // Ends of records in `buffer_`, from `next_end_` on not yet given out.
  std::vector<size_t> ends_;
  size_t next_end_ = 0;
  int64_t line_ = 1;
  bool at_end_ = false;
  bool started_ = false;
};

}  // namespace treesmith
