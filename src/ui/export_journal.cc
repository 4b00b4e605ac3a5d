// The journal as aideml 0.2 writes and reads it: every field of its Node, the
// metric as value and `maximize`, the tree as a map from node to parent.
#include <nlohmann/json.hpp>

#include "ui/export.h"
#include "ui/run_facts.h"

namespace treesmith {
namespace {

using Json = nlohmann::ordered_json;

std::string JournalId(const RunRecord& record, NodeId id) {
  return HashBytes(std::to_string(record.config.seed) + "/" +
                   std::to_string(id.value))
      .Hex();
}

// aideml stores the exception's class; a limit is its TimeoutError.
Json ExceptionType(const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::kTimeout) return "TimeoutError";
  if (outcome.kind == OutcomeKind::kMemory) return "MemoryError";
  if (outcome.kind != OutcomeKind::kCrash) return nullptr;
  return outcome.detail.substr(0, outcome.detail.find(':'));
}

Json Metric(const Node& node) {
  if (!node.score || !node.score->value.present()) {
    return {{"value", nullptr}, {"maximize", nullptr}};
  }
  const MetricValue& value = node.score->value;
  return {{"value", value.value()},
          {"maximize", value.direction() == Direction::kMaximize}};
}

double Seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

Result<Json> JournalNode(const RunFacts& facts, const Node& node) {
  const RunRecord& record = *facts.record;
  TRY_ASSIGN(const std::string code, TextOf(record, node.script));
  TRY_ASSIGN(const std::string output, TextOf(record, node.output));
  return Json{{"code", code},
              {"plan", node.plan},
              {"step", node.id.value},
              {"id", JournalId(record, node.id)},
              {"ctime", Seconds(facts.story(node.id).added)},
              {"parent", nullptr},
              {"children", Json::array()},
              {"_term_out", Json::array({output})},
              {"exec_time", Seconds(node.seconds)},
              {"exc_type", ExceptionType(node.outcome)},
              {"exc_info", nullptr},
              {"exc_stack", nullptr},
              {"analysis", node.finding},
              {"metric", Metric(node)},
              {"is_buggy", node.buggy()}};
}

}  // namespace

Result<std::string> AideJournal(const RunRecord& record) {
  TRY_ASSIGN(const RunFacts facts, FactsOf(record));
  Json nodes = Json::array();
  Json parents = Json::object();
  for (const Node* node : NodesOf(facts.tree())) {
    TRY_ASSIGN(Json json, JournalNode(facts, *node));
    nodes.push_back(std::move(json));
    if (node->parents.empty()) continue;
    parents[JournalId(record, node->id)] =
        JournalId(record, node->parents.front());
  }
  const Json journal = {{"nodes", std::move(nodes)},
                        {"node2parent", std::move(parents)},
                        {"__version", "2"}};
  return journal.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace treesmith
