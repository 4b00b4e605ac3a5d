#include "evaluation/leak_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "evaluation/told_by_inputs.h"

namespace treesmith {
namespace {

// Hidden rows that are compared: chance likeness ends long before.
constexpr size_t kMostRows = 4096;
constexpr size_t kFewestRows = 20;
// A column of fewer values is a line or a step of many honest models.
constexpr size_t kFewestValues = 10;
// Rows of a column that must hold a number.
constexpr double kFilled = 0.9;
// Of the spread of predictions; they are stored as float32.
constexpr double kLineTolerance = 1e-5;
constexpr double kFloatStep = 2e-7;
// Predictions may fall together where they are rounded.
constexpr double kDistinctShare = 0.9;

// Below this share of chance's error there is none.
constexpr double kNoError = 1e-6;

// Twins of fewer hidden rows do not move a score much.
constexpr double kFewTwins = 0.01;
// How many times the test's share is more than chance.
constexpr double kManyMore = 2;

// From this rank correlation on an id is worth more than chance.
constexpr double kTellingOrder = 0.3;

// Rows that hold a number, by it; empty where too few do.
std::vector<size_t> Ascending(const std::vector<double>& numbers) {
  std::vector<size_t> rows;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (std::isfinite(numbers[i])) rows.push_back(i);
  }
  if (rows.size() < kFewestRows ||
      static_cast<double>(rows.size()) <
          kFilled * static_cast<double>(numbers.size())) {
    return {};
  }
  std::ranges::stable_sort(
      rows, [&](size_t a, size_t b) { return numbers[a] < numbers[b]; });
  return rows;
}

size_t DistinctIn(const std::vector<double>& values,
                  const std::vector<size_t>& rows) {
  std::set<double> seen;
  for (const size_t row : rows) seen.insert(values[row]);
  return seen.size();
}

bool Equal(const std::vector<double>& x, const std::vector<double>& y,
           const std::vector<size_t>& rows) {
  return std::ranges::all_of(rows, [&](size_t row) {
    return std::abs(x[row] - y[row]) <=
           kFloatStep * std::max(1.0, std::abs(x[row]));
  });
}

// y = a x + b in every row.
bool Line(const std::vector<double>& x, const std::vector<double>& y,
          const std::vector<size_t>& rows) {
  const auto n = static_cast<double>(rows.size());
  double mean_x = 0;
  double mean_y = 0;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const size_t row : rows) {
    mean_x += x[row] / n;
    mean_y += y[row] / n;
    low = std::min(low, y[row]);
    high = std::max(high, y[row]);
  }
  double xx = 0;
  double xy = 0;
  for (const size_t row : rows) {
    xx += (x[row] - mean_x) * (x[row] - mean_x);
    xy += (x[row] - mean_x) * (y[row] - mean_y);
  }
  if (xx == 0 || low == high) return false;
  const double slope = xy / xx;
  const double tolerance = kLineTolerance * (high - low) +
                           kFloatStep * std::max(std::abs(low), std::abs(high));
  return std::ranges::all_of(rows, [&](size_t row) {
    return std::abs(y[row] - mean_y - slope * (x[row] - mean_x)) <= tolerance;
  });
}

// Along `rows` (x ascending) y never falls, or never rises (sign -1), and is
// one value for one value of x.
bool Along(const std::vector<double>& x, const std::vector<double>& y,
           const std::vector<size_t>& rows, double sign) {
  for (size_t i = 1; i < rows.size(); ++i) {
    const double step = sign * (y[rows[i]] - y[rows[i - 1]]);
    if (step < 0 || (x[rows[i]] == x[rows[i - 1]] && step != 0)) return false;
  }
  return true;
}

Check Suspicion(std::string name, std::string text) {
  return {std::move(name), CheckVerdict::kSuspect, std::move(text)};
}

