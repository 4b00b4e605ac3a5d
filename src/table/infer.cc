#include "table/infer.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "table/infer_extra.h"
#include "table/infer_files.h"
#include "table/infer_metric.h"
#include "table/split_rule.h"
#include "table/target.h"
#include "table/task_file.h"
#include "table/value.h"

namespace treesmith {
namespace {

constexpr size_t kNamesShown = 6;
// More classes than a sample could have columns for.
constexpr size_t kMaxClasses = 2000;

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > kNamesShown ? text + ", ..." : text;
}

bool Has(const Table& table, const std::string& name) {
  return table.FindColumn(name).has_value();
}

bool Has(const std::optional<Table>& table, const std::string& name) {
  return table && Has(*table, name);
}

// Columns of train that test lacks.
std::vector<std::string> TrainOnly(const TaskTables& tables) {
  std::vector<std::string> names;
  for (const std::string& name : tables.train.columns()) {
    if (!Has(tables.test, name)) names.push_back(name);
  }
  return names;
}

// Columns of the sample that hold predictions: those that test lacks, and
// without a test all but the first.
std::vector<std::string> PredictionColumns(const TaskTables& tables) {
  std::vector<std::string> names;
  const auto& columns = tables.sample->columns();
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool prediction = tables.test ? !Has(tables.test, columns[i]) : i > 0;
    if (prediction) names.push_back(columns[i]);
  }
  return names;
}

// Whether the values of a column of train are the names in `wanted`, perhaps
// with a common beginning ("Status_" + C).
bool ValuesAre(const Table& train, const std::string& name,
               const std::vector<std::string>& wanted) {
  std::unordered_set<std::string> values;
  const int column = *train.FindColumn(name);
  std::string scratch;
  for (int64_t row = 0; row < train.rows(); ++row) {
    const std::string_view cell = train.Text(row, column, scratch);
    if (cell.empty()) continue;
    values.insert(FoldName(CanonicalValue(cell)));
    if (values.size() > std::min(kMaxClasses, wanted.size())) return false;
  }
  if (values.size() != wanted.size()) return false;
  const auto fits = [&](size_t cut) {
    return std::ranges::all_of(wanted, [&](const std::string& text) {
      return text.size() > cut &&
             values.contains(FoldName(CanonicalValue(text.substr(cut))));
    });
  };
  size_t common = 0;
  while (std::ranges::all_of(wanted, [&](const std::string& text) {
    return common < text.size() && text[common] == wanted[0][common];
  })) {
    ++common;
  }
  for (size_t cut = 0; cut <= common; ++cut) {
    if (fits(cut)) return true;
  }
  return false;
}

class TaskInference {
 public:
  explicit TaskInference(Task stated) { made_.task = std::move(stated); }

  Result<Inference> Run() {
    TRY(InferFiles(task(), made_.reasons));
    TRY_ASSIGN(TaskTables tables, LoadTables(task()));
    TRY(InferTarget(tables));
    InferId(tables);
    TRY(InferMetric(task(), tables, class_columns_, made_.reasons));
    InferExtra(task(), tables, made_.reasons);
    InferGoal();
    TRY(InferSplit(tables));
    made_.tables = std::move(tables);
    return std::move(made_);
  }

 private:
  Task& task() { return made_.task; }
  void Say(std::string key, std::string what, std::string why) {
    made_.reasons.push_back({std::move(key), std::move(what), std::move(why)});
  }

  Status InferTarget(const TaskTables& tables) {
    if (!task().target.empty()) return CheckStated(tables);
    if (tables.sample && FromSample(tables)) return {};
    const std::vector<std::string> candidates =
        tables.test ? WithoutIds(TrainOnly(tables))
                    : std::vector<std::string>();
    if (candidates.size() == 1) {
      task().target = candidates;
      Say("target", candidates[0], "the only column that test lacks");
      return {};
    }
    const std::string act = "infer target in " + task().folder.string() + ": ";
    if (const auto given = GivenTarget(tables)) {
      return BadInput(act + "the sample asks for " + *given + ", but " +
                          task().test + " has that column too",
                      "take it out of " + task().test +
                          ", or name another target with --target COLUMN");
    }
    const std::string hint = "name it with --target COLUMN";
    if (!tables.test) {
      return BadInput(act + "there is no test to compare train's columns with",
                      hint);
    }
    if (candidates.empty()) {
      return BadInput(act + "train has no column that test lacks", hint);
    }
    return BadInput(
        act + "train has " + Listed(candidates) + " that test lacks", hint);
  }

  // A column of all three that is no id: what a test of answers, or of blanks,
  // looks like.
  static std::optional<std::string> GivenTarget(const TaskTables& tables) {
    if (!tables.test || !tables.sample) return std::nullopt;
    const auto& columns = tables.sample->columns();
    for (size_t i = 1; i < columns.size(); ++i) {
      if (Has(tables.train, columns[i]) && Has(tables.test, columns[i])) {
        return columns[i];
      }
    }
    return std::nullopt;
  }

