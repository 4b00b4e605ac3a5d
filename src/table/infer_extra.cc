#include "table/infer_extra.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "table/csv_reader.h"
#include "table/csv_scan.h"
#include "table/infer_files.h"
#include "table/table.h"
#include "table/value.h"

namespace treesmith {
namespace {

// A key that takes away this much of what is open about a hidden column could
// as well be its rows' name: a file by that key may hold the answers.
constexpr double kTelling = 0.5;

// Rows of a table by their hash: of the keys, and of one other column.
using HashedRows = std::vector<std::pair<size_t, size_t>>;

// Rows that are guessed right when each key's commonest value is the guess.
// Sorts `rows`.
int64_t GuessedRight(HashedRows& rows) {
  std::ranges::sort(rows);
  int64_t right = 0;
  for (size_t key = 0; key < rows.size();) {
    int64_t most = 0;
    size_t at = key;
    while (at < rows.size() && rows[at].first == rows[key].first) {
      const size_t first = at;
      while (at < rows.size() && rows[at] == rows[first]) ++at;
      most = std::max(most, static_cast<int64_t>(at - first));
    }
    right += most;
    key = at;
  }
  return right;
}

// How well the keys tell a column of the table: 0 no better than its commonest
// value does, 1 wholly.
double Told(const Table& table, const std::vector<int>& keys, int column) {
  HashedRows by_key(static_cast<size_t>(table.rows()));
  HashedRows by_none(by_key.size());
  std::string scratch;
  std::string key;
  for (int64_t row = 0; row < table.rows(); ++row) {
    key.clear();
    for (const int one : keys) {
      key.append(table.Text(row, one, scratch)).push_back('\0');
    }
    const size_t value =
        std::hash<std::string_view>()(table.Text(row, column, scratch));
    by_key[static_cast<size_t>(row)] = {std::hash<std::string>()(key), value};
    by_none[static_cast<size_t>(row)] = {0, value};
  }
  const int64_t least = GuessedRight(by_none);
  if (least == table.rows()) return 0;  // one value: nothing is hidden
  return static_cast<double>(GuessedRight(by_key) - least) /
         static_cast<double>(table.rows() - least);
}

class ExtraInference {
 public:
  ExtraInference(Task& task, const TaskTables& tables,
                 std::vector<InferenceReason>& reasons)
      : task_(task), tables_(tables), reasons_(reasons), hidden_(task.target) {
    if (!tables.test) return;
    for (const std::string& name : tables.train.columns()) {
      if (!tables.test->FindColumn(name)) hidden_.push_back(name);
    }
  }

  void Run() {
    if (task_.extra_stated || !task_.extra.empty()) return Warn();
    for (const std::string& name : OtherTables(task_)) Judge(name);
    task_.extra_stated = true;
  }

 private:
  void Warn() {
    for (const std::string& name : task_.extra) {
      if (const auto held = Held(ColumnsOf(name), hidden_)) {
        reasons_.push_back({"", "warning: extra " + name,
                            "it holds " + *held +
                                ", which test lacks: what scripts learn of "
                                "hidden rows there makes scores worthless"});
      }
    }
  }

  void Judge(const std::string& name) {
    const std::vector<std::string> columns = ColumnsOf(name);
    const auto leave_out = [&](std::string why) {
      reasons_.push_back({"", "left out " + name, std::move(why)});
    };
    if (const auto held = Held(columns, task_.target)) {
      return leave_out("it holds the target " + *held);
    }
    if (const auto held = Held(columns, hidden_)) {
      return leave_out("it holds " + *held + ", which test lacks");
    }
    std::vector<int> keys;
    std::string listed;
    for (const std::string& column : columns) {
      const auto at = tables_.train.FindColumn(column);
      if (!at) continue;
      keys.push_back(*at);
      listed += (listed.empty() ? "" : ", ") + column;
    }
    if (keys.empty()) return leave_out("it shares no column with train");
    const std::string hint =
        "; to show it all the same, list it as extra in task.toml";
    if (HasARowForEach(name)) {
      return leave_out("a row for each of the task's may tell hidden ones" +
                       hint);
    }
    for (const std::string& column : hidden_) {
      if (Told(tables_.train, keys, *tables_.train.FindColumn(column)) >=
          kTelling) {
        return leave_out("by " + listed + " it may tell " + column +
                         " of hidden rows" + hint);
      }
    }
    task_.extra.push_back(name);
    reasons_.push_back({"extra", name, "it shares " + listed + " with train"});
  }

  // The first of `columns` that is one of `wanted`.
  static std::optional<std::string> Held(
      const std::vector<std::string>& columns,
      const std::vector<std::string>& wanted) {
    for (const std::string& column : columns) {
      for (const std::string& other : wanted) {
        if (FoldName(other) == FoldName(column)) return column;
      }
    }
    return std::nullopt;
  }

  // Of the first line alone; JSON is not looked into and so never bound.
  std::vector<std::string> ColumnsOf(const std::string& name) {
    std::vector<std::string> columns;
    Result<CsvReader> reader = CsvReader::Open(task_.folder / name);
    CsvRecord record;
    if (FormatOfName(name) != TableFormat::kDelimited || !reader.ok()) {
      return columns;
    }
    const Result<bool> first = reader->Next(record);
    if (!first.ok() || !*first) return columns;
    std::string scratch;
    for (const std::string_view cell : record.cells) {
      columns.emplace_back(CellText(cell, scratch));
    }
    return columns;
  }

  // Whether its rows could be those of train, of test or of both, in order.
  bool HasARowForEach(const std::string& name) {
    const int64_t train = tables_.train.rows();
    const int64_t test = tables_.test ? tables_.test->rows() : 0;
    Result<CsvReader> reader = CsvReader::Open(task_.folder / name);
    if (!reader.ok()) return true;
    CsvRecord record;
    int64_t rows = -1;  // the header is none
    while (rows <= train + test) {
      const Result<bool> more = reader->Next(record);
      if (!more.ok()) return true;
      if (!*more) break;
      ++rows;
    }
    return rows > 0 && (rows == train || rows == test || rows == train + test);
  }

  Task& task_;
  const TaskTables& tables_;
  std::vector<InferenceReason>& reasons_;
  // Columns that test lacks, the target first.
  std::vector<std::string> hidden_;
};

}  // namespace

void InferExtra(Task& task, const TaskTables& tables,
                std::vector<InferenceReason>& reasons) {
  ExtraInference(task, tables, reasons).Run();
}

}  // namespace treesmith
