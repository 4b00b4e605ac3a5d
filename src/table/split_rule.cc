#include "table/split_rule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "table/profile_cell.h"
#include "table/profile_data.h"

namespace treesmith {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kDay = 86'400;
// Rows looked at to tell what a column is.
constexpr int64_t kProbeRows = 1'000;
// Test rows whose values are looked for in train.
constexpr int64_t kUnseenProbeRows = 5'000;
constexpr double kUnseenShare = 0.9;
// Of an id's prefixes it is enough that some rows share them: a prefix before a
// separator is a group by its form (spaceship cabins, households).
constexpr double kSharedPrefixRows = 0.2;
constexpr std::string_view kSeparators = "_-/:. ";

int64_t StepFor(int64_t rows, int64_t wanted) {
  return std::max<int64_t>(1, rows / wanted);
}

bool IsDateColumn(const Table& table, int column) {
  int64_t dates = 0;
  int64_t others = 0;
  std::string scratch;
  for (int64_t row = 0; row < table.rows();
       row += StepFor(table.rows(), kProbeRows)) {
    const auto text = table.Text(row, column, scratch);
    if (IsMissingWord(text)) continue;
    (ParseDateCell(text) ? dates : others) += 1;
  }
  return dates > 0 && others * 100 <= dates;
}

struct Span {
  double first = std::numeric_limits<double>::infinity();
  double last = -std::numeric_limits<double>::infinity();
};

Span SpanOf(const std::vector<double>& dates) {
  Span span;
  for (const double date : dates) {
    if (std::isnan(date)) continue;
    span.first = std::min(span.first, date);
    span.last = std::max(span.last, date);
  }
  return span;
}

std::set<int64_t> DaysOf(const std::vector<double>& dates) {
  std::set<int64_t> days;
  for (const double date : dates) {
    if (!std::isnan(date)) {
      days.insert(static_cast<int64_t>(std::floor(date / kDay)));
    }
  }
  return days;
}

// Columns that train and test share, by index in each.
struct SharedColumn {
  std::string name;
  int train = 0;
  int test = 0;
  bool is_id = false;
};

std::vector<SharedColumn> SharedColumns(const Task& task,
                                        const TaskTables& tables) {
  std::vector<SharedColumn> shared;
  for (int at = 0; at < static_cast<int>(tables.train.columns().size()); ++at) {
    const std::string& name = tables.train.columns()[static_cast<size_t>(at)];
    const auto in_test = tables.test->FindColumn(name);
    if (!in_test) continue;
    shared.push_back({name, at, *in_test, HasName(task.id, name)});
  }
  return shared;
}

std::optional<SplitRule> TimeRule(const TaskTables& tables,
                                  const SharedColumn& column) {
  const DateOrder order = FindDateOrder(tables, column.name);
  const auto train_dates = ReadDates(tables.train, column.train, order);
  const auto test_dates = ReadDates(*tables.test, column.test, order);
  const Span train = SpanOf(train_dates);
  const Span test = SpanOf(test_dates);
  if (test.first >= train.last && test.last > train.last) {
    return SplitRule{SplitKind::kTime, column.name, 0,
                     "time: the test's dates in " + column.name + " (" +
                         FormatDate(test.first) + " to " +
                         FormatDate(test.last) + ") follow train's last, " +
                         FormatDate(train.last)};
  }
  const auto train_days = DaysOf(train_dates);
  const auto test_days = DaysOf(test_dates);
  const auto between =
      std::count_if(test_days.begin(), test_days.end(), [&](int64_t day) {
        return !train_days.contains(day) && !train_days.empty() &&
               day > *train_days.begin();
      });
  if (test_days.empty() ||
      static_cast<double>(between) <
          kUnseenShare * static_cast<double>(test_days.size()) ||
      test.first >= train.last) {
    return std::nullopt;
  }
  return SplitRule{SplitKind::kBlocks, column.name, 0,
                   "blocks: " + std::to_string(between) + " of " +
                       std::to_string(test_days.size()) + " test days in " +
                       column.name +
                       " are absent from train but lie between "
                       "its days"};
}

// How a grouping of rows looks from train and test.
struct Grouping {
  SplitRule rule;
  size_t groups = 0;
};

// Whether nearly no test value occurs in train: stops at the first few that do.
bool MostlyUnseen(const TaskTables& tables, const SharedColumn& column,
                  char separator) {
  std::unordered_set<std::string> unseen;
  std::string scratch;
  for (int64_t row = 0; row < tables.test->rows();
       row += StepFor(tables.test->rows(), kUnseenProbeRows)) {
    const auto text = tables.test->Text(row, column.test, scratch);
    if (!IsMissingWord(text)) unseen.emplace(GroupOf(text, separator));
  }
  if (unseen.empty()) return false;
  const double least = kUnseenShare * static_cast<double>(unseen.size());
  for (int64_t row = 0; row < tables.train.rows(); ++row) {
    const auto text = tables.train.Text(row, column.train, scratch);
    if (unseen.erase(std::string(GroupOf(text, separator))) > 0 &&
        static_cast<double>(unseen.size()) < least) {
      return false;
    }
  }
  return true;
}

// Rows of train by the value, or by what stands before a separator; nothing
// where too little repeats.
std::optional<Grouping> GroupTrain(const TaskTables& tables,
                                   const SharedColumn& column, char separator) {
  std::unordered_map<std::string, int64_t> counts;
  std::string scratch;
  for (int64_t row = 0; row < tables.train.rows(); ++row) {
    const auto text = tables.train.Text(row, column.train, scratch);
    if (!IsMissingWord(text)) ++counts[std::string(GroupOf(text, separator))];
  }
  int64_t repeated = 0;
  int64_t repeated_rows = 0;
  for (const auto& [value, count] : counts) {
    repeated += count > 1 ? 1 : 0;
    repeated_rows += count > 1 ? count : 0;
  }
  const bool most_repeat =
      separator == 0
          ? repeated * 2 > static_cast<int64_t>(counts.size())
          : static_cast<double>(repeated_rows) >
                kSharedPrefixRows * static_cast<double>(tables.train.rows());
  if (counts.size() < 2 || !most_repeat) return std::nullopt;
  const std::string what = separator == 0 ? "the values of " + column.name
                                          : "what stands before \"" +
                                                std::string(1, separator) +
                                                "\" in " + column.name;
  return Grouping{
      {SplitKind::kGroup, column.name, separator,
       "group: " + what + " repeat in train (" + std::to_string(counts.size()) +
           " groups) and are new in test"},
      counts.size()};
}

std::optional<Grouping> GroupRule(const TaskTables& tables,
                                  const SharedColumn& column, char separator) {
  if (!MostlyUnseen(tables, column, separator)) return std::nullopt;
  return GroupTrain(tables, column, separator);
}

// Words and whole numbers name groups; measured numbers do not.
bool MayNameGroups(const Table& table, int column) {
  std::string scratch;
  for (int64_t row = 0; row < table.rows();
       row += StepFor(table.rows(), kProbeRows)) {
    const auto number = ParseNumber(table.Text(row, column, scratch));
    if (number && *number != std::floor(*number)) return false;
  }
  return true;
}

bool AllHave(const Table& table, int column, char separator) {
  std::string scratch;
  for (int64_t row = 0; row < table.rows();
       row += StepFor(table.rows(), kProbeRows)) {
    if (table.Text(row, column, scratch).find(separator) ==
        std::string_view::npos) {
      return false;
    }
  }
  return table.rows() > 0;
}

// The coarsest grouping that still makes five folds, else the finest.
class BestGrouping {
 public:
  void Offer(std::optional<Grouping> one) {
    constexpr size_t kEnough = 5;
    if (!one) return;
    const bool better =
        !best_ || (one->groups >= kEnough
                       ? best_->groups < kEnough || one->groups < best_->groups
                       : one->groups > best_->groups);
    if (better) best_ = std::move(one);
  }
  [[nodiscard]] std::optional<SplitRule> rule() const {
    if (!best_) return std::nullopt;
    return best_->rule;
  }

