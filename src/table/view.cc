#include "table/view.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/file.h"
#include "table/byte_source.h"
#include "table/csv_scan.h"
#include "table/row_writer.h"

namespace treesmith {
namespace {

constexpr char kKeySeparator = '\x1f';

// The columns of `table` named by the task's ids; empty unless it has all.
std::vector<int> IdColumns(const Task& task, const Table& table) {
  std::vector<int> columns;
  for (const std::string& name : task.id) {
    const auto column = table.FindColumn(name);
    if (!column) return {};
    columns.push_back(*column);
  }
  return columns;
}

std::string KeyOf(const Table& table, int64_t row,
                  const std::vector<int>& columns) {
  std::string key;
  std::string scratch;
  for (const int column : columns) {
    if (column != columns.front()) key += kKeySeparator;
    key += CanonicalValue(table.Text(row, column, scratch));
  }
  return key;
}

std::vector<std::string> KeysOf(const Table& table,
                                const std::vector<int>& columns) {
  std::vector<std::string> keys;
  keys.reserve(static_cast<size_t>(table.rows()));
  for (int64_t row = 0; row < table.rows(); ++row) {
    keys.push_back(KeyOf(table, row, columns));
  }
  return keys;
}

bool AllDistinct(const std::vector<std::string>& keys) {
  std::unordered_set<std::string_view> seen;
  return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return seen.insert(key).second;
  });
}

// True where hidden rows cannot keep train's ids: train has none, or both files
// number their rows by themselves and meet.
bool NeedsFreshIds(const Task& task, const TaskTables& tables) {
  if (task.id.empty() || !tables.test) return false;
  const auto in_train = IdColumns(task, tables.train);
  const auto in_test = IdColumns(task, *tables.test);
  if (in_test.empty()) return false;
  if (in_train.empty()) return true;
  const auto test_keys = KeysOf(*tables.test, in_test);
  const auto train_keys = KeysOf(tables.train, in_train);
  const std::unordered_set<std::string_view> known(test_keys.begin(),
                                                   test_keys.end());
  // Ids that repeat name something else than the row; they keep their meaning.
  if (known.size() < test_keys.size()) return false;
  const bool meet =
      std::any_of(train_keys.begin(), train_keys.end(),
                  [&](const std::string& key) { return known.contains(key); });
  return meet && AllDistinct(train_keys);
}

// Ids like those of the real test: its own, in its order, then further ones of
// the same form with greater numbers at their end.
class FreshIds {
 public:
  FreshIds(const Table& test, int column) : test_(test), column_(column) {
    for (int64_t row = 0; row < test.rows(); ++row) {
      const std::string text = test.Text(row, column);
      const auto [stem, number] = Split(text);
      if (row == 0) stem_ = stem;
      greatest_ = std::max(greatest_, number);
    }
  }
  std::string Text(int64_t at) const {
    if (at < test_.rows()) return test_.Text(at, column_);
    return stem_ + std::to_string(greatest_ + 1 + at - test_.rows());
  }

 private:
  static std::pair<std::string, int64_t> Split(const std::string& text) {
    const size_t end = text.find_last_not_of("0123456789");
    const size_t digits = end == std::string::npos ? 0 : end + 1;
    int64_t number = 0;
    std::from_chars(text.data() + digits, text.data() + text.size(), number);
    return {text.substr(0, digits), number};
  }
  const Table& test_;
  int column_;
  std::string stem_;
  int64_t greatest_ = 0;
};

// Where a cell of a written row comes from.
struct Source {
  // Column of train; absent: train has no such column.
  std::optional<int> column;
  // Position among the task's ids; set for an id column.
  std::optional<size_t> id;
};

std::optional<size_t> IdPosition(const Task& task, const std::string& name) {
  for (size_t i = 0; i < task.id.size(); ++i) {
    if (FoldName(task.id[i]) == FoldName(name)) return i;
  }
  return std::nullopt;
}

