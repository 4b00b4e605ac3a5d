#include "ui/export.h"

#include <fmt/format.h>

#include <cmath>

#include "base/file.h"
#include "ui/run_facts.h"

namespace treesmith {
namespace {

constexpr std::string_view kHeader =
    "id,step,operator,parents,change,family,outcome,detail,score,"
    "standard_error,partial,gain_over_parent,gain_standard_error,seconds,"
    "added_seconds,tokens,cost_usd,chosen,plan,why,finding\n";

std::string Cell(std::string_view text) {
  std::string safe(text);
  // Text that a model wrote must not run in a spreadsheet.
  if (!safe.empty() && std::string_view("=+-@\t\r").contains(safe.front())) {
    safe.insert(safe.begin(), '\'');
  }
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string Number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return "";
  return fmt::format("{}", *value);
}

std::string Seconds(std::chrono::milliseconds time) {
  return fmt::format("{:.3f}", std::chrono::duration<double>(time).count());
}

std::string ScoreCells(const Node& node) {
  if (!node.score) return ",,,,";
  const NodeScore& score = *node.score;
  std::string text;
  text += score.value.present() ? fmt::format("{}", score.value.value()) : "";
  text += "," + Number(score.standard_error);
  text += score.partial ? ",true," : ",false,";
  if (!score.over_parent) return text + ",";
  return text + Number(score.over_parent->mean) + "," +
         Number(score.over_parent->standard_error);
}

std::string Line(const RunFacts& facts, const std::set<NodeId>& chosen,
                 const Node& node) {
  std::string parents;
  for (const NodeId parent : node.parents) {
    parents += (parents.empty() ? "" : " ") + std::to_string(parent.value);
  }
  return fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", node.id.value,
      node.step.value, OperatorName(node.op), parents, Cell(node.change),
      Cell(node.family), OutcomeName(node.outcome.kind),
      Cell(node.outcome.detail), ScoreCells(node), Seconds(node.seconds),
      Seconds(facts.story(node.id).added), node.usage.tokens(),
      Number(node.usage.cost_usd), chosen.contains(node.id), Cell(node.plan),
      Cell(facts.story(node.id).why), Cell(node.finding));
}

Status WriteScripts(const RunRecord& record,
                    const std::filesystem::path& folder, size_t& count) {
  TRY(MakeFolders(folder));
  for (const Node* node : NodesOf(record.state->tree())) {
    if (node->script.IsZero()) continue;
    TRY_ASSIGN(const std::string code, TextOf(record, node->script));
    TRY(WriteFile(folder / fmt::format("node-{:04}.py", node->id.value), code));
    ++count;
  }
  return {};
}

Status RequireFree(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return {};
  if (std::filesystem::is_directory(folder, error) &&
      std::filesystem::is_empty(folder, error)) {
    return {};
  }
  return BadInput("export to " + folder.string() + ": it is not empty",
                  "name a folder that does not exist yet");
}

}  // namespace

Result<std::string> NodesCsv(const RunRecord& record) {
  TRY_ASSIGN(const RunFacts facts, FactsOf(record));
  const std::set<NodeId> chosen = facts.chosen();
  std::string text(kHeader);
  for (const Node* node : NodesOf(facts.tree())) {
    text += Line(facts, chosen, *node);
  }
  return text;
}

Result<Exported> ExportRun(const RunRecord& record, const ExportParts& parts,
                           const std::filesystem::path& folder,
                           ExportPlace place) {
  if (place == ExportPlace::kNewFolder) TRY(RequireFree(folder));
  const bool all =
      !parts.scripts && !parts.csv && !parts.journal && !parts.submission;
  TRY_ASSIGN(const Answer answer, record.answer());
  const bool submission = !answer.submission.IsZero();
  if (parts.submission && !submission) {
    return BadInput("export " + folder.string() + ": the run has no submission",
                    "see what became of it with treesmith show RUN");
  }
  Exported exported;
  exported.folder = folder;
  TRY(MakeFolders(folder));
  if (all || parts.scripts) {
    TRY(WriteScripts(record, folder / "scripts", exported.scripts));
    exported.files.emplace_back("scripts");
  }
  const auto write = [&](const std::string& name,
                         const Result<std::string>& text) -> Status {
    if (!text.ok()) return text.error();
    exported.files.push_back(name);
    return WriteFile(folder / name, *text);
  };
  if (all || parts.csv) TRY(write("nodes.csv", NodesCsv(record)));
  if (all || parts.journal) TRY(write("journal.json", AideJournal(record)));
  if (submission && (all || parts.submission)) {
    TRY(write("submission.csv", TextOf(record, answer.submission)));
  }
  return exported;
}

}  // namespace treesmith