  Status CheckStated(const TaskTables& tables) {
    for (const std::string& name : task().target) {
      if (Has(tables.train, name)) continue;
      return BadInput("infer task in " + task().folder.string() +
                          ": the target " + name + " is not in " + task().train,
                      "name a column with --target COLUMN");
    }
    if (tables.sample && task().target.size() == 1) {
      const auto names = PredictionColumns(tables);
      class_columns_ =
          names.size() > 1 && ValuesAre(tables.train, task().target[0], names);
    }
    return {};
  }

  bool FromSample(const TaskTables& tables) {
    const std::vector<std::string> names = PredictionColumns(tables);
    std::vector<std::string> shared;
    for (const std::string& name : names) {
      // As train writes it: a sample may differ in case.
      if (const auto at = tables.train.FindColumn(name)) {
        shared.push_back(tables.train.columns()[static_cast<size_t>(*at)]);
      }
    }
    if (!shared.empty() && shared.size() == names.size()) {
      task().target = shared;
      Say("target", Listed(shared),
          std::string("what train and sample have") +
              (tables.test ? " and test lacks" : ""));
      return true;
    }
    if (names.size() < 2) return false;
    for (const std::string& name : TrainOnly(tables)) {
      if (!ValuesAre(tables.train, name, names)) continue;
      task().target = {name};
      class_columns_ = true;
      Say("target", name,
          "its values are the sample's columns (" + Listed(names) + ")");
      return true;
    }
    return false;
  }

  // A column that numbers train's rows is no target, if test has no id.
  [[nodiscard]] static std::vector<std::string> WithoutIds(
      std::vector<std::string> names) {
    std::erase_if(names, [](const std::string& name) {
      const std::string folded = FoldName(name);
      return folded == "id" || folded == "index" || folded == "row_id" ||
             folded.starts_with("unnamed:") || folded.empty();
    });
    return names;
  }

  void InferId(const TaskTables& tables) {
    if (!task().id.empty()) return;
    const Table* keyed = tables.test ? &*tables.test : &tables.train;
    if (tables.sample) {
      for (const std::string& name : keyed->columns()) {
        const bool is_target =
            std::ranges::find(task().target, name) != task().target.end();
        if (!is_target && Has(tables.sample, name)) task().id.push_back(name);
      }
      if (!task().id.empty()) {
        Say("id", Listed(task().id),
            std::string("what ") + (tables.test ? "test" : "train") +
                " and sample share" +
                (Has(tables.train, task().id[0]) ? "" : "; train has none"));
        return;
      }
    }
    // Without a sample: a column of that name whose values are all unlike.
    for (const std::string& name : keyed->columns()) {
      const std::string folded = FoldName(name);
      const bool named = folded == "id" || folded.ends_with("_id") ||
                         folded.ends_with("key") || name.ends_with("Id") ||
                         name.ends_with("ID");
      if (!named || !AllUnlike(*keyed, name)) continue;
      task().id = {name};
      Say("id", name, "by its name, and no value repeats");
      return;
    }
    Say("id", "none", "rows are matched by position");
  }

  static bool AllUnlike(const Table& table, const std::string& name) {
    const int column = *table.FindColumn(name);
    std::unordered_set<std::string> seen;
    for (int64_t row = 0; row < table.rows(); ++row) {
      if (!seen.insert(table.Text(row, column)).second) return false;
    }
    return table.rows() > 0;
  }

  void InferGoal() {
    if (!task().goal.empty()) return;
    task().goal = "Predict " + Listed(task().target) + ".";
    Say("goal", '"' + task().goal + '"', "no description is there");
  }

  // The task keeps "auto": the same rule cuts the folds of a run.
  Status InferSplit(const TaskTables& tables) {
    if (task().mode != EvaluationMode::kHidden || task().metric.empty()) {
      return {};
    }
    TRY_ASSIGN(const Target target, ReadTarget(task(), tables));
    TRY_ASSIGN(const SplitRule rule, ChooseSplit(task(), tables, target));
    made_.split = SplitKindName(rule.kind);
    if (!rule.column.empty()) made_.split += ":" + rule.column;
    if (task().split != "auto") return {};
    // The rule's reason begins with its kind.
    Say("split", made_.split, rule.reason.substr(rule.reason.find(": ") + 2));
    return {};
  }

  Inference made_;
  bool class_columns_ = false;
};

}  // namespace

std::string InferenceReason::Line() const {
  return (key.empty() ? what : key + " = " + what) + ": " + why;
}

Result<Inference> InferTask(Task stated) {
  return TaskInference(std::move(stated)).Run();
}

}  // namespace treesmith
