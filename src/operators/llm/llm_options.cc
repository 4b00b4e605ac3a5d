#include "operators/llm/llm_options.h"

namespace treesmith {

std::string_view OperatorSetName(OperatorSet set) {
  return set == OperatorSet::kAide ? "aide" : "aira";
}

std::optional<OperatorSet> ParseOperatorSet(std::string_view name) {
  if (name == "aide") return OperatorSet::kAide;
  if (name == "aira") return OperatorSet::kAira;
  return std::nullopt;
}

LlmOptions DefaultLlmOptions(OperatorSet set) {
  LlmOptions options;
  options.operators = set;
  if (set == OperatorSet::kAide) {
    options.complexity_cue = false;
    options.SetMemory(Operator::kDraft, MemoryScope::kAllGood);
    options.SetMemory(Operator::kImprove, MemoryScope::kAllGood);
    options.SetMemory(Operator::kDebug, MemoryScope::kNone);
    options.SetMemory(Operator::kCrossover, MemoryScope::kNone);
  } else {
    options.SetMemory(Operator::kDraft, MemoryScope::kSiblings);
    options.SetMemory(Operator::kImprove, MemoryScope::kSiblings);
    options.SetMemory(Operator::kDebug, MemoryScope::kAncestors);
    options.SetMemory(Operator::kCrossover, MemoryScope::kDigest);
  }
  return options;
}

}  // namespace treesmith
