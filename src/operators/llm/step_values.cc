#include "operators/llm/step_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "code/fold_loop.h"
#include "operators/llm/memory_text.h"
#include "operators/llm/text.h"
#include "operators/review.h"
#include "search/words.h"

namespace treesmith {
namespace {

// Of a search that goes on for long, the newest comparisons are between good
// nodes, whose noise is what matters.
constexpr size_t kNewestPairs = 50;
constexpr size_t kMostRefused = 3;
constexpr size_t kMostInFlight = 12;
constexpr size_t kMostFamilies = 12;
constexpr size_t kDiagnosisBytes = 2'000;

// Where what was made before ends being enough of a beginning (AIRA's cue).
constexpr size_t kMinimalBelow = 2;
constexpr size_t kModerateBelow = 4;

// Model families that a package can fit.
struct PackageFamilies {
  std::string_view package;
  std::string_view families;
};
constexpr auto kPackageFamilies = std::to_array<PackageFamilies>({
    {"lightgbm", "lightgbm"},
    {"xgboost", "xgboost"},
    {"xgboost-cpu", "xgboost"},
    {"catboost", "catboost"},
    {"scikit-learn", "linear"},
    {"scikit-learn", "extra-trees"},
    {"scikit-learn", "mlp"},
    {"scikit-learn", "kernel"},
    {"torch", "torch"},
});

bool IsReported(const PromptFacts& facts) {
  return facts.task.mode == EvaluationMode::kReported;
}

std::string NoiseText(const NodeSnapshot& nodes, const PromptFacts& facts) {
  if (IsReported(facts)) {
    return "Scores are what scripts say of themselves: trust no gain that is "
           "small against the spread over folds.";
  }
  const std::optional<double> noise = NoiseLevel(nodes);
  if (!noise) {
    return "Nothing has been compared yet, so the noise of a score is not "
           "known.";
  }
  return "Two scripts whose scores differ by less than about " + Short(*noise) +
         " cannot be told apart (standard error of comparing them on the same "
         "hidden rows): aim for more.";
}

struct FamilyRecord {
  size_t nodes = 0;
  MetricValue best;
};

std::map<std::string_view, FamilyRecord> FamiliesOf(const NodeSnapshot& nodes) {
  std::map<std::string_view, FamilyRecord> families;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    if (!node.complete() || !node.score->value.present()) continue;
    FamilyRecord& record = families[node.family];
    if (record.nodes == 0 || node.score->value.BetterThan(record.best)) {
      record.best = node.score->value;
    }
    ++record.nodes;
  }
  return families;
}

// What the ensemble has and lacks: it gains most from good nodes of other
// kinds.
std::string EnsembleText(const NodeSnapshot& nodes, const PromptFacts& facts) {
  const auto families = FamiliesOf(nodes);
  // What scripts say of themselves is not blended.
  if (families.empty() || IsReported(facts)) return "";
  std::vector<std::pair<std::string_view, FamilyRecord>> ranked(
      families.begin(), families.end());
  std::ranges::stable_sort(ranked, [](const auto& a, const auto& b) {
    return a.second.best.BetterThan(b.second.best);
  });
  std::vector<std::string> have;
  have.reserve(ranked.size());
  for (const auto& [name, record] : ranked) {
    have.push_back(fmt::format("{} {} (best of {})",
                               name.empty() ? "other" : name,
                               Short(record.best.value()), record.nodes));
  }
  std::set<std::string_view> lacking;
  for (const PackageFamilies& row : kPackageFamilies) {
    const bool installed =
        std::ranges::any_of(facts.packages, [&](const PythonPackage& package) {
          return package.name == row.package;
        });
    if (installed && !families.contains(row.families)) {
      lacking.insert(row.families);
    }
  }
  std::string text =
      "The final answer blends the best scripts, so a good one of another kind "
      "is worth more than a near copy. Best score by kind: " +
      ListSome(have, kMostFamilies) + ".";
  if (!lacking.empty()) {
    const std::vector<std::string> names(lacking.begin(), lacking.end());
    text += " Nothing scored yet of: " + ListSome(names, kMostFamilies) + ".";
  }
  return text;
}

std::string InFlightText(const Assignment& assignment) {
  const std::set<std::string> labels(assignment.changes_in_flight.begin(),
                                     assignment.changes_in_flight.end());
  return ListSome({labels.begin(), labels.end()}, kMostInFlight);
}

std::string RefusedText(const Assignment& assignment) {
  const auto& refused = assignment.refused;
  const size_t from =
      refused.size() > kMostRefused ? refused.size() - kMostRefused : 0;
  return ListSome(
      {refused.begin() + static_cast<std::ptrdiff_t>(from), refused.end()},
      kMostRefused);
}

// Drafts so far, or what was made of the parent so far.
size_t MadeBefore(const Assignment& assignment) {
  size_t count = 0;
  for (size_t i = 0; i < assignment.nodes.size(); ++i) {
    const Node& node = assignment.nodes[i];
    const bool counts =
        assignment.parents.empty()
            ? node.parents.empty()
            : std::ranges::find(node.parents, assignment.parents.front().id) !=
                  node.parents.end();
    if (counts) ++count;
  }
  return count;
}

std::string CueText(const Assignment& assignment) {
  const size_t made = MadeBefore(assignment);
  if (assignment.op == Operator::kDraft) {
    if (made < kMinimalBelow) {
      return "Minimal: one proven model with the features that matter most, a "
             "strong baseline without ornament.";
    }
    if (made < kModerateBelow) {
      return "Moderate: a stronger or less usual model, features made for "
             "these "
             "data, at most a small blend or a little tuning.";
    }
    return "Elaborate: a specialised approach with carefully made features, "
           "several stages or models, tuned within the limit.";
  }
  if (assignment.op == Operator::kImprove) {
    if (made < kMinimalBelow) {
      return "Minimal: a small change of low risk.";
    }
    if (made < kModerateBelow) {
      return "Moderate: a change of one whole part, such as its features, its "
             "model or how its target is treated.";
    }
    return "Elaborate: a substantial extension; small changes have been tried. "
           "Keep the core.";
  }
  return "";
}

const Node& NodeOf(const Assignment& assignment, const ParentView& parent) {
  return assignment.nodes[parent.id.index()];
}

// Without the lines that a clock measured.
std::string DiagnosisText(const ParentView& parent) {
  std::string text;
  size_t at = 0;
  while (at < parent.diagnosis.size()) {
    const size_t end =
        std::min(parent.diagnosis.find('\n', at), parent.diagnosis.size());
    const std::string line = parent.diagnosis.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with("took ")) text += line + "\n";
  }
  return TrimEnd(Clip(text, kDiagnosisBytes));
}

