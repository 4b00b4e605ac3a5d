#include "operators/llm/task_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "operators/llm/profile_text.h"
#include "operators/llm/text.h"

namespace treesmith {
namespace {

constexpr size_t kHintBytes = 2'000;
constexpr size_t kLeanGoalBytes = 3'000;
constexpr size_t kLeanPreviewBytes = 1'500;
constexpr size_t kMostNames = 20;
constexpr size_t kMostPackages = 60;

// Installed because others need them; no script imports them.
constexpr auto kSupport = std::to_array<std::string_view>(
    {"cloudpickle", "formulaic", "interface-meta", "narwhals", "packaging",
     "patsy", "pip", "python-dateutil", "pytz", "setuptools", "six",
     "threadpoolctl", "typing-extensions", "tzdata", "wheel", "wrapt"});

// Distributions spell one name with either sign.
bool IsSupport(std::string name) {
  std::ranges::replace(name, '_', '-');
  return std::ranges::find(kSupport, name) != kSupport.end();
}

std::string Quoted(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back("`" + name + "`");
  return ListSome(quoted, kMostNames);
}

std::string Files(const Task& task) {
  std::string text = "`" + task.train + "` (train)";
  if (!task.test.empty()) text += ", `" + task.test + "` (test)";
  if (!task.sample_submission.empty()) {
    text +=
        ", `" + task.sample_submission + "` (sample of a submission's form)";
  }
  if (!task.extra.empty()) text += ", " + Quoted(task.extra);
  return text;
}

std::string SplitText(const PromptFacts& facts) {
  const std::string column = "`" + facts.split_column + "`";
  std::string text;
  switch (facts.split) {
    case SplitKind::kRandom:
      text = "Hidden rows are drawn at random from train.";
      break;
    case SplitKind::kStratified:
      text =
          "Hidden rows are drawn at random from train, with like shares of the "
          "classes.";
      break;
    case SplitKind::kGroup:
      text = "Whole groups of " + column +
             " are hidden: as in the real test, the groups to predict do not "
             "occur in the train that a script gets, so that nothing tied to a "
             "single group carries over.";
      break;
    case SplitKind::kTime:
      text = "The newest stretches of " + column +
             " are hidden: the train that a script gets lies before what it "
             "predicts, as the real train lies before the real test.";
      break;
    case SplitKind::kBlocks:
      text = "Whole runs of days of " + column +
             " are hidden, as in the real test: no row of a day to predict is "
             "in the train that a script gets, but days before and after are.";
      break;
  }
  if (!facts.split_reason.empty()) {
    text += " (Why: " + Clip(facts.split_reason, 300) + ".)";
  }
  return text;
}

std::string RunsText(const PromptFacts& facts) {
  std::string text =
      facts.folds == 1
          ? "A script is run once for its score"
          : fmt::format(
                "A script is run {} times for its score, once a fold, each "
                "time in a new process with other rows",
                facts.folds);
  if (facts.repeats > 1) {
    text += fmt::format(", {} times where it is among the best",
                        facts.folds * facts.repeats);
  }
  text += ", and once more on all of train for the real test.";
  return text;
}

// Who decides labels (design 5.2): thresholds fitted by a script are fitted on
// what it has learnt from.
std::string LabelsText(const PromptFacts& facts) {
  if (facts.needs == Needs::kProbability) {
    return "The submission holds probabilities, not labels.";
  }
  if (facts.needs == Needs::kOrder) {
    return "Only the order of the predictions counts: write probabilities or "
           "scores, not labels.";
  }
  if (facts.needs == Needs::kValue) {
    return "The submission holds the predicted values in the target's own "
           "unit.";
  }
  const bool ordered =
      !facts.profile.targets.empty() &&
      facts.profile.targets.front().kind == TargetKind::kOrdinal;
  std::string text =
      "The host decides labels, with thresholds or cut points fitted across "
      "the folds for the metric; do not tune any. Besides the submission "
      "write ";
  const std::string id = facts.task.id.empty()
                             ? std::string("no id column")
                             : "the id (" + Quoted(facts.task.id) + ")";
  if (ordered) {
    text += "`working/scores.csv` with " + id +
            " and the target's column as a real number before it is cut or "
            "rounded (a regression's answer or an expected class); or ";
  }
  return text + "`working/probabilities.csv` with " + id +
         " and a column for each class, named as the class is written in "
         "train. Without such a file the labels of the submission count.";
}

std::string Packages(const PromptFacts& facts) {
  std::vector<std::string> words;
  for (const PythonPackage& package : facts.packages) {
    if (IsSupport(package.name)) continue;
    words.push_back(package.name + " " + package.version);
  }
  if (words.empty()) return "the standard library alone";
  return ListSome(words, kMostPackages);
}

std::string Hardware(const PromptFacts& facts) {
  std::string text =
      facts.threads == 1
          ? "One processor for a script, so use one thread"
          : fmt::format(
                "{} processors for a script, so use {} threads (n_jobs)",
                facts.threads, facts.threads);
  if (facts.memory_bytes > 0) {
    text += fmt::format("; {:.1f} GiB of memory",
                        static_cast<double>(facts.memory_bytes) /
                            static_cast<double>(int64_t{1} << 30));
  }
  return text + "; no GPU.";
}

std::string ReportedSplit(const Task& task) {
  if (task.split != "auto") {
    return "it splits train by `" + task.split + "`.";
  }
  return "it splits train as test differs from train (by time, by group, or at "
         "random), into folds where the time allows it.";
}

}  // namespace

std::string BetterText(Direction direction) {
  return direction == Direction::kMinimize ? "Lower is better."
                                           : "Higher is better.";
}

PromptValues TaskValues(const PromptFacts& facts) {
  const Task& task = facts.task;
  const bool reported = task.mode == EvaluationMode::kReported;
  PromptValues values;
  values["goal"] = TrimEnd(ClipSentences(task.goal, kGoalBytes));
  values["metric"] = facts.metric;
  values["formula"] = facts.formula;
  values["better"] = BetterText(facts.direction);
  values["target"] =
      task.target.empty() ? "as the task says" : Quoted(task.target);
  values["files"] = task.train.empty() ? "as the task says" : Files(task);
  values["id"] = task.id.empty() ? "" : Quoted(task.id);
  values["hint"] = ClipSentences(facts.hint, kHintBytes);
  values["preview"] = TrimEnd(facts.preview);
  values["profile"] =
      facts.profile.train_rows > 0 ? ProfileText(facts.profile) : "";
  values["hidden"] = reported ? "" : "yes";
  values["reported"] = reported ? "yes" : "";
  values["split"] = reported ? ReportedSplit(task) : SplitText(facts);
  values["runs"] = reported ? "" : RunsText(facts);
  values["labels"] = reported ? "" : LabelsText(facts);
  values["evaluate"] =
      "Nothing that the metric is computed on may have been learnt from, "
      "whether by a model, an encoder, an imputation or a choice of features.";
  values["python"] = "Python " + facts.python_version;
  values["packages"] = Packages(facts);
  values["hardware"] = Hardware(facts);
  return values;
}

PromptValues LeanTaskValues(const PromptFacts& facts) {
  PromptValues values = TaskValues(facts);
  values["goal"] = ClipSentences(values["goal"], kLeanGoalBytes);
  values["preview"] = ClipMiddle(values["preview"], kLeanPreviewBytes);
  values["profile"] = "";
  return values;
}

}  // namespace treesmith
