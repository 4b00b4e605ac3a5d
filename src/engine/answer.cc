#include "engine/answer.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "search/shortlist.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

Json Number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}
double NumberOf(const Json& json) {
  return json.is_null() ? std::nan("") : json.get<double>();
}
Json HashJson(Hash128 hash) {
  return hash.IsZero() ? Json(nullptr) : Json(hash.Hex());
}
Hash128 HashOf(const Json& json) {
  if (json.is_null()) return {};
  return Hash128::FromHex(json.get<std::string>()).value_or(Hash128{});
}

Json ChoiceJson(const Choice& choice) {
  Json members = Json::array();
  for (const Member& member : choice.members) {
    members.push_back(
        {{"node", member.node.value}, {"weight", Number(member.weight)}});
  }
  return {{"members", members},
          {"space", BlendSpaceName(choice.space)},
          {"score", Number(choice.score)},
          {"se", Number(choice.standard_error)},
          {"best", choice.best.value},
          {"why", choice.why},
          {"honest",
           choice.honest_score ? Number(*choice.honest_score) : Json(nullptr)},
          {"honest_se",
           choice.honest_error ? Number(*choice.honest_error) : Json(nullptr)}};
}

Choice ChoiceOf(const Json& json) {
  Choice choice;
  for (const Json& member : json.at("members")) {
    choice.members.push_back(
        {{member.at("node").get<int64_t>()}, NumberOf(member.at("weight"))});
  }
  choice.space = ParseBlendSpace(json.at("space").get<std::string>())
                     .value_or(BlendSpace::kPlain);
  choice.score = NumberOf(json.at("score"));
  choice.standard_error = NumberOf(json.at("se"));
  choice.best = {json.at("best").get<int64_t>()};
  choice.why = json.at("why").get<std::string>();
  if (!json.at("honest").is_null()) {
    choice.honest_score = json.at("honest").get<double>();
  }
  if (json.contains("honest_se") && !json["honest_se"].is_null()) {
    choice.honest_error = json["honest_se"].get<double>();
  }
  return choice;
}

// The complete nodes with the scores of their first `folds` units, those of the
// first rung, and the nearest complete nodes above them: a script that failed
// hands down what its parents gave it.
std::vector<Entrant> EntrantsOf(const Tree& tree, int folds) {
  std::vector<Entrant> entrants;
  std::vector<std::vector<size_t>> nearest(tree.size());
  for (size_t i = 0; i < tree.size(); ++i) {
    const Node& node = tree.at({static_cast<int64_t>(i)});
    std::set<size_t> parents;
    for (const NodeId parent : node.parents) {
      const std::vector<size_t>& above = nearest[parent.index()];
      parents.insert(above.begin(), above.end());
    }
    nearest[i].assign(parents.begin(), parents.end());
    if (!node.complete()) continue;
    const std::span<const double> units = node.score->unit_values;
    entrants.push_back(
        {node.family, node.score->value,
         units.first(std::min(units.size(), static_cast<size_t>(folds))),
         std::exchange(nearest[i], {entrants.size()})});
  }
  return entrants;
}

}  // namespace

std::string EncodeAnswer(const Answer& answer) {
  const Json json = {
      {"choice", answer.choice ? ChoiceJson(*answer.choice) : Json(nullptr)},
      {"submission", HashJson(answer.submission)},
      {"program", HashJson(answer.program)},
      {"report", HashJson(answer.report)},
      {"portrait", HashJson(answer.portrait)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Answer> DecodeAnswer(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Answer answer;
    if (!json.at("choice").is_null()) answer.choice = ChoiceOf(json["choice"]);
    answer.submission = HashOf(json.at("submission"));
    answer.program = HashOf(json.at("program"));
    if (json.contains("portrait")) {
      answer.portrait = HashOf(json.at("portrait"));
    }
    if (json.contains("report")) answer.report = HashOf(json.at("report"));
    return answer;
  } catch (const Json::exception& error) {
    return Failed(std::string("read answer of the run: ") + error.what());
  }
}

std::vector<Checked> ConcernsOf(const RunState& state, const Choice& choice) {
  std::set<NodeId> nodes = {choice.best, NodeId{}};
  for (const Member& member : choice.members) nodes.insert(member.node);
  std::vector<Checked> concerns;
  for (const Checked& checked : state.checks()) {
    if (checked.check.verdict == CheckVerdict::kClear ||
        !nodes.contains(checked.node)) {
      continue;
    }
    concerns.push_back(checked);
  }
  return concerns;
}

std::string CheckText(const Checked& checked) {
  if (!checked.node.valid()) return checked.check.text;
  return "node " + std::to_string(checked.node.value) + ": " +
         checked.check.text;
}

std::vector<NodeId> ShortList(const Tree& tree) {
  std::vector<NodeId> nodes;
  for (const size_t at : ShortList(EntrantsOf(tree, 0))) {
    nodes.push_back(tree.complete()[at]);
  }
  return nodes;
}

std::vector<Listed> NestedShortList(const Tree& tree, int folds) {
  const std::vector<Entrant> entrants = EntrantsOf(tree, folds);
  const std::vector<std::vector<uint8_t>> exist = ExistWithout(entrants);
  std::vector<Listed> listed;
  for (const size_t at : NestedShortList(entrants, exist)) {
    listed.push_back({tree.complete()[at],
                      exist.empty() ? std::vector<uint8_t>{} : exist[at]});
  }
  return listed;
}

}  // namespace treesmith