std::string FailureText(const Node& node) {
  std::string text = ReviewFailure(node.outcome);
  if (!node.finding.empty() && node.finding != text) {
    text += "\n\n" + Clip(node.finding, kDiagnosisBytes);
  }
  return text;
}

std::chrono::milliseconds SecondsARun(const Node& node) {
  const auto runs =
      static_cast<int64_t>(std::max<size_t>(1, node.predictions.size()));
  return node.seconds / runs;
}

// A loop over folds around a fit costs a multiple of what the host's own folds
// need; scripts of models have it unless they are told.
std::string WarningText(const Assignment& assignment,
                        const PromptFacts& facts) {
  if (IsReported(facts)) return "";
  std::string text;
  for (const ParentView& parent : assignment.parents) {
    const std::optional<FoldLoop> loop = FindFoldLoop(parent.code);
    if (!loop) continue;
    const Node& node = NodeOf(assignment, parent);
    const std::string times =
        loop->folds > 0 ? fmt::format("{} times", loop->folds) : "once a fold";
    if (!text.empty()) text += "\n";
    text += fmt::format(
        "The script of node {} fits its model {} in a loop over folds (line "
        "{}), although the host runs it once for each of its own {} folds "
        "already. It took {} a run",
        parent.id.value, times, loop->line, facts.folds,
        DurationText(SecondsARun(node)));
    if (loop->folds > 1) {
      text += fmt::format(
          ", about {} times what one fit needs: one fit would "
          "take about {}",
          loop->folds, DurationText(SecondsARun(node) / loop->folds));
    }
    text +=
        ". Keep such a loop only where its folds serve the prediction (out-of-"
        "fold encodings, stacking, averaging); a score that it prints serves "
        "nothing.";
  }
  return text;
}

