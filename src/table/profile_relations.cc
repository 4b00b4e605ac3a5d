#include "table/profile_relations.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "table/value.h"

namespace treesmith {
namespace {

constexpr double kDay = 86'400;

double Share(size_t part, size_t whole) {
  return whole == 0 ? kUnknown
                    : static_cast<double>(part) / static_cast<double>(whole);
}

// SplitMix64's last step: every bit of one depends on every bit of the other.
uint64_t Mix(uint64_t hash, uint64_t value) {
  uint64_t mixed = hash + 0x9e3779b97f4a7c15 + value;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

}  // namespace

void RowHashes::Add(const DataColumn& column) {
  for (size_t i = 0; i < hashes_.size(); ++i) {
    hashes_[i] =
        Mix(hashes_[i], static_cast<uint64_t>(int64_t{column.code[i]} + 1));
  }
}

TwinProfile RowHashes::Twins(size_t train_rows,
                             const DataColumn& target) const {
  struct Family {
    size_t rows = 0;
    int32_t label = -1;
    bool unlike = false;
  };
  std::unordered_map<uint64_t, Family> families;
  for (size_t i = 0; i < train_rows; ++i) {
    Family& family = families[hashes_[i]];
    if (family.rows++ == 0) family.label = target.code[i];
    family.unlike = family.unlike || family.label != target.code[i];
  }
  TwinProfile twins;
  size_t within = 0;
  size_t unlike = 0;
  for (const auto& [hash, family] : families) {
    if (family.rows < 2) continue;
    within += family.rows;
    if (family.unlike) unlike += family.rows;
  }
  size_t across = 0;
  for (size_t i = train_rows; i < hashes_.size(); ++i) {
    if (families.contains(hashes_[i])) ++across;
  }
  twins.within_train = within == 0 ? 0 : Share(within, train_rows);
  twins.unlike_labels = unlike == 0 ? 0 : Share(unlike, train_rows);
  twins.across_test =
      across == 0 ? 0 : Share(across, hashes_.size() - train_rows);
  return twins;
}

namespace {

// Sums are looked for in so many rows and among so many columns: pairs of 300
// columns are 45,000, each told apart by one row mostly.
constexpr size_t kSumRows = 500;
constexpr size_t kSumColumns = 300;
// Fewer rows that agree may do so by chance.
constexpr size_t kLeastRows = 20;

double Slack(double sum) { return 1e-6 * std::max(1.0, std::abs(sum)); }

}  // namespace

void SumFinder::Add(const DataColumn& column, size_t train_rows) {
  if (columns_.size() == kSumColumns || !column.numeric) return;
  const size_t rows = std::min(train_rows, kSumRows);
  Numbers& numbers = columns_.emplace_back();
  numbers.name = column.name;
  for (size_t i = 0; i < rows; ++i) {
    numbers.values.push_back(column.number[i * train_rows / rows]);
  }
}

std::vector<SumProfile> SumFinder::Find(
    const std::vector<std::string>& train_only) const {
  std::vector<SumProfile> sums;
  if (columns_.empty() || columns_[0].values.size() < kLeastRows) return sums;
  FindPairs(sums);
  FindTogether(train_only, sums);
  return sums;
}

void SumFinder::FindPairs(std::vector<SumProfile>& sums) const {
  using Entry = std::pair<double, size_t>;
  const size_t probe = ProbeRow();
  std::vector<Entry> sorted;
  for (size_t k = 0; k < columns_.size(); ++k) {
    const double value = columns_[k].values[probe];
    if (!std::isnan(value) && Varied(k)) sorted.emplace_back(value, k);
  }
  std::ranges::sort(sorted);
  for (const auto& [first, i] : sorted) {
    for (const auto& [second, j] : sorted) {
      if (j <= i) continue;
      const double sum = first + second;
      auto at =
          std::ranges::lower_bound(sorted, sum - Slack(sum), {}, &Entry::first);
      for (; at != sorted.end() && at->first <= sum + Slack(sum); ++at) {
        const size_t k = at->second;
        if (k == i || k == j || !AddsUp({i, j}, k)) continue;
        sums.push_back(
            {{columns_[i].name, columns_[j].name}, columns_[k].name});
      }
    }
  }
}

void SumFinder::FindTogether(const std::vector<std::string>& train_only,
                             std::vector<SumProfile>& sums) const {
  std::vector<size_t> indexes;
  std::vector<std::string> names;
  for (size_t k = 0; k < columns_.size(); ++k) {
    const bool part =
        std::ranges::find(train_only, columns_[k].name) != train_only.end();
    if (!part || !Varied(k)) continue;
    indexes.push_back(k);
    names.push_back(columns_[k].name);
  }
  if (indexes.size() < 3) return;  // pairs are found above
  for (size_t k = 0; k < columns_.size(); ++k) {
    const bool part = std::ranges::find(indexes, k) != indexes.end();
    if (!part && Varied(k) && AddsUp(indexes, k)) {
      sums.push_back({names, columns_[k].name});
    }
  }
}

// The row in which most columns are neither missing nor zero.
size_t SumFinder::ProbeRow() const {
  size_t best = 0;
  size_t best_count = 0;
  for (size_t row = 0; row < columns_[0].values.size(); ++row) {
    size_t count = 0;
    for (const Numbers& column : columns_) {
      const double value = column.values[row];
      if (!std::isnan(value) && value != 0) ++count;
    }
    if (count > best_count) {
      best = row;
      best_count = count;
    }
  }
  return best;
}

// Flags add up by chance: at least six values.
bool SumFinder::Varied(size_t k) const {
  std::set<double> values;
  for (const double value : columns_[k].values) {
    if (!std::isnan(value)) values.insert(value);
    if (values.size() >= 6) return true;
  }
  return false;
}

bool SumFinder::AddsUp(const std::vector<size_t>& parts, size_t whole) const {
  size_t held = 0;
  for (size_t row = 0; row < columns_[whole].values.size(); ++row) {
    double sum = 0;
    for (const size_t part : parts) sum += columns_[part].values[row];
    const double value = columns_[whole].values[row];
    if (std::isnan(sum) || std::isnan(value)) continue;
    if (std::abs(sum - value) > Slack(sum)) return false;
    ++held;
  }
  return held >= kLeastRows;
}

std::vector<CoordinatePair> FindCoordinates(
    const std::vector<ColumnProfile>& columns) {
  const auto within = [](const ColumnProfile& column, double bound) {
    return column.mean > -bound && column.mean < bound && !column.integers;
  };
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"latitude", "longitude"},
      {"lat", "lon"},
      {"lat", "lng"},
      {"lat", "long"}};
  std::vector<CoordinatePair> pairs;
  for (const ColumnProfile& column : columns) {
    for (const auto& [latitude, longitude] : kNames) {
      std::string name = FoldName(column.name);
      const size_t at = name.find(latitude);
      if (at == std::string::npos || !within(column, 90)) continue;
      name.replace(at, latitude.size(), longitude);
      const auto other =
          std::ranges::find_if(columns, [&](const ColumnProfile& candidate) {
            return FoldName(candidate.name) == name && within(candidate, 180);
          });
      if (other == columns.end()) continue;
      pairs.push_back({column.name, other->name});
      break;
    }
  }
  return pairs;
}

