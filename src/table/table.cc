#include "table/table.h"

#include <algorithm>
#include <limits>

#include "table/byte_source.h"
#include "table/csv_scan.h"
#include "table/json_records.h"
#include "table/table_parser.h"
#include "table/value.h"

namespace treesmith {

TableFormat FormatOfName(std::string_view name) {
  const std::string plain = UnpackedName(name);
  if (plain.ends_with(".jsonl") || plain.ends_with(".ndjson")) {
    return TableFormat::kJsonLines;
  }
  return plain.ends_with(".json") ? TableFormat::kJsonArray
                                  : TableFormat::kDelimited;
}

Result<Table> Table::Read(const std::filesystem::path& path) {
  TRY_ASSIGN(std::string bytes, ReadUnpacked(path));
  return Parse(std::move(bytes), path.string());
}

Result<Table> Table::Parse(std::string bytes, std::string name) {
  return TableParser(std::move(bytes), std::move(name)).Run();
}

std::string_view Table::header() const {
  return std::string_view(bytes_).substr(0, header_size_);
}

std::optional<int> Table::FindColumn(std::string_view name) const {
  const auto exact = std::find(columns_.begin(), columns_.end(), name);
  if (exact != columns_.end()) {
    return static_cast<int>(exact - columns_.begin());
  }
  const std::string wanted = FoldName(name);
  const auto folded = std::find_if(
      columns_.begin(), columns_.end(),
      [&](const std::string& at) { return FoldName(at) == wanted; });
  if (folded == columns_.end()) return std::nullopt;
  return static_cast<int>(folded - columns_.begin());
}

std::string_view Table::Row(int64_t row) const {
  const auto at = static_cast<size_t>(row);
  return std::string_view(bytes_).substr(row_begin_[at], row_size_[at]);
}

std::string_view Table::Raw(int64_t row, int column) const {
  const size_t width = columns_.size();
  const size_t at =
      static_cast<size_t>(row) * width + static_cast<size_t>(column);
  if (format_ == TableFormat::kDelimited) {
    const size_t begin = column == 0 ? 0 : size_t{cells_[at - 1]} + 1;
    return Row(row).substr(begin, cells_[at] - begin);
  }
  return Row(row).substr(cells_[2 * at], cells_[2 * at + 1] - cells_[2 * at]);
}

std::string_view Table::Text(int64_t row, int column,
                             std::string& scratch) const {
  const std::string_view raw = Raw(row, column);
  return format_ == TableFormat::kDelimited ? CellText(raw, scratch)
                                            : JsonText(raw, scratch);
}

std::string Table::Text(int64_t row, int column) const {
  std::string scratch;
  return std::string(Text(row, column, scratch));
}

std::vector<double> Table::Numbers(int column) const {
  std::vector<double> numbers(static_cast<size_t>(rows()));
  std::string scratch;
  for (int64_t row = 0; row < rows(); ++row) {
    const std::string_view raw = Raw(row, column);
    std::optional<double> number;
    if (format_ != TableFormat::kDelimited &&
        (raw == "true" || raw == "false")) {
      number = raw == "true" ? 1 : 0;
    } else {
      number = ParseNumber(Text(row, column, scratch));
    }
    numbers[static_cast<size_t>(row)] =
        number.value_or(std::numeric_limits<double>::quiet_NaN());
  }
  return numbers;
}

}  // namespace treesmith
