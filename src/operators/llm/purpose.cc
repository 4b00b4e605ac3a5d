#include "operators/llm/purpose.h"

#include <algorithm>

namespace treesmith {
namespace {

constexpr std::array<std::string_view, kLlmPurposes> kNames = {
    "draft", "improve", "debug", "crossover", "review", "report"};

}  // namespace

std::string_view LlmPurposeName(LlmPurpose purpose) {
  return kNames[static_cast<size_t>(purpose)];
}

std::optional<LlmPurpose> ParseLlmPurpose(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<LlmPurpose>(found - kNames.begin());
}

LlmPurpose PurposeOf(Operator op) {
  switch (op) {
    case Operator::kDraft:
      return LlmPurpose::kDraft;
    case Operator::kImprove:
      return LlmPurpose::kImprove;
    case Operator::kDebug:
      return LlmPurpose::kDebug;
    case Operator::kCrossover:
      return LlmPurpose::kCrossover;
  }
  return LlmPurpose::kDraft;
}

}  // namespace treesmith
