#include "table/target.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>
#include <utility>

#include "table/task_metric.h"

namespace treesmith {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// More distinct fractional numbers than this are no classes.
constexpr size_t kMostFractionalClasses = 100;

// "None" is a class in many files, not a gap.
bool IsGap(std::string_view text) {
  return text != "None" && IsMissingWord(text);
}

bool IsNumeric(std::string_view text) {
  const auto number = ParseNumber(text);
  return number && std::isfinite(*number);
}

// Columns of the sample that are neither id nor target.
std::vector<std::string> OtherSampleColumns(const Task& task,
                                            const TaskTables& tables) {
  std::vector<std::string> others;
  if (!tables.sample) return others;
  for (const std::string& column : tables.sample->columns()) {
    if (!HasName(task.id, column) && !HasName(task.target, column)) {
      others.push_back(column);
    }
  }
  return others;
}

size_t CommonPrefix(const std::vector<std::string>& words) {
  size_t size = words.front().size();
  for (const std::string& word : words) {
    const auto [at, end] = std::mismatch(
        word.begin(), word.end(), words.front().begin(),
        words.front().begin() + static_cast<std::ptrdiff_t>(size));
    size = static_cast<size_t>(at - word.begin());
  }
  return size;
}

// Reads the columns of one task; made for one call of ReadTarget.
class Reader {
 public:
  Reader(const Task& task, const TaskTables& tables, const Metric& metric)
      : task_(task),
        tables_(tables),
        rows_(tables.train.rows()),
        metric_(metric) {}

  Result<Target> Run() {
    TRY(FindColumns());
    const std::vector<std::string> others = OtherSampleColumns(task_, tables_);
    const bool classes = metric_.target() != TargetType::kNumber;
    if (classes) {
      TRY(ReadClasses());
      TRY(CheckClasses());
      if (target_.columns() == 1 && others.size() >= 2) {
        TRY(MatchClassColumns(others));
      }
    } else {
      TRY(ReadNumbers());
    }
    target_.kind = Kind(classes);
    target_.order_only = metric_.needs() == Needs::kOrder;
    if (target_.kind == SubmissionKind::kClassColumns &&
        target_.class_columns.empty()) {
      target_.class_columns = target_.classes;
    }
    for (int64_t row = 0; row < rows_; ++row) {
      if (target_.Labelled(row)) return std::move(target_);
    }
    return BadInput("read target " + task_.target.front() +
                    ": no row of train has a label");
  }

 private:
  Status FindColumns() {
    for (const std::string& name : task_.target) {
      const auto column = tables_.train.FindColumn(name);
      if (!column) {
        return BadInput("read target " + name + ": not a column of train");
      }
      columns_.push_back(*column);
      target_.names.push_back(
          tables_.train.columns()[static_cast<size_t>(*column)]);
    }
    if (columns_.empty()) return BadInput("read target: none is named");
    target_.values.assign(static_cast<size_t>(rows_) * columns_.size(), kNan);
    return {};
  }

  double& Cell(int64_t row, size_t at) {
    return target_.values[static_cast<size_t>(row) * columns_.size() + at];
  }

  Status ReadNumbers() {
    std::string scratch;
    for (int64_t row = 0; row < rows_; ++row) {
      for (size_t at = 0; at < columns_.size(); ++at) {
        const auto text = tables_.train.Text(row, columns_[at], scratch);
        if (IsMissingWord(text)) continue;
        if (!IsNumeric(text)) {
          return BadInput(
              "read target " + target_.names[at] + ": \"" +
                  std::string(text.substr(0, 40)) + "\" in row " +
                  std::to_string(row + 1) + " is no number" + ", which " +
                  metric_.short_name() + " needs",
              "name a metric for classes, such as accuracy or log loss");
        }
        Cell(row, at) = *ParseNumber(text);
      }
    }
    return {};
  }

  // First by order of appearance, then renumbered in the order of classes.
  Status ReadClasses() {
    struct Class {
      std::string canonical;
      std::unordered_map<std::string, int64_t> spellings;
    };
    std::vector<Class> found;
    std::unordered_map<std::string, size_t> by_text;
    std::unordered_map<std::string, size_t> by_value;
    std::string scratch;
    for (int64_t row = 0; row < rows_; ++row) {
      for (size_t at = 0; at < columns_.size(); ++at) {
        std::string text(tables_.train.Text(row, columns_[at], scratch));
        if (IsGap(text)) continue;
        const auto [known, is_new] = by_text.emplace(text, found.size());
        if (is_new) {
          std::string value = CanonicalValue(text);
          known->second = by_value.emplace(value, found.size()).first->second;
          if (known->second == found.size()) {
            found.push_back({std::move(value), {}});
          }
        }
        ++found[known->second].spellings[text];
        Cell(row, at) = static_cast<double>(known->second);
      }
    }
    const bool numbers =
        std::all_of(found.begin(), found.end(),
                    [](const Class& one) { return IsNumeric(one.canonical); });
    std::vector<size_t> order(found.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      const std::string& left = found[a].canonical;
      const std::string& right = found[b].canonical;
      return numbers ? *ParseNumber(left) < *ParseNumber(right) : left < right;
    });
    std::vector<double> new_index(found.size());
    for (size_t i = 0; i < order.size(); ++i) {
      const Class& one = found[order[i]];
      new_index[order[i]] = static_cast<double>(i);
      const auto best = std::max_element(
          one.spellings.begin(), one.spellings.end(),
          [](const auto& a, const auto& b) {
            return std::pair(a.second, a.first) < std::pair(b.second, b.first);
          });
      target_.classes.push_back(best->first);
      target_.class_index.emplace(one.canonical, static_cast<int>(i));
    }
    for (double& value : target_.values) {
      if (!std::isnan(value)) value = new_index[static_cast<size_t>(value)];
    }
    AddBooleanSpellings();
    return {};
  }

