#include "ui/run_facts.h"

#include <fmt/format.h>

#include <cmath>

#include "ui/tree_text.h"

namespace treesmith {
namespace {

// The stories of nodes, and of steps that have no node yet.
class Historian {
 public:
  void See(const Event& event) {
    if (const auto* proposed = std::get_if<Proposed>(&event.body)) {
      open_[proposed->step].why = proposed->proposal.why;
    } else if (const auto* unit = std::get_if<FoldRun>(&event.body)) {
      open_[unit->step].units.push_back(*unit);
    } else if (const auto* added = std::get_if<NodeAdded>(&event.body)) {
      auto story = open_.extract(added->step);
      story.mapped().added = event.elapsed;
      stories_.push_back(std::move(story.mapped()));
    }
  }
  std::vector<NodeStory> Take() { return std::move(stories_); }

 private:
  std::map<StepId, NodeStory> open_;
  std::vector<NodeStory> stories_;
};

}  // namespace

std::set<NodeId> RunFacts::chosen() const {
  std::set<NodeId> nodes;
  if (!answer.choice) return nodes;
  for (const Member& member : answer.choice->members) nodes.insert(member.node);
  return nodes;
}

std::optional<NodeId> RunFacts::best() const {
  if (answer.choice) return answer.choice->best;
  return tree().best();
}

Result<RunFacts> FactsOf(const RunRecord& record) {
  RunFacts facts;
  facts.record = &record;
  Historian historian;
  for (const Event& event : record.events) historian.See(event);
  facts.stories = historian.Take();
  facts.budget = record.config.budget;
  if (record.state->budget()) {
    TRY_ASSIGN(facts.budget, DecodeBudget(*record.state->budget()));
  }
  TRY_ASSIGN(facts.answer, record.answer());
  TRY_ASSIGN(const std::string profile, ProfileOf(record));
  if (!profile.empty()) {
    TRY_ASSIGN(facts.profile, DecodeProfile(profile));
  }
  return facts;
}

std::vector<const Node*> NodesOf(const Tree& tree) {
  const NodeSnapshot snapshot = tree.Nodes();
  std::vector<const Node*> nodes;
  nodes.reserve(snapshot.size());
  for (size_t i = 0; i < snapshot.size(); ++i) nodes.push_back(&snapshot[i]);
  return nodes;
}

Result<std::string> TextOf(const RunRecord& record, const Hash128& hash) {
  if (hash.IsZero()) return std::string();
  return record.store->ReadBlob(hash);
}

std::string CountOutcomes(const Tree& tree) {
  std::map<OutcomeKind, size_t> counts;
  for (const Node* node : NodesOf(tree)) ++counts[node->outcome.kind];
  std::string text;
  for (const auto& [kind, count] : counts) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", count, OutcomeName(kind));
  }
  return text;
}

std::string EndOf(const RunRecord& record) {
  if (!record.state->finished()) return "it has not ended";
  const std::string& reason = record.state->finished()->reason;
  if (reason == "steps") return "all steps of the budget are used";
  if (reason == "time") return "the time of the budget is used";
  return reason;
}

std::string FormatCost(const std::optional<double>& usd) {
  return usd ? fmt::format("${:.4f}", *usd) : "unknown";
}

std::string FormatGain(const PairedGain& gain) {
  return fmt::format("{:+.4g} +- {:.2g}", gain.mean, gain.standard_error);
}

std::string FormatScoreWithError(const NodeScore& score) {
  std::string text = FormatScore(score.value);
  if (std::isfinite(score.standard_error) && score.standard_error > 0) {
    text += fmt::format(" +- {:.2g}", score.standard_error);
  }
  return text;
}

std::string FormatPromise(const Choice& choice) {
  if (!choice.honest_score) return "";
  NodeScore score;
  // The direction is not shown.
  score.value = MetricValue(*choice.honest_score, Direction::kMinimize);
  score.standard_error = choice.honest_error.value_or(0);
  return FormatScoreWithError(score);
}

}  // namespace treesmith
