#include "table/infer_metric.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "score/metric.h"
#include "table/profile_cell.h"
#include "table/value.h"

namespace treesmith {
namespace {

// A metric of one column and its mean over several, by short name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5>
    kColumnwise = {{{"rmse", "mcrmse"},
                    {"rmsle", "mcrmsle"},
                    {"mae", "mcmae"},
                    {"auc", "mcauc"},
                    {"log_loss", "mean_columnwise_log_loss"}}};

// Whole numbers of so few values may be classes.
constexpr size_t kClassValues = 20;
constexpr size_t kMaxClasses = 1000;

// The values of one target column.
struct TargetValues {
  std::string name;
  bool numbers = true;
  bool integers = true;
  std::string text;                          // one that is no number
  std::unordered_set<std::string> distinct;  // kMaxClasses + 1 at most
  int64_t present = 0;
};

TargetValues ReadValues(const Table& train, const std::string& name) {
  TargetValues values;
  values.name = name;
  const std::optional<int> column = train.FindColumn(name);
  if (!column) return values;
  std::string scratch;
  for (int64_t row = 0; row < train.rows(); ++row) {
    const std::string_view cell = train.Text(row, *column, scratch);
    if (IsMissingCell(cell)) continue;
    ++values.present;
    const std::optional<double> number = ParseNumberCell(cell);
    if (!number && values.numbers) {
      values.numbers = false;
      values.text = cell;
    }
    values.integers =
        values.integers && number && *number == std::floor(*number);
    if (values.distinct.size() <= kMaxClasses) {
      values.distinct.insert(CanonicalValue(cell));
    }
  }
  return values;
}

// The section that speaks of the evaluation, up to the next long one; empty
// where there is none.
std::string_view EvaluationSection(std::string_view goal) {
  constexpr size_t kSectionBytes = 2000;
  for (size_t begin = 0; begin < goal.size();) {
    const size_t end = std::min(goal.find('\n', begin), goal.size());
    std::string line;
    for (const char c : goal.substr(begin, std::min<size_t>(end - begin, 60))) {
      if (c != '#' && c != '*' && c != ' ') line += c;
    }
    const std::string folded = FoldName(line);
    if (folded.starts_with("evaluation") || folded.starts_with("metric") ||
        folded.starts_with("scoring")) {
      return goal.substr(begin, kSectionBytes);
    }
    begin = end + 1;
  }
  return {};
}

// The same metric for one target or for several.
Metric FitColumns(const Metric& metric, size_t targets) {
  for (const auto& [one, several] : kColumnwise) {
    const Result<Metric> single = FindMetric(one);
    const Result<Metric> mean = FindMetric(several);
    if (!single.ok() || !mean.ok()) continue;
    if (targets > 1 && metric.name() == single->name()) return *mean;
    if (targets == 1 && metric.name() == mean->name()) return *single;
  }
  return metric;
}

bool SampleHasFractions(const TaskTables& tables, const std::string& target) {
  if (!tables.sample) return false;
  const TargetValues values = ReadValues(*tables.sample, target);
  return values.present > 0 && values.numbers && !values.integers;
}

// Where nobody says: name and why.
std::pair<std::string_view, std::string> DefaultMetric(
    const TargetValues& values, const TaskTables& tables, bool class_columns) {
  const std::string count = std::to_string(values.distinct.size());
  if (class_columns) return {"log_loss", "the sample has a column a class"};
  if (values.distinct.size() == 2 && (!values.numbers || values.integers)) {
    return values.numbers ? std::pair{"auc", "the target " + values.name +
                                                 " has two numbers for values"}
                          : std::pair{"accuracy", "the target " + values.name +
                                                      " has two labels"};
  }
  const bool classes =
      !values.numbers ||
      (values.integers && values.distinct.size() <= kClassValues &&
       !SampleHasFractions(tables, values.name));
  if (classes) {
    return {"accuracy",
            "the target " + values.name + " has " + count + " classes"};
  }
  return {"rmse", "the target " + values.name + " is a number"};
}

// What speaks against scoring the target by the metric; empty: nothing.
std::string Contradiction(const Metric& metric, const TargetValues& values) {
  const size_t count = values.distinct.size();
  switch (metric.target()) {
    case TargetType::kNumber:
      if (!values.numbers) return "has texts such as " + values.text;
      return "";
    case TargetType::kBinary:
      // Two classes and, for AUC, one against the rest of several.
      if (count > 2 && metric.short_name() != "auc") {
        return "has more than two values";
      }
      [[fallthrough]];
    case TargetType::kClasses:
      if (count < 2) return "has one value only";
      if (count > kMaxClasses || (values.numbers && !values.integers)) {
        return "is a measured number";
      }
      return "";
    case TargetType::kOrdered:
      if (count > kMaxClasses || (values.numbers && !values.integers)) {
        return "is a measured number";
      }
      return "";
  }
  return "";
}

std::string_view Wants(const Metric& metric) {
  switch (metric.target()) {
    case TargetType::kNumber:
      return "a number";
    case TargetType::kBinary:
      return "two classes";
    case TargetType::kClasses:
      return "classes";
    case TargetType::kOrdered:
      return "ordered classes";
  }
  return "";
}

// What a custom metric compares, where that is not stated.
void InferNeeds(Task& task, const TaskTables& tables, bool class_columns,
                std::vector<InferenceReason>& reasons) {
  if (!task.metric_needs.empty() || task.target.empty()) return;
  const TargetValues values = ReadValues(tables.train, task.target.front());
  if (class_columns) {
    task.metric_needs = "probability";
    reasons.push_back(
        {"needs", "probability", "the sample has a column a class"});
  } else if (values.numbers) {
    task.metric_needs = "value";
    reasons.push_back(
        {"needs", "value", "the target " + values.name + " holds numbers"});
  } else {
    task.metric_needs = "label";
    reasons.push_back(
        {"needs", "label",
         "the target " + values.name + " has texts such as " + values.text});
  }
}

// A sentence in place of a metric's name, as people write behind --eval.
void TakeFromWords(Task& task, std::vector<InferenceReason>& reasons) {
  if (task.metric.empty() || FindMetric(task.metric).ok()) return;
  const std::optional<Metric> named = FindMetricInText(task.metric);
  if (!named) return;
  reasons.push_back({"metric", named->short_name(),
                     "the words \"" + task.metric + "\" name it"});
  task.metric = named->short_name();
}

}  // namespace

Status InferMetric(Task& task, const TaskTables& tables, bool class_columns,
                   std::vector<InferenceReason>& reasons) {
  if (task.mode != EvaluationMode::kHidden) return {};
  if (task.metric.empty() && !task.metric_script.empty()) {
    task.metric = "custom";
    reasons.push_back({"metric", "custom", "a metric script is named"});
  }
  if (task.metric == "custom") {
    InferNeeds(task, tables, class_columns, reasons);
    return {};
  }
  TakeFromWords(task, reasons);
  std::vector<TargetValues> targets;
  targets.reserve(task.target.size());
  for (const std::string& name : task.target) {
    targets.push_back(ReadValues(tables.train, name));
  }
  if (task.metric.empty()) {
    std::optional<Metric> metric =
        FindMetricInText(EvaluationSection(task.goal));
    if (!metric) metric = FindMetricInText(task.goal);
    std::string why = "the description names it";
    if (!metric) {
      const auto [name, reason] =
          DefaultMetric(targets.front(), tables, class_columns);
      TRY_ASSIGN(metric, FindMetric(name));
      why = reason + ", and no text names a metric";
    }
    const Metric fitted = FitColumns(*metric, targets.size());
    if (fitted.name() != metric->name()) {
      why += targets.size() > 1 ? "; the mean over the targets"
                                : "; there is one target";
    }
    task.metric = fitted.short_name();
    reasons.push_back({"metric", task.metric, why});
  }
  TRY_ASSIGN(const Metric metric, FindMetric(task.metric));
  for (const TargetValues& values : targets) {
    if (const std::string against = Contradiction(metric, values);
        !against.empty()) {
      return BadInput("infer metric: " + task.metric + " needs " +
                          std::string(Wants(metric)) + ", the target " +
                          values.name + " " + against,
                      "name another metric with --metric NAME, or another "
                      "target with --target COLUMN");
    }
  }
  return {};
}

}  // namespace treesmith
