// OpenAI's responses. Reference: the vendor's API reference, "Responses" and
// "Streaming events".
#include <nlohmann/json.hpp>

#include "llm/json_node.h"
#include "llm/wire_format.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

std::string Path(const WireOptions&) { return "/responses"; }

Json Input(const LlmRequest& request, const WireOptions& options) {
  Json input = Json::array(
      {{{"role", "user"}, {"content", UserText(request, options)}}});
  for (const LlmTurn& turn : request.turns) {
    input.push_back(
        {{"role", turn.role == LlmRole::kUser ? "user" : "assistant"},
         {"content", turn.text}});
  }
  return input;
}

void AddSchema(const LlmSchema& schema, StructuredMode mode, Json& body) {
  const Json shape = Json::parse(schema.json, nullptr, false);
  if (mode == StructuredMode::kSchema) {
    const bool strict = shape.is_object() &&
                        shape.contains("additionalProperties") &&
                        shape["additionalProperties"] == false;
    body["text"] = {{"format",
                     {{"type", "json_schema"},
                      {"name", schema.name},
                      {"description", schema.description},
                      {"strict", strict},
                      {"schema", shape}}}};
  } else if (mode == StructuredMode::kTool) {
    body["tools"] = Json::array({{{"type", "function"},
                                  {"name", schema.name},
                                  {"description", schema.description},
                                  {"strict", false},
                                  {"parameters", shape}}});
    body["tool_choice"] = {{"type", "function"}, {"name", schema.name}};
  }
}

std::string Body(const LlmRequest& request, const WireOptions& options) {
  Json body = {{"model", options.model},
               {"input", Input(request, options)},
               {"max_output_tokens", OutputLimit(request, options)},
               // Nothing of a user's task is kept at the provider.
               {"store", false}};
  if (options.system_role && !request.system.empty()) {
    body["instructions"] = request.system;
  }
  if (options.temperature && request.temperature) {
    body["temperature"] = *request.temperature;
  }
  if (options.stream) body["stream"] = true;
  if (request.schema) AddSchema(*request.schema, options.structured, body);
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void ReadUsage(JsonNode usage, WireReply& reply) {
  if (!usage.IsObject()) return;
  Usage tokens;
  tokens.tokens_in = usage["input_tokens"].Integer().value_or(0);
  tokens.tokens_cached =
      usage["input_tokens_details"]["cached_tokens"].Integer().value_or(0);
  tokens.tokens_out = usage["output_tokens"].Integer().value_or(0);
  tokens.tokens_reasoning =
      usage["output_tokens_details"]["reasoning_tokens"].Integer().value_or(0);
  reply.usage = tokens;
}

// What the last event and a whole body have in common.
void ReadEnd(JsonNode response, WireReply& reply) {
  const std::string status = response["status"].Text();
  if (status == "failed" || status == "cancelled" ||
      response["error"].Present()) {
    reply.error = response.Dump();
    return;
  }
  reply.model = response["model"].Text();
  ReadUsage(response["usage"], reply);
  reply.ended = status == "completed" || status == "incomplete";
  reply.finish = WireFinish::kStop;
  if (status == "incomplete") {
    reply.finish =
        response["incomplete_details"]["reason"].Text() == "content_filter"
            ? WireFinish::kRefusal
            : WireFinish::kLength;
  }
}

void ReadOutput(JsonNode output, WireReply& reply) {
  for (size_t i = 0; i < output.size(); ++i) {
    const JsonNode item = output.At(i);
    reply.tool_arguments += item["arguments"].Text();
    for (size_t p = 0; p < item["summary"].size(); ++p) {
      reply.reasoning += item["summary"].At(p)["text"].Text();
    }
    if (item["type"].Text() != "message") continue;
    for (size_t p = 0; p < item["content"].size(); ++p) {
      reply.text += item["content"].At(p)["text"].Text();
      reply.refusal += item["content"].At(p)["refusal"].Text();
    }
  }
}

void OnEvent(const SseEvent& event, WireReply& reply) {
  const auto document = JsonDocument::Parse(event.data);
  if (!document) return;
  const JsonNode root = document->root();
  const std::string type = root["type"].Text();
  const std::string delta = root["delta"].Text();
  if (type == "response.output_text.delta") {
    reply.text += delta;
  } else if (type == "response.refusal.delta") {
    reply.refusal += delta;
  } else if (type == "response.function_call_arguments.delta") {
    reply.tool_arguments += delta;
  } else if (type == "response.reasoning_summary_text.delta" ||
             type == "response.reasoning_text.delta") {
    reply.reasoning += delta;
  } else if (type == "response.completed" || type == "response.incomplete" ||
             type == "response.failed") {
    ReadEnd(root["response"], reply);
  } else if (type == "error") {
    reply.error = root.Dump();
  }
}

bool OnBody(std::string_view body, WireReply& reply) {
  const auto document = JsonDocument::Parse(body);
  if (!document || !document->root().IsObject()) return false;
  ReadOutput(document->root()["output"], reply);
  ReadEnd(document->root(), reply);
  return true;
}

}  // namespace

const WireFormat& OpenAiResponsesFormat() {
  static constexpr WireFormat kFormat{"openai-responses", Path, Body, OnEvent,
                                      OnBody};
  return kFormat;
}

}  // namespace treesmith