// One number for all features of each row; the bytes of cells decide.
std::vector<uint64_t> Features(const Table& table,
                               const std::vector<int>& columns) {
  std::vector<uint64_t> hashes(static_cast<size_t>(table.rows()));
  for (int64_t row = 0; row < table.rows(); ++row) {
    Hash128 hash;
    for (const int column : columns) {
      const Hash128 cell = HashBytes(table.Raw(row, column));
      // Order matters: cells of unlike columns are no twins.
      hash.low = (hash.low ^ cell.low) * 0x9e3779b97f4a7c15U;
      hash.low ^= hash.low >> 29;
    }
    hashes[static_cast<size_t>(row)] = hash.low;
  }
  return hashes;
}

std::vector<int> FeaturesOf(const Table& table, const Task& task,
                            const TaskTables& tables, const Target& target) {
  std::vector<int> columns;
  for (const int input : InputsOf(tables, target)) {
    const std::string& name =
        tables.train.columns()[static_cast<size_t>(input)];
    if (HasName(task.id, name)) continue;
    if (const auto column = table.FindColumn(name)) columns.push_back(*column);
  }
  return columns;
}

// Share of the hidden rows of the first repeat with a twin in their train.
double HiddenTwins(const FoldPlan& plan, const std::vector<uint64_t>& rows) {
  size_t hidden = 0;
  size_t twins = 0;
  for (int unit = 0; unit < plan.folds; ++unit) {
    const std::vector<int32_t> own = plan.HiddenRows(unit);
    std::unordered_map<uint64_t, size_t> count;
    for (const int32_t row : own) ++count[rows[static_cast<size_t>(row)]];
    for (const int32_t row : plan.TrainRows(unit)) {
      const auto found = count.find(rows[static_cast<size_t>(row)]);
      if (found == count.end()) continue;
      twins += found->second;
      count.erase(found);
    }
    hidden += own.size();
  }
  return hidden == 0 ? 0
                     : static_cast<double>(twins) / static_cast<double>(hidden);
}

double TestTwins(const std::vector<uint64_t>& train,
                 const std::vector<uint64_t>& test) {
  if (test.empty()) return 0;
  const std::set<uint64_t> known(train.begin(), train.end());
  const auto twins = std::ranges::count_if(
      test, [&](uint64_t row) { return known.contains(row); });
  return static_cast<double>(twins) / static_cast<double>(test.size());
}

}  // namespace

InputColumns::InputColumns(const TaskTables& tables, const Target& target,
                           const FoldPlan& plan) {
  std::vector<int32_t> rows;
  for (int unit = 0; unit < plan.folds; ++unit) {
    const std::vector<int32_t> hidden = plan.HiddenRows(unit);
    rows.insert(rows.end(), hidden.begin(), hidden.end());
  }
  const size_t count = std::min(rows.size(), kMostRows);
  places_.reserve(count);
  for (size_t i = 0; i < count; ++i) places_.push_back(i * rows.size() / count);
  if (count < kFewestRows) return;

  const auto add = [&](Column column) {
    column.ascending = Ascending(column.numbers);
    column.distinct = DistinctIn(column.numbers, column.ascending);
    if (!column.ascending.empty() || !column.labels.empty()) {
      columns_.push_back(std::move(column));
    }
  };
  std::string scratch;
  for (const int input : InputsOf(tables, target)) {
    Column column;
    column.what =
        "column '" + tables.train.columns()[static_cast<size_t>(input)] + "'";
    bool labels = !target.classes.empty();
    for (const size_t place : places_) {
      const std::string_view text =
          tables.train.Text(rows[place], input, scratch);
      column.numbers.push_back(
          ParseNumber(text).value_or(std::numeric_limits<double>::quiet_NaN()));
      if (!labels) continue;
      column.labels.push_back(target.ClassOf(text));
      labels = column.labels.back() >= 0;
    }
    if (!labels) column.labels.clear();
    add(std::move(column));
  }
  Column order;
  order.what = "the order of the rows in the file";
  for (const size_t place : places_) {
    order.numbers.push_back(static_cast<double>(rows[place]));
  }
  add(std::move(order));
}

