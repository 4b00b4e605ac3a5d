#include "table/new_rows.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "table/profile_cell.h"
#include "table/profile_data.h"
#include "table/row_writer.h"
#include "table/submission_checker.h"
#include "table/value.h"
#include "table/view.h"

namespace treesmith {

std::vector<std::string> TextAmongNumbers(const Table& train,
                                          const Table& rows) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < rows.columns().size(); ++i) {
    const std::string& name = rows.columns()[i];
    const std::optional<int> in_train = train.FindColumn(name);
    if (!in_train) continue;
    const DataColumn given = ReadColumn(rows, static_cast<int>(i));
    if (given.numeric || given.values.empty()) continue;
    if (!ReadColumn(train, *in_train).numeric) continue;
    const auto text = std::ranges::find_if(
        given.values,
        [](const std::string& value) { return !ParseNumberCell(value); });
    lines.push_back("column " + name + ": '" + *text +
                    "' is no number, and train has numbers only");
  }
  return lines;
}

Result<TaskTables> WithNewRows(const Task& task, TaskTables tables,
                               const Target& target, const Table& rows,
                               const std::string& file) {
  const std::string act = "read new rows " + file + ": ";
  if (rows.rows() == 0) return BadInput(act + "there are none");
  const Table& like = tables.test ? *tables.test : tables.train;
  std::vector<std::string> names;
  std::vector<int> sources;
  std::vector<std::string> missing;
  for (const std::string& name : like.columns()) {
    if (HasName(target.names, name)) continue;
    names.push_back(name);
    if (const auto column = rows.FindColumn(name)) {
      sources.push_back(*column);
    } else {
      missing.push_back(name);
    }
  }
  if (!missing.empty()) {
    return BadInput(
        act + (missing.size() == 1 ? "column " : "columns ") +
            ListWords(missing) + (missing.size() == 1 ? " is" : " are") +
            " missing",
        "it needs the columns of " +
            (tables.test ? task.test : task.train + " without the target"));
  }
  const RowForm form = FormOf(like);
  RowWriter writer(form, names);
  writer.Header(tables.test ? std::string(like.header())
                            : HeaderOf(names, form));
  std::string scratch;
  for (int64_t row = 0; row < rows.rows(); ++row) {
    writer.BeginRow();
    for (size_t i = 0; i < sources.size(); ++i) {
      writer.Cell(i, CellOf(rows, row, sources[i], form, scratch));
    }
    writer.EndRow();
  }
  TRY_ASSIGN(Table test,
             Table::Parse(std::move(writer).Finish(), TestName(task)));
  tables.test = std::move(test);
  if (tables.sample) {
    TRY_ASSIGN(Table sample, Table::Parse(SampleText(task, tables, target),
                                          SampleName(task)));
    tables.sample = std::move(sample);
  }
  return tables;
}

}  // namespace treesmith