namespace {

GroupProfile ProfileGroup(const DataColumn& column, size_t train_rows,
                          std::string_view separator) {
  std::vector<std::string_view> names;
  for (const std::string& value : column.values) {
    const std::string_view text(value);
    names.push_back(separator.empty() ? text
                                      : text.substr(0, text.find(separator)));
  }
  std::unordered_map<std::string_view, size_t> counts;
  size_t present = 0;
  for (size_t i = 0; i < train_rows; ++i) {
    if (column.code[i] < 0) continue;
    ++counts[names[static_cast<size_t>(column.code[i])]];
    ++present;
  }
  size_t repeated = 0;
  for (const auto& [name, count] : counts) repeated += count > 1 ? count : 0;
  size_t test_present = 0;
  size_t unseen = 0;
  for (size_t i = train_rows; i < column.code.size(); ++i) {
    if (column.code[i] < 0) continue;
    ++test_present;
    if (!counts.contains(names[static_cast<size_t>(column.code[i])])) ++unseen;
  }
  return {
      column.name, std::string(separator), static_cast<int64_t>(counts.size()),
      present == 0 ? 0 : Share(repeated, present), Share(unseen, test_present)};
}

bool AllHave(const DataColumn& column, char separator) {
  return std::ranges::all_of(column.values, [&](const std::string& value) {
    const size_t at = value.find(separator);
    return at != std::string::npos && at > 0;
  });
}

}  // namespace

void AddGroups(const DataColumn& column, size_t train_rows, bool is_id,
               std::vector<GroupProfile>& groups) {
  // Measured numbers and days are no names.
  if (column.dates || (column.numeric && !column.integers)) return;
  if (column.values.empty()) return;
  // Half of the rows must share a group; of an id a fifth, as below a group is
  // hardly more than a row.
  const double least = is_id ? 0.2 : 0.5;
  const auto offer = [&](std::string_view separator) {
    GroupProfile group = ProfileGroup(column, train_rows, separator);
    const bool fresh =
        is_id ? !(group.unseen_share < 0.5) : group.unseen_share >= 0.5;
    if (group.groups > 1 && group.repeated_rows >= least && fresh) {
      groups.push_back(std::move(group));
    }
  };
  offer("");
  if (!is_id || column.numeric) return;
  for (const char separator : std::string_view("_-/:. ")) {
    if (AllHave(column, separator)) offer(std::string_view(&separator, 1));
  }
}

void SortGroups(std::vector<GroupProfile>& groups) {
  std::ranges::stable_sort(groups, [](const auto& a, const auto& b) {
    const auto key = [](const GroupProfile& group) {
      const bool unseen = group.unseen_share >= 0.9;
      return std::tuple(!unseen, -group.repeated_rows, -group.groups);
    };
    return key(a) < key(b);
  });
}

