// Profile: what the data of a task look like, as plain values.
//
// Made once a run (table/profile_maker.h), stored as an event, read by the
// builtin coder and the prompts. Row counts are exact, all else may come from a
// sample of the rows. A number that does not exist (drift without a test file,
// skew of a text) is NaN in memory and null in JSON. Seconds are counted from
// 1970-01-01 as written in the file, without time zones.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace treesmith {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

enum class ColumnType {
  kNumber,
  kCode,      // integers of few distinct values: a number or a name
  kBool,      // exactly two values, such as 0/1, True/False, yes/no
  kCategory,  // words that repeat
  kText,      // phrases or sentences, hardly repeating
  kDate,      // days
  kDateTime,  // with a time of day
  kId,        // another value (nearly) every row, and no number to learn from
  kConstant,  // one value, or none at all
};
std::string_view ColumnTypeName(ColumnType type);

enum class TargetKind { kRegression, kBinary, kMulticlass, kOrdinal };
std::string_view TargetKindName(TargetKind kind);

struct ValueShare {
  std::string value;  // as in the file
  double share = 0;   // of the rows that have a value
  bool operator==(const ValueShare&) const = default;
};

// Several of these make a multi-target task.
struct TargetProfile {
  std::string name;
  TargetKind kind = TargetKind::kRegression;
  bool numeric = false;
  bool integers = false;  // all of them
  int64_t distinct = 0;
  double missing_share = 0;
  // Classes of any kind but regression, in order of value for numbers, else of
  // share; at most 1,000.
  std::vector<ValueShare> classes;
  // Numeric targets only.
  double min = kUnknown;
  double max = kUnknown;
  double mean = kUnknown;
  double median = kUnknown;
  double standard_deviation = kUnknown;
  double skew = kUnknown;
  double log_skew = kUnknown;  // of log(1 + y), where min > -1
  double zero_share = kUnknown;
  // (99.5 % quantile - median) / (75 % quantile - median): 3.8 for a normal
  // distribution, above 8 the tail decides squared errors.
  double tail = kUnknown;
  bool heavy_tail = false;
};

// How `signal` was measured; each is 0 for none and 1 for perfect.
enum class SignalKind {
  kNone,
  kGini,              // |2 AUC - 1|, binary target
  kSpearman,          // absolute rank correlation, two numbers
  kCorrelationRatio,  // eta of the target (or its classes) given the column
};

struct ColumnProfile {
  std::string name;
  ColumnType type = ColumnType::kNumber;
  bool in_train = true;
  bool in_test = true;  // false also where there is no test file
  bool integers = false;
  bool day_first = false;  // dates such as 31/1/2017
  int64_t distinct = 0;    // of train's sample; of test's where train lacks it
  double missing_train = kUnknown;
  double missing_test = kUnknown;
  // Test rows with a value, whose value train does not have.
  double unseen_share = kUnknown;
  // Population stability index over deciles or categories: above 0.25 differs.
  double psi = kUnknown;
  double ks = kUnknown;  // Kolmogorov-Smirnov distance; numbers and dates
  // With the first target. Categories by means fitted on the other half of the
  // rows, so that many values do not look like signal.
  SignalKind signal_kind = SignalKind::kNone;
  double signal = kUnknown;
  // The same for "is missing": does a gap tell about the target?
  double missing_signal = kUnknown;
  // Numbers, codes and dates (seconds).
  double min = kUnknown;
  double max = kUnknown;
  double mean = kUnknown;
  double standard_deviation = kUnknown;
  double skew = kUnknown;
  double zero_share = kUnknown;
  double test_min = kUnknown;
  double test_max = kUnknown;
  // Text and categories.
  double mean_length = kUnknown;  // bytes
  double mean_words = kUnknown;
  std::vector<ValueShare> top;  // the most frequent values, at most 10
};

// Rows of train that share all features with another one.
struct TwinProfile {
  double within_train = 0;   // share of train rows with a twin in train
  double unlike_labels = 0;  // share of train rows whose twin's label differs
  double across_test = 0;    // share of test rows with a twin in train
};

// A column (or the beginning of an id) that names a group of rows.
struct GroupProfile {
  std::string column;
  // Empty: the whole value. Else the group is the value before the first such
  // character ("0001_01": "_").
  std::string separator;
  int64_t groups = 0;
  double repeated_rows = 0;        // share of train rows in a group of several
  double unseen_share = kUnknown;  // of test rows
};

enum class TestTime {
  kNone,   // no date column, or no test
  kAfter,  // every test date after every train date
  kGaps,   // test days absent from train, between its days
  kMixed,  // anything else
};

struct TimeProfile {
  std::string column;      // empty: there is none
  bool day_first = false;  // its dates are such as 31/1/2017
  TestTime test = TestTime::kNone;
  double train_first = kUnknown;
  double train_last = kUnknown;
  double test_first = kUnknown;
  double test_last = kUnknown;
  int64_t train_days = 0;           // distinct
  int64_t test_days = 0;            // distinct
  double test_run_days = kUnknown;  // mean length of a run of test days
  // Columns whose combination names a series, where one has a row per date.
  std::vector<std::string> series;
  int64_t series_count = 0;
};

// parts[0] + parts[1] + ... = whole in every sampled row.
struct SumProfile {
  std::vector<std::string> parts;
  std::string whole;
};

// Two spellings of one thing: what one file writes, and what all shall say.
struct Renaming {
  std::string from;
  std::string to;
  bool operator==(const Renaming&) const = default;
};

struct CoordinatePair {
  std::string latitude;
  std::string longitude;
};

struct Profile {
  int64_t train_rows = 0;
  int64_t test_rows = 0;
  int64_t sampled_train_rows = 0;
  int64_t sampled_test_rows = 0;
  std::vector<TargetProfile> targets;
  // The sample's columns are the classes of the one target, each perhaps with
  // this before it ("Status_" + C).
  bool class_columns = false;
  std::string class_prefix;
  // Where it is not so plain (the class 1.0 under 1): the column of each class.
  std::vector<Renaming> renamed_classes;
  // Columns of test and ids of the sample whose case or spaces are not those of
  // train, or of the task where train has no such column.
  std::vector<Renaming> renamed_columns;
  // What parts the cells of delimited files.
  std::string train_separator = ",";
  std::string test_separator = ",";
  std::string sample_separator = ",";
  // All columns but targets and ids, in train's order, then test's own.
  std::vector<ColumnProfile> columns;
  std::vector<std::string> ids;  // as train spells them, if it has them
  // Neither target nor id; such as parts of the target.
  std::vector<std::string> train_only;
  std::vector<std::string> test_only;
  TwinProfile twins;
  std::vector<SumProfile> sums;
  std::vector<CoordinatePair> coordinates;
  std::vector<GroupProfile> groups;  // likeliest first
  TimeProfile time;
  // Absolute Spearman of the id (or the row number) with the first target.
  double id_order_signal = kUnknown;
  // The test's numeric ids lie among train's instead of after them.
  bool ids_interleave = false;

  // Null when there is no such column.
  [[nodiscard]] const ColumnProfile* Find(std::string_view name) const;
};

// One JSON object, and back. Decoding fails on text that Encode did not write;
// keys of newer versions are skipped.
std::string EncodeProfile(const Profile& profile);
Result<Profile> DecodeProfile(std::string_view json);

}  // namespace treesmith
