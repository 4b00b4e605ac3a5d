#include "ui/show.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <map>

#include "ui/run_facts.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

// Width of the words on the left, so that what they name lines up.
constexpr size_t kLabelWidth = 11;
constexpr size_t kMostAlarms = 12;

void AddLine(std::string& text, std::string_view label,
             std::string_view value) {
  if (value.empty()) return;
  text += fmt::format("{:<{}}{}\n", label, kLabelWidth, Harmless(value));
}

// A heading and a long text below it.
void AddBlock(std::string& text, const ScreenTraits& traits,
              std::string_view heading, std::string_view block) {
  if (block.empty()) return;
  text += "\n" + Paint(traits, Color::kBold, heading) + "\n" + Harmless(block);
  if (!text.ends_with('\n')) text += '\n';
}

// Alarms of any node, and checks that were not made: nothing is silent.
std::string AlarmLines(const RunState& state) {
  std::string text;
  size_t count = 0;
  for (const Checked& checked : state.checks()) {
    if (checked.check.verdict == CheckVerdict::kClear) continue;
    if (++count > kMostAlarms) continue;
    AddLine(text, checked.check.alarm() ? "ALARM" : "unchecked",
            CheckText(checked));
  }
  if (count > kMostAlarms) {
    AddLine(
        text, "",
        fmt::format("and {} more; --json has them all", count - kMostAlarms));
  }
  return text;
}

std::string BestLine(const RunFacts& facts) {
  const std::optional<NodeId> best = facts.best();
  if (!best) return "no node is scored on every unit";
  const Node& node = facts.tree().at(*best);
  return fmt::format("node {}, {}  {}", best->value, node.change,
                     FormatScoreWithError(*node.score));
}

std::string AnswerLine(const Choice& choice, Direction direction) {
  if (choice.members.size() < 2) return choice.why;
  std::string text = fmt::format("{} nodes  ", choice.members.size());
  text += FormatScore(MetricValue(choice.score, direction));
  text += fmt::format(" +- {:.2g} ({})", choice.standard_error, choice.why);
  for (const Member& member : choice.members) {
    text += fmt::format("\n{:<{}}node {} x {:.3g}", "", kLabelWidth,
                        member.node.value, member.weight);
  }
  return text;
}

std::string UsedLine(const RunFacts& facts) {
  const RunState& state = *facts.record->state;
  std::string text = fmt::format("{}", state.next_step().value);
  if (facts.budget.steps) text += fmt::format(" of {}", *facts.budget.steps);
  text += " steps, " + FormatDuration(state.elapsed());
  if (facts.budget.time) text += " of " + FormatDuration(*facts.budget.time);
  const Usage& usage = state.usage();
  if (usage.calls > 0) {
    text += fmt::format(", {} tokens in {} calls, cost {}", usage.tokens(),
                        usage.calls, FormatCost(usage.cost_usd));
  }
  return text;
}

// Where contenders went on to later rungs: how many nodes have how many folds.
std::string RungLine(const Tree& tree) {
  std::map<size_t, int> nodes;
  for (const NodeId id : tree.complete()) {
    ++nodes[tree.at(id).predictions.size()];
  }
  if (nodes.size() < 2) return "";
  std::string text;
  for (const auto& [folds, count] : nodes) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} on {} folds", count, folds);
  }
  return text + ": repeats for contenders";
}

std::string JoinParents(const Node& node) {
  std::string text;
  for (const NodeId parent : node.parents) {
    if (!text.empty()) text += ", ";
    text += std::to_string(parent.value);
  }
  return text;
}

std::string UnitText(const FoldRun& unit) {
  std::string text = fmt::format("fold {:<3} ", unit.unit + 1);
  if (unit.value) {
    text += fmt::format("{:<10.5g}", *unit.value);
  } else {
    text += fmt::format("{:<10}", OutcomeName(unit.outcome.kind));
  }
  text += " " + FormatDuration(unit.wall);
  if (unit.peak_memory_bytes > 0) {
    text += fmt::format(", {} MiB", unit.peak_memory_bytes >> 20);
  }
  if (!unit.outcome.detail.empty()) text += "  " + unit.outcome.detail;
  return text + "\n";
}

std::string ScoreLines(const Node& node) {
  std::string text;
  if (!node.score) return text;
  const NodeScore& score = *node.score;
  AddLine(text, "score",
          FormatScoreWithError(score) +
              (score.partial ? "  partial: stopped early by racing" : ""));
  if (score.over_parent) {
    AddLine(text, "gain",
            FormatGain(*score.over_parent) + " over its parent, same rows");
  }
  if (score.over_best) {
    AddLine(text, "", FormatGain(*score.over_best) + " over the best before");
  }
  if (score.over_ensemble) {
    AddLine(text, "",
            FormatGain(*score.over_ensemble) + " for the present ensemble");
  }
  return text;
}