// Writes the files of one view or of the refit.
class ViewWriter {
 public:
  ViewWriter(const Task& task, const TaskTables& tables, const Target& target,
             const std::filesystem::path& folder)
      : task_(task), tables_(tables), target_(target), folder_(folder) {
    if (NeedsFreshIds(task, tables)) {
      for (const int column : IdColumns(task, *tables.test)) {
        fresh_.emplace_back(*tables.test, column);
      }
    }
  }

  Status Train(const std::vector<int32_t>& rows,
               std::span<const uint8_t> sample,
               std::span<const int32_t> donors) const {
    RowWriter writer(FormOf(tables_.train), tables_.train.columns());
    writer.Header(tables_.train.header());
    for (const int32_t row : rows) {
      if (!sample.empty() && sample[static_cast<size_t>(row)] == 0) continue;
      const int32_t donor =
          donors.empty() ? row : donors[static_cast<size_t>(row)];
      if (donor == row) {
        writer.WholeRow(tables_.train.Row(row));
      } else {
        MixedRow(row, donor, writer);
      }
    }
    return Write(UnpackedName(task_.train), std::move(writer).Finish());
  }

  Status Test(const std::vector<int32_t>& hidden) const {
    const Table& like = tables_.test ? *tables_.test : tables_.train;
    std::vector<Source> sources;
    std::vector<std::string> names;
    for (const std::string& name : like.columns()) {
      if (HasName(target_.names, name)) continue;
      sources.push_back(
          {tables_.train.FindColumn(name), IdPosition(task_, name)});
      names.push_back(name);
    }
    const RowForm form = FormOf(like);
    RowWriter writer(form, names);
    writer.Header(tables_.test ? std::string(like.header())
                               : HeaderOf(names, form));
    std::string scratch;
    for (size_t at = 0; at < hidden.size(); ++at) {
      writer.BeginRow();
      for (size_t i = 0; i < sources.size(); ++i) {
        writer.Cell(i, TestCell(sources[i], hidden[at],
                                static_cast<int64_t>(at), form, scratch));
      }
      writer.EndRow();
    }
    return Write(TestName(task_), std::move(writer).Finish());
  }

  // `rows` of train, or of the real test where it is absent.
  [[nodiscard]] std::string Sample(const std::vector<int32_t>* hidden) const {
    const std::vector<std::string> names = SampleColumns();
    const RowForm form = tables_.sample ? FormOf(*tables_.sample) : RowForm{};
    RowWriter writer(form, names);
    writer.Header(tables_.sample ? std::string(tables_.sample->header())
                                 : HeaderOf(names, form));
    const auto rows = hidden != nullptr ? static_cast<int64_t>(hidden->size())
                                        : tables_.test->rows();
    const std::vector<std::string> constants = Constants(names, form);
    std::string scratch;
    for (int64_t at = 0; at < rows; ++at) {
      writer.BeginRow();
      for (size_t i = 0; i < names.size(); ++i) {
        const auto id = IdPosition(task_, names[i]);
        writer.Cell(i, id ? SampleId(*id, hidden, at, form, scratch)
                          : std::string_view(constants[i]));
      }
      writer.EndRow();
    }
    return std::move(writer).Finish();
  }

  Status Write(const std::string& name, const std::string& bytes) const {
    const auto path = folder_ / name;
    if (path.parent_path() != folder_) TRY(MakeFolders(path.parent_path()));
    return WriteFile(path, bytes);
  }

  // Texts of the ids of hidden row number `at`, from train or fresh.
  [[nodiscard]] std::string IdText(size_t id, int32_t row, int64_t at) const {
    if (id < fresh_.size()) return fresh_[id].Text(at);
    const auto column = tables_.train.FindColumn(task_.id[id]);
    return column ? tables_.train.Text(row, *column) : std::to_string(at);
  }

