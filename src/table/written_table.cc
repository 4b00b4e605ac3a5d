#include "table/written_table.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "table/csv_scan.h"

namespace treesmith {
namespace {

constexpr int64_t kSpareBytes = int64_t{64} << 20;
// Seventeen digits and a long name fit many times.
constexpr int64_t kCellBytes = 256;
// A file of somewhat too many rows or columns is told of in better words by
// whoever looks for the right ones.
constexpr int64_t kSpareRows = 1000;
constexpr int64_t kSpareColumns = 1000;
constexpr std::string_view kGzipMagic = "\x1f\x8b";

// How many there are, where there are too many; nothing else is ever made of
// so large a file.
Status CheckShape(std::string_view text, const std::string& name,
                  const ExpectedTable& expected) {
  const std::string_view first = text.substr(0, text.find('\n'));
  const char delimiter = GuessDelimiter(first);
  const auto columns =
      1 + static_cast<int64_t>(std::ranges::count(first, delimiter));
  if (columns > 2 * expected.columns + kSpareColumns) {
    return BadInput("read " + name + ": it has " + std::to_string(columns) +
                    " columns, " + std::to_string(expected.columns) +
                    " are expected");
  }
  RecordScanner scanner(delimiter);
  scanner.Count(text);
  const int64_t rows = scanner.records() - 1;
  if (rows > 2 * expected.rows + kSpareRows) {
    return BadInput("read " + name + ": it has " + std::to_string(rows) +
                    " rows, " + std::to_string(expected.rows) +
                    " are expected");
  }
  return {};
}

}  // namespace

int64_t ExpectedTable::most_bytes() const {
  return kSpareBytes + rows * columns * kCellBytes;
}

Result<Table> ReadWritten(const std::filesystem::path& path,
                          const ExpectedTable& expected) {
  const std::string name = path.filename().string();
  std::error_code code;
  const auto size =
      static_cast<int64_t>(std::filesystem::file_size(path, code));
  if (!code && size > expected.most_bytes()) {
    return BadInput("read " + name + ": its " + std::to_string(size) +
                    " bytes are more than " + std::to_string(expected.rows) +
                    " rows can need");
  }
  TRY_ASSIGN(std::string bytes, ReadFile(path));
  if (bytes.starts_with(kGzipMagic)) {
    return BadInput("read " + name + ": it is gzip data, not plain text");
  }
  if (FormatOfName(name) == TableFormat::kDelimited) {
    TRY(CheckShape(bytes, name, expected));
  }
  return Table::Parse(std::move(bytes), name);
}

}  // namespace treesmith
