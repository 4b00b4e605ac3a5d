#include "table/profile_maker.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "score/metric.h"
#include "table/profile_column.h"
#include "table/profile_data.h"
#include "table/profile_relations.h"
#include "table/profile_stats.h"
#include "table/task_metric.h"
#include "table/value.h"

namespace treesmith {
namespace {

// Among so many columns the keys of a series are looked for.
constexpr size_t kSeriesColumns = 6;
// Beside these, so many of which each value may name one.
constexpr size_t kSeriesNumbers = 2;

TargetHint HintOf(const Task& task) {
  const Result<Metric> metric = MetricOf(task);
  if (task.metric.empty() || !metric.ok()) return TargetHint::kUnsaid;
  switch (metric->target()) {
    case TargetType::kNumber:
      return TargetHint::kNumber;
    case TargetType::kOrdered:
      return TargetHint::kOrdered;
    case TargetType::kBinary:
    case TargetType::kClasses:
      return TargetHint::kClasses;
  }
  return TargetHint::kUnsaid;
}

// The value that a class or the end of a column's name stands for, as the host
// compares them (table/target.h).
std::string ClassValue(std::string_view text, bool two_classes) {
  std::string value = CanonicalValue(text);
  if (two_classes && value == "false") return "0";
  if (two_classes && value == "true") return "1";
  return value;
}

// A column for each class, in their order: what is left of its name without the
// first `cut` bytes, which all share, is the class as `key` has it. Empty where
// a class has none.
template <typename Key>
std::vector<std::string> ColumnsOfClasses(
    const std::vector<std::string>& columns,
    const std::vector<ValueShare>& classes, size_t cut, const Key& key) {
  std::map<std::string, std::string> column_of;
  for (const std::string& column : columns) {
    if (!column.starts_with(columns.front().substr(0, cut))) return {};
    column_of.emplace(key(std::string_view(column).substr(cut)), column);
  }
  std::vector<std::string> found;
  for (const ValueShare& one : classes) {
    const auto column = column_of.find(key(one.value));
    if (column == column_of.end()) return {};
    found.push_back(column->second);
  }
  return found;
}

// Whether each class that was seen has a column; a sample of the rows may lack
// some. Says how the columns are named.
bool MatchClasses(const std::vector<std::string>& columns,
                  const std::vector<ValueShare>& classes, Profile& profile) {
  for (size_t cut = 0; cut < columns.front().size(); ++cut) {
    const auto as_written = [](std::string_view text) {
      return std::string(text);
    };
    if (!ColumnsOfClasses(columns, classes, cut, as_written).empty()) {
      profile.class_prefix = columns.front().substr(0, cut);
      return true;
    }
  }
  for (size_t cut = 0; cut < columns.front().size(); ++cut) {
    const auto by_value = [&](std::string_view text) {
      return ClassValue(text, classes.size() == 2);
    };
    const auto found = ColumnsOfClasses(columns, classes, cut, by_value);
    for (size_t i = 0; i < found.size(); ++i) {
      profile.renamed_classes.push_back({classes[i].value, found[i]});
    }
    if (!found.empty()) return true;
  }
  return false;
}

class ProfileMaker {
 public:
  ProfileMaker(const Task& task, const ProfileData& data)
      : task_(task), data_(data) {}

  Result<Profile> Run() {
    profile_.train_rows = data_.train().rows();
    profile_.test_rows = data_.test() == nullptr ? 0 : data_.test()->rows();
    profile_.sampled_train_rows = static_cast<int64_t>(data_.train_rows());
    profile_.sampled_test_rows = static_cast<int64_t>(data_.test_rows());
    profile_.train_separator = data_.train().delimiter();
    if (data_.test() != nullptr) {
      profile_.test_separator = data_.test()->delimiter();
    }
    TRY(ReadTargets());
    FindClassColumns();
    ReadColumns();
    ReadIds();
    FindRenamedColumns();
    FindTime();
    SortGroups(profile_.groups);
    profile_.sums = sums_.Find(profile_.train_only);
    profile_.coordinates = FindCoordinates(profile_.columns);
    return std::move(profile_);
  }

 private:
  Status ReadTargets() {
    const TargetHint hint = HintOf(task_);
    for (const std::string& name : task_.target) {
      const DataColumn column = data_.Read(name);
      profile_.targets.push_back(
          ProfileTarget(column, data_.train_rows(), hint));
      sums_.Add(column, data_.train_rows());
      if (profile_.targets.size() > 1) continue;
      signal_ = MakeSignalTarget(column, data_.train_rows(),
                                 profile_.targets.front());
      target_ = column;
    }
    if (!profile_.targets.empty()) return {};
    return BadInput(
        "profile " + task_.folder.string() + ": the task names no target",
        "name it with --target COLUMN");
  }