namespace {

struct DaySpan {
  std::set<int64_t> days;
  double first = kUnknown;
  double last = kUnknown;
};

DaySpan SpanOf(std::span<const double> seconds) {
  DaySpan span;
  std::optional<int64_t> last_day;  // the next row is mostly of the same
  for (const double second : seconds) {
    if (std::isnan(second)) continue;
    const auto day = static_cast<int64_t>(std::floor(second / kDay));
    if (day != last_day) span.days.insert(day);
    last_day = day;
    span.first = std::isnan(span.first) ? second : std::min(span.first, second);
    span.last = std::isnan(span.last) ? second : std::max(span.last, second);
  }
  return span;
}

TestTime Compare(const DaySpan& train, const DaySpan& test) {
  if (train.days.empty() || test.days.empty()) return TestTime::kNone;
  if (test.first > train.last) return TestTime::kAfter;
  const auto absent = std::ranges::count_if(
      test.days, [&](int64_t day) { return !train.days.contains(day); });
  const bool gaps = static_cast<double>(absent) >=
                    0.9 * static_cast<double>(test.days.size());
  return gaps ? TestTime::kGaps : TestTime::kMixed;
}

// Mean number of test days between two train days.
double MeanRun(const DaySpan& train, const DaySpan& test) {
  std::set<int64_t> gaps;
  for (const int64_t day : test.days) {
    gaps.insert(std::distance(train.days.begin(), train.days.lower_bound(day)));
  }
  return Share(test.days.size(), gaps.size());
}

}  // namespace

TimeProfile ProfileTime(const DataColumn& column, size_t train_rows) {
  const std::span all(column.number);
  const DaySpan train = SpanOf(all.first(train_rows));
  const DaySpan test = SpanOf(all.subspan(train_rows));
  TimeProfile time;
  time.column = column.name;
  time.test = Compare(train, test);
  time.train_first = train.first;
  time.train_last = train.last;
  time.test_first = test.first;
  time.test_last = test.last;
  time.train_days = static_cast<int64_t>(train.days.size());
  time.test_days = static_cast<int64_t>(test.days.size());
  if (time.test == TestTime::kAfter || time.test == TestTime::kGaps) {
    time.test_run_days = MeanRun(train, test);
  }
  return time;
}

namespace {

struct Series {
  size_t keyed = 0;  // unlike (series, date)
  size_t series = 0;
};

Series CountSeries(const std::vector<DataColumn>& columns,
                   const std::vector<size_t>& chosen, const SeriesRows& rows) {
  std::unordered_set<uint64_t> series;
  std::unordered_set<uint64_t> keyed;
  for (size_t i = 0; i < rows.train_rows; ++i) {
    uint64_t key = 1;
    for (const size_t k : chosen) {
      key = Mix(key, static_cast<uint64_t>(int64_t{columns[k].code[i]} + 1));
    }
    series.insert(key);
    const int64_t date = rows.date_of_row[i];
    keyed.insert(Mix(key, static_cast<uint64_t>(date + 1)));
    // So many rows share their key that the others cannot make up for it.
    if ((i + 1 - keyed.size()) * 100 > rows.train_rows) break;
  }
  return {keyed.size(), series.size()};
}

// All choices of at most three of `count`, the fewest first.
std::vector<std::vector<size_t>> Choices(size_t count) {
  std::vector<std::vector<size_t>> choices = {{}};
  for (size_t i = 0; i < count; ++i) choices.push_back({i});
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = i + 1; j < count; ++j) choices.push_back({i, j});
  }
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = i + 1; j < count; ++j) {
      for (size_t k = j + 1; k < count; ++k) choices.push_back({i, j, k});
    }
  }
  return choices;
}

}  // namespace

void FindSeries(const std::vector<DataColumn>& columns, size_t first_number,
                const SeriesRows& rows, TimeProfile& time) {
  const std::unordered_set<int32_t> dates(
      rows.date_of_row.begin(),
      rows.date_of_row.begin() + static_cast<ptrdiff_t>(rows.train_rows));
  for (const auto& chosen : Choices(columns.size())) {
    const Series found = CountSeries(columns, chosen, rows);
    // Nearly every row keyed, and each series long enough to be one.
    if (found.keyed * 100 < rows.train_rows * 99 ||
        found.series * 10 > rows.train_rows) {
      continue;
    }
    const bool numbers = !chosen.empty() && chosen.back() >= first_number;
    const double whole = static_cast<double>(found.series) *
                         static_cast<double>(dates.size()) * rows.share;
    if (numbers && static_cast<double>(found.keyed) < whole / 2) continue;
    for (const size_t k : chosen) time.series.push_back(columns[k].name);
    time.series_count = static_cast<int64_t>(found.series);
    return;
  }
}

}  // namespace treesmith
