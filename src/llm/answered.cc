#include "llm/answered.h"

#include "llm/reply_json.h"

namespace treesmith {

void AnsweredCalls::Add(uint64_t step, const std::string& purpose,
                        std::string answer) {
  (*answers_.Lock())[{step, purpose}].push_back(std::move(answer));
}

std::optional<LlmOutcome> AnsweredCalls::Take(uint64_t step,
                                              const std::string& purpose) {
  std::string answer;
  {
    auto answers = answers_.Lock();
    const auto found = answers->find({step, purpose});
    if (found == answers->end()) return std::nullopt;
    answer = std::move(found->second.front());
    found->second.pop_front();
    if (found->second.empty()) answers->erase(found);
  }
  Result<LlmOutcome> outcome = DecodeOutcome(answer);
  if (!outcome.ok()) return std::nullopt;
  return *std::move(outcome);
}

LlmOutcome Answered::Call(const LlmRequest& request, std::stop_token stop) {
  auto known = answers_.Take(request.step, request.purpose);
  if (known) return *std::move(known);
  return inner_->Call(request, std::move(stop));
}

}  // namespace treesmith
