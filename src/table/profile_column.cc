#include "table/profile_column.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "table/profile_stats.h"

namespace treesmith {
namespace {

constexpr size_t kSignalRows = 10'000;
constexpr size_t kMaxClasses = 1000;
constexpr size_t kTopValues = 10;
constexpr int64_t kCodeValues = 50;
// Whole numbers of so few values are grades rather than amounts.
constexpr int64_t kOrdinalValues = 20;
constexpr double kHeavyTail = 8;

std::vector<double> Present(std::span<const double> values) {
  std::vector<double> present;
  for (const double value : values) {
    if (!std::isnan(value)) present.push_back(value);
  }
  return present;
}

// At most `limit` of them, evenly.
template <typename T>
std::vector<T> Thin(const std::vector<T>& values, size_t limit) {
  if (values.size() <= limit) return values;
  std::vector<T> thin;
  thin.reserve(limit);
  for (size_t i = 0; i < limit; ++i) {
    thin.push_back(values[i * values.size() / limit]);
  }
  return thin;
}

struct Counts {
  std::vector<int64_t> by_code;
  int64_t present = 0;
  int64_t distinct = 0;
};

Counts CountCodes(const DataColumn& column, size_t begin, size_t end) {
  Counts counts{std::vector<int64_t>(column.values.size()), 0, 0};
  for (size_t i = begin; i < end; ++i) {
    if (column.code[i] < 0) continue;
    int64_t& count = counts.by_code[static_cast<size_t>(column.code[i])];
    if (count++ == 0) ++counts.distinct;
    ++counts.present;
  }
  return counts;
}

double Share(int64_t part, int64_t whole) {
  return whole == 0 ? kUnknown
                    : static_cast<double>(part) / static_cast<double>(whole);
}

// The `limit` codes that occur most, the most frequent first; ties by the
// value. Of codes that occur once each, some from all over the file.
std::vector<size_t> MostFrequent(const DataColumn& column, const Counts& counts,
                                 size_t limit) {
  std::vector<size_t> codes;
  for (size_t i = 0; i < counts.by_code.size(); ++i) {
    if (counts.by_code[i] > 0) codes.push_back(i);
  }
  limit = std::min(limit, codes.size());
  // Where all occur once, the first by value would all begin alike.
  if (std::ranges::all_of(
          codes, [&](size_t code) { return counts.by_code[code] == 1; })) {
    for (size_t i = 0; i < limit; ++i) {
      codes[i] = codes[i * codes.size() / limit];
    }
    codes.resize(limit);
    return codes;
  }
  const auto end = codes.begin() + static_cast<std::ptrdiff_t>(limit);
  std::ranges::partial_sort(codes, end, [&](size_t a, size_t b) {
    return counts.by_code[a] != counts.by_code[b]
               ? counts.by_code[a] > counts.by_code[b]
               : column.values[a] < column.values[b];
  });
  codes.resize(limit);
  return codes;
}

// The codes of a column of numbers or dates, ascending by their value.
std::vector<int32_t> Ascending(const DataColumn& column) {
  std::vector<std::pair<double, int32_t>> order;
  order.reserve(column.value_of_code.size());
  for (const double value : column.value_of_code) {
    order.emplace_back(value, static_cast<int32_t>(order.size()));
  }
  std::ranges::sort(order);
  std::vector<int32_t> codes;
  codes.reserve(order.size());
  for (const auto& [value, code] : order) codes.push_back(code);
  return codes;
}

// The counted values, ascending.
std::vector<double> SortedValues(const DataColumn& column, const Counts& counts,
                                 const std::vector<int32_t>& ascending) {
  std::vector<double> values;
  values.reserve(static_cast<size_t>(counts.present));
  for (const int32_t signed_code : ascending) {
    const auto code = static_cast<size_t>(signed_code);
    values.insert(values.end(), static_cast<size_t>(counts.by_code[code]),
                  column.value_of_code[code]);
  }
  return values;
}

TargetKind KindOf(const DataColumn& column, int64_t distinct, int64_t present,
                  TargetHint hint) {
  if (hint == TargetHint::kNumber && column.numeric) {
    return TargetKind::kRegression;
  }
  if (distinct <= 2) return TargetKind::kBinary;
  if (hint == TargetHint::kOrdered) return TargetKind::kOrdinal;
  if (!column.numeric || hint == TargetHint::kClasses) {
    return TargetKind::kMulticlass;
  }
  const bool grades =
      column.integers && distinct <= kOrdinalValues && present >= 10 * distinct;
  return grades ? TargetKind::kOrdinal : TargetKind::kRegression;
}

void DescribeNumbers(TargetProfile& target, std::vector<double> y) {
  if (y.empty()) return;
  std::ranges::sort(y);
  target.min = y.front();
  target.max = y.back();
  target.mean = Mean(y);
  target.median = Quantile(y, 0.5);
  target.standard_deviation = StandardDeviation(y);
  target.skew = Skew(y);
  target.zero_share =
      Share(std::ranges::count(y, 0.0), static_cast<int64_t>(y.size()));
  const double quarter = Quantile(y, 0.75) - target.median;
  if (quarter > 0) {
    target.tail = (Quantile(y, 0.995) - target.median) / quarter;
  }
  target.heavy_tail = target.tail > kHeavyTail;
  if (target.min > -1) {
    for (double& value : y) value = std::log1p(value);
    target.log_skew = Skew(y);
  }
}

// Strength for the target of what `column`'s codes stand for: of their values
// where these are numbers (`ascending`: the codes by value, else empty).
double Signal(const std::vector<int32_t>& column,
              const std::vector<double>& value_of_code,
              const std::vector<int32_t>& ascending, const SignalTarget& target,
              SignalKind& kind) {
  const bool numeric = !ascending.empty();
  std::vector<int32_t> codes;
  std::vector<double> y;
  std::vector<int32_t> classes;
  for (size_t i = 0; i < target.rows.size(); ++i) {
    const int32_t code = column[target.rows[i]];
    if (code < 0) continue;
    codes.push_back(code);
    if (!target.classes.empty()) classes.push_back(target.classes[i]);
    y.push_back(target.value[i]);
  }
  if (y.size() < 10) return kUnknown;
  const auto x = [&] { return CodeRanks(codes, value_of_code, ascending); };
  if (target.kind == TargetKind::kBinary) {
    kind = SignalKind::kGini;
    return AbsoluteGini(numeric ? x() : Ranks(CrossMeans(codes, y)), y);
  }
  if (target.kind == TargetKind::kMulticlass && numeric) {
    kind = SignalKind::kCorrelationRatio;
    return RankEta(x(), classes);
  }
  // Of the rank of y, or of the classes' numbers ordered by share.
  const bool whole = y.size() == target.rank.size();
  const std::vector<double> rank = whole ? target.rank : Ranks(y);
  if (target.kind != TargetKind::kMulticlass && numeric) {
    kind = SignalKind::kSpearman;
    return std::abs(Correlation(x(), rank));
  }
  kind = SignalKind::kCorrelationRatio;
  return std::max(0.0, Correlation(CrossMeans(codes, rank), rank));
}

double MissingSignal(const DataColumn& column, const SignalTarget& target) {
  const auto missing = static_cast<size_t>(std::ranges::count_if(
      target.rows, [&](size_t row) { return column.code[row] < 0; }));
  // Ten rows on either side are the least that can tell anything.
  if (missing < 10 || missing + 10 > target.rows.size()) return kUnknown;
  std::vector<int32_t> gaps(column.code.size());
  for (const size_t row : target.rows) gaps[row] = column.code[row] < 0 ? 1 : 0;
  SignalKind kind = SignalKind::kNone;
  return Signal(gaps, {0, 1}, {0, 1}, target, kind);
}

void CompareWithTest(ColumnProfile& profile, const DataColumn& column,
                     const std::vector<int32_t>& ascending, const Counts& train,
                     const Counts& test) {
  int64_t unseen = 0;
  for (size_t i = 0; i < test.by_code.size(); ++i) {
    if (train.by_code[i] == 0) unseen += test.by_code[i];
  }
  profile.unseen_share = Share(unseen, test.present);
  if (train.present == 0 || test.present == 0) return;
  if (column.numeric || column.dates) {
    const std::vector<double> a = SortedValues(column, train, ascending);
    const std::vector<double> b = SortedValues(column, test, ascending);
    profile.ks = KolmogorovSmirnov(a, b);
    profile.psi = NumericPsi(a, b);
    profile.test_min = b.front();
    profile.test_max = b.back();
    return;
  }
  constexpr size_t kBins = 20;
  std::vector<double> a;
  std::vector<double> b;
  for (const size_t code : MostFrequent(column, train, kBins)) {
    a.push_back(Share(train.by_code[code], train.present));
    b.push_back(Share(test.by_code[code], test.present));
  }
  a.push_back(1 - std::accumulate(a.begin(), a.end(), 0.0));
  b.push_back(1 - std::accumulate(b.begin(), b.end(), 0.0));
  profile.psi = SharePsi(a, b);
}

void DescribeText(ColumnProfile& profile, const DataColumn& column,
                  const Counts& counts) {
  double bytes = 0;
  double words = 0;
  for (size_t i = 0; i < counts.by_code.size(); ++i) {
    const std::string& value = column.values[i];
    const auto count = static_cast<double>(counts.by_code[i]);
    bytes += count * static_cast<double>(value.size());
    words += count * static_cast<double>(1 + std::ranges::count(value, ' '));
  }
  if (counts.present == 0) return;
  profile.mean_length = bytes / static_cast<double>(counts.present);
  profile.mean_words = words / static_cast<double>(counts.present);
}

void DescribeRange(ColumnProfile& profile, const DataColumn& column,
                   size_t begin, size_t end) {
  const std::vector<double> x =
      Present(std::span(column.number).subspan(begin, end - begin));
  if (x.empty()) return;
  profile.min = std::ranges::min(x);
  profile.max = std::ranges::max(x);
  if (column.dates) return;
  profile.mean = Mean(x);
  profile.standard_deviation = StandardDeviation(x);
  profile.skew = Skew(x);
  profile.zero_share =
      Share(std::ranges::count(x, 0.0), static_cast<int64_t>(x.size()));
}

}  // namespace

ColumnType TypeOf(const DataColumn& column) {
  const Counts counts = CountCodes(column, 0, column.code.size());
  if (counts.distinct <= 1) return ColumnType::kConstant;
  if (counts.distinct == 2) return ColumnType::kBool;
  if (column.dates) {
    return column.has_time ? ColumnType::kDateTime : ColumnType::kDate;
  }
  const bool unique = counts.distinct == counts.present && counts.present >= 50;
  if (column.numeric) {
    if (column.integers && counts.distinct <= kCodeValues) {
      return ColumnType::kCode;
    }
    // A running number: unique, and hardly a hole.
    const auto [low, high] = std::ranges::minmax_element(
        column.values, {}, [](const std::string& text) { return text.size(); });
    if (unique && column.integers && low->size() + 4 > high->size()) {
      std::vector<double> x = Present(column.number);
      const auto [first, last] = std::ranges::minmax(x);
      if (last - first < 1.5 * static_cast<double>(x.size())) {
        return ColumnType::kId;
      }
    }
    return ColumnType::kNumber;
  }
  if (counts.present >= 2 * counts.distinct) return ColumnType::kCategory;
  ColumnProfile lengths;
  DescribeText(lengths, column, counts);
  return lengths.mean_words >= 1.5 || lengths.mean_length >= 40
             ? ColumnType::kText
         : unique ? ColumnType::kId
                  : ColumnType::kCategory;
}

TargetProfile ProfileTarget(const DataColumn& column, size_t train_rows,
                            TargetHint hint) {
  const Counts counts = CountCodes(column, 0, train_rows);
  TargetProfile target;
  target.name = column.name;
  target.numeric = column.numeric;
  target.integers = column.integers;
  target.distinct = counts.distinct;
  target.missing_share =
      1 - Share(counts.present, static_cast<int64_t>(train_rows));
  target.kind = KindOf(column, counts.distinct, counts.present, hint);
  if (column.numeric) {
    DescribeNumbers(target,
                    Present(std::span(column.number).first(train_rows)));
  }
  if (target.kind == TargetKind::kRegression) return target;
  std::vector<size_t> codes = MostFrequent(column, counts, kMaxClasses);
  if (column.numeric) {
    std::ranges::sort(
        codes, {}, [&](size_t code) { return std::stod(column.values[code]); });
  }
  for (const size_t code : codes) {
    target.classes.push_back(
        {column.values[code], Share(counts.by_code[code], counts.present)});
  }
  return target;
}

SignalTarget MakeSignalTarget(const DataColumn& column, size_t train_rows,
                              const TargetProfile& target) {
  SignalTarget signal;
  signal.kind = target.kind;
  std::vector<size_t> rows;
  for (size_t i = 0; i < train_rows; ++i) {
    if (column.code[i] >= 0) rows.push_back(i);
  }
  signal.rows = Thin(rows, kSignalRows);
  const bool classes = target.kind == TargetKind::kBinary ||
                       target.kind == TargetKind::kMulticlass;
  for (const size_t row : signal.rows) {
    if (!classes) {
      signal.value.push_back(column.number[row]);
      continue;
    }
    const std::string& value =
        column.values[static_cast<size_t>(column.code[row])];
    const auto at =
        std::ranges::find(target.classes, value, &ValueShare::value);
    const auto index = static_cast<int32_t>(at - target.classes.begin());
    signal.value.push_back(index);
    if (target.kind == TargetKind::kMulticlass) signal.classes.push_back(index);
  }
  if (target.kind != TargetKind::kBinary) signal.rank = Ranks(signal.value);
  return signal;
}

ColumnProfile ProfileColumn(const DataColumn& column, size_t train_rows,
                            const SignalTarget& target) {
  const size_t rows = column.code.size();
  const Counts train = CountCodes(column, 0, train_rows);
  const Counts test = CountCodes(column, train_rows, rows);
  const Counts& shown = column.in_train ? train : test;
  const std::vector<int32_t> ascending = Ascending(column);
  ColumnProfile profile;
  profile.name = column.name;
  profile.type = TypeOf(column);
  profile.in_train = column.in_train;
  profile.in_test = column.in_test;
  profile.integers = column.integers;
  profile.day_first = column.day_first;
  profile.distinct = shown.distinct;
  if (column.in_train) {
    profile.missing_train =
        1 - Share(train.present, static_cast<int64_t>(train_rows));
  }
  if (column.in_test) {
    profile.missing_test =
        1 - Share(test.present, static_cast<int64_t>(rows - train_rows));
  }
  if (column.in_train && column.in_test) {
    CompareWithTest(profile, column, ascending, train, test);
  }
  if (column.numeric || column.dates) {
    const size_t begin = column.in_train ? 0 : train_rows;
    DescribeRange(profile, column, begin, column.in_train ? train_rows : rows);
  } else {
    DescribeText(profile, column, shown);
  }
  if (profile.type != ColumnType::kId) {
    for (const size_t code : MostFrequent(column, shown, kTopValues)) {
      profile.top.push_back(
          {column.values[code], Share(shown.by_code[code], shown.present)});
    }
  }
  if (column.in_train) {
    profile.signal = Signal(column.code, column.value_of_code, ascending,
                            target, profile.signal_kind);
    profile.missing_signal = MissingSignal(column, target);
  }
  return profile;
}

}  // namespace treesmith
