// The JSON of `show` (design 5.9). Other programs read it: keys may be added,
// never changed.
#include <cmath>
#include <nlohmann/json.hpp>

#include "ui/run_facts.h"
#include "ui/show.h"

namespace treesmith {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Json Number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

Json ScoreOf(const MetricValue& value) {
  if (!value.present()) return nullptr;
  return value.value();
}

Json IdOf(const std::optional<NodeId>& id) {
  if (!id) return nullptr;
  return id->value;
}

double Seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

Json GainOf(const std::optional<PairedGain>& gain) {
  if (!gain) return nullptr;
  return {{"mean", Number(gain->mean)},
          {"standard_error", Number(gain->standard_error)}};
}

void AddScore(Json& json, const NodeScore& score) {
  json["standard_error"] = Number(score.standard_error);
  Json values = Json::array();
  for (const double value : score.unit_values) values.push_back(Number(value));
  json["unit_values"] = std::move(values);
  json["over_parent"] = GainOf(score.over_parent);
  json["over_best"] = GainOf(score.over_best);
  json["over_ensemble"] = GainOf(score.over_ensemble);
}

Json NodeJson(const RunFacts& facts, const Node& node) {
  Json parents = Json::array();
  for (const NodeId parent : node.parents) parents.push_back(parent.value);
  Json json = {
      {"id", node.id.value},
      {"step", node.step.value},
      {"parents", std::move(parents)},
      {"operator", OperatorName(node.op)},
      {"change", node.change},
      {"outcome", OutcomeName(node.outcome.kind)},
      {"score", node.score ? ScoreOf(node.score->value) : Json(nullptr)},
      {"partial", node.score && node.score->partial},
      {"seconds", Seconds(node.seconds)},
      {"plan", node.plan},
      {"why", facts.story(node.id).why},
      {"family", node.family},
      {"detail", node.outcome.detail},
      {"finding", node.finding},
      {"added", Seconds(facts.story(node.id).added)},
      {"tokens", node.usage.tokens()},
      {"cost_usd", Number(node.usage.cost_usd)}};
  if (node.score) AddScore(json, *node.score);
  return json;
}

// All checks that were made; a node of null: of the run.
Json ChecksJson(const RunState& state) {
  Json checks = Json::array();
  for (const Checked& checked : state.checks()) {
    checks.push_back({{"node", checked.node.valid() ? Json(checked.node.value)
                                                    : Json(nullptr)},
                      {"check", checked.check.name},
                      {"verdict", VerdictName(checked.check.verdict)},
                      {"text", checked.check.text}});
  }
  return checks;
}

Json EnsembleJson(const RunFacts& facts) {
  if (!facts.answer.choice || facts.answer.choice->members.size() < 2) {
    return nullptr;
  }
  Json members = Json::array();
  for (const Member& member : facts.answer.choice->members) {
    members.push_back(
        {{"node", member.node.value}, {"weight", Number(member.weight)}});
  }
  return {{"score", Number(facts.answer.choice->score)},
          {"members", std::move(members)}};
}

Json PromisedJson(const RunFacts& facts) {
  if (!facts.answer.choice || !facts.answer.choice->honest_score) {
    return nullptr;
  }
  return {{"score", Number(facts.answer.choice->honest_score)},
          {"standard_error", Number(facts.answer.choice->honest_error)}};
}

}  // namespace

Result<std::string> ShowJson(const RunRecord& record) {
  TRY_ASSIGN(const RunFacts facts, FactsOf(record));
  const RunState& state = *record.state;
  Json nodes = Json::array();
  for (const Node* node : NodesOf(facts.tree())) {
    nodes.push_back(NodeJson(facts, *node));
  }
  TRY_ASSIGN(const std::string profile, ProfileOf(record));
  const Json json = {
      {"metric", record.config.metric},
      {"direction", DirectionName(record.config.direction)},
      {"nodes", std::move(nodes)},
      {"best", IdOf(facts.best())},
      {"ensemble", EnsembleJson(facts)},
      {"promised", PromisedJson(facts)},
      {"checks", ChecksJson(state)},
      {"profile", profile.empty() ? Json(nullptr) : Json::parse(profile)},
      {"task", record.config.task_name},
      {"reason",
       state.finished() ? Json(state.finished()->reason) : Json(nullptr)},
      {"steps", state.next_step().value},
      {"seconds", Seconds(state.elapsed())},
      {"tokens", state.usage().tokens()},
      {"cost_usd", Number(state.usage().cost_usd)}};
  return Dump(json);
}

Result<std::string> ShowNodeJson(const RunRecord& record, NodeId id) {
  TRY_ASSIGN(const RunFacts facts, FactsOf(record));
  const Node& node = facts.tree().at(id);
  Json json = NodeJson(facts, node);
  TRY_ASSIGN(json["diagnosis"], TextOf(record, node.diagnosis));
  TRY_ASSIGN(json["script"], TextOf(record, node.script));
  TRY_ASSIGN(json["output"], TextOf(record, node.output));
  return Dump(json);
}

}  // namespace treesmith