 private:
  std::optional<Grouping> best_;
};

std::optional<SplitRule> BestGroupRule(
    const TaskTables& tables, const std::vector<SharedColumn>& shared) {
  BestGrouping best;
  for (const SharedColumn& column : shared) {
    if (IsDateColumn(tables.train, column.train)) continue;
    if (!MayNameGroups(tables.train, column.train)) continue;
    if (!column.is_id) {
      best.Offer(GroupRule(tables, column, 0));
      continue;
    }
    for (const char separator : kSeparators) {
      if (AllHave(tables.train, column.train, separator)) {
        best.Offer(GroupRule(tables, column, separator));
      }
    }
  }
  return best.rule();
}

bool AnyRepeats(const Table& table, int column) {
  std::unordered_set<std::string> seen;
  std::string scratch;
  for (int64_t row = 0; row < table.rows(); ++row) {
    const auto text = table.Text(row, column, scratch);
    if (!IsMissingWord(text) && !seen.emplace(text).second) return true;
  }
  return false;
}

// "group:COL" as the user wrote it. Of a column whose values never repeat what
// stands before a separator is meant, as "auto" takes it of an id.
Result<SplitRule> StatedGroupRule(const TaskTables& tables, SplitRule rule,
                                  int column) {
  if (AnyRepeats(tables.train, column)) return rule;
  const auto in_test =
      tables.test ? tables.test->FindColumn(rule.column) : std::nullopt;
  const SharedColumn shared{rule.column, column, in_test.value_or(-1), true};
  BestGrouping best;
  for (const char separator : kSeparators) {
    if (!AllHave(tables.train, column, separator)) continue;
    best.Offer(in_test ? GroupRule(tables, shared, separator)
                       : GroupTrain(tables, shared, separator));
  }
  if (const auto found = best.rule()) {
    rule.separator = found->separator;
    rule.reason +=
        ", by what stands before \"" + std::string(1, rule.separator) + "\"";
    return rule;
  }
  return BadInput("read split group:" + rule.column +
                      ": no value of the column repeats in train",
                  "--split random, or group by a column whose values repeat");
}

SplitRule RowRule(const Target& target) {
  if (!target.classes.empty()) {
    return {SplitKind::kStratified, "", 0,
            "stratified: the target has " +
                std::to_string(target.classes.size()) + " classes"};
  }
  return {SplitKind::kRandom, "", 0,
          "random: nothing in the test speaks for another split"};
}

// "group:COL" and its kin, as the user wrote it.
Result<SplitRule> StatedRule(const Task& task, const TaskTables& tables) {
  const size_t colon = task.split.find(':');
  const std::string kind = task.split.substr(0, colon);
  const std::string reason = task.split + ": as asked for";
  if (kind == "random") return SplitRule{SplitKind::kRandom, "", 0, reason};
  if (kind == "stratified") {
    return SplitRule{SplitKind::kStratified, "", 0, reason};
  }
  constexpr std::array<std::pair<std::string_view, SplitKind>, 3> kColumnKinds =
      {{{"group", SplitKind::kGroup},
        {"time", SplitKind::kTime},
        {"blocks", SplitKind::kBlocks}}};
  const auto* found =
      std::find_if(kColumnKinds.begin(), kColumnKinds.end(),
                   [&](const auto& row) { return row.first == kind; });
  if (found == kColumnKinds.end() || colon == std::string::npos) {
    return BadInput("read split " + task.split + ": no such split",
                    "auto, random, stratified, group:COLUMN, time:COLUMN or "
                    "blocks:COLUMN");
  }
  const std::string name = task.split.substr(colon + 1);
  const auto column = tables.train.FindColumn(name);
  if (!column) {
    return BadInput("read split " + task.split + ": train has no column " +
                    name);
  }
  SplitRule rule{found->second,
                 tables.train.columns()[static_cast<size_t>(*column)], 0,
                 reason};
  if (rule.kind == SplitKind::kGroup) {
    return StatedGroupRule(tables, std::move(rule), *column);
  }
  if (IsDateColumn(tables.train, *column)) return rule;
  return BadInput("read split " + task.split + ": " + name + " holds no dates");
}

}  // namespace

