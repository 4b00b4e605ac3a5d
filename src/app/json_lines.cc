#include "app/json_lines.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace treesmith {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}
Json Path(const std::string& path) {
  return path.empty() ? Json(nullptr) : Json(path);
}

Json NodeLine(const Node& node) {
  Json parents = Json::array();
  for (const NodeId parent : node.parents) parents.push_back(parent.value);
  const bool scored = node.score && node.score->value.present();
  return {{"event", "node"},
          {"node", node.id.value},
          {"step", node.step.value},
          {"operator", OperatorName(node.op)},
          {"parents", parents},
          {"change", node.change},
          {"outcome", OutcomeName(node.outcome.kind)},
          {"score", scored ? Number(node.score->value.value()) : Json(nullptr)},
          {"partial", node.score && node.score->partial},
          {"seconds", static_cast<double>(node.seconds.count()) / 1000}};
}

}  // namespace

void JsonLines::OnEvent(const Event& event, const RunView& view) {
  Json line;
  if (std::holds_alternative<RunStarted>(event.body) ||
      std::holds_alternative<Resumed>(event.body)) {
    line = {{"event", "started"}};
  } else if (const auto* proposed = std::get_if<Proposed>(&event.body)) {
    line = {{"event", "proposed"},
            {"step", proposed->step.value},
            {"operator", OperatorName(proposed->proposal.op)},
            {"why", proposed->proposal.why}};
  } else if (std::holds_alternative<NodeAdded>(event.body)) {
    const Tree& tree = view.state.tree();
    line = NodeLine(tree.at({static_cast<int64_t>(tree.size()) - 1}));
  } else if (const auto* refit = std::get_if<Refitted>(&event.body)) {
    line = {{"event", "refitted"},
            {"node", refit->node.value},
            {"outcome", OutcomeName(refit->outcome.kind)},
            {"share", refit->share},
            {"detail", refit->outcome.detail},
            {"doubt", refit->doubt}};
  } else if (const auto* checked = std::get_if<Checked>(&event.body)) {
    line = {{"event", "check"},
            {"node",
             checked->node.valid() ? Json(checked->node.value) : Json(nullptr)},
            {"check", checked->check.name},
            {"verdict", VerdictName(checked->check.verdict)},
            {"text", checked->check.text}};
  } else {
    return;
  }
  line["elapsed"] = static_cast<double>(event.elapsed.count()) / 1000;
  const std::string text =
      line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
}

std::string FinishedLine(const RunOutcome& outcome, const Answer& answer,
                         const RunState& state) {
  Json best = nullptr;
  Json ensemble = nullptr;
  Json alarms = Json::array();
  if (answer.choice) {
    const Choice& choice = *answer.choice;
    const Node& node = state.tree().at(choice.best);
    for (const Checked& concern : ConcernsOf(state, choice)) {
      if (concern.check.alarm()) alarms.push_back(CheckText(concern));
    }
    best = {{"node", choice.best.value},
            {"score", Number(node.score->value.value())},
            {"standard_error", Number(node.score->standard_error)}};
    if (choice.members.size() > 1) {
      Json members = Json::array();
      for (const Member& member : choice.members) {
        members.push_back(
            {{"node", member.node.value}, {"weight", Number(member.weight)}});
      }
      ensemble = {{"score", Number(choice.score)}, {"members", members}};
    }
  }
  const Usage& usage = state.usage();
  const Json line = {
      {"event", "finished"},
      {"reason", outcome.reason},
      {"steps", state.next_step().value},
      {"best", best},
      {"ensemble", ensemble},
      {"submission", Path(outcome.submission)},
      {"script", Path(outcome.script)},
      {"report", Path(outcome.report)},
      {"alarms", alarms},
      {"run", outcome.folder},
      {"seconds", outcome.seconds},
      {"tokens", usage.tokens()},
      {"cost_usd", usage.cost_usd ? Number(*usage.cost_usd) : Json(nullptr)}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace treesmith