 private:
  // The row with the donor's cells in the columns that only train has.
  void MixedRow(int32_t row, int32_t donor, RowWriter& writer) const {
    const std::vector<std::string>& names = tables_.train.columns();
    writer.BeginRow();
    for (size_t i = 0; i < names.size(); ++i) {
      const bool given = HasName(target_.names, names[i]) ||
                         (tables_.test && !tables_.test->FindColumn(names[i]));
      writer.Cell(i,
                  tables_.train.Raw(given ? donor : row, static_cast<int>(i)));
    }
    writer.EndRow();
  }

  std::string_view TestCell(const Source& source, int32_t row, int64_t at,
                            const RowForm& form, std::string& scratch) const {
    if (source.id && *source.id < fresh_.size()) {
      return FreshCell(*source.id, row, at, form, scratch);
    }
    if (!source.column) return {};
    return CellOf(tables_.train, row, *source.column, form, scratch);
  }

  std::string_view FreshCell(size_t id, int32_t row, int64_t at,
                             const RowForm& form, std::string& scratch) const {
    const Table& test = *tables_.test;
    const int column = *test.FindColumn(task_.id[id]);
    if (at < test.rows()) return CellOf(test, at, column, form, scratch);
    scratch = IdText(id, row, at);
    // Further ids are quoted as the first one is.
    const bool quoted = test.rows() > 0 && test.Raw(0, column).starts_with('"');
    scratch = quoted ? '"' + scratch + '"' : QuoteCell(scratch, form.delimiter);
    return scratch;
  }

  std::string_view SampleId(size_t id, const std::vector<int32_t>* hidden,
                            int64_t at, const RowForm& form,
                            std::string& scratch) const {
    if (hidden == nullptr) {
      const auto column = tables_.test->FindColumn(task_.id[id]);
      if (column) return CellOf(*tables_.test, at, *column, form, scratch);
      scratch = std::to_string(at);
      return scratch;
    }
    const int32_t row = (*hidden)[static_cast<size_t>(at)];
    if (id < fresh_.size()) return FreshCell(id, row, at, form, scratch);
    if (const auto column = tables_.train.FindColumn(task_.id[id])) {
      return CellOf(tables_.train, row, *column, form, scratch);
    }
    scratch = std::to_string(at);
    return scratch;
  }

  [[nodiscard]] std::vector<std::string> SampleColumns() const {
    if (tables_.sample) return tables_.sample->columns();
    std::vector<std::string> names = task_.id;
    const auto& predicted = target_.kind == SubmissionKind::kClassColumns
                                ? target_.class_columns
                                : target_.names;
    names.insert(names.end(), predicted.begin(), predicted.end());
    return names;
  }

  // The sample's own first values; without one a number, or the first class.
  [[nodiscard]] std::vector<std::string> Constants(
      const std::vector<std::string>& names, const RowForm& form) const {
    std::vector<std::string> constants(names.size());
    for (size_t i = 0; i < names.size(); ++i) {
      if (tables_.sample && tables_.sample->rows() > 0) {
        constants[i] = tables_.sample->Raw(0, static_cast<int>(i));
      } else if (target_.kind == SubmissionKind::kLabel ||
                 target_.kind == SubmissionKind::kLabelList) {
        constants[i] = CellFromText(target_.classes.front(), form);
      } else if (target_.kind == SubmissionKind::kValue) {
        constants[i] = "0";
      } else {
        constants[i] = "0.5";
      }
    }
    return constants;
  }

  const Task& task_;
  const TaskTables& tables_;
  const Target& target_;
  const std::filesystem::path& folder_;
  std::vector<FreshIds> fresh_;
};

// Names of the ids in a submission: as the sample spells them.
std::vector<std::string> SubmissionIds(const Task& task,
                                       const TaskTables& tables) {
  std::vector<std::string> names;
  for (const std::string& id : task.id) {
    const auto column =
        tables.sample ? tables.sample->FindColumn(id) : std::nullopt;
    if (column) {
      names.push_back(tables.sample->columns()[static_cast<size_t>(*column)]);
    } else if (!tables.sample) {
      names.push_back(id);
    }
  }
  return names;
}