  void AddBooleanSpellings() {
    auto& index = target_.class_index;
    if (index.size() != 2) return;
    if (index.contains("false") && index.contains("true")) {
      index.insert({{"0", 0}, {"1", 1}});
    } else if (index.contains("0") && index.contains("1")) {
      index.insert({{"false", 0}, {"true", 1}});
    }
  }

  Status CheckClasses() {
    const size_t count = target_.classes.size();
    const std::string& name = target_.names.front();
    const std::string metric = metric_.short_name();
    if (count == 1) {
      return BadInput("read target " + name + ": every row has the class \"" +
                      target_.classes.front() + "\"");
    }
    if (metric_.target() == TargetType::kBinary && count > 2) {
      return BadInput("check metric " + metric +
                          ": needs two classes, target " + name + " has " +
                          std::to_string(count),
                      "name a metric that fits the target");
    }
    const auto fractional = static_cast<size_t>(
        std::count_if(target_.classes.begin(), target_.classes.end(),
                      [](const std::string& text) {
                        const auto number = ParseNumber(text);
                        return number && *number != std::floor(*number);
                      }));
    if (fractional > kMostFractionalClasses) {
      return BadInput("check metric " + metric + ": needs classes, target " +
                          name + " has " + std::to_string(count) +
                          " distinct numbers",
                      "name a metric for numbers, such as rmse or mae");
    }
    return {};
  }

  // The sample's columns are the classes, maybe behind a common prefix
  // ("Status_C"); the classes then take the columns' order.
  Status MatchClassColumns(const std::vector<std::string>& columns) {
    const size_t prefix = CommonPrefix(columns);
    for (const size_t skip :
         {size_t{0}, task_.target.front().size() + 1, prefix}) {
      std::vector<int> class_of;
      for (const std::string& column : columns) {
        if (skip > 0 && skip > prefix) break;
        const int index =
            target_.ClassOf(std::string_view(column).substr(skip));
        if (index >= 0) class_of.push_back(index);
      }
      const std::set<int> distinct(class_of.begin(), class_of.end());
      if (class_of.size() == columns.size() &&
          distinct.size() == target_.classes.size()) {
        Reorder(class_of);
        target_.class_columns = columns;
        return {};
      }
    }
    return BadInput("match sample submission: its columns are not the " +
                    std::to_string(target_.classes.size()) + " classes of " +
                    target_.names.front());
  }

  void Reorder(const std::vector<int>& class_of) {
    std::vector<int> place(class_of.size());
    std::vector<std::string> classes;
    for (size_t i = 0; i < class_of.size(); ++i) {
      place[static_cast<size_t>(class_of[i])] = static_cast<int>(i);
      classes.push_back(target_.classes[static_cast<size_t>(class_of[i])]);
    }
    target_.classes = std::move(classes);
    for (auto& [text, index] : target_.class_index) {
      index = place[static_cast<size_t>(index)];
    }
    for (double& value : target_.values) {
      if (!std::isnan(value)) value = place[static_cast<size_t>(value)];
    }
  }

  [[nodiscard]] SubmissionKind Kind(bool classes) const {
    if (!target_.class_columns.empty()) return SubmissionKind::kClassColumns;
    if (!classes) return SubmissionKind::kValue;
    if (metric_.needs() == Needs::kLabel) return SubmissionKind::kLabel;
    if (target_.classes.size() == 2) return SubmissionKind::kProbability;
    // Of the metrics of order, those with a cut (map@k) judge lists; the others
    // (a one-against-rest AUC) take a column a class.
    const bool list =
        metric_.needs() == Needs::kOrder && metric_.parameter() > 0;
    return list ? SubmissionKind::kLabelList : SubmissionKind::kClassColumns;
  }

  const Task& task_;
  const TaskTables& tables_;
  int64_t rows_;
  const Metric metric_;
  std::vector<int> columns_;
  Target target_;
};

}  // namespace

int64_t Target::rows() const {
  return names.empty() ? 0 : static_cast<int64_t>(values.size() / names.size());
}

double Target::At(int64_t row, int column) const {
  return values[static_cast<size_t>(row) * names.size() +
                static_cast<size_t>(column)];
}

bool Target::Labelled(int64_t row) const {
  for (int column = 0; column < columns(); ++column) {
    if (std::isnan(At(row, column))) return false;
  }
  return true;
}

int Target::ClassOf(std::string_view text) const {
  const auto found = class_index.find(CanonicalValue(text));
  return found == class_index.end() ? -1 : found->second;
}

Result<Target> ReadTarget(const Task& task, const TaskTables& tables) {
  TRY_ASSIGN(const Metric metric, MetricOf(task));
  return Reader(task, tables, metric).Run();
}

Truth TruthOf(const Target& target, std::span<const int32_t> rows) {
  Truth truth;
  truth.columns = target.columns();
  truth.classes = static_cast<int>(target.classes.size());
  truth.values.reserve(rows.size() * target.names.size());
  for (const int32_t row : rows) {
    for (int column = 0; column < target.columns(); ++column) {
      truth.values.push_back(target.At(row, column));
    }
  }
  return truth;
}

}  // namespace treesmith
