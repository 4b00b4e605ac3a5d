// Tokens a step: one call with bounded memory against AIDE's two calls.
//
//   step_tokens                 on a modelled search
//   step_tokens RUN CASSETTE    on a real one: the folder of the run that
//                               `treesmith run --replay CASSETTE` has made
//
// Both ask about the same tree as it grows, node by node, with plans, scripts
// and outputs as long as models write them, and get equally long scripts back.
// AIDE's pattern: the code question holds all good nodes with plan and finding,
// and a second call reviews every node, with its script and output. Ours: the
// `aira` set, a review where Wanted() says so. Tokens are bytes / 4. "fresh":
// without the front of a prompt that equals the one of its kind before (the
// cache's part). "scripts": every answer is a whole script. "ours": as a run is
// by default: improve and debug are answered by edits of a fifth of the script,
// and the first draft is the builtin's, which asks nobody.
// Of a real search ours are the calls that the cassette holds; AIDE's are what
// its pattern would have asked and got for the same nodes, with the same front
// of the prompt and the same scripts, sent whole.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

#include "base/check.h"
#include "base/file.h"
#include "engine/run_reader.h"
#include "llm/json_node.h"
#include "llm/wire_format.h"
#include "operators/llm/llm_coder.h"
#include "operators/llm/llm_reviewer.h"
#include "operators/review.h"
#include "testing/fake_llm.h"
#include "testing/tree_builder.h"

namespace treesmith {
namespace {

constexpr size_t kPlanBytes = 700;
constexpr size_t kCodeBytes = 6'000;
constexpr size_t kOutputBytes = 600;
constexpr size_t kDiagnosisBytes = 900;
constexpr size_t kReviewBytes = 400;
constexpr int64_t kDrafts = 5;

struct Total {
  size_t bytes = 0;
  size_t fresh = 0;
  std::map<bool, std::string> last;  // of code questions, of reviews