std::string InputColumns::Likeness(const Column& column,
                                   const std::vector<double>& values) const {
  const std::vector<double>& x = column.numbers;
  const std::vector<size_t>& rows = column.ascending;
  if (rows.empty()) return "";
  const size_t distinct = DistinctIn(values, rows);
  if (distinct < 2) return "";
  if (Equal(x, values, rows)) return "are " + column.what + " itself";
  if (column.distinct < kFewestValues) return "";
  if (Line(x, values, rows)) return "are a straight line in " + column.what;
  if (static_cast<double>(distinct) <
      kDistinctShare * static_cast<double>(column.distinct)) {
    return "";
  }
  if (Along(x, values, rows, 1)) return "rise with " + column.what;
  if (Along(x, values, rows, -1)) return "fall with " + column.what;
  return "";
}

std::optional<Check> InputColumns::Copied(const Predictions& stacked) const {
  const auto width = static_cast<size_t>(stacked.columns);
  for (size_t k = 0; k < width && !columns_.empty(); ++k) {
    std::vector<double> values;
    values.reserve(places_.size());
    for (const size_t place : places_) {
      values.push_back(stacked.values[place * width + k]);
    }
    const bool decided = stacked.kind == PredictionKind::kLabel;
    for (const Column& column : columns_) {
      std::string likeness;
      if (!decided) {
        likeness = Likeness(column, values);
      } else if (!column.labels.empty() &&
                 std::ranges::equal(column.labels, values) &&
                 std::set<int>(column.labels.begin(), column.labels.end())
                         .size() > 1) {
        likeness = "are " + column.what + " itself";
      }
      if (likeness.empty()) continue;
      return Suspicion(
          "copy", fmt::format("its predictions {}, in all of {} hidden rows: "
                              "look whether that is known before the target is",
                              likeness, places_.size()));
    }
  }
  return std::nullopt;
}

double IdealScore(const Metric& metric) {
  return metric.direction() == Direction::kMinimize ? 0 : 1;
}

std::optional<Check> Perfect(const Metric& metric, double score, double chance,
                             size_t rows) {
  const double ideal = IdealScore(metric);
  if (!(std::abs(score - ideal) <= kNoError * std::abs(chance - ideal))) {
    return std::nullopt;
  }
  return Suspicion(
      "too-good",
      fmt::format("{} {:.6g} on {} hidden rows is as good as it can be: the "
                  "target follows from the inputs, or stands among them",
                  metric.short_name(), score, rows));
}

Check TwinsAcrossFolds(const Task& task, const TaskTables& tables,
                       const Target& target, const FoldPlan& plan) {
  const std::vector<uint64_t> train =
      Features(tables.train, FeaturesOf(tables.train, task, tables, target));
  const double hidden = HiddenTwins(plan, train);
  std::string text = fmt::format(
      "{:.2g} % of the hidden rows have a twin, alike in every feature, among "
      "the rows that scripts learn from",
      100 * hidden);
  double across = 0;
  if (tables.test) {
    across = TestTwins(
        train,
        Features(*tables.test, FeaturesOf(*tables.test, task, tables, target)));
    text += fmt::format("; of the test {:.2g} %", 100 * across);
  }
  if (hidden < kFewTwins || hidden < kManyMore * across) {
    return {"twins", CheckVerdict::kClear, std::move(text)};
  }
  return Suspicion("twins", std::move(text) +
                                ": scores may be better than on new rows; "
                                "--split group:COL keeps twins together");
}

std::optional<Check> IdsTell(const FoldPlan& plan, const Task& task,
                             const TaskTables& tables, double order_signal,
                             bool interleave) {
  const bool in_time =
      plan.kind == SplitKind::kTime || plan.kind == SplitKind::kBlocks;
  const bool numbers = std::ranges::any_of(task.id, [&](const auto& id) {
    const auto column = tables.train.FindColumn(id);
    return column && !Ascending(tables.train.Numbers(*column)).empty();
  });
  if (in_time || !numbers || interleave || !tables.test ||
      !(order_signal >= kTellingOrder)) {
    return std::nullopt;
  }
  return Suspicion(
      "ids",
      fmt::format("the id tells the target (rank correlation {:.2f}) and the "
                  "test's ids lie beyond train's: a script that uses it scores "
                  "better on hidden rows than on new ones",
                  order_signal));
}

}  // namespace treesmith
