// WireFormat: how one family of providers writes questions and answers.
//
// Pure functions, so that each format is tested without a network: a request
// becomes a path and a body; events of a stream, or one JSON body, add up to a
// WireReply. One file per format: openai_chat, openai_responses, anthropic,
// gemini.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "llm/sse_parser.h"
#include "model/llm.h"

namespace treesmith {

// How an answer is held to a schema.
enum class StructuredMode {
  kSchema,  // the provider's own JSON schema mode
  kTool,    // a tool call that the model is told to make
  kText,    // asked for in the prompt
};

// What a model takes. A parameter that it rejects is switched off here
// (llm/adapting.h).
struct WireOptions {
  std::string model;
  bool stream = true;
  bool stream_usage = true;  // OpenAI's stream_options
  bool temperature = true;
  bool system_role = true;
  // OpenAI's newer models want max_completion_tokens, others only know
  // max_tokens.
  bool max_completion_tokens = false;
  bool cache_marks = true;  // Anthropic's cache_control
  // OpenRouter: ask for the price of the call.
  bool ask_cost = false;
  StructuredMode structured = StructuredMode::kSchema;
  // The model's own limit of output tokens; absent: not known.
  std::optional<int> largest_output = std::nullopt;
  // Room for prompt and answer together; absent: not known.
  std::optional<int> context_tokens = std::nullopt;
};

enum class WireFinish { kNone, kStop, kLength, kRefusal };

// What has arrived of an answer so far.
struct WireReply {
  std::string text;
  std::string reasoning;
  std::string tool_arguments;
  std::string refusal;  // the model's words
  std::string model;
  WireFinish finish = WireFinish::kNone;
  // The provider has said that the answer is whole.
  bool ended = false;
  // Tokens as the provider tells them; `calls` and money stay 0.
  std::optional<Usage> usage;
  // Input tokens that went into the provider's cache, at a price of their own.
  int64_t cache_writes = 0;
  // The provider's own price for the call.
  std::optional<double> cost_usd;
  // The error event that ended the stream, as JSON.
  std::string error;
};

struct WireFormat {
  std::string_view name;
  // Appended to the base URL.
  std::string (*path)(const WireOptions& options);
  std::string (*body)(const LlmRequest& request, const WireOptions& options);
  void (*on_event)(const SseEvent& event, WireReply& reply);
  // False when the body is not an answer of this format.
  bool (*on_body)(std::string_view body, WireReply& reply);
};

const WireFormat& OpenAiChatFormat();
const WireFormat& OpenAiResponsesFormat();
const WireFormat& AnthropicFormat();
const WireFormat& GeminiFormat();

// All texts of a request.
size_t PromptBytes(const LlmRequest& request);

// The output tokens to ask for: the request's, under the model's limits.
int OutputLimit(const LlmRequest& request, const WireOptions& options);

// The first user message; with the schema in words where the provider has no
// other way, and with the system text where it has no role for that.
std::string UserText(const LlmRequest& request, const WireOptions& options);
// What UserText puts behind the request's tail; may be empty.
std::string SchemaText(const LlmRequest& request, const WireOptions& options);

}  // namespace treesmith
