// LlmOptions: what of asking a model for scripts is configuration.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/llm.h"
#include "model/operator.h"
#include "search/memory.h"

namespace treesmith {

// The words in which operators are put. `aide`: as the paper has it: a short
// sketch, one atomic change, simple first drafts, the memory of all good nodes.
// `aira`: a reasoning scaffold, a complexity cue, scoped memory, and the
// parent's printed output. Independent of the policy.
enum class OperatorSet { kAide, kAira };
std::string_view OperatorSetName(OperatorSet set);  // "aide", "aira"
std::optional<OperatorSet> ParseOperatorSet(std::string_view name);

struct LlmOptions {
  OperatorSet operators = OperatorSet::kAira;
  // By operator, in the order of `Operator`; see DefaultMemory.
  std::array<MemoryScope, 4> memory{};
  size_t memory_nodes = 30;
  // Bounds of what a prompt holds of the tree, in estimated tokens, whatever
  // the tree's size.
  int64_t memory_tokens = 2'000;
  // Of each parent's printed output; its beginning and end are kept.
  size_t output_bytes = 5'000;
  // Of a whole question, estimated; 0: no bound but those above. A longer one
  // is told less of the memory, then of the data; the scripts that it is about
  // are always told whole. For models with a small context: leave room to
  // answer.
  int64_t prompt_tokens = 0;
  // Answers that cannot be used are asked for again with the reason: at most
  // this many questions a candidate.
  int tries = 3;
  // Whether drafts and improvements are told how elaborate to be.
  bool complexity_cue = true;
  // First drafts that a policy makes by default.
  int drafts = 5;
  int max_output_tokens = kDefaultMaxOutputTokens;
  // Absent: the provider's default.
  std::optional<double> temperature = std::nullopt;

  [[nodiscard]] MemoryScope MemoryOf(Operator op) const {
    return memory[static_cast<size_t>(op)];
  }
  void SetMemory(Operator op, MemoryScope scope) {
    memory[static_cast<size_t>(op)] = scope;
  }
};

// The set with its own memory scopes. aide: all good nodes for draft and
// improve, none for the others, as published. aira: siblings for draft and
// improve, which keeps ideas apart, ancestors for debug, the digest for
// crossover, which the paper leaves without any.
LlmOptions DefaultLlmOptions(OperatorSet set);

}  // namespace treesmith
