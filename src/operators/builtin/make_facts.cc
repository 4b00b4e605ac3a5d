#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/writing.h"
#include "score/metric.h"
#include "table/byte_source.h"
#include "table/task_metric.h"
#include "table/view.h"

namespace treesmith {
namespace {

double Known(double value, double otherwise = 0) {
  return std::isfinite(value) ? value : otherwise;
}

// Letters mixed with digits or separators, in the most frequent values.
bool LooksCompound(const ColumnProfile& column) {
  int mixed = 0;
  for (const ValueShare& top : column.top) {
    bool letter = false;
    bool other = false;
    for (const char c : top.value) {
      const auto byte = static_cast<unsigned char>(c);
      letter |= std::isalpha(byte) != 0;
      other |= std::isdigit(byte) != 0 || c == '/' || c == ',';
    }
    mixed += letter && other ? 1 : 0;
  }
  return mixed * 2 > static_cast<int>(column.top.size());
}

// Most of the frequent values are countries. The usual names suffice: what is
// missed costs a few holidays.
bool NamesCountries(const ColumnProfile& column) {
  static const std::set<std::string> countries = {
      "Argentina",     "Australia",   "Austria",      "Belgium",
      "Brazil",        "Canada",      "Chile",        "China",
      "Colombia",      "Croatia",     "Czechia",      "Denmark",
      "Egypt",         "Estonia",     "Finland",      "France",
      "Germany",       "Greece",      "Hungary",      "Iceland",
      "India",         "Indonesia",   "Ireland",      "Israel",
      "Italy",         "Japan",       "Kenya",        "Latvia",
      "Lithuania",     "Malaysia",    "Mexico",       "Morocco",
      "Netherlands",   "New Zealand", "Nigeria",      "Norway",
      "Pakistan",      "Peru",        "Philippines",  "Poland",
      "Portugal",      "Romania",     "Serbia",       "Singapore",
      "Slovakia",      "Slovenia",    "South Africa", "South Korea",
      "Spain",         "Sweden",      "Switzerland",  "Taiwan",
      "Thailand",      "Turkey",      "Ukraine",      "United Kingdom",
      "United States", "Uruguay",     "Vietnam"};
  int known = 0;
  for (const ValueShare& top : column.top) {
    known += countries.contains(top.value) ? 1 : 0;
  }
  return known * 2 > static_cast<int>(column.top.size());
}

// Most of the frequent values are grades.
bool NamesGrades(const ColumnProfile& column) {
  static const std::set<std::string> grades = {
      "Po",         "Fa",        "TA",        "Gd",      "Ex",
      "poor",       "fair",      "good",      "average", "low",
      "medium",     "high",      "Low",       "High",    "Medium",
      "Poor",       "Fair",      "Good",      "Average", "Excellent",
      "excellent",  "Very Good", "very good", "Never",   "never",
      "Sometimes",  "sometimes", "Often",     "often",   "Frequently",
      "frequently", "Always",    "always"};
  int known = 0;
  for (const ValueShare& top : column.top) {
    known += grades.contains(top.value) ? 1 : 0;
  }
  return known >= 2 && known * 2 > static_cast<int>(column.top.size());
}

ColumnRole RoleOf(const ColumnProfile& column, const Writing& writing) {
  switch (column.type) {
    case ColumnType::kNumber:
    case ColumnType::kCode:
      return ColumnRole::kNumber;
    case ColumnType::kDate:
    case ColumnType::kDateTime:
      return ColumnRole::kDate;
    case ColumnType::kText:
      return writing.text ? ColumnRole::kText : ColumnRole::kCategory;
    case ColumnType::kBool:
      return std::isfinite(column.mean) ? ColumnRole::kNumber
                                        : ColumnRole::kCategory;
    default:
      return ColumnRole::kCategory;
  }
}

// By chance alone the index of two samples of one thing is about their bins
// over the rows of either; twice that is no news.
double DriftOf(const ColumnProfile& column, const Profile& profile) {
  constexpr int64_t kBinsOfNumbers = 10;
  constexpr int64_t kBinsOfNames = 21;
  const bool number = std::isfinite(column.ks);
  const auto bins = static_cast<double>(
      std::min(column.distinct, number ? kBinsOfNumbers : kBinsOfNames));
  const auto rows = [](int64_t count, double missing) {
    return std::max(1.0, static_cast<double>(count) * (1 - Known(missing)));
  };
  const double chance =
      bins / rows(profile.sampled_train_rows, column.missing_train) +
      bins / rows(profile.sampled_test_rows, column.missing_test);
  return std::max(0.0, Known(column.psi) - 2 * chance);
}

FactColumn MakeColumn(const ColumnProfile& column, const Profile& profile) {
  const Writing writing = WritingOf(column, profile.sampled_train_rows);
  const ColumnRole role = RoleOf(column, writing);
  return {.name = column.name,
          .role = role,
          .code = column.type == ColumnType::kCode,
          .distinct = column.distinct,
          .missing = Known(column.missing_train),
          .integer = column.integers,
          .minimum = Known(column.min),
          .maximum = Known(column.max),
          .skew = Known(column.skew),
          .hours = column.type == ColumnType::kDateTime,
          .day_first = column.day_first,
          .zeros = Known(column.zero_share),
          .unseen = Known(column.unseen_share),
          .drift = DriftOf(column, profile),
          .words = writing.words,
          .unparted = writing.unparted,
          .compound = role == ColumnRole::kCategory && column.distinct > 30 &&
                      LooksCompound(column),
          .countries = NamesCountries(column),
          .grades = NamesGrades(column),
          .signal = Known(column.signal),
          .missing_signal = Known(column.missing_signal)};
}

AnswerKind AnswerOf(const Task& task) {
  const auto metric = MetricOf(task);
  if (!metric) return AnswerKind::kValue;
  if (metric->target() == TargetType::kOrdered) return AnswerKind::kOrdinal;
  if (metric->target() == TargetType::kNumber) return AnswerKind::kValue;
  if (metric->needs() == Needs::kLabel) return AnswerKind::kLabel;
  return AnswerKind::kProbability;
}

TargetFacts MakeTarget(const TargetProfile& target, AnswerKind answer) {
  TargetFacts facts;
  const bool classes =
      answer == AnswerKind::kLabel || answer == AnswerKind::kProbability;
  if (classes) {
    facts.shape =
        target.distinct <= 2 ? TargetShape::kBinary : TargetShape::kClasses;
  }
  facts.classes = target.distinct;
  facts.integer = target.integers;
  facts.minimum = Known(target.min);
  facts.maximum = Known(target.max);
  facts.skew = Known(target.skew);
  facts.heavy_tail = target.heavy_tail;
  return facts;
}

// Some row of train has no label of some target, or may have none.
bool MayLackLabels(const TaskFacts& facts, const Profile& profile) {
  if (profile.sampled_train_rows < profile.train_rows) return true;
  return std::ranges::any_of(profile.targets, [&](const TargetProfile& target) {
    // What is no number among numbers is a gap: "None" (table/target.cc).
    return Known(target.missing_share) > 0 ||
           (facts.Regression() && !target.numeric);
  });
}

bool HasClass(const TargetProfile& target, const std::string& name) {
  return std::ranges::find(target.classes, name, &ValueShare::value) !=
         target.classes.end();
}

// Numbers in their order, whose texts have another.
bool SortsOtherwise(const TargetProfile& target) {
  return !std::ranges::is_sorted(target.classes, {}, &ValueShare::value);
}

void AddTargets(const Profile& profile, TaskFacts& facts) {
  const std::vector<TargetProfile>& targets = profile.targets;
  if (targets.empty()) return;
  facts.target_facts = MakeTarget(targets[0], facts.answer);
  facts.target_facts.missing = MayLackLabels(facts, profile);
  if (facts.Regression()) return;
  facts.none_is_a_class = std::ranges::any_of(
      targets,
      [](const TargetProfile& target) { return HasClass(target, "None"); });
  facts.order_by_number =
      std::ranges::all_of(targets, &TargetProfile::numeric) &&
      std::ranges::any_of(targets, SortsOtherwise);
}

// Names of ids and targets, as train spells them: the host finds a column
// whatever its case.
void AddNames(const Task& task, const Profile& profile, TaskFacts& facts) {
  facts.id = task.id;
  facts.target = task.target;
  facts.renamed_columns = profile.renamed_columns;
  if (profile.targets.size() == task.target.size()) {
    for (size_t i = 0; i < task.target.size(); ++i) {
      facts.target[i] = profile.targets[i].name;
    }
  }
  if (profile.ids.size() != task.id.size()) return;
  facts.id = profile.ids;
  for (size_t i = 0; i < task.id.size(); ++i) {
    // A sample that is made has the task's spelling.
    const Renaming made{task.id[i], facts.id[i]};
    if (task.sample_submission.empty() && made.from != made.to &&
        std::ranges::find(facts.renamed_columns, made) ==
            facts.renamed_columns.end()) {
      facts.renamed_columns.push_back(made);
    }
  }
}

// What a submission of classes holds.
void AddAnswerForm(const Task& task, const Profile& profile, TaskFacts& facts) {
  facts.class_columns = profile.class_columns;
  facts.class_prefix = profile.class_prefix;
  facts.renamed_classes = profile.renamed_classes;
  const bool several = facts.answer == AnswerKind::kProbability &&
                       facts.target_facts.shape == TargetShape::kClasses &&
                       facts.target.size() == 1;
  if (!several) return;
  const auto metric = MetricOf(task);
  if (metric->needs() == Needs::kOrder && facts.metric_parameter > 0) {
    facts.list_length = static_cast<int>(facts.metric_parameter);
  } else {
    // Also where the profile has not recognised them.
    facts.class_columns = true;
  }
}

// Only amounts: logarithms of parts below zero do not exist, even where the
// whole is above it.
void AddParts(const Profile& profile, TaskFacts& facts) {
  const auto negative = [&](const std::string& name) {
    const auto column =
        std::ranges::find(profile.columns, name, &ColumnProfile::name);
    return column != profile.columns.end() && column->min < 0;
  };
  for (const SumProfile& sum : profile.sums) {
    if (facts.target.size() == 1 && sum.whole == facts.target[0] &&
        std::ranges::none_of(sum.parts, negative)) {
      facts.parts = sum.parts;
    }
  }
}

// The time of a row, parts of the target and all else that is about the whole
// table rather than one column.
void AddStructure(const Profile& profile, TaskFacts& facts) {
  facts.time_column = profile.time.column;
  facts.future = profile.time.test == TestTime::kAfter;
  facts.time_gaps = profile.time.test == TestTime::kGaps;
  facts.series = profile.time.series;
  facts.test_days = profile.time.test_days;
  if (!profile.groups.empty()) {
    const GroupProfile& group = profile.groups[0];
    facts.group_column = group.column;
    facts.group_separator = group.separator;
    facts.new_groups = Known(group.unseen_share) >= 0.9;
    facts.group_rows = static_cast<double>(profile.train_rows) /
                       static_cast<double>(std::max<int64_t>(group.groups, 1));
  }
  AddParts(profile, facts);
  for (const CoordinatePair& pair : profile.coordinates) {
    facts.coordinates.emplace_back(pair.latitude, pair.longitude);
  }
  facts.id_interleaves = profile.ids_interleave;
  facts.twins = profile.twins.within_train;
  facts.unlike_twins = profile.twins.unlike_labels;
  facts.test_twins = profile.test_rows > 0 ? profile.twins.across_test
                                           : profile.twins.within_train;
}

// The span does not begin and end at midnight.
bool HasHours(const TimeProfile& time) {
  constexpr double kDay = 86'400;
  return std::fmod(Known(time.train_first), kDay) != 0 ||
         std::fmod(Known(time.train_last), kDay) != 0;
}

// An id that is a date ("2011-01-20 00:00:00") is the time of its row as well.
void AddDateId(const Profile& profile, TaskFacts& facts) {
  if (std::ranges::find(facts.id, facts.time_column) == facts.id.end()) return;
  facts.columns.push_back({.name = facts.time_column,
                           .role = ColumnRole::kDate,
                           .distinct = profile.time.train_days,
                           .minimum = Known(profile.time.train_first),
                           .maximum = Known(profile.time.train_last),
                           .hours = HasHours(profile.time),
                           .day_first = profile.time.day_first});
}

// Where every column is an integer and several have many values, those are keys
// of other tables (a manager, a product) rather than amounts.
void MarkKeys(TaskFacts& facts) {
  constexpr int64_t kManyValues = 50;
  constexpr int64_t kFewestKeys = 3;
  constexpr double kWideRange = 1000;
  const auto is_key = [](const FactColumn& column) {
    return column.role == ColumnRole::kNumber && column.integer &&
           column.distinct > kManyValues && column.maximum >= kWideRange;
  };
  const bool integers =
      std::ranges::all_of(facts.columns, [](const FactColumn& column) {
        return column.role == ColumnRole::kNumber && column.integer;
      });
  if (!integers || std::ranges::count_if(facts.columns, is_key) < kFewestKeys) {
    return;
  }
  for (FactColumn& column : facts.columns) column.key = is_key(column);
}

using Steps = std::vector<std::string>;

// The longest run of names that count up from each beginning, in the order of
// the columns ("x0", "y0", "x1", "y1" are two runs).
std::vector<Steps> CountedRuns(const TaskFacts& facts) {
  struct Runs {
    size_t place = 0;
    int64_t last = 0;
    Steps steps;
    Steps longest;
  };
  std::map<std::string, Runs> by_beginning;
  for (const FactColumn& column : facts.columns) {
    const size_t digits = column.name.find_last_not_of("0123456789") + 1;
    if (column.role != ColumnRole::kNumber || column.code ||
        digits == column.name.size() || column.name.size() - digits >= 10) {
      continue;
    }
    const auto [found, fresh] =
        by_beginning.try_emplace(column.name.substr(0, digits));
    Runs& runs = found->second;
    if (fresh) runs.place = by_beginning.size();
    const int64_t number = std::stoll(column.name.substr(digits));
    if (number != runs.last + 1) runs.steps.clear();
    runs.steps.push_back(column.name);
    runs.last = number;
    if (runs.steps.size() > runs.longest.size()) runs.longest = runs.steps;
  }
  std::vector<Steps> longest(by_beginning.size());
  for (auto& [beginning, runs] : by_beginning) {
    longest[runs.place - 1] = std::move(runs.longest);
  }
  return longest;
}

// Long runs of measured numbers whose names count up from one beginning:
// signals that were sampled, rather than unlike things.
void FindSteps(TaskFacts& facts) {
  constexpr size_t kFewestSteps = 16;
  constexpr size_t kMostChannels = 12;
  facts.steps = CountedRuns(facts);
  std::erase_if(facts.steps,
                [](const Steps& steps) { return steps.size() < kFewestSteps; });
  std::ranges::stable_sort(facts.steps, std::greater{}, &Steps::size);
  if (facts.steps.size() > kMostChannels) facts.steps.resize(kMostChannels);
}

bool IsGroupName(const TaskFacts& facts, const ColumnProfile& column) {
  return facts.new_groups && facts.group_separator.empty() &&
         column.name == facts.group_column;
}

}  // namespace

TaskFacts MakeTaskFacts(const Task& task, const Profile& profile) {
  TaskFacts facts;
  facts.train = UnpackedName(task.train);
  facts.test = TestName(task);
  facts.sample = SampleName(task);
  facts.train_separator = profile.train_separator;
  // A test that is made is in train's form; a made sample has commas.
  facts.test_separator =
      task.test.empty() ? profile.train_separator : profile.test_separator;
  facts.sample_separator = profile.sample_separator;
  AddNames(task, profile, facts);
  if (const auto metric = MetricOf(task); metric.ok()) {
    facts.metric = metric->short_name();
    facts.metric_parameter = metric->parameter();
  }
  facts.answer = AnswerOf(task);
  AddTargets(profile, facts);
  AddAnswerForm(task, profile, facts);
  facts.rows = profile.train_rows;
  facts.test_rows = profile.test_rows;
  AddStructure(profile, facts);
  AddDateId(profile, facts);
  for (const ColumnProfile& column : profile.columns) {
    const bool usable =
        column.in_train && (column.in_test || task.test.empty()) &&
        column.type != ColumnType::kId && column.type != ColumnType::kConstant;
    if (usable && !IsGroupName(facts, column)) {
      facts.columns.push_back(MakeColumn(column, profile));
    } else if (column.in_train && !column.in_test && !task.test.empty() &&
               (column.type == ColumnType::kNumber ||
                column.type == ColumnType::kCode ||
                (column.type == ColumnType::kBool &&
                 std::isfinite(column.mean)))) {
      facts.auxiliary.push_back(column.name);
    }
  }
  MarkKeys(facts);
  FindSteps(facts);
  return facts;
}

}  // namespace treesmith