  // The sample's columns but the ids against the classes.
  void FindClassColumns() {
    if (data_.sample() == nullptr) return;
    const Table& sample = *data_.sample();
    profile_.sample_separator = sample.delimiter();
    if (task_.target.size() != 1) return;
    std::vector<std::string> predictions;
    for (const std::string& name : sample.columns()) {
      if (!HasName(task_.id, name)) predictions.push_back(name);
    }
    const auto& classes = profile_.targets.front().classes;
    if (predictions.size() < 2 || sample.FindColumn(task_.target.front())) {
      return;
    }
    profile_.class_columns = MatchClasses(predictions, classes, profile_) ||
                             predictions.size() == classes.size();
  }

  // Columns of test, and ids of the sample, under another name than train's (or
  // the task's, where train lacks them).
  void FindRenamedColumns() {
    const auto add = [&](const Table& table, const std::string& written,
                         const std::string& name) {
      const Renaming one{written, name};
      const auto& known = profile_.renamed_columns;
      const bool taken =
          std::ranges::find(table.columns(), name) != table.columns().end();
      if (written == name || taken || FoldName(written) != FoldName(name) ||
          std::ranges::find(known, one) != known.end()) {
        return;
      }
      profile_.renamed_columns.push_back(one);
    };
    for (const Table* table : {data_.test(), data_.sample()}) {
      if (table == nullptr) continue;
      for (const std::string& written : table->columns()) {
        for (const std::string& id : profile_.ids) add(*table, written, id);
        const auto at = table == data_.test()
                            ? data_.train().FindColumn(written)
                            : std::nullopt;
        if (at) {
          add(*table, written,
              data_.train().columns()[static_cast<size_t>(*at)]);
        }
      }
    }
  }

  // Columns that are features, train's first.
  [[nodiscard]] std::vector<std::string> FeatureNames() const {
    std::vector<std::string> names;
    for (const std::string& name : data_.train().columns()) {
      if (HasName(task_.target, name) || HasName(task_.id, name)) continue;
      names.push_back(name);
    }
    if (data_.test() == nullptr) return names;
    for (const std::string& name : data_.test()->columns()) {
      if (data_.train().FindColumn(name) || HasName(task_.id, name)) continue;
      names.push_back(name);
    }
    return names;
  }

  struct Feature {
    DataColumn column;
    ColumnProfile profile;
  };
  [[nodiscard]] Feature ReadFeature(const std::string& name) const {
    Feature feature{data_.Read(name), {}};
    feature.profile =
        ProfileColumn(feature.column, data_.train_rows(), signal_);
    return feature;
  }

  // Two columns at a time: they take more than half of a profile's time.
  void ReadColumns() {
    RowHashes hashes(data_.train_rows() + data_.test_rows());
    const std::vector<std::string> names = FeatureNames();
    for (size_t i = 0; i < names.size(); i += 2) {
      std::future<Feature> second;
      if (i + 1 < names.size()) {
        second = std::async(std::launch::async, [this, &names, i] {
          return ReadFeature(names[i + 1]);
        });
      }
      AddFeature(ReadFeature(names[i]), hashes);
      if (second.valid()) AddFeature(second.get(), hashes);
    }
    profile_.twins = hashes.Twins(data_.train_rows(), target_);
  }

  void AddFeature(Feature feature, RowHashes& hashes) {
    const DataColumn& column = feature.column;
    const bool everywhere = column.in_test || data_.test() == nullptr;
    if (column.in_train && everywhere) hashes.Add(column);
    AddColumn(std::move(feature.column), std::move(feature.profile));
  }

  void AddColumn(DataColumn column, ColumnProfile profile) {
    profile_.columns.push_back(std::move(profile));
    const ColumnProfile& added = profile_.columns.back();
    if (data_.test() != nullptr) {
      if (!column.in_test) profile_.train_only.push_back(column.name);
      if (!column.in_train) profile_.test_only.push_back(column.name);
    }
    if (!column.in_train) return;
    sums_.Add(column, data_.train_rows());
    if (column.dates) OfferDate(column);
    const bool names = added.type == ColumnType::kCategory ||
                       added.type == ColumnType::kCode ||
                       added.type == ColumnType::kNumber;
    if (names && column.in_test) {
      AddGroups(column, data_.train_rows(), false, profile_.groups);
    }
    const bool few = added.type == ColumnType::kCategory ||
                     added.type == ColumnType::kBool ||
                     added.type == ColumnType::kCode;
    // Words before codes: a series is named rather than measured.
    std::vector<DataColumn>& kept =
        column.value_of_code.empty() ? words_ : codes_;
    const bool integers =
        added.type == ColumnType::kNumber && added.integers &&
        added.distinct * 10 <= static_cast<int64_t>(data_.train_rows());
    if (integers && column.in_test && numbers_.size() < kSeriesNumbers) {
      numbers_.push_back(std::move(column));
    } else if (few && column.in_test && kept.size() < kSeriesColumns) {
      kept.push_back(std::move(column));
    }
  }

