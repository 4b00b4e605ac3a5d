#include "evaluation/error_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "table/profile_cell.h"
#include "table/profile_data.h"
#include "table/value.h"

namespace treesmith {
namespace {

constexpr size_t kMaxRows = 50'000;
constexpr size_t kMaxColumns = 300;
// Fewer rows would let a coder read hidden labels off an aggregate.
constexpr size_t kFewestRows = 50;
constexpr uint8_t kNoPart = 255;
constexpr size_t kMaxValues = 40;
constexpr size_t kFifths = 5;
// Numbers of so few values are told by value.
constexpr size_t kFewNumbers = 25;
constexpr size_t kMaxNameBytes = 30;
// Of hundreds of parts some stand out by chance: by so many errors hardly one.
constexpr double kClear = 4;
constexpr double kMuchWorse = 1.25;
constexpr size_t kToldColumns = 4;
constexpr size_t kToldParts = 3;

std::string Number(double value) { return fmt::format("{:.4g}", value); }

std::string Percent(double share) {
  return share < 0.1 ? fmt::format("{:.2g} %", 100 * share)
                     : fmt::format("{:.0f} %", 100 * share);
}

// One line, cut between characters.
std::string Called(std::string value) {
  std::ranges::replace(value, '\n', ' ');
  if (value.size() <= kMaxNameBytes) return value;
  size_t end = kMaxNameBytes;
  while (end > 0 && (static_cast<uint8_t>(value[end]) & 0xc0) == 0x80) --end;
  return value.substr(0, end) + "...";
}

// Rows with a value, ascending by it.
std::vector<size_t> Ascending(const DataColumn& column) {
  std::vector<size_t> order;
  for (size_t i = 0; i < column.code.size(); ++i) {
    if (column.code[i] >= 0) order.push_back(i);
  }
  std::ranges::stable_sort(order, {},
                           [&](size_t i) { return column.number[i]; });
  return order;
}

std::string NameOf(const DataColumn& column, double value) {
  return column.dates ? FormatDate(value) : Number(value);
}

// Equal values share a part, so that there may be fewer than five.
void CutInFifths(const DataColumn& column, std::vector<uint8_t>& part,
                 std::vector<std::string>& names) {
  const std::vector<size_t> order = Ascending(column);
  size_t begin = 0;
  for (size_t fifth = 1; fifth <= kFifths; ++fifth) {
    size_t end = fifth * order.size() / kFifths;
    if (end <= begin) continue;
    const double last = column.number[order[end - 1]];
    while (end < order.size() && column.number[order[end]] == last) ++end;
    const auto name = static_cast<uint8_t>(names.size());
    names.push_back(NameOf(column, column.number[order[begin]]) + " to " +
                    NameOf(column, last));
    for (; begin < end; ++begin) part[order[begin]] = name;
  }
}

void CutByValue(const DataColumn& column, std::vector<uint8_t>& part,
                std::vector<std::string>& names) {
  std::vector<size_t> counts(column.values.size());
  for (const int32_t code : column.code) {
    if (code >= 0) ++counts[static_cast<size_t>(code)];
  }
  std::vector<size_t> codes(counts.size());
  std::iota(codes.begin(), codes.end(), size_t{0});
  std::ranges::stable_sort(codes, std::greater(),
                           [&](size_t code) { return counts[code]; });
  std::vector<uint8_t> part_of_code(counts.size(), kNoPart);
  for (const size_t code : codes) {
    if (names.size() == kMaxValues || counts[code] < kFewestRows) break;
    part_of_code[code] = static_cast<uint8_t>(names.size());
    names.push_back(Called(column.values[code]));
  }
  for (size_t i = 0; i < part.size(); ++i) {
    if (column.code[i] >= 0) {
      part[i] = part_of_code[static_cast<size_t>(column.code[i])];
    }
  }
}

void PartMissing(const DataColumn& column, std::vector<uint8_t>& part,
                 std::vector<std::string>& names) {
  const auto missing = static_cast<size_t>(std::ranges::count_if(
      column.code, [](int32_t code) { return code < 0; }));
  if (missing < kFewestRows) return;
  for (size_t i = 0; i < part.size(); ++i) {
    if (column.code[i] < 0) part[i] = static_cast<uint8_t>(names.size());
  }
  names.emplace_back("missing");
}

// Names of something, rather than amounts or one a row. Amounts in whole
// numbers have one that is by far the most frequent: mostly zero.
bool IsName(const DataColumn& column) {
  const size_t rows = column.code.size();
  const size_t values = column.values.size();
  if (column.dates || (column.numeric && !column.integers)) return false;
  if (values <= kFewNumbers || 2 * values >= rows) return false;
  if (!column.numeric) return true;
  std::vector<size_t> counts(values);
  for (const int32_t code : column.code) {
    if (code >= 0) ++counts[static_cast<size_t>(code)];
  }
  return 5 * std::ranges::max(counts) < rows;
}

// The rows whose value no row has that their unit trains on. `column` holds
// all rows of train.
std::vector<bool> UnseenRows(const DataColumn& column, const FoldPlan& plan) {
  std::vector<bool> unseen(column.code.size());
  for (int unit = 0; unit < plan.distinct_folds(); ++unit) {
    std::vector<bool> known(column.values.size());
    for (const int32_t row : plan.TrainRows(unit)) {
      const int32_t code = column.code[static_cast<size_t>(row)];
      if (code >= 0) known[static_cast<size_t>(code)] = true;
    }
    for (const int32_t row : plan.HiddenRows(unit)) {
      const int32_t code = column.code[static_cast<size_t>(row)];
      unseen[static_cast<size_t>(row)] =
          code >= 0 && !known[static_cast<size_t>(code)];
    }
  }
  const auto count = static_cast<size_t>(std::ranges::count(unseen, true));
  if (count < kFewestRows) unseen.clear();
  return unseen;
}

}  // namespace

// Errors of some rows, added up.
struct ErrorMap::Sums {
  double rows = 0;
  double error = 0;
  double squares = 0;
  double bias = 0;

