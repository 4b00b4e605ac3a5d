// What a model is asked for, and which client answers it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "llm/llm_client.h"
#include "model/operator.h"

namespace treesmith {

enum class LlmPurpose {
  kDraft,
  kImprove,
  kDebug,
  kCrossover,
  kReview,
  kReport,
};
inline constexpr size_t kLlmPurposes = 6;

// "draft", "improve", "debug", "crossover", "review", "report": also
// LlmRequest::purpose, the key of the books.
std::string_view LlmPurposeName(LlmPurpose purpose);
std::optional<LlmPurpose> ParseLlmPurpose(std::string_view name);
LlmPurpose PurposeOf(Operator op);

// Borrowed clients, one a purpose; all may be the same one.
class LlmClients {
 public:
  explicit LlmClients(LlmClient& all) { clients_.fill(&all); }
  void Set(LlmPurpose purpose, LlmClient& client) {
    clients_[static_cast<size_t>(purpose)] = &client;
  }
  [[nodiscard]] LlmClient& For(LlmPurpose purpose) const {
    return *clients_[static_cast<size_t>(purpose)];
  }

 private:
  std::array<LlmClient*, kLlmPurposes> clients_{};
};

}  // namespace treesmith