  void ReadIds() {
    std::optional<std::vector<double>> order;
    for (const std::string& name : task_.id) {
      const DataColumn column = data_.Read(name);
      profile_.ids.push_back(column.name);
      if (column.dates) OfferDate(column);
      if (column.in_train) {
        AddGroups(column, data_.train_rows(), true, profile_.groups);
      }
      const bool sortable = column.numeric || column.dates;
      if (!column.in_train || !sortable) continue;
      if (!order) order = column.number;
      profile_.ids_interleave =
          profile_.ids_interleave || Interleaves(column.number);
    }
    if (!order) {
      order.emplace(data_.train_rows());
      for (size_t i = 0; i < order->size(); ++i) {
        (*order)[i] = static_cast<double>(i);
      }
    }
    std::vector<double> x;
    std::vector<double> y;
    for (size_t i = 0; i < signal_.rows.size(); ++i) {
      const double at = (*order)[signal_.rows[i]];
      if (std::isnan(at)) continue;
      x.push_back(at);
      y.push_back(signal_.value[i]);
    }
    profile_.id_order_signal = std::abs(Correlation(Ranks(x), Ranks(y)));
  }

  [[nodiscard]] bool Interleaves(const std::vector<double>& ids) const {
    double train_last = -std::numeric_limits<double>::infinity();
    double test_first = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < ids.size(); ++i) {
      if (std::isnan(ids[i])) continue;
      if (i < data_.train_rows()) {
        train_last = std::max(train_last, ids[i]);
      } else {
        test_first = std::min(test_first, ids[i]);
      }
    }
    return test_first < train_last;
  }

  // The clearest date column: after, then gaps, then any; the first of equals.
  void OfferDate(const DataColumn& column) {
    const auto clear = [](TestTime test) {
      return test == TestTime::kAfter ? 2 : test == TestTime::kGaps ? 1 : 0;
    };
    TimeProfile time = ProfileTime(column, data_.train_rows());
    time.day_first = column.day_first;
    if (profile_.time.column.empty() ||
        clear(time.test) > clear(profile_.time.test)) {
      profile_.time = std::move(time);
      date_of_row_ = column.code;
    }
  }

  void FindTime() {
    if (profile_.time.column.empty()) return;
    std::vector<DataColumn> columns = std::move(words_);
    std::ranges::move(codes_, std::back_inserter(columns));
    if (columns.size() > kSeriesColumns) columns.resize(kSeriesColumns);
    const size_t first_number = columns.size();
    std::ranges::move(numbers_, std::back_inserter(columns));
    const auto rows = static_cast<double>(data_.train_rows());
    const auto all = static_cast<double>(profile_.train_rows);
    FindSeries(columns, first_number,
               {date_of_row_, data_.train_rows(), all > 0 ? rows / all : 1},
               profile_.time);
  }

  const Task& task_;
  const ProfileData& data_;
  Profile profile_;
  DataColumn target_;
  SignalTarget signal_;
  SumFinder sums_;
  // Of few values, at most kSeriesColumns each.
  std::vector<DataColumn> words_;
  std::vector<DataColumn> codes_;
  // Integers of more values, which may name stores: at most kSeriesNumbers.
  std::vector<DataColumn> numbers_;
  std::vector<int32_t> date_of_row_;  // codes of the date column
};

}  // namespace

Result<Profile> MakeProfile(const Task& task, const ProfileOptions& options) {
  TRY_ASSIGN(TaskTables tables, LoadTables(task));
  return MakeProfile(task, std::move(tables), options);
}

Result<Profile> MakeProfile(const Task& task, TaskTables tables,
                            const ProfileOptions& options) {
  TRY_ASSIGN(const ProfileData data,
             ProfileData::Open(task, std::move(tables), options));
  return ProfileMaker(task, data).Run();
}

}  // namespace treesmith
