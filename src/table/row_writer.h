// RowWriter: rows of cells as a file of one form, cells as they stand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "table/table.h"

namespace treesmith {

// How cells and rows are put into a file.
struct RowForm {
  TableFormat format = TableFormat::kDelimited;
  char delimiter = ',';
  std::string line_end = "\n";
};

RowForm FormOf(const Table& table);

std::string CellFromText(std::string_view text, const RowForm& form);

// The cell as it stands, or said anew where the two files have unlike forms.
// Borrows from the table or from `scratch`.
std::string_view CellOf(const Table& table, int64_t row, int column,
                        const RowForm& form, std::string& scratch);

class RowWriter {
 public:
  RowWriter(RowForm form, std::vector<std::string> columns);

  // The header line without its end; nothing for JSON.
  void Header(std::string_view header);
  void BeginRow();
  // In the columns' order. An absent JSON value is left out.
  void Cell(size_t column, std::string_view cell);
  void EndRow();
  // A row that stands in the same form already.
  void WholeRow(std::string_view row);
  std::string Finish() &&;

 private:
  RowForm form_;
  std::vector<std::string> columns_;
  std::string out_;
  int64_t rows_ = 0;
};

// The names as a header line.
std::string HeaderOf(const std::vector<std::string>& names,
                     const RowForm& form);

}  // namespace treesmith
