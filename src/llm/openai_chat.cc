// OpenAI's chat completions, which Ollama, vLLM, llama.cpp's server, Azure,
// OpenRouter and many others speak too. Reference: the vendor's API reference,
// "Chat Completions" and "Streaming".
#include <nlohmann/json.hpp>

#include "llm/json_node.h"
#include "llm/wire_format.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

Json Message(const char* role, const std::string& text) {
  return {{"role", role}, {"content", text}};
}

Json Messages(const LlmRequest& request, const WireOptions& options) {
  Json messages = Json::array();
  if (options.system_role && !request.system.empty()) {
    messages.push_back(Message("system", request.system));
  }
  messages.push_back(Message("user", UserText(request, options)));
  for (const LlmTurn& turn : request.turns) {
    messages.push_back(
        Message(turn.role == LlmRole::kUser ? "user" : "assistant", turn.text));
  }
  return messages;
}

void AddSchema(const LlmSchema& schema, StructuredMode mode, Json& body) {
  const Json shape = Json::parse(schema.json, nullptr, false);
  if (mode == StructuredMode::kSchema) {
    // `strict` wants objects that are closed; others are refused with it.
    const bool strict = shape.is_object() &&
                        shape.contains("additionalProperties") &&
                        shape["additionalProperties"] == false;
    body["response_format"] = {{"type", "json_schema"},
                               {"json_schema",
                                {{"name", schema.name},
                                 {"description", schema.description},
                                 {"strict", strict},
                                 {"schema", shape}}}};
  } else if (mode == StructuredMode::kTool) {
    body["tools"] = Json::array({{{"type", "function"},
                                  {"function",
                                   {{"name", schema.name},
                                    {"description", schema.description},
                                    {"parameters", shape}}}}});
    body["tool_choice"] = {{"type", "function"},
                           {"function", {{"name", schema.name}}}};
  }
}

std::string Body(const LlmRequest& request, const WireOptions& options) {
  Json body = {{"model", options.model},
               {"messages", Messages(request, options)}};
  body[options.max_completion_tokens ? "max_completion_tokens" : "max_tokens"] =
      OutputLimit(request, options);
  if (options.temperature && request.temperature) {
    body["temperature"] = *request.temperature;
  }
  if (options.stream) {
    body["stream"] = true;
    if (options.stream_usage) {
      body["stream_options"] = {{"include_usage", true}};
    }
  }
  if (options.ask_cost) body["usage"] = {{"include", true}};
  if (request.schema) AddSchema(*request.schema, options.structured, body);
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Path(const WireOptions&) { return "/chat/completions"; }

// A text, or a list of parts with texts.
std::string ContentText(JsonNode content) {
  if (!content.IsArray()) return content.Text();
  std::string text;
  for (size_t i = 0; i < content.size(); ++i) {
    text += content.At(i)["text"].Text();
  }
  return text;
}

// `message` of a whole answer or `delta` of a stream: the same members.
void AddMessage(JsonNode message, WireReply& reply) {
  reply.text += ContentText(message["content"]);
  // DeepSeek, vLLM and llama.cpp / OpenRouter and Ollama.
  const std::string reasoning = message["reasoning_content"].Text();
  reply.reasoning +=
      reasoning.empty() ? message["reasoning"].Text() : reasoning;
  reply.refusal += message["refusal"].Text();
  const JsonNode function = message["tool_calls"].At(0)["function"];
  // A second call of a model that calls twice is left out.
  if (message["tool_calls"].At(0)["index"].Integer().value_or(0) == 0) {
    const JsonNode arguments = function["arguments"];
    reply.tool_arguments +=
        arguments.IsObject() ? arguments.Dump() : arguments.Text();
  }
}

WireFinish FinishOf(const std::string& reason) {
  if (reason.empty()) return WireFinish::kNone;
  if (reason == "length") return WireFinish::kLength;
  if (reason == "content_filter") return WireFinish::kRefusal;
  return WireFinish::kStop;
}

void ReadUsage(JsonNode usage, WireReply& reply) {
  if (!usage.IsObject()) return;
  Usage tokens;
  tokens.tokens_in = usage["prompt_tokens"].Integer().value_or(0);
  tokens.tokens_out = usage["completion_tokens"].Integer().value_or(0);
  const auto cached = usage["prompt_tokens_details"]["cached_tokens"].Integer();
  tokens.tokens_cached = cached ? *cached
                                : usage["prompt_cache_hit_tokens"]  // DeepSeek
                                      .Integer()
                                      .value_or(0);
  tokens.tokens_reasoning =
      usage["completion_tokens_details"]["reasoning_tokens"].Integer().value_or(
          0);
  reply.usage = tokens;
  // OpenRouter's price in credits, which are US dollars.
  if (const auto cost = usage["cost"].Number()) reply.cost_usd = cost;
}

void Read(JsonNode root, const char* message, WireReply& reply) {
  if (root["error"].Present()) {
    reply.error = root.Dump();
    return;
  }
  if (reply.model.empty()) reply.model = root["model"].Text();
  const JsonNode choice = root["choices"].At(0);
  if (choice["error"].Present()) reply.error = choice.Dump();  // OpenRouter
  AddMessage(choice[message], reply);
  const WireFinish finish = FinishOf(choice["finish_reason"].Text());
  if (finish != WireFinish::kNone) {
    reply.finish = finish;
    reply.ended = true;
  }
  ReadUsage(root["usage"], reply);
}

void OnEvent(const SseEvent& event, WireReply& reply) {
  if (event.data == "[DONE]") return;
  const auto document = JsonDocument::Parse(event.data);
  if (document) Read(document->root(), "delta", reply);
}

bool OnBody(std::string_view body, WireReply& reply) {
  const auto document = JsonDocument::Parse(body);
  if (!document || !document->root().IsObject()) return false;
  Read(document->root(), "message", reply);
  return true;
}

}  // namespace

const WireFormat& OpenAiChatFormat() {
  static constexpr WireFormat kFormat{"openai-chat", Path, Body, OnEvent,
                                      OnBody};
  return kFormat;
}

}  // namespace treesmith
