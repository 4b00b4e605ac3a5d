// How large prompts are at 10, 1,000 and 10,000 nodes.
//
// A tree of improvements, failures and repairs with plans as long as models
// write them; each operator of both sets is asked about its newest nodes. What
// AIDE's memory (all good nodes with plan and finding) would hold is printed
// beside it. Tokens are bytes / 4.
#include <cstdio>
#include <memory>
#include <string>

#include "llm/wire_format.h"
#include "operators/llm/llm_coder.h"
#include "operators/llm/memory_text.h"
#include "operators/review.h"
#include "testing/fake_llm.h"
#include "testing/tree_builder.h"

namespace treesmith {
namespace {

constexpr size_t kPlanBytes = 700;
constexpr size_t kCodeBytes = 6'000;
constexpr size_t kOutputBytes = 20'000;

Node Told(Node node) {
  node.plan = std::string(kPlanBytes, 'p') + ".";
  node.change = "target-encoding";
  node.finding =
      node.score ? ReviewScore(*node.score) : ReviewFailure(node.outcome);
  return node;
}

// Ten drafts; then each node improves a recent one, every fifth fails and every
// tenth repairs the failure.
void Grow(TreeBuilder& tree, size_t nodes) {
  NodeId buggy;
  while (tree.tree().size() < nodes) {
    const auto i = static_cast<int64_t>(tree.tree().size());
    const NodeId parent{i < 10 ? -1 : i - 1 - i % 7};
    const double value = 1.0 / static_cast<double>(2 + i);
    if (!parent.valid()) {
      tree.Add(Told(tree.Scored(value, Operator::kDraft, {}, "lightgbm")));
    } else if (i % 10 == 6 && buggy.valid()) {
      tree.Add(Told(tree.Scored(value, Operator::kDebug, {buggy}, "linear")));
    } else if (i % 5 == 0) {
      Node failed;
      failed.op = Operator::kImprove;
      failed.parents = {parent};
      failed.outcome = {OutcomeKind::kCrash, "KeyError: 'hour'"};
      buggy = tree.Add(Told(std::move(failed)));
    } else {
      tree.Add(
          Told(tree.Scored(value, Operator::kImprove, {parent}, "linear")));
    }
  }
}

// What AIDE would tell, without any bound.
size_t UnboundedBytes(const NodeSnapshot& nodes) {
  size_t bytes = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].score) continue;
    bytes += nodes[i].plan.size() + nodes[i].finding.size() + 60;
  }
  return bytes;
}

PromptFacts Facts() {
  PromptFacts facts;
  facts.task.goal = std::string(2'000, 'g');
  facts.task.train = "train.csv";
  facts.task.test = "test.csv";
  facts.task.target = {"target"};
  facts.task.id = {"id"};
  facts.preview = std::string(6'000, 'v');
  facts.metric = "rmse";
  facts.folds = 5;
  facts.python_version = "3.11.2";
  facts.packages = {{"lightgbm", "4.6.0"}, {"scikit-learn", "1.7.2"}};
  return facts;
}

Assignment Ask(Operator op, const TreeBuilder& tree) {
  Assignment assignment;
  assignment.op = op;
  assignment.nodes = tree.tree().Nodes();
  assignment.script_timeout = std::chrono::minutes(10);
  size_t parents = op == Operator::kDraft ? 0 : 1;
  if (op == Operator::kCrossover) parents = 2;
  const bool buggy = op == Operator::kDebug;
  for (size_t i = assignment.nodes.size(); i > 0 && parents > 0; --i) {
    const Node& node = assignment.nodes[i - 1];
    if (node.buggy() != buggy) continue;
    assignment.parents.push_back({.id = node.id,
                                  .code = std::string(kCodeBytes, 'c'),
                                  .output = std::string(kOutputBytes, 'o'),
                                  .diagnosis = std::string(1'500, 'd')});
    --parents;
  }
  return assignment;
}

int Run() {
  const PromptLibrary prompts = PromptLibrary::Builtin();
  const PromptFacts facts = Facts();
  FakeLlm model([](const LlmRequest&, int) { return FakeReply(""); });
  std::printf("prompt sizes in bytes (tokens = bytes / 4)\n");
  std::printf("%-16s %8s %10s %10s\n", "", "10", "1,000", "10,000");
  for (const OperatorSet set : {OperatorSet::kAide, OperatorSet::kAira}) {
    const LlmCoder coder(
        {LlmClients(model), prompts, facts, DefaultLlmOptions(set)});
    for (const Operator op : {Operator::kDraft, Operator::kImprove,
                              Operator::kDebug, Operator::kCrossover}) {
      std::printf("%-5s%-11s", std::string(OperatorSetName(set)).c_str(),
                  std::string(OperatorName(op)).c_str());
      for (const size_t nodes : {10, 1'000, 10'000}) {
        TreeBuilder tree;
        Grow(tree, nodes + 1);
        std::printf(" %9zu", PromptBytes(coder.Question(Ask(op, tree))));
      }
      std::printf("\n");
    }
  }
  std::printf("%-16s", "AIDE's memory");
  for (const size_t nodes : {10, 1'000, 10'000}) {
    TreeBuilder tree;
    Grow(tree, nodes);
    std::printf(" %9zu", UnboundedBytes(tree.tree().Nodes()));
  }
  std::printf("   (all good nodes, no bound)\n");
  return 0;
}

}  // namespace
}  // namespace treesmith

int main() { return treesmith::Run(); }
