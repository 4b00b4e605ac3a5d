#include "operators/llm/profile_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "operators/llm/text.h"
#include "search/words.h"
#include "table/profile_cell.h"

namespace treesmith {
namespace {

constexpr size_t kMostTargets = 4;
constexpr size_t kMostClasses = 12;
constexpr size_t kMostColumns = 8;
// Names come from files and may be long.
constexpr size_t kNameBytes = 60;
// A population stability index above this is a shift (table/profile.h).
constexpr double kShift = 0.25;
// Shares below this are not worth a line.
constexpr double kSomeUnseen = 0.05;
constexpr double kSomeMissing = 0.05;
constexpr double kSomeTwins = 0.01;
constexpr double kSomeOrder = 0.1;

std::string Percent(double share) {
  const double percent = 100 * share;
  return percent < 10 ? fmt::format("{:.2g} %", percent)
                      : fmt::format("{:.0f} %", percent);
}

std::string Name(const std::string& name) { return Clip(name, kNameBytes); }

std::vector<std::string> Names(const std::vector<std::string>& names) {
  std::vector<std::string> clipped;
  clipped.reserve(names.size());
  for (const std::string& name : names) clipped.push_back(Name(name));
  return clipped;
}

std::string TargetLine(const TargetProfile& target) {
  std::string text = fmt::format("target {} ({})", Name(target.name),
                                 std::string(TargetKindName(target.kind)));
  if (target.kind != TargetKind::kRegression) {
    std::vector<std::string> classes;
    classes.reserve(target.classes.size());
    for (const ValueShare& value : target.classes) {
      classes.push_back(Name(value.value) + " " + Percent(value.share));
    }
    text += fmt::format(": {} classes: {}", target.classes.size(),
                        ListSome(classes, kMostClasses));
  } else if (target.numeric) {
    text += fmt::format(": {}from {} to {}, mean {}, median {}, skew {}",
                        target.integers ? "integers " : "", Short(target.min),
                        Short(target.max), Short(target.mean),
                        Short(target.median), Short(target.skew));
    if (std::isfinite(target.log_skew)) {
      text += ", of log(1 + y) " + Short(target.log_skew);
    }
    if (target.zero_share > 0) {
      text += ", " + Percent(target.zero_share) + " zeros";
    }
    if (target.heavy_tail) text += "; few large values decide squared errors";
  }
  if (target.missing_share > 0) {
    text += "; " + Percent(target.missing_share) + " of train has no label";
  }
  return text;
}

// Columns ranked by `value`, where it is above `least`: "a 0.8, b 0.3".
template <typename Value, typename Show>
std::string Ranked(const Profile& profile, double least, Value value,
                   Show show) {
  std::vector<std::pair<double, const ColumnProfile*>> found;
  for (const ColumnProfile& column : profile.columns) {
    const double number = value(column);
    if (std::isfinite(number) && number > least) {
      found.emplace_back(number, &column);
    }
  }
  std::ranges::stable_sort(found, std::ranges::greater{},
                           &std::pair<double, const ColumnProfile*>::first);
  std::vector<std::string> words;
  words.reserve(found.size());
  for (const auto& [number, column] : found) {
    words.push_back(Name(column->name) + " " + show(number));
  }
  return ListSome(words, kMostColumns);
}

std::string TimeLine(const TimeProfile& time) {
  std::string text =
      fmt::format("column {} holds dates: train from {} to {} ({} days)",
                  Name(time.column), FormatDate(time.train_first),
                  FormatDate(time.train_last), time.train_days);
  switch (time.test) {
    case TestTime::kNone:
      break;
    case TestTime::kAfter:
      text += fmt::format(
          "; test is the future: {} days from {} to {}, so nothing from within "
          "them is known when predicting",
          time.test_days, FormatDate(time.test_first),
          FormatDate(time.test_last));
      break;
    case TestTime::kGaps:
      text += fmt::format(
          "; test has days of its own between train's, in runs of about {}",
          Short(time.test_run_days));
      break;
    case TestTime::kMixed:
      text += "; test has the same days";
      break;
  }
  if (!time.series.empty()) {
    text += fmt::format("; {} series, one for each {}", time.series_count,
                        ListSome(Names(time.series), kMostColumns));
  }
  return text;
}

std::string GroupLine(const GroupProfile& group) {
  std::string text =
      fmt::format("{}{} names {} groups of rows",
                  group.separator.empty()
                      ? std::string()
                      : "what stands before '" + group.separator + "' in ",
                  Name(group.column), group.groups);
  if (std::isfinite(group.unseen_share)) {
    text += fmt::format("; {} of test's rows are in groups that train lacks",
                        Percent(group.unseen_share));
  }
  return text;
}

// Lines on single columns, those that hold for many first.
void AddColumnLines(const Profile& profile, std::vector<std::string>& lines) {
  const auto add = [&lines](const std::string& what, const std::string& list) {
    if (!list.empty()) lines.push_back(what + list);
  };
  const auto share = [](double value) { return Percent(value); };
  add("signal of single columns with the target, 0 to 1: ",
      Ranked(
          profile, 0,
          [&](const auto& column) {
            // What test lacks tells nothing that could be used.
            return column.in_test || profile.test_rows == 0 ? column.signal : 0;
          },
          [](double value) { return fmt::format("{:.2f}", value); }));
  add("test has values that train lacks (share of its rows): ",
      Ranked(
          profile, kSomeUnseen,
          [](const auto& column) {
            const bool words = column.type == ColumnType::kCategory ||
                               column.type == ColumnType::kCode;
            return words ? column.unseen_share : 0;
          },
          share));
  add("differently distributed in test (stability index): ",
      Ranked(
          profile, kShift, [](const auto& column) { return column.psi; },
          [](double value) { return Short(value); }));
  add("missing in train: ",
      Ranked(
          profile, kSomeMissing,
          [](const auto& column) { return column.missing_train; }, share));
  add("a gap tells of the target (0 to 1): ",
      Ranked(
          profile, kSomeOrder,
          [](const auto& column) { return column.missing_signal; },
          [](double value) { return fmt::format("{:.2f}", value); }));
  add("free text, mean words: ",
      Ranked(
          profile, 0,
          [](const auto& column) {
            return column.type == ColumnType::kText ? column.mean_words : 0;
          },
          [](double value) { return Short(value); }));
}

void AddRelationLines(const Profile& profile, std::vector<std::string>& lines) {
  if (!profile.time.column.empty()) lines.push_back(TimeLine(profile.time));
  if (!profile.groups.empty()) {
    lines.push_back(GroupLine(profile.groups.front()));
  }
  if (!profile.train_only.empty()) {
    lines.push_back("only train has: " +
                    ListSome(Names(profile.train_only), kMostColumns));
  }
  for (const SumProfile& sum : profile.sums) {
    std::string parts;
    for (const std::string& part : sum.parts) {
      if (!parts.empty()) parts += " + ";
      parts += Name(part);
    }
    lines.push_back(parts + " = " + Name(sum.whole) + " in every row");
  }
  for (const CoordinatePair& pair : profile.coordinates) {
    lines.push_back(Name(pair.latitude) + " and " + Name(pair.longitude) +
                    " are coordinates");
  }
  if (profile.twins.within_train > kSomeTwins) {
    lines.push_back(fmt::format(
        "{} of train's rows equal another one in all features, {} with another "
        "label; {} of test's rows equal one of train",
        Percent(profile.twins.within_train),
        Percent(profile.twins.unlike_labels),
        Percent(profile.twins.across_test)));
  }
  if (profile.id_order_signal > kSomeOrder) {
    lines.push_back(fmt::format(
        "the order of the rows correlates with the target ({:.2f}){}",
        profile.id_order_signal,
        profile.ids_interleave ? "; ids of train and test interleave" : ""));
  }
}

}  // namespace

std::string ProfileText(const Profile& profile) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} rows of train, {} of test, {} columns",
                              profile.train_rows, profile.test_rows,
                              profile.columns.size()));
  for (size_t i = 0; i < profile.targets.size() && i < kMostTargets; ++i) {
    lines.push_back(TargetLine(profile.targets[i]));
  }
  AddRelationLines(profile, lines);
  AddColumnLines(profile, lines);
  std::string text;
  for (const std::string& line : lines) {
    if (text.size() + line.size() + 3 > kProfileBytes) continue;
    if (!text.empty()) text += '\n';
    text += "- " + line;
  }
  return text;
}

}  // namespace treesmith