  void Add(const RowErrors& errors, size_t i) {
    rows += 1;
    error += errors.error[i];
    squares += errors.error[i] * errors.error[i];
    if (!errors.bias.empty()) bias += errors.bias[i];
  }
  [[nodiscard]] double Mean() const { return error / rows; }
  // Of the mean, squared.
  [[nodiscard]] double SquaredError() const {
    const double variance = squares / rows - Mean() * Mean();
    return std::max(0.0, variance) / rows;
  }
  // Whether the error is clearly larger here than in the rest of `all`.
  [[nodiscard]] bool StandsOut(const Sums& all) const {
    const Sums rest{all.rows - rows, all.error - error, all.squares - squares,
                    0};
    if (rows < kFewestRows || rest.rows < kFewestRows) return false;
    const double noise = std::sqrt(SquaredError() + rest.SquaredError());
    return Mean() > kMuchWorse * all.Mean() &&
           Mean() - rest.Mean() > kClear * noise;
  }
};

struct ErrorMap::Finding {
  const Column* column;
  std::string part;  // empty: unseen values
  Sums sums;

  // Share of all error that is here beyond the share of the rows.
  [[nodiscard]] double Excess(const Sums& all) const {
    return sums.error / all.error - sums.rows / all.rows;
  }
  [[nodiscard]] std::string Text(const Sums& all, bool bias) const {
    std::string text = Percent(sums.rows / all.rows) + " of rows, " +
                       Percent(sums.error / all.error) + " of the error";
    if (bias) text += ", bias " + Number(sums.bias / sums.rows);
    return text;
  }
};

ErrorMap::ErrorMap(const Task& task, const TaskTables& tables,
                   const FoldPlan& plan) {
  const Table& train = tables.train;
  std::vector<int64_t> hidden_rows;
  for (int64_t row = 0; row < train.rows(); ++row) {
    if (plan.hidden_in[0][static_cast<size_t>(row)] >= 0) {
      hidden_rows.push_back(row);
    }
  }
  const size_t count = std::min(hidden_rows.size(), kMaxRows);
  place_.assign(static_cast<size_t>(train.rows()), -1);
  for (size_t i = 0; i < count; ++i) {
    looked_at_.push_back(hidden_rows[i * hidden_rows.size() / count]);
    place_[static_cast<size_t>(looked_at_.back())] = static_cast<int32_t>(i);
  }
  for (size_t i = 0; i < train.columns().size(); ++i) {
    const std::string& name = train.columns()[i];
    const bool hidden = tables.test && !tables.test->FindColumn(name);
    const bool splits = plan.column == name;
    if (hidden || HasName(task.target, name)) continue;
    if (HasName(task.id, name) && !splits) continue;
    // Of a group that has one label, any number of rows would tell it.
    if (splits && plan.kind == SplitKind::kGroup) continue;
    if (columns_.size() == kMaxColumns) break;
    AddColumn(train, static_cast<int>(i), plan);
  }
}

void ErrorMap::AddColumn(const Table& table, int index, const FoldPlan& plan) {
  const DataColumn read = ReadColumn(table, index, looked_at_);
  Column column;
  column.name = read.name;
  column.part.assign(looked_at_.size(), kNoPart);
  column.periods = read.dates;
  const bool amounts = read.numeric && read.values.size() > kFewNumbers;
  if (read.dates || amounts) {
    CutInFifths(read, column.part, column.parts);
  } else {
    CutByValue(read, column.part, column.parts);
  }
  if (!read.dates) PartMissing(read, column.part, column.parts);
  if (static_cast<size_t>(table.rows()) <= kMaxRows && IsName(read)) {
    const std::vector<bool> unseen = UnseenRows(ReadColumn(table, index), plan);
    for (const int64_t row : looked_at_) {
      if (!unseen.empty()) {
        column.unseen.push_back(unseen[static_cast<size_t>(row)]);
      }
    }
  }
  columns_.push_back(std::move(column));
}

std::vector<ErrorMap::Finding> ErrorMap::Findings(
    const std::vector<Seen>& seen, const RowErrors& errors) const {
  std::vector<Finding> findings;
  for (const Column& column : columns_) {
    // The last is of unseen values.
    std::vector<Sums> parts(column.parts.size() + 1);
    for (const auto& [i, at] : seen) {
      if (column.part[at] != kNoPart) {
        parts[column.part[at]].Add(errors, i);
      }
      if (!column.unseen.empty() && column.unseen[at]) {
        parts.back().Add(errors, i);
      }
    }
    for (size_t k = 0; k < parts.size(); ++k) {
      const std::string name = k < column.parts.size() ? column.parts[k] : "";
      findings.push_back({&column, name, parts[k]});
    }
  }
  return findings;
}

// Periods of the first column of dates.
std::string ErrorMap::ByTime(const std::vector<Finding>& findings, bool bias) {
  const auto first = std::ranges::find_if(
      findings, [](const Finding& f) { return f.column->periods; });
  if (first == findings.end()) return {};
  std::string text;
  for (auto at = first; at != findings.end(); ++at) {
    if (at->column != first->column || at->part.empty()) break;
    if (at->sums.rows < kFewestRows) return {};
    text += " " + Number(at->sums.Mean());
    if (bias) text += " / " + Number(at->sums.bias / at->sums.rows);
    text += ";";
  }
  return "by " + first->column->name + ", oldest fifth first (mean error" +
         (bias ? ", bias):" : "):") + text + "\n";
}

// What stands out: the columns with most of the error first.
std::string ErrorMap::Worst(std::vector<Finding> findings, const Sums& all,
                            bool bias) {
  std::erase_if(findings, [&](const Finding& finding) {
    return finding.column->periods || !finding.sums.StandsOut(all);
  });
  std::ranges::stable_sort(findings, std::greater(),
                           [&](const Finding& f) { return f.Excess(all); });
  std::string text;
  std::vector<const Column*> told;
  for (const Finding& leader : findings) {
    if (std::ranges::find(told, leader.column) != told.end()) continue;
    if (told.size() == kToldColumns) break;
    told.push_back(leader.column);
    std::string values;
    size_t count = 0;
    for (const Finding& finding : findings) {
      if (finding.column != leader.column) continue;
      const std::string numbers = finding.Text(all, bias);
      if (finding.part.empty()) {
        text +=
            "unseen values of " + leader.column->name + ": " + numbers + "\n";
      } else if (count++ < kToldParts) {
        values +=
            (values.empty() ? " " : "; ") + finding.part + " (" + numbers + ")";
      }
    }
    if (values.empty()) continue;
    text += "worst values of " + leader.column->name + ":" + values + "\n";
  }
  return text;
}

std::string ErrorMap::Describe(const std::vector<int32_t>& rows,
                               const RowErrors& errors) const {
  if (errors.error.size() != rows.size()) return {};
  Sums all;
  std::vector<Seen> seen;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int32_t place = place_[static_cast<size_t>(rows[i])];
    if (place < 0) continue;
    seen.push_back({i, static_cast<size_t>(place)});
    all.Add(errors, i);
  }
  if (!(all.error > 0)) return {};
  const bool bias = !errors.bias.empty();
  std::vector<Finding> findings = Findings(seen, errors);
  const std::string time = ByTime(findings, bias);
  return time + Worst(std::move(findings), all, bias);
}

}  // namespace treesmith