// Without id columns in the submission, rows match by position.
RowKeys MakeKeys(const Task& task, const TaskTables& tables,
                 std::vector<std::string> keys) {
  RowKeys made{SubmissionIds(task, tables), std::move(keys), true};
  made.unique = !made.id_columns.empty() && AllDistinct(made.keys);
  return made;
}

}  // namespace

std::string SampleName(const Task& task) {
  return task.sample_submission.empty() ? "sample_submission.csv"
                                        : UnpackedName(task.sample_submission);
}

std::string TestName(const Task& task) {
  if (!task.test.empty()) return UnpackedName(task.test);
  return "test" +
         std::filesystem::path(UnpackedName(task.train)).extension().string();
}

Status WriteView(const Task& task, const TaskTables& tables,
                 const Target& target, const FoldPlan& plan, int unit,
                 const std::filesystem::path& folder,
                 std::span<const uint8_t> sample,
                 std::span<const int32_t> donors) {
  const ViewWriter writer(task, tables, target, folder);
  const std::vector<int32_t> hidden = plan.HiddenRows(unit);
  TRY(writer.Train(plan.TrainRows(unit), sample, donors));
  TRY(writer.Test(hidden));
  return writer.Write(SampleName(task), writer.Sample(&hidden));
}

std::string SampleText(const Task& task, const TaskTables& tables,
                       const Target& target) {
  const std::filesystem::path nowhere;
  return ViewWriter(task, tables, target, nowhere).Sample(nullptr);
}

std::vector<RowKeys> KeysOfUnits(const Task& task, const TaskTables& tables,
                                 const FoldPlan& plan) {
  const std::filesystem::path nowhere;
  const Target none;
  const ViewWriter writer(task, tables, none, nowhere);
  std::vector<RowKeys> units;
  for (int unit = 0; unit < plan.units(); ++unit) {
    const std::vector<int32_t> hidden = plan.HiddenRows(unit);
    std::vector<std::string> keys;
    keys.reserve(hidden.size());
    for (size_t at = 0; at < hidden.size(); ++at) {
      std::string key;
      for (size_t id = 0; id < task.id.size(); ++id) {
        if (id > 0) key += kKeySeparator;
        key += CanonicalValue(
            writer.IdText(id, hidden[at], static_cast<int64_t>(at)));
      }
      keys.push_back(std::move(key));
    }
    units.push_back(MakeKeys(task, tables, std::move(keys)));
  }
  return units;
}

Status WriteRefitInputs(const Task& task, const TaskTables& tables,
                        const Target& target,
                        const std::filesystem::path& folder,
                        std::span<const uint8_t> sample) {
  if (!tables.test) return BadInput("write refit inputs: the task has no test");
  const ViewWriter writer(task, tables, target, folder);
  if (sample.empty()) {
    TRY(writer.Write(UnpackedName(task.train),
                     std::string(tables.train.bytes())));
  } else {
    std::vector<int32_t> all(static_cast<size_t>(tables.train.rows()));
    std::iota(all.begin(), all.end(), 0);
    TRY(writer.Train(all, sample, {}));
  }
  TRY(writer.Write(TestName(task), std::string(tables.test->bytes())));
  return writer.Write(SampleName(task),
                      tables.sample ? std::string(tables.sample->bytes())
                                    : writer.Sample(nullptr));
}

RowKeys KeysOfTest(const Task& task, const TaskTables& tables) {
  std::vector<std::string> keys;
  if (tables.test) {
    const auto columns = IdColumns(task, *tables.test);
    if (columns.empty()) {
      for (int64_t row = 0; row < tables.test->rows(); ++row) {
        keys.push_back(std::to_string(row));
      }
    } else {
      keys = KeysOf(*tables.test, columns);
    }
  }
  return MakeKeys(task, tables, std::move(keys));
}

}  // namespace treesmith
