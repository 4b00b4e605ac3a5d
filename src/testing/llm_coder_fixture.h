// A language-model coder for tests: a small task, a tree, a scripted model.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "operators/llm/llm_coder.h"
#include "testing/fake_llm.h"
#include "testing/tree_builder.h"

namespace treesmith {

inline PromptFacts SampleFacts() {
  PromptFacts facts;
  facts.task.goal = "Predict how many bikes are rented.";
  facts.task.train = "train.csv";
  facts.task.test = "test.csv";
  facts.task.sample_submission = "sample.csv";
  facts.task.target = {"bikers"};
  facts.task.id = {"when"};
  facts.profile.train_rows = 900;
  facts.profile.test_rows = 100;
  facts.preview = "train.csv: 900 rows";
  facts.metric = "rmsle";
  facts.formula = "sqrt(mean((log(1+p)-log(1+y))^2))";
  facts.split = SplitKind::kBlocks;
  facts.split_column = "when";
  facts.folds = 5;
  facts.python_version = "3.11.2";
  facts.packages = {
      {"lightgbm", "4.6.0"}, {"six", "1.17.0"}, {"interface_meta", "2"}};
  facts.threads = 2;
  facts.memory_bytes = int64_t{4} << 30;
  return facts;
}

// A script of that task; `extra` tells one from another.
inline std::string SampleScript(const std::string& extra) {
  return "import pandas as pd\n"
         "train = pd.read_csv('input/train.csv')\n"
         "answer = " +
         extra +
         "\n"
         "answer.to_csv('working/submission.csv', index=False)\n";
}

inline std::string ScriptAnswer(const std::string& extra) {
  return "Label: means\nTake the mean.\n\n```python\n" + SampleScript(extra) +
         "```\n";
}

// A coder of one operator set around a model that is a function.
class CoderFixture {
 public:
  explicit CoderFixture(FakeLlm::Handler handler,
                        OperatorSet set = OperatorSet::kAira)
      : model(std::move(handler)),
        coder({LlmClients(model), prompts, facts, DefaultLlmOptions(set)}) {}

  // The node as a parent of an assignment, with texts.
  static ParentView View(NodeId id, std::string code) {
    return {.id = id,
            .code = std::move(code),
            .output = "fitted 300 rounds",
            .diagnosis =
                "score 0.5 (error 0.1), by fold: 0.5\n"
                "took 12 s for 5 runs; the limit is 60 s a run\n"
                "bias 0.25\n"};
  }
  [[nodiscard]] Assignment Ask(Operator op,
                               std::vector<ParentView> parents = {}) const {
    Assignment assignment;
    assignment.step = {7};
    assignment.op = op;
    assignment.parents = std::move(parents);
    assignment.nodes = tree.tree().Nodes();
    assignment.script_timeout = std::chrono::seconds(60);
    return assignment;
  }
  // The first user message of a question, as a model reads it.
  [[nodiscard]] std::string Prompt(const Assignment& assignment) const {
    const LlmRequest request = coder.Question(assignment);
    return request.system + "\n" + request.prefix + request.tail +
           request.measured;
  }

  PromptLibrary prompts = PromptLibrary::Builtin();
  PromptFacts facts = SampleFacts();
  TreeBuilder tree;
  FakeLlm model;
  LlmCoder coder;
};

// Answers these, one after the other, the last one for ever.
inline FakeLlm::Handler Answers(std::vector<std::string> answers) {
  return [answers = std::move(answers)](const LlmRequest&, int serial) {
    const size_t last = answers.size() - 1;
    return FakeReply(answers[std::min(static_cast<size_t>(serial), last)]);
  };
}

}  // namespace treesmith