std::string BudgetText(const Assignment& assignment, const PromptFacts& facts) {
  std::string text = fmt::format("A run of the script may take at most {}",
                                 DurationText(assignment.script_timeout));
  if (facts.folds > 1) text += "; aim for a fraction of that";
  text += ".";
  for (const ParentView& parent : assignment.parents) {
    const auto taken = SecondsARun(NodeOf(assignment, parent));
    if (taken.count() == 0) continue;
    text += fmt::format(" Node {} took {} a run.", parent.id.value,
                        DurationText(taken));
  }
  if (assignment.time_left.count() > 0) {
    text += " The whole search has " + DurationText(assignment.time_left) +
            " left.";
  }
  if (assignment.steps_left > 0) {
    text += fmt::format(
        " {} left.", Count(static_cast<size_t>(assignment.steps_left), "step"));
  }
  return text;
}

void AddParents(const Assignment& assignment, PromptValues& values) {
  const auto& parents = assignment.parents;
  static constexpr auto kPrefixes =
      std::to_array<std::string_view>({"", "other_"});
  for (size_t i = 0; i < kPrefixes.size(); ++i) {
    const std::string prefix(kPrefixes[i]);
    const bool there = i < parents.size();
    values[prefix + "parent"] =
        there ? NodeName(NodeOf(assignment, parents[i])) : "";
    values[prefix + "code"] = there ? TrimEnd(parents[i].code) : "";
    values[prefix + "diagnosis"] = there ? DiagnosisText(parents[i]) : "";
  }
}

}  // namespace

std::optional<double> NoiseLevel(const NodeSnapshot& nodes) {
  std::vector<double> errors;
  for (size_t i = nodes.size(); i > 0 && errors.size() < kNewestPairs; --i) {
    const std::optional<NodeScore>& score = nodes[i - 1].score;
    if (!score) continue;
    const auto& pair = score->over_best ? score->over_best : score->over_parent;
    if (pair && pair->standard_error > 0) {
      errors.push_back(pair->standard_error);
    }
  }
  if (errors.empty()) return std::nullopt;
  const auto middle =
      errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
  std::ranges::nth_element(errors, middle);
  return *middle;
}

PromptValues StepValues(const Assignment& assignment, const PromptFacts& facts,
                        const LlmOptions& options) {
  PromptValues values;
  MemoryQuery query;
  query.scope = options.MemoryOf(assignment.op);
  query.op = assignment.op;
  query.max_nodes = options.memory_nodes;
  query.max_tokens = options.memory_tokens;
  for (const ParentView& parent : assignment.parents) {
    query.parents.push_back(parent.id);
  }
  values["memory"] = MemoryText(assignment.nodes, query);
  values["cue"] = options.complexity_cue ? CueText(assignment) : "";
  values["noise"] = NoiseText(assignment.nodes, facts);
  values["ensemble"] = EnsembleText(assignment.nodes, facts);
  values["in_flight"] = InFlightText(assignment);
  values["refused"] = RefusedText(assignment);
  AddParents(assignment, values);
  return values;
}

PromptValues MeasuredValues(const Assignment& assignment,
                            const PromptFacts& facts,
                            const LlmOptions& options) {
  const auto& parents = assignment.parents;
  const bool debug = assignment.op == Operator::kDebug && !parents.empty();
  // AIDE shows what a script printed only when it failed.
  const bool shown = debug || options.operators == OperatorSet::kAira;
  const auto output = [&](size_t i) {
    return shown && i < parents.size()
               ? TrimEnd(ClipMiddle(parents[i].output, options.output_bytes))
               : std::string();
  };
  PromptValues values;
  values["failure"] =
      debug ? FailureText(NodeOf(assignment, parents.front())) : "";
  values["warning"] = WarningText(assignment, facts);
  values["output"] = output(0);
  values["other_output"] = output(1);
  values["budget"] = BudgetText(assignment, facts);
  return values;
}

}  // namespace treesmith
