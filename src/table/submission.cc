#include "table/submission.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "table/submission_checker.h"

namespace treesmith {
namespace {

constexpr double kBad = std::numeric_limits<double>::quiet_NaN();

double NumberCell(std::string_view text) {
  return ParseNumber(text).value_or(kBad);
}

double ProbabilityCell(std::string_view text) {
  const double value = NumberCell(text);
  // Rounding may leave the interval by a hair.
  if (value < -kProbabilityRounding || value > 1 + kProbabilityRounding)
    return kBad;
  return std::clamp(value, 0.0, 1.0);
}

// The class of each column of the file; empty: one is none, or stands twice.
std::vector<int> ClassesOfColumns(const Table& table,
                                  const std::vector<int>& columns,
                                  const Target& target) {
  std::vector<int> classes;
  std::vector<bool> seen(target.classes.size(), false);
  for (const int column : columns) {
    const std::string& name = table.columns()[static_cast<size_t>(column)];
    const auto listed = std::find(target.class_columns.begin(),
                                  target.class_columns.end(), name);
    int index = listed != target.class_columns.end()
                    ? static_cast<int>(listed - target.class_columns.begin())
                    : target.ClassOf(name);
    const std::string prefix = target.names.front() + "_";
    if (index < 0 && name.starts_with(prefix)) {
      index = target.ClassOf(std::string_view(name).substr(prefix.size()));
    }
    if (index < 0 || seen[static_cast<size_t>(index)]) return {};
    seen[static_cast<size_t>(index)] = true;
    classes.push_back(index);
  }
  return classes;
}

// Two classes are told by the second one's probability alone.
Predictions OnlySecond(const Predictions& both) {
  Predictions one{both.kind, 1, {}};
  for (size_t i = 1; i < both.values.size(); i += 2) {
    one.values.push_back(both.values[i]);
  }
  return one;
}

// `known` classes in all; those without a column have zeros.
CheckedSubmission ClassPredictions(SubmissionChecker& checker,
                                   const std::vector<int>& columns,
                                   const std::vector<int>& classes,
                                   size_t known, PredictionKind kind) {
  Predictions out = checker.Blank(kind, known);
  const bool probability = kind == PredictionKind::kProbability;
  for (size_t i = 0; i < columns.size(); ++i) {
    checker.ReadColumn(columns[i], static_cast<size_t>(classes[i]), out,
                       probability ? ProbabilityCell : NumberCell,
                       probability ? "a probability" : "a number");
  }
  if (probability) {
    checker.Normalise(out);
    checker.RemarkHardLabels(out);
  }
  if (out.columns == 2) out = OnlySecond(out);
  return std::move(checker).Finish(std::move(out));
}

CheckedSubmission TargetPredictions(SubmissionChecker& checker,
                                    const std::vector<int>& columns,
                                    PredictionKind kind,
                                    const SubmissionChecker::ReadCell& read,
                                    const std::string& wanted) {
  Predictions out = checker.Blank(kind, columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    checker.ReadColumn(columns[i], i, out, read, wanted);
  }
  if (kind == PredictionKind::kProbability) checker.RemarkHardLabels(out);
  return std::move(checker).Finish(std::move(out));
}

// "a b c": the best class first. Scores fall by one from the list's length.
CheckedSubmission ListPredictions(SubmissionChecker& checker, int column,
                                  const Target& target) {
  const size_t width = target.classes.size();
  Predictions out = checker.Blank(PredictionKind::kScore, width);
  size_t next_row = 0;
  const auto read = [&](std::string_view text) {
    float* scores = &out.values[next_row++ * width];
    std::vector<int> listed;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find(' ', at), text.size());
      if (end > at) listed.push_back(target.ClassOf(text.substr(at, end - at)));
      at = end + 1;
    }
    for (size_t i = 0; i < listed.size(); ++i) {
      if (listed[i] < 0) return kBad;
      float& score = scores[listed[i]];
      if (score == 0) score = static_cast<float>(listed.size() - i);
    }
    return listed.empty() ? kBad : 0.0;
  };
  // ReadColumn stores into a column of its own; the scores are made beside.
  Predictions ignored = checker.Blank(PredictionKind::kScore, 1);
  checker.ReadColumn(
      column, 0, ignored, read,
      "a list of labels (such as " + ListWords({target.classes.front()}) + ")");
  return std::move(checker).Finish(std::move(out));
}

}  // namespace

SubmissionSpec SpecOf(const Task& task, const TaskTables& tables,
                      const Target& target, RowKeys rows) {
  SubmissionSpec spec;
  spec.rows = std::move(rows);
  const auto& names = target.kind == SubmissionKind::kClassColumns
                          ? target.class_columns
                          : target.names;
  for (const std::string& name : names) {
    const auto column =
        tables.sample ? tables.sample->FindColumn(name) : std::nullopt;
    spec.predicted.push_back(
        column ? tables.sample->columns()[static_cast<size_t>(*column)] : name);
  }
  if (tables.sample) {
    spec.columns = tables.sample->columns();
  } else {
    spec.columns = task.id;
    spec.columns.insert(spec.columns.end(), spec.predicted.begin(),
                        spec.predicted.end());
  }
  return spec;
}

