// LlmRequest and LlmReply: one question to a language model and its answer, in
// words that no provider owns. Plain values.
//
// What changes from call to call stands last: providers and local servers keep
// the beginning of a prompt in a cache, so `system` and `prefix` must be equal
// between calls of one run, and only `tail`, `measured` and `turns` may differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "model/usage.h"

namespace treesmith {

// Room for a long script. A default of 4,096, as some libraries have it, cuts
// scripts in the middle.
inline constexpr int kDefaultMaxOutputTokens = 16384;

// The shape that an answer must have.
struct LlmSchema {
  std::string name;  // letters, digits, `_` and `-`; becomes a tool's name
  std::string description;
  std::string json;  // JSON Schema, one object
  bool operator==(const LlmSchema&) const = default;
};

enum class LlmRole { kUser, kAssistant };

// One more turn after the question: an answer that could not be used, and the
// reason why it is asked again.
struct LlmTurn {
  LlmRole role = LlmRole::kUser;
  std::string text;
  bool operator==(const LlmTurn&) const = default;
};

struct LlmRequest {
  // Stable parts, then the changing part. Prefix, tail and measured together
  // are the first user message.
  std::string system;
  std::string prefix;
  std::string tail;
  // Stands after the tail and is no part of the question's name: what a clock
  // measured or a script printed differs between two runs that are equal
  // otherwise, and a replay must find its answers all the same.
  std::string measured = {};
  std::vector<LlmTurn> turns = {};

  int max_output_tokens = kDefaultMaxOutputTokens;
  std::optional<double> temperature = std::nullopt;
  std::optional<LlmSchema> schema = std::nullopt;

  // For the books only; not part of the hash.
  std::string purpose = {};  // a short word: "draft", "review" ...
  uint64_t step = 0;
  int attempt = 1;  // set by the layer that tries again
};

enum class LlmFinish {
  kStop,     // the model ended its answer
  kLength,   // it ran out of room; the text is cut
  kRefusal,  // the model or the provider's filter refused
  kEmpty,    // it ended in order and said nothing
};

struct LlmReply {
  std::string text;
  std::string reasoning;  // never part of `text`
  LlmFinish finish = LlmFinish::kStop;
  // One valid JSON text, when a schema was asked for and the answer held one,
  // mended where need be; else empty. The schema itself is not checked.
  std::string structured = {};
  std::string model = {};  // as the provider names it
  Usage usage = {};        // of all calls that this answer took
  // The provider told no tokens, or what cannot be; `usage` is an estimate.
  bool usage_estimated = false;
  Hash128 request_hash = {};
};

// The name of a question: equal for equal questions, whoever asks and why.
// `model` is the configured name; it is part of the hash.
Hash128 HashRequest(const LlmRequest& request, const std::string& model);

}  // namespace treesmith