std::string_view GroupOf(std::string_view text, char separator) {
  return separator == 0 ? text : text.substr(0, text.find(separator));
}

DateOrder FindDateOrder(const TaskTables& tables, const std::string& column) {
  DateOrderFinder finder;
  for (const Table* table :
       {&tables.train, tables.test ? &*tables.test : nullptr}) {
    const auto index =
        table == nullptr ? std::nullopt : table->FindColumn(column);
    if (index) LearnDateOrder(*table, *index, finder);
  }
  return finder.order();
}

std::vector<double> ReadDates(const Table& table, int column, DateOrder order) {
  std::vector<double> dates(static_cast<size_t>(table.rows()), kNan);
  std::string scratch;
  for (int64_t row = 0; row < table.rows(); ++row) {
    if (const auto date =
            ParseDateCell(table.Text(row, column, scratch), order)) {
      dates[static_cast<size_t>(row)] = date->seconds;
    }
  }
  return dates;
}

Result<SplitRule> ChooseSplit(const Task& task, const TaskTables& tables,
                              const Target& target) {
  if (task.split != "auto") return StatedRule(task, tables);
  if (tables.test && tables.test->rows() > 0) {
    const auto shared = SharedColumns(task, tables);
    for (const SharedColumn& column : shared) {
      if (!IsDateColumn(tables.train, column.train) ||
          !IsDateColumn(*tables.test, column.test)) {
        continue;
      }
      if (auto rule = TimeRule(tables, column)) return *std::move(rule);
    }
    if (auto rule = BestGroupRule(tables, shared)) return *std::move(rule);
  }
  return RowRule(target);
}

}  // namespace treesmith
