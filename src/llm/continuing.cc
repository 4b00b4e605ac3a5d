#include "llm/continuing.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace treesmith {
namespace {

constexpr int kMostContinuations = 2;
// Shorter repeats happen by chance: a bracket, a line break, a keyword.
constexpr size_t kShortestRepeat = 16;
constexpr size_t kLongestRepeat = 2000;
constexpr std::string_view kFence = "```";

bool FenceIsOpen(std::string_view text) {
  size_t fences = 0;
  for (size_t at = text.find(kFence); at != std::string_view::npos;
       at = text.find(kFence, at + kFence.size())) {
    ++fences;
  }
  return fences % 2 == 1;
}

// Without the reasoning that only fills the answer's room.
LlmRequest GoOn(const LlmRequest& request, const std::string& text) {
  LlmRequest next = request;
  next.turns.push_back({LlmRole::kAssistant, text});
  next.turns.push_back(
      {LlmRole::kUser,
       "Your answer was cut off by its length limit. Go on from the very "
       "character where it stopped. Repeat nothing and explain nothing."});
  return next;
}

}  // namespace

std::string JoinHalves(const std::string& first, const std::string& second) {
  std::string_view rest = second;
  if (FenceIsOpen(first) && rest.starts_with(kFence)) {
    const size_t line = rest.find('\n');
    // A fence of its own closes the block; one with a language opens it again.
    if (line != std::string_view::npos && line > kFence.size()) {
      rest.remove_prefix(line + 1);
    }
  }
  const size_t longest = std::min({first.size(), rest.size(), kLongestRepeat});
  for (size_t size = longest; size >= kShortestRepeat; --size) {
    if (std::string_view(first).ends_with(rest.substr(0, size))) {
      rest.remove_prefix(size);
      break;
    }
  }
  return first + std::string(rest);
}

Continuing::Continuing(std::unique_ptr<LlmClient> inner, SharedOptions& options)
    : inner_(std::move(inner)), options_(options) {}

LlmOutcome Continuing::Call(const LlmRequest& request, std::stop_token stop) {
  LlmOutcome outcome = inner_->Call(request, stop);
  LlmRequest wider = request;
  for (int turn = 0; turn < kMostContinuations; ++turn) {
    LlmReply* reply = outcome.reply();
    if (reply == nullptr || reply->finish != LlmFinish::kLength) break;
    // Half a structured answer cannot be gone on with in every mode, and one
    // of reasoning alone holds nothing to go on from.
    const bool whole = request.schema || reply->text.empty();
    const int limit = OutputLimit(wider, *options_.Lock());
    const bool may_widen = wider.max_output_tokens <= limit;
    if (whole && !may_widen) break;
    // Widening costs the whole answer again, going on only the rest.
    if (whole) wider.max_output_tokens *= 2;
    LlmOutcome next =
        inner_->Call(whole ? wider : GoOn(request, reply->text), stop);
    LlmReply* more = next.reply();
    if (more == nullptr) {
      // The cut answer is still worth something, unless nothing may go on.
      if (next.failure()->kind == FailureKind::kCancelled) {
        next.failure()->usage += reply->usage;
        return next;
      }
      reply->usage += next.failure()->usage;
      break;
    }
    more->usage += reply->usage;
    more->usage_estimated = more->usage_estimated || reply->usage_estimated;
    if (!whole) {
      more->text = JoinHalves(reply->text, more->text);
      more->reasoning = reply->reasoning + more->reasoning;
      if (more->finish == LlmFinish::kEmpty) more->finish = LlmFinish::kStop;
    }
    more->request_hash = reply->request_hash;
    outcome = std::move(next);
  }
  return outcome;
}

}  // namespace treesmith
