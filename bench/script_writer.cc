#include "script_writer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "code/common_lines.h"
#include "llm/json_node.h"
#include "operators/builtin/builtin_coder.h"
#include "operators/llm/text.h"

namespace treesmith {
namespace {

using Lines = std::vector<std::string_view>;

// Every so many improvements has a bug, and every so many is sent whole
// although edits are shorter: models do both.
constexpr int kBugEvery = 6;
constexpr int kWholeEvery = 4;
constexpr int kMostGrowth = 40;
constexpr std::string_view kFence = "```python\n";
constexpr std::string_view kRead = "    train, test = read()\n";
constexpr std::string_view kBug =
    "    train[\"hour\"] = train[\"when\"].dt.hour\n";
// What scripts of models print.
constexpr std::string_view kWritten =
    "    submission.to_csv(\"working/submission.csv\", index=False)\n";
constexpr std::string_view kPrints =
    "    print(\"train\", train.shape, \"test\", test.shape)\n"
    "    print(submission.describe())\n";

constexpr std::string_view kProse =
    " The host's measurements show where the error sits, and this change "
    "addresses it without touching what works already.";

Lines SplitLines(std::string_view text) {
  Lines lines;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string Join(const Lines& lines, size_t from, size_t to) {
  std::string text;
  for (size_t i = from; i < to; ++i) {
    text += lines[i];
    text += '\n';
  }
  return text;
}

// Lines [from, to) of one text and [other_from, other_to) of another.
struct Hunk {
  size_t from;
  size_t to;
  size_t other_from;
  size_t other_to;
};

std::vector<Hunk> Hunks(const Lines& before, const Lines& after) {
  auto pairs = CommonLines(before, after);
  pairs.emplace_back(before.size(), after.size());
  std::vector<Hunk> hunks;
  size_t a = 0;
  size_t b = 0;
  for (const auto& [i, j] : pairs) {
    if (i > a || j > b) hunks.push_back({a, i, b, j});
    a = i + 1;
    b = j + 1;
  }
  return hunks;
}

bool OccursOnce(const Lines& lines, const Hunk& hunk) {
  size_t count = 0;
  const size_t length = hunk.to - hunk.from;
  for (size_t i = 0; i + length <= lines.size(); ++i) {
    const auto begin = lines.begin();
    if (std::equal(begin + static_cast<std::ptrdiff_t>(i),
                   begin + static_cast<std::ptrdiff_t>(i + length),
                   begin + static_cast<std::ptrdiff_t>(hunk.from))) {
      ++count;
    }
  }
  return count == 1;
}

// By a line of each side.
void Widen(const Lines& before, const Lines& after, Hunk& hunk) {
  if (hunk.from > 0 && hunk.other_from > 0) {
    --hunk.from;
    --hunk.other_from;
  }
  if (hunk.to < before.size() && hunk.other_to < after.size()) {
    ++hunk.to;
    ++hunk.other_to;
  }
}

std::vector<Hunk> Merged(const std::vector<Hunk>& hunks) {
  std::vector<Hunk> merged;
  for (const Hunk& hunk : hunks) {
    if (merged.empty() || hunk.from > merged.back().to) {
      merged.push_back(hunk);
      continue;
    }
    merged.back().to = std::max(merged.back().to, hunk.to);
    merged.back().other_to = std::max(merged.back().other_to, hunk.other_to);
  }
  return merged;
}

// The text of all messages up to the first answer of a model.
std::string QuestionOf(const JsonNode& body, bool& again) {
  std::string text;
  for (size_t i = 0; i < body["messages"].size(); ++i) {
    const JsonNode message = body["messages"].At(i);
    if (message["role"].Text() == "assistant") {
      again = true;
      break;
    }
    text += message["content"].Text();
    for (size_t j = 0; j < message["content"].size(); ++j) {
      text += message["content"].At(j)["text"].Text();
    }
  }
  return text;
}

std::vector<std::string> ScriptsIn(const std::string& question) {
  std::vector<std::string> scripts;
  size_t at = 0;
  while ((at = question.find(kFence, at)) != std::string::npos) {
    const size_t begin = at + kFence.size();
    at = std::min(question.find("\n```", begin), question.size());
    scripts.push_back(question.substr(begin, at - begin));
  }
  return scripts;
}

std::string Insert(std::string code, std::string_view after,
                   std::string_view what) {
  const size_t at = code.find(after);
  if (at != std::string::npos) code.insert(at + after.size(), what);
  return code;
}

std::string Fenced(const std::string& code) {
  return std::string(kFence) + code + "```\n";
}

}  // namespace

std::string EditsText(const std::string& before, const std::string& after) {
  const Lines old = SplitLines(before);
  const Lines now = SplitLines(after);
  std::vector<Hunk> hunks = Hunks(old, now);
  for (Hunk& hunk : hunks) Widen(old, now, hunk);
  hunks = Merged(hunks);
  bool unique = false;
  while (!unique) {
    unique = true;
    for (Hunk& hunk : hunks) {
      if (OccursOnce(old, hunk)) continue;
      unique = false;
      Widen(old, now, hunk);
    }
    hunks = Merged(hunks);
  }
  std::string text;
  for (const Hunk& hunk : hunks) {
    text += "<<<<<<< SEARCH\n" + Join(old, hunk.from, hunk.to) + "=======\n" +
            Join(now, hunk.other_from, hunk.other_to) + ">>>>>>> REPLACE\n\n";
  }
  return text;
}

ScriptWriter::ScriptWriter(const Task& task, const Profile& profile,
                           size_t plan_bytes, size_t draft_bytes)
    : builtin_(MakeBuiltinCoder(task, profile)),
      plan_bytes_(plan_bytes),
      draft_bytes_(draft_bytes) {
  // The run's first node is the builtin's own.
  auto state = state_.Lock();
  Result<Candidate> first = Write(*state, Operator::kDraft, {});
  CHECK(first.ok());
  std::string code = first->script.code;
  Remember(*state, *std::move(first), Operator::kDraft, {}, std::move(code));
}

Result<Candidate> ScriptWriter::Write(
    State& state, Operator op, const std::vector<NodeId>& parents) const {
  Assignment assignment;
  assignment.op = op;
  assignment.nodes = state.tree.tree().Nodes();
  assignment.rng = Rng(state.sent.size());
  assignment.script_timeout = std::chrono::minutes(10);
  for (const NodeId id : parents) {
    assignment.parents.push_back({.id = id,
                                  .code = state.written[id.index()].script.code,
                                  .output = "",
                                  .diagnosis = ""});
  }
  return builtin_->Write(assignment, {});
}

// By what the builtin would do to it next, where that makes it longer.
void ScriptWriter::Grow(State& state, Candidate& draft) const {
  for (int i = 0; i < kMostGrowth; ++i) {
    if (draft.script.code.size() >= draft_bytes_) return;
    Remember(state, draft, Operator::kDraft, {}, draft.script.code);
    const NodeId id{static_cast<int64_t>(state.sent.size()) - 1};
    Result<Candidate> longer = Write(state, Operator::kImprove, {id});
    if (!longer.ok()) return;
    if (longer->script.code.size() > draft.script.code.size()) {
      draft = *std::move(longer);
    } else {
      Remember(state, *longer, Operator::kImprove, {id}, longer->script.code);
    }
  }
}

void ScriptWriter::Remember(State& state, Candidate candidate, Operator op,
                            const std::vector<NodeId>& parents,
                            std::string sent) {
  const double value = 1.0 / static_cast<double>(2 + state.sent.size());
  Node node = state.tree.Scored(value, op, parents, candidate.family);
  node.change = candidate.change;
  node.origin = candidate.origin;
  state.by_code[TrimEnd(sent)] = state.tree.Add(std::move(node));
  state.written.push_back(std::move(candidate));
  state.sent.push_back(std::move(sent));
}

std::string ScriptWriter::Plan(const std::string& idea) const {
  std::string plan = idea;
  while (plan.size() < plan_bytes_) plan += kProse;
  return plan + "\n\n";
}

std::string ScriptWriter::Repair(State& state, NodeId parent) const {
  const std::string before = state.sent[parent.index()];
  std::string after = before;
  after.erase(after.find(kBug), kBug.size());
  Remember(state, state.written[parent.index()], Operator::kDebug, {parent},
           after);
  return "Label: repair\n\n" + Plan("No column is called when.") +
         EditsText(before, after);
}

std::string ScriptWriter::Script(State& state,
                                 const std::vector<NodeId>& parents,
                                 bool whole) const {
  constexpr Operator kByParents[] = {Operator::kDraft, Operator::kImprove,
                                     Operator::kCrossover};
  Operator op = kByParents[std::min<size_t>(2, parents.size())];
  Result<Candidate> candidate = Write(state, op, parents);
  if (!candidate.ok()) {
    op = Operator::kDraft;
    candidate = Write(state, op, {});
  }
  CHECK(candidate.ok());
  if (op == Operator::kDraft) Grow(state, *candidate);
  std::string code = Insert(candidate->script.code, kWritten, kPrints);
  candidate->script.code = code;
  const bool improves = op == Operator::kImprove;
  if (improves && ++state.improvements % kBugEvery == 0) {
    code = Insert(code, kRead, kBug);
  }
  std::string form = Fenced(code);
  if (improves && !whole && state.improvements % kWholeEvery != 0) {
    const std::string edits = EditsText(state.sent[parents[0].index()], code);
    if (2 * edits.size() < code.size()) form = edits;
  }
  const std::string text =
      "Label: " + candidate->change + "\n\n" + Plan(candidate->plan) + form;
  Remember(state, *std::move(candidate), op, parents, std::move(code));
  return text;
}

std::string ScriptWriter::Answer(const std::string& body) {
  const auto document = JsonDocument::Parse(body);
  CHECK(document.has_value());
  bool again = false;
  const std::string question = QuestionOf(document->root(), again);
  if (question.contains("write the report")) return Plan("# Introduction\n\n");
  auto state = state_.Lock();
  std::vector<NodeId> parents;
  for (const std::string& code : ScriptsIn(question)) {
    const auto known = state->by_code.find(TrimEnd(code));
    if (known != state->by_code.end()) parents.push_back(known->second);
  }
  const bool repair =
      parents.size() == 1 && state->sent[parents[0].index()].contains(kBug);
  return repair ? Repair(*state, parents[0]) : Script(*state, parents, again);
}

}  // namespace treesmith
