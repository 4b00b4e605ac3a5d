// TaskFacts: what the grammar of recipes wants to know of a task.
//
// A plain value, made once a run from the Task and its Profile (MakeTaskFacts
// below). Every rule of the builtin coder reads these facts and nothing else,
// so that no rule can know a task's name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/task.h"
#include "table/profile.h"

namespace treesmith {

enum class ColumnRole { kNumber, kCategory, kDate, kText };

// A column that both train and test have; ids and constants are left out.
struct FactColumn {
  std::string name;
  ColumnRole role = ColumnRole::kNumber;
  // An integer of few distinct values: may as well be a name.
  bool code = false;
  int64_t distinct = 0;
  // Share of train's cells.
  double missing = 0;
  // Numbers: no fractions; the range and skewness in train.
  bool integer = false;
  double minimum = 0;
  double maximum = 0;
  double skew = 0;
  // Dates: with the time of day; such as 31/1/2017.
  bool hours = false;
  bool day_first = false;
  // Share of zeros in train.
  double zeros = 0;
  // Share of test's cells whose value train lacks.
  double unseen = 0;
  // How far test's values are spread otherwise than train's, beyond what chance
  // makes of so few rows: a population stability index, clear above 0.25.
  double drift = 0;
  // Texts (writing.h): mean number of words; of characters where blanks part no
  // words.
  double words = 0;
  bool unparted = false;
  // Categories: letters mixed with digits or separators ("B/0/P", "A5 21171"),
  // so that parts of it may mean something.
  bool compound = false;
  // Categories: names of countries, which have public holidays.
  bool countries = false;
  // Integers of many values in a table of nothing else: names in disguise.
  bool key = false;
  // Categories: words that grade ("poor", "good", "Ex").
  bool grades = false;
  // Association with the first target, 0 to 1 (table/profile.h); and of "is
  // missing". 0 where it is unknown.
  double signal = 0;
  double missing_signal = 0;
};

// How a prediction is answered (score/metric.h's Needs, and the ordinal case).
enum class AnswerKind { kValue, kLabel, kProbability, kOrdinal };
enum class TargetShape { kNumber, kBinary, kClasses };

struct TargetFacts {
  TargetShape shape = TargetShape::kNumber;
  int64_t classes = 0;  // distinct values, of a number too
  bool integer = false;
  double minimum = 0;
  double maximum = 0;
  double skew = 0;
  // Some rows of train have no label.
  bool missing = false;
  bool heavy_tail = false;
};

struct TaskFacts {
  // Below input/, as scripts find them: unpacked, and a test and a sample also
  // where the task has none.
  std::string train;
  std::string test;
  std::string sample;
  // What parts their cells, where they are delimited.
  std::string train_separator = ",";
  std::string test_separator = ",";
  std::string sample_separator = ",";
  // Columns that test, or the sample, spells otherwise than `columns`.
  std::vector<Renaming> renamed_columns;
  // May be empty: rows are then matched by position.
  std::vector<std::string> id;
  std::vector<std::string> target;
  // Canonical short name of score/metric.h; its parameter (a quantile, a k).
  std::string metric;
  double metric_parameter = 0;
  AnswerKind answer = AnswerKind::kValue;
  // The submission has one column a class instead of the target's, each with
  // this before the class.
  bool class_columns = false;
  std::string class_prefix;
  // Where that is not how the columns are named: the column of each class.
  std::vector<Renaming> renamed_classes;
  // Classes are numbers that sort otherwise as texts ("2" and "10").
  bool order_by_number = false;
  // The answer is a list of so many classes, best first (map@k); 0: it is not.
  int list_length = 0;
  // A class is written "None", which pandas takes for a gap.
  bool none_is_a_class = false;
  // Of the first target; the others are taken to be alike.
  TargetFacts target_facts;

  int64_t rows = 0;
  int64_t test_rows = 0;
  std::vector<FactColumn> columns;

  // Rows stand in time: the column, whether the test is the future, and the
  // categories that name one series each (store, product) where every day has a
  // row of each series.
  std::string time_column;
  bool future = false;
  // Test days lie between train's.
  bool time_gaps = false;
  int64_t test_days = 0;
  std::vector<std::string> series;
  // Test's groups are new: the column that names them is no feature. Where the
  // name is only the part before a separator ("0001_01"), that separator.
  std::string group_column;
  std::string group_separator;
  bool new_groups = false;
  // Mean rows of such a group: many may be steps of a sequence.
  double group_rows = 0;
  // Numbers that stand for the steps of a sequence a row ("s0", "s1" ...), in
  // their order: one list a channel, none where there is no sequence.
  std::vector<std::vector<std::string>> steps;
  // Numbers that only train has: those that add up to the target, and others.
  std::vector<std::string> parts;
  std::vector<std::string> auxiliary;
  // Pairs (latitude, longitude), in the order found.
  std::vector<std::pair<std::string, std::string>> coordinates;
  // Ids of train and test interleave, so that the id as a number may inform.
  bool id_interleaves = false;
  // Share of train rows that share all features with another; that do so with
  // one of another label; of test rows that do so with a train row (where there
  // is no test, of train's).
  double twins = 0;
  double unlike_twins = 0;
  double test_twins = 0;

  [[nodiscard]] std::vector<std::string> Names(ColumnRole role) const;
  [[nodiscard]] int64_t Count(ColumnRole role) const;
  [[nodiscard]] const FactColumn* Find(std::string_view name) const;
  // Targets and what else only train knows: each may tell about the others.
  [[nodiscard]] std::vector<std::string> OtherTargets() const;
  [[nodiscard]] bool MultiTarget() const { return target.size() > 1; }
  // The model answers a number, unless the recipe wants a distribution.
  [[nodiscard]] bool Regression() const {
    return answer == AnswerKind::kValue || answer == AnswerKind::kOrdinal;
  }
};

TaskFacts MakeTaskFacts(const Task& task, const Profile& profile);

}  // namespace treesmith