ExpectedTable ExpectedOf(const SubmissionSpec& spec, const Target& target) {
  const size_t predicted = std::max(target.names.size(), target.classes.size());
  const size_t columns =
      std::max(spec.columns.size(), spec.rows.id_columns.size() + predicted);
  return {static_cast<int64_t>(spec.rows.keys.size()),
          static_cast<int64_t>(columns)};
}

CheckedSubmission ReadSubmission(const std::filesystem::path& path,
                                 const SubmissionSpec& spec,
                                 const Target& target) {
  SubmissionChecker checker(path, spec, target);
  if (!checker.Open() || !checker.MatchRows()) {
    return std::move(checker).Refuse();
  }
  const std::vector<int> columns = checker.FindColumns(spec.predicted);
  if (columns.empty()) return std::move(checker).Refuse();
  checker.RemarkExtraColumns();
  switch (target.kind) {
    case SubmissionKind::kValue:
      return TargetPredictions(checker, columns, PredictionKind::kValue,
                               NumberCell, "a number");
    case SubmissionKind::kLabel:
      return TargetPredictions(
          checker, columns, PredictionKind::kLabel,
          [&](std::string_view text) {
            const int index = target.ClassOf(text);
            return index < 0 ? kBad : index;
          },
          "one of the labels " + ListWords(target.classes));
    case SubmissionKind::kProbability:
      return TargetPredictions(
          checker, columns, PredictionKind::kProbability,
          target.order_only ? NumberCell : ProbabilityCell,
          target.order_only ? "a number" : "a probability");
    case SubmissionKind::kClassColumns: {
      std::vector<int> classes(columns.size());
      std::iota(classes.begin(), classes.end(), 0);
      return ClassPredictions(checker, columns, classes, classes.size(),
                              target.order_only ? PredictionKind::kScore
                                                : PredictionKind::kProbability);
    }
    case SubmissionKind::kLabelList:
      return ListPredictions(checker, columns.front(), target);
  }
  return std::move(checker).Refuse();
}

CheckedSubmission ReadProbabilities(const std::filesystem::path& path,
                                    const SubmissionSpec& spec,
                                    const Target& target) {
  SubmissionChecker checker(path, spec, target);
  if (!checker.Open() || !checker.MatchRows()) {
    return std::move(checker).Refuse();
  }
  const std::vector<int> others = checker.Others();
  if (target.columns() > 1 ||
      (others.size() == 1 && target.classes.size() == 2)) {
    const std::vector<int> columns =
        target.columns() > 1 ? checker.FindColumns(spec.predicted) : others;
    if (columns.empty()) return std::move(checker).Refuse();
    return TargetPredictions(checker, columns, PredictionKind::kProbability,
                             ProbabilityCell, "a probability");
  }
  const std::vector<int> classes =
      ClassesOfColumns(checker.table(), others, target);
  if (classes.empty()) {
    checker.Problem(checker.Name() + " needs a column for each class (" +
                    ListWords(target.classes) + "), it has " +
                    ListWords(checker.table().columns()));
    return std::move(checker).Refuse();
  }
  // A fold's rows of train may lack a class that has few, and a model of them
  // cannot name it.
  const size_t known = target.classes.size();
  if (classes.size() < known) {
    checker.Remark(
        "has no column for " + std::to_string(known - classes.size()) + " of " +
        std::to_string(known) + " classes: their probability counts as 0");
  }
  return ClassPredictions(checker, others, classes, known,
                          PredictionKind::kProbability);
}

CheckedSubmission ReadScores(const std::filesystem::path& path,
                             const SubmissionSpec& spec, const Target& target) {
  SubmissionChecker checker(path, spec, target);
  if (!checker.Open() || !checker.MatchRows()) {
    return std::move(checker).Refuse();
  }
  const std::vector<int> others = checker.Others();
  if (target.kind == SubmissionKind::kLabelList) {
    // Among scores no number says that a class without a column is the last.
    const auto classes = ClassesOfColumns(checker.table(), others, target);
    if (classes.size() == target.classes.size()) {
      return ClassPredictions(checker, others, classes, classes.size(),
                              PredictionKind::kScore);
    }
  }
  const std::vector<int> columns = others.size() == 1 && target.columns() == 1
                                       ? others
                                       : checker.FindColumns(spec.predicted);
  if (columns.empty()) return std::move(checker).Refuse();
  return TargetPredictions(checker, columns, PredictionKind::kScore, NumberCell,
                           "a number");
}

}  // namespace treesmith
