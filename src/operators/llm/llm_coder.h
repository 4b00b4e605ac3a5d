// LlmCoder: a coder that asks a language model.
//
// One candidate is one question where the first answer can be used; an answer
// without a script, with edits that do not fit or with a syntax error is asked
// for again with the reason, a bounded number of times. A prompt's size does
// not depend on the tree's.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "operators/coder.h"
#include "operators/llm/llm_options.h"
#include "operators/llm/prompt_facts.h"
#include "operators/llm/prompt_library.h"
#include "operators/llm/purpose.h"

namespace treesmith {

// Shared by coder, reviewer and reporter; all is borrowed but `options`.
struct LlmParts {
  LlmClients clients;
  const PromptLibrary& prompts;
  const PromptFacts& facts;
  LlmOptions options;
};

class LlmCoder : public Coder {
 public:
  explicit LlmCoder(LlmParts parts);

  // A model answers everything but duplicates, of which there is no more to
  // say than of the node that they equal.
  [[nodiscard]] bool Accepts(Operator op, const std::vector<NodeId>& parents,
                             const NodeSnapshot& nodes) const override;
  [[nodiscard]] int draft_count() const override;

  // Candidate::usage is the sum over all calls that it took. kBadInput: no
  // answer could be used, the scripts to work on do not fit the model's
  // context, or this draft does not or the provider finds fault with this
  // question where others were answered, before a resume too; the text says why
  // and the step ends with it. The client's own errors otherwise, but for a
  // rejected key or model name, which is kEnvironment here: kBadInput would end
  // one step after the other.
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token stop) override;

  // The question of an assignment, for `bench/` and tests; Write asks this.
  [[nodiscard]] LlmRequest Question(const Assignment& assignment) const;

 private:
  // How much a question tells: all, less of memory and output, none of the
  // memory, and little of the data too.
  static constexpr int kLeanest = 3;
  [[nodiscard]] LlmRequest QuestionAt(int leanness,
                                      const Assignment& assignment) const;
  // The first one that is within LlmOptions::prompt_tokens.
  [[nodiscard]] int LeannessOf(const Assignment& assignment) const;
  // The first answer; leaner questions where the model's context is too small.
  LlmOutcome AskFirst(LlmRequest& request, const Assignment& assignment,
                      Usage& usage, std::stop_token stop);
  // What a failed call means for its step and the run.
  [[nodiscard]] Error Failed(const LlmFailure& failure,
                             const Assignment& assignment) const;

  void AskAgain(const LlmReply& reply, const std::string& reason,
                const std::string& advice, LlmRequest& request) const;

  LlmParts parts_;
  std::string system_;
  std::string prefix_;
  std::string lean_prefix_;
  // Whether any question has had an answer since this was made.
  std::atomic<bool> answered_ = false;
};

}  // namespace treesmith
