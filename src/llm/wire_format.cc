#include "llm/wire_format.h"

#include <algorithm>

namespace treesmith {

namespace {

// Fewer bytes a token than was ever measured for prompts (3.6), so that the
// prompt's share of a context is not guessed too small.
constexpr int64_t kFewestBytesPerToken = 3;
constexpr int64_t kSmallestAnswer = 256;

}  // namespace

size_t PromptBytes(const LlmRequest& request) {
  size_t bytes = request.system.size() + request.prefix.size() +
                 request.tail.size() + request.measured.size();
  for (const LlmTurn& turn : request.turns) bytes += turn.text.size();
  if (request.schema) {
    bytes += request.schema->json.size() + request.schema->description.size();
  }
  return bytes;
}

int OutputLimit(const LlmRequest& request, const WireOptions& options) {
  int64_t limit =
      std::min(request.max_output_tokens,
               options.largest_output.value_or(request.max_output_tokens));
  if (options.context_tokens) {
    const int64_t prompt =
        static_cast<int64_t>(PromptBytes(request)) / kFewestBytesPerToken;
    limit = std::min(
        limit, std::max(kSmallestAnswer, *options.context_tokens - prompt));
  }
  return static_cast<int>(limit);
}

std::string SchemaText(const LlmRequest& request, const WireOptions& options) {
  if (!request.schema || options.structured != StructuredMode::kText) return {};
  return "\n\nAnswer with one JSON object and nothing else. It must follow "
         "this JSON schema:\n" +
         request.schema->json + "\n";
}

std::string UserText(const LlmRequest& request, const WireOptions& options) {
  std::string text;
  if (!options.system_role && !request.system.empty()) {
    text = request.system + "\n\n";
  }
  text += request.prefix;
  text += request.tail;
  text += request.measured;
  return text + SchemaText(request, options);
}

}  // namespace treesmith
