// Tokens a step: one call with bounded memory against AIDE's two calls, on a
// modelled search (recorded_tokens: on a real one).
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
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

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
// Of a block of AIDE's memory, beside plan and summary.
constexpr size_t kMemoryWords = 75;
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
        theirs({LlmClients(model), prompts, facts, WithoutMemory()}),
        reviewer({LlmClients(model), prompts, facts, {}}) {}

  // Its memory is whole plans and summaries of all good nodes, without a bound,
  // which ours never tells: added by their size.
  static LlmOptions WithoutMemory() {
    LlmOptions options = DefaultLlmOptions(OperatorSet::kAide);
    options.memory.fill(MemoryScope::kNone);
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
    LlmRequest told = theirs.Question(assignment);
    if (assignment.op != Operator::kDebug) told.tail += memory;
    two.Ask(told, answer);
    AskReview(std::string(kCodeBytes, 'c'), std::string(kOutputBytes, 'o'),
              std::string(kPlanBytes, 'p'));
    two.Ask(model.requests().back(), kReviewBytes);
    tree.Add(NodeAt(tree, step, parent));
    if (!Fails(step)) {
      memory += std::string(kMemoryWords + kPlanBytes + kReviewBytes, 'm');
    }
  }

  void AskReview(std::string code, std::string output, std::string plan) {
    ReviewQuestion review;
    review.code = std::move(code);
    review.output = std::move(output);
    review.plan = std::move(plan);
    review.metric_wanted = true;
    (void)reviewer.Ask(review, {});
  }

  PromptFacts facts = Facts();
  PromptLibrary prompts = PromptLibrary::Builtin();
  FakeLlm model{[](const LlmRequest&, int) { return FakeReply(""); }};
  LlmCoder coder;
  LlmCoder theirs;
  LlmReviewer reviewer;
  TreeBuilder tree;
  std::string memory;
  Total one;
  Total ours;
  Total two;
};

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

int main() { return treesmith::Run(); }