std::string HeadOfNode(const RunFacts& facts, const Node& node) {
  std::string text;
  AddLine(text, "operator",
          fmt::format("{} (step {})", OperatorName(node.op), node.step.value));
  AddLine(text, "parents", JoinParents(node));
  AddLine(text, "why", facts.story(node.id).why);
  AddLine(text, "change", node.change);
  AddLine(text, "family", node.family);
  AddLine(text, "plan", node.plan);
  std::string outcome(OutcomeName(node.outcome.kind));
  if (!node.outcome.detail.empty()) outcome += ": " + node.outcome.detail;
  AddLine(text, "outcome", outcome);
  text += ScoreLines(node);
  AddLine(text, "time", FormatDuration(node.seconds));
  if (node.usage.calls > 0) {
    AddLine(text, "asked",
            fmt::format("{} calls, {} tokens, cost {}", node.usage.calls,
                        node.usage.tokens(), FormatCost(node.usage.cost_usd)));
  }
  AddLine(text, "finding", node.finding);
  for (const Checked& checked : facts.record->state->checks()) {
    if (checked.node != node.id) continue;
    AddLine(text, checked.check.alarm() ? "ALARM" : "checked",
            checked.check.name + ": " + checked.check.text);
  }
  return text;
}

}  // namespace

Result<NodeId> ParseNode(const RunRecord& record, std::string_view text) {
  NodeId id;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), id.value);
  const size_t size = record.state->tree().size();
  const bool number = error == std::errc() && end == text.data() + text.size();
  if (number && id.valid() && id.index() < size) return id;
  const std::string there =
      size == 0 ? "the run has no nodes yet"
                : "the run has nodes 0 to " + std::to_string(size - 1);
  return BadInput("show node " + std::string(text) + ": " + there);
}

Result<std::string> ShowRun(const RunRecord& record, const ScreenTraits& traits,
                            size_t max_lines) {
  TRY_ASSIGN(const RunFacts facts, FactsOf(record));
  const RunConfig& config = record.config;
  std::string text = Paint(traits, Color::kBold, Harmless(config.task_name));
  text += fmt::format("  {}, {}; coder {}, policy {}, seed {}\n", config.metric,
                      DirectionName(config.direction), config.coder,
                      config.policy, config.seed);
  if (facts.profile) {
    AddLine(text, "data",
            fmt::format("{} rows of train, {} of test, {} columns",
                        facts.profile->train_rows, facts.profile->test_rows,
                        facts.profile->columns.size()));
  }
  if (record.state->plan()) AddLine(text, "plan", record.state->plan()->text);
  AddLine(text, "ended", EndOf(record));
  AddLine(text, "best", BestLine(facts));
  if (facts.answer.choice) {
    AddLine(text, "chosen", AnswerLine(*facts.answer.choice, config.direction));
    const std::string promise = FormatPromise(*facts.answer.choice);
    if (!promise.empty()) {
      AddLine(text, "promised",
              promise + ": what the whole selection is worth");
    }
  }
  text += AlarmLines(*record.state);
  AddLine(text, "used", UsedLine(facts));
  AddLine(text, "disk",
          FormatDisk(record.store->bytes_on_disk(), facts.budget,
                     record.state->next_step().value, record.state->elapsed()));
  AddLine(
      text, "nodes",
      fmt::format("{}: {}", facts.tree().size(), CountOutcomes(facts.tree())));
  AddLine(text, "complete", RungLine(facts.tree()));
  if (config.sandbox == "none") {
    AddLine(text, "notice", "scripts ran without a sandbox");
  }
  TreeTextOptions options;
  options.traits = traits;
  options.max_lines = max_lines;
  options.chosen = facts.chosen();
  if (facts.tree().size() > 0) text += '\n';
  for (const std::string& line : TreeText(facts.tree(), options)) {
    text += line + '\n';
  }
  return text;
}

Result<std::string> ShowNode(const RunRecord& record, NodeId id,
                             const ScreenTraits& traits) {
  TRY_ASSIGN(const RunFacts facts, FactsOf(record));
  const Node& node = facts.tree().at(id);
  std::string text =
      Paint(traits, Color::kBold, "node " + std::to_string(id.value));
  if (facts.tree().best() == id) text += "  best";
  if (facts.chosen().contains(id)) text += "  chosen";
  text += '\n' + HeadOfNode(facts, node);
  std::string units;
  for (const FoldRun& unit : facts.story(id).units) units += UnitText(unit);
  AddBlock(text, traits, "folds", units);
  TRY_ASSIGN(const std::string diagnosis, TextOf(record, node.diagnosis));
  AddBlock(text, traits, "diagnosis", diagnosis);
  TRY_ASSIGN(const std::string script, TextOf(record, node.script));
  AddBlock(text, traits, "script", script);
  TRY_ASSIGN(const std::string output, TextOf(record, node.output));
  AddBlock(text, traits, "output", output);
  return text;
}

std::string ShowCanonical(const RunRecord& record) {
  std::string text;
  for (const Event& event : record.events) {
    if (const auto line = CanonicalEvent(event.body)) text += *line + '\n';
  }
  return text;
}

}  // namespace treesmith
