#include "model/llm.h"

#include <string_view>

namespace treesmith {
namespace {

// Length first, so that no two lists of parts give the same bytes.
void AddPart(std::string& bytes, std::string_view part) {
  bytes += std::to_string(part.size());
  bytes += ':';
  bytes += part;
}

}  // namespace

Hash128 HashRequest(const LlmRequest& request, const std::string& model) {
  std::string bytes;
  AddPart(bytes, model);
  AddPart(bytes, request.system);
  // Where prefix ends and tail begins is a matter of caching, not of meaning.
  AddPart(bytes, request.prefix + request.tail);
  for (const LlmTurn& turn : request.turns) {
    AddPart(bytes, turn.role == LlmRole::kUser ? "user" : "assistant");
    AddPart(bytes, turn.text);
  }
  AddPart(bytes, std::to_string(request.max_output_tokens));
  AddPart(bytes, request.temperature ? std::to_string(*request.temperature)
                                     : std::string("default"));
  if (request.schema) {
    AddPart(bytes, request.schema->name);
    AddPart(bytes, request.schema->json);
  }
  return HashBytes(bytes);
}

}  // namespace treesmith
