// Anthropic's messages. Reference: the vendor's API reference, "Messages" and
// "Streaming messages".
#include <nlohmann/json.hpp>

#include "llm/json_node.h"
#include "llm/wire_format.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

std::string Path(const WireOptions&) { return "/v1/messages"; }

Json TextBlock(const std::string& text, bool mark) {
  Json block = {{"type", "text"}, {"text", text}};
  // The provider keeps the prompt up to this block and bills it at a tenth.
  if (mark) block["cache_control"] = {{"type", "ephemeral"}};
  return block;
}

Json Messages(const LlmRequest& request, const WireOptions& options) {
  Json content = Json::array();
  std::string stable = request.prefix;
  if (!options.system_role && !request.system.empty()) {
    stable = request.system + "\n\n" + stable;
  }
  // Empty blocks are refused.
  if (!stable.empty()) {
    content.push_back(TextBlock(stable, options.cache_marks));
  }
  const std::string tail =
      request.tail + request.measured + SchemaText(request, options);
  if (!tail.empty()) content.push_back(TextBlock(tail, false));
  Json messages = Json::array({{{"role", "user"}, {"content", content}}});
  for (const LlmTurn& turn : request.turns) {
    messages.push_back(
        {{"role", turn.role == LlmRole::kUser ? "user" : "assistant"},
         {"content", turn.text}});
  }
  return messages;
}

void AddSchema(const LlmSchema& schema, StructuredMode mode, Json& body) {
  const Json shape = Json::parse(schema.json, nullptr, false);
  if (mode == StructuredMode::kSchema) {
    body["output_config"] = {
        {"format", {{"type", "json_schema"}, {"schema", shape}}}};
  } else if (mode == StructuredMode::kTool) {
    body["tools"] = Json::array({{{"name", schema.name},
                                  {"description", schema.description},
                                  {"input_schema", shape}}});
    body["tool_choice"] = {{"type", "tool"}, {"name", schema.name}};
  }
}

std::string Body(const LlmRequest& request, const WireOptions& options) {
  Json body = {{"model", options.model},
               {"max_tokens", OutputLimit(request, options)},
               {"messages", Messages(request, options)}};
  if (options.system_role && !request.system.empty()) {
    body["system"] =
        Json::array({TextBlock(request.system, options.cache_marks)});
  }
  if (options.temperature && request.temperature) {
    body["temperature"] = *request.temperature;
  }
  if (options.stream) body["stream"] = true;
  if (request.schema) AddSchema(*request.schema, options.structured, body);
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Later figures replace earlier ones; `input_tokens` leaves the cached ones
// out, ours has them in.
void ReadUsage(JsonNode usage, WireReply& reply) {
  if (!usage.IsObject()) return;
  Usage tokens = reply.usage.value_or(Usage{});
  if (const auto fresh = usage["input_tokens"].Integer()) {
    tokens.tokens_cached =
        usage["cache_read_input_tokens"].Integer().value_or(0);
    reply.cache_writes =
        usage["cache_creation_input_tokens"].Integer().value_or(0);
    tokens.tokens_in = *fresh + tokens.tokens_cached + reply.cache_writes;
  }
  tokens.tokens_out =
      usage["output_tokens"].Integer().value_or(tokens.tokens_out);
  reply.usage = tokens;
}

void ReadReason(const std::string& reason, WireReply& reply) {
  if (reason.empty()) return;
  if (reason == "max_tokens" || reason == "model_context_window_exceeded" ||
      reason == "pause_turn") {
    reply.finish = WireFinish::kLength;
  } else if (reason == "refusal") {
    reply.finish = WireFinish::kRefusal;
  } else {
    reply.finish = WireFinish::kStop;
  }
}

void OnEvent(const SseEvent& event, WireReply& reply) {
  const auto document = JsonDocument::Parse(event.data);
  if (!document) return;
  const JsonNode root = document->root();
  const std::string type = root["type"].Text();
  const JsonNode delta = root["delta"];
  if (type == "content_block_delta") {
    reply.text += delta["text"].Text();
    reply.reasoning += delta["thinking"].Text();
    reply.tool_arguments += delta["partial_json"].Text();
  } else if (type == "message_start") {
    reply.model = root["message"]["model"].Text();
    ReadUsage(root["message"]["usage"], reply);
  } else if (type == "message_delta") {
    ReadReason(delta["stop_reason"].Text(), reply);
    ReadUsage(root["usage"], reply);
  } else if (type == "message_stop") {
    reply.ended = true;
  } else if (type == "error") {
    reply.error = root.Dump();
  }
}

bool OnBody(std::string_view body, WireReply& reply) {
  const auto document = JsonDocument::Parse(body);
  if (!document || !document->root().IsObject()) return false;
  const JsonNode root = document->root();
  if (root["type"].Text() == "error") {
    reply.error = root.Dump();
    return true;
  }
  const JsonNode content = root["content"];
  for (size_t i = 0; i < content.size(); ++i) {
    reply.text += content.At(i)["text"].Text();
    reply.reasoning += content.At(i)["thinking"].Text();
    const JsonNode input = content.At(i)["input"];
    if (input.Present()) reply.tool_arguments += input.Dump();
  }
  reply.model = root["model"].Text();
  ReadReason(root["stop_reason"].Text(), reply);
  ReadUsage(root["usage"], reply);
  reply.ended = reply.finish != WireFinish::kNone;
  return true;
}

}  // namespace

const WireFormat& AnthropicFormat() {
  static constexpr WireFormat kFormat{"anthropic", Path, Body, OnEvent, OnBody};
  return kFormat;
}

}  // namespace treesmith