  void Ask(const LlmRequest& request, size_t answer) {
    const std::string text =
        request.system + request.prefix + request.tail + request.measured;
    std::string& before = last[request.purpose == "review"];
    const auto equal = std::ranges::mismatch(text, before).in1 - text.begin();
    bytes += text.size() + answer;
    fresh += text.size() + answer - static_cast<size_t>(equal);
    before = text;
  }
};

// Five drafts, then improvements of the node before or a few earlier; every
// sixth fails and is repaired.
Operator OperatorAt(int64_t step) {
  if (step < kDrafts) return Operator::kDraft;
  return step % 6 == 1 ? Operator::kDebug : Operator::kImprove;
}
bool Fails(int64_t step) { return step >= kDrafts && step % 6 == 0; }

Node NodeAt(const TreeBuilder& tree, int64_t step, NodeId parent) {
  const std::vector<NodeId> parents =
      parent.valid() ? std::vector<NodeId>{parent} : std::vector<NodeId>{};
  Node node = tree.Scored(1.0 / static_cast<double>(2 + step), OperatorAt(step),
                          parents, "lightgbm");
  if (Fails(step)) {
    node.score.reset();
    node.outcome = {OutcomeKind::kCrash, "KeyError: 'hour'"};
  }
  node.plan = std::string(kPlanBytes, 'p') + ".";
  node.change = "target-encoding";
  node.finding =
      node.score ? ReviewScore(*node.score) : ReviewFailure(node.outcome);
  return node;
}

NodeId ParentAt(const TreeBuilder& tree, int64_t step) {
  if (OperatorAt(step) == Operator::kDraft) return {};
  if (OperatorAt(step) == Operator::kDebug) return {step - 1};
  NodeId parent{std::max<int64_t>(0, step - 1 - step % 4)};
  while (tree.tree().at(parent).buggy()) --parent.value;
  return parent;
}

PromptFacts Facts() {
  PromptFacts facts;
  facts.task.goal = std::string(1'100, 'g');
  facts.task.train = "train.csv";
  facts.task.test = "test.csv";
  facts.task.target = {"target"};
  facts.task.id = {"id"};
  facts.preview = std::string(2'500, 'v');
  facts.metric = "rmse";
  facts.folds = 5;
  facts.python_version = "3.11.2";
  facts.packages = {{"lightgbm", "4.6.0"}, {"scikit-learn", "1.7.2"}};
  return facts;
}

struct Searcher {
  Searcher()
      : coder({LlmClients(model), prompts, facts,
               DefaultLlmOptions(OperatorSet::kAira)}),
        theirs({LlmClients(model), prompts, facts, Unbounded()}),
        reviewer({LlmClients(model), prompts, facts, {}}) {}

  static LlmOptions Unbounded() {
    LlmOptions options = DefaultLlmOptions(OperatorSet::kAide);
    options.memory_nodes = 1'000'000;
    options.memory_tokens = 1'000'000'000;
    return options;
  }

  void Step(int64_t step) {
    Assignment assignment;
    assignment.op = OperatorAt(step);
    assignment.nodes = tree.tree().Nodes();
    assignment.script_timeout = std::chrono::minutes(10);
    const NodeId parent = ParentAt(tree, step);
    if (parent.valid()) {
      assignment.parents = {{.id = parent,
                             .code = std::string(kCodeBytes, 'c'),
                             .output = std::string(kOutputBytes, 'o'),
                             .diagnosis = std::string(kDiagnosisBytes, 'd')}};
    }
    const size_t answer = kPlanBytes + kCodeBytes;
    const bool whole = assignment.op == Operator::kDraft;
    const LlmRequest question = coder.Question(assignment);
    one.Ask(question, answer);
    if (step > 0) {
      ours.Ask(question, whole ? answer : kPlanBytes + kCodeBytes / 5);
    }
    two.Ask(theirs.Question(assignment), answer);
    AskReview(std::string(kCodeBytes, 'c'), std::string(kOutputBytes, 'o'),
              std::string(kPlanBytes, 'p'));
    two.Ask(model.requests().back(), kReviewBytes);
    tree.Add(NodeAt(tree, step, parent));
  }

  void AskReview(std::string code, std::string output, std::string plan) {
    ReviewQuestion review;
    review.code = std::move(code);
    review.output = std::move(output);
    review.plan = std::move(plan);
    review.metric_wanted = true;
    (void)reviewer.Ask(review, {});
  }
  size_t ReviewBytes(std::string code, std::string output, std::string plan) {
    AskReview(std::move(code), std::move(output), std::move(plan));
    return PromptBytes(model.requests().back()) + kReviewBytes;
  }

  PromptFacts facts = Facts();
  PromptLibrary prompts = PromptLibrary::Builtin();
  FakeLlm model{[](const LlmRequest&, int) { return FakeReply(""); }};
  LlmCoder coder;
  LlmCoder theirs;
  LlmReviewer reviewer;
  TreeBuilder tree;
  Total one;
  Total ours;
  Total two;
};

// --- a real search

// What a cassette has of one step.
struct StepCalls {
  int calls = 0;
  size_t bytes = 0;  // asked and answered
  size_t front = 0;  // system and prefix of one question
};

std::map<int64_t, StepCalls> ReadCassette(const std::string& path) {
  const Result<std::string> text = ReadFile(path);
  CHECK(text.ok());
  std::map<int64_t, StepCalls> steps;
  size_t at = 0;
  while (at < text->size()) {
    const size_t end = std::min(text->find('\n', at), text->size());
    const auto line = JsonDocument::Parse(text->substr(at, end - at));
    at = end + 1;
    if (!line || !line->root()["request"].IsObject()) continue;
    const JsonNode request = line->root()["request"];
    if (request["purpose"].Text() == "report") continue;
    StepCalls& step = steps[request["step"].Integer().value_or(0)];
    ++step.calls;
    step.front =
        request["system"].Text().size() + request["prefix"].Text().size();
    step.bytes += step.front + request["tail"].Text().size() +
                  request["measured"].Text().size() +
                  line->root()["answer"]["reply"]["text"].Text().size();
    for (size_t i = 0; i < request["turns"].size(); ++i) {
      step.bytes += request["turns"].At(i).Dump().size();
    }
  }
  return steps;
}

int RunReplayed(const std::string& folder, const std::string& cassette) {
  const std::map<int64_t, StepCalls> steps = ReadCassette(cassette);
  CHECK(!steps.empty());
  const size_t front = steps.begin()->second.front;
  const Result<RunRecord> record = ReadRun(folder);
  CHECK(record.ok());
  const auto load = [&](Hash128 hash) {
    return hash.IsZero() ? std::string() : *record->store->ReadBlob(hash);
  };
  Searcher searcher;
  const Tree& tree = record->state->tree();
  Tree grown(tree.direction());
  size_t ours = 0;
  size_t theirs = 0;
  int calls = 0;
  for (size_t i = 0; i < tree.size(); ++i) {
    const Node& node = tree.Nodes()[i];
    const auto asked = steps.find(node.step.value);
    if (asked != steps.end()) {
      ours += asked->second.bytes;
      calls += asked->second.calls;
    }
    Assignment assignment;
    assignment.op = node.op;
    assignment.nodes = grown.Nodes();
    assignment.script_timeout = std::chrono::minutes(10);
    for (const NodeId id : node.parents) {
      const Node& parent = tree.at(id);
      assignment.parents.push_back({.id = id,
                                    .code = load(parent.script),
                                    .output = load(parent.output),
                                    .diagnosis = load(parent.diagnosis)});
    }
    const LlmRequest question = searcher.theirs.Question(assignment);
    const size_t review =
        searcher.ReviewBytes(load(node.script), load(node.output), node.plan);
    theirs += front + question.tail.size() + question.measured.size() +
              node.plan.size() + load(node.script).size() + review;
    grown.Add(node);
  }
  const auto mean = [&](size_t bytes) {
    return static_cast<double>(bytes) / 4 / static_cast<double>(tree.size());
  };
  std::printf(
      "%zu steps, %d calls: %.0f tokens a step; AIDE's %zu calls: %.0f; "
      "share %.2f\n",
      tree.size(), calls, mean(ours), 2 * tree.size(), mean(theirs),
      mean(ours) / mean(theirs));
  return 0;
}

int Run() {
  std::printf("tokens a step (bytes / 4), mean from the first step on\n");
  std::printf("%6s %10s %10s %6s %10s %6s | %10s %10s %6s\n", "steps",
              "two calls", "scripts", "share", "ours", "share", "fresh: two",
              "ours", "share");
  Searcher searcher;
  int64_t done = 0;
  for (const int64_t steps : {10, 20, 50, 100, 200}) {
    while (done < steps) searcher.Step(done++);
    const auto mean = [steps](size_t bytes) {
      return static_cast<double>(bytes) / 4 / static_cast<double>(steps);
    };
    const double two = mean(searcher.two.bytes);
    const double one = mean(searcher.one.bytes);
    const double ours = mean(searcher.ours.bytes);
    const double fresh_two = mean(searcher.two.fresh);
    const double fresh = mean(searcher.ours.fresh);
    std::printf(
        "%6lld %10.0f %10.0f %6.2f %10.0f %6.2f | %10.0f %10.0f %6.2f\n",
        static_cast<long long>(steps), two, one, one / two, ours, ours / two,
        fresh_two, fresh, fresh / fresh_two);
  }
  return 0;
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  return argc == 3 ? treesmith::RunReplayed(argv[1], argv[2])
                   : treesmith::Run();
}
