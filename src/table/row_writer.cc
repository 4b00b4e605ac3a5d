#include "table/row_writer.h"

#include <utility>

#include "table/csv_scan.h"
#include "table/json_records.h"

namespace treesmith {

RowForm FormOf(const Table& table) {
  return {table.format(), table.delimiter(), std::string(table.line_end())};
}

std::string CellFromText(std::string_view text, const RowForm& form) {
  return form.format == TableFormat::kDelimited
             ? QuoteCell(text, form.delimiter)
             : QuoteJson(text);
}

std::string_view CellOf(const Table& table, int64_t row, int column,
                        const RowForm& form, std::string& scratch) {
  const std::string_view raw = table.Raw(row, column);
  if (table.format() == TableFormat::kDelimited
          ? form.format == TableFormat::kDelimited &&
                (form.delimiter == table.delimiter() || raw.starts_with('"') ||
                 raw.find(form.delimiter) == std::string_view::npos)
          : form.format != TableFormat::kDelimited) {
    return raw;
  }
  std::string text;
  scratch = CellFromText(table.Text(row, column, text), form);
  return scratch;
}

RowWriter::RowWriter(RowForm form, std::vector<std::string> columns)
    : form_(std::move(form)), columns_(std::move(columns)) {
  if (form_.format == TableFormat::kJsonArray) out_ = "[";
}

void RowWriter::Header(std::string_view header) {
  if (form_.format != TableFormat::kDelimited) return;
  out_ += header;
  out_ += form_.line_end;
}

void RowWriter::BeginRow() {
  if (form_.format == TableFormat::kDelimited) return;
  if (form_.format == TableFormat::kJsonArray) {
    out_ += rows_++ == 0 ? "\n" : ",\n";
  }
  out_ += '{';
}

void RowWriter::Cell(size_t column, std::string_view cell) {
  if (form_.format == TableFormat::kDelimited) {
    if (column > 0) out_ += form_.delimiter;
    out_ += cell;
    return;
  }
  if (cell.empty()) return;
  if (out_.back() != '{') out_ += ", ";
  out_ += QuoteJson(columns_[column]);
  out_ += ": ";
  out_ += cell;
}

void RowWriter::EndRow() {
  if (form_.format != TableFormat::kDelimited) out_ += '}';
  if (form_.format != TableFormat::kJsonArray) out_ += form_.line_end;
}

void RowWriter::WholeRow(std::string_view row) {
  if (form_.format == TableFormat::kJsonArray) {
    out_ += rows_++ == 0 ? "\n" : ",\n";
  }
  out_ += row;
  if (form_.format != TableFormat::kJsonArray) out_ += form_.line_end;
}

std::string RowWriter::Finish() && {
  if (form_.format == TableFormat::kJsonArray) out_ += "\n]\n";
  return std::move(out_);
}

std::string HeaderOf(const std::vector<std::string>& names,
                     const RowForm& form) {
  std::string header;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) header += form.delimiter;
    header += QuoteCell(names[i], form.delimiter);
  }
  return header;
}

}  // namespace treesmith
