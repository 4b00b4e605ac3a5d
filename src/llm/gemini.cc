// Google's Gemini. Reference: the vendor's API reference, "generateContent" and
// "streamGenerateContent".
#include <nlohmann/json.hpp>

#include "llm/json_node.h"
#include "llm/wire_format.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

std::string Path(const WireOptions& options) {
  return "/models/" + options.model +
         (options.stream ? ":streamGenerateContent?alt=sse"
                         : ":generateContent");
}

Json Content(const char* role, const std::string& text) {
  return {{"role", role}, {"parts", Json::array({{{"text", text}}})}};
}

void AddSchema(const LlmSchema& schema, StructuredMode mode, Json& body) {
  const Json shape = Json::parse(schema.json, nullptr, false);
  if (mode == StructuredMode::kSchema) {
    body["generationConfig"]["responseMimeType"] = "application/json";
    body["generationConfig"]["responseJsonSchema"] = shape;
  } else if (mode == StructuredMode::kTool) {
    body["tools"] =
        Json::array({{{"functionDeclarations",
                       Json::array({{{"name", schema.name},
                                     {"description", schema.description},
                                     {"parametersJsonSchema", shape}}})}}});
    body["toolConfig"] = {
        {"functionCallingConfig",
         {{"mode", "ANY"},
          {"allowedFunctionNames", Json::array({schema.name})}}}};
  }
}

std::string Body(const LlmRequest& request, const WireOptions& options) {
  Json contents = Json::array({Content("user", UserText(request, options))});
  for (const LlmTurn& turn : request.turns) {
    contents.push_back(
        Content(turn.role == LlmRole::kUser ? "user" : "model", turn.text));
  }
  Json body = {{"contents", contents},
               {"generationConfig",
                {{"maxOutputTokens", OutputLimit(request, options)}}}};
  if (options.system_role && !request.system.empty()) {
    body["systemInstruction"] = {
        {"parts", Json::array({{{"text", request.system}}})}};
  }
  if (options.temperature && request.temperature) {
    body["generationConfig"]["temperature"] = *request.temperature;
  }
  if (request.schema) AddSchema(*request.schema, options.structured, body);
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

WireFinish FinishOf(const std::string& reason) {
  if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED") {
    return WireFinish::kNone;
  }
  if (reason == "MAX_TOKENS") return WireFinish::kLength;
  if (reason == "SAFETY" || reason == "RECITATION" || reason == "BLOCKLIST" ||
      reason == "PROHIBITED_CONTENT" || reason == "SPII") {
    return WireFinish::kRefusal;
  }
  return WireFinish::kStop;
}

void ReadUsage(JsonNode usage, WireReply& reply) {
  if (!usage.IsObject()) return;
  Usage tokens;
  tokens.tokens_in = usage["promptTokenCount"].Integer().value_or(0);
  tokens.tokens_cached = usage["cachedContentTokenCount"].Integer().value_or(0);
  tokens.tokens_reasoning = usage["thoughtsTokenCount"].Integer().value_or(0);
  // Thoughts are billed as output and counted beside it.
  tokens.tokens_out = usage["candidatesTokenCount"].Integer().value_or(0) +
                      tokens.tokens_reasoning;
  reply.usage = tokens;
}

void Read(JsonNode root, WireReply& reply) {
  if (root["error"].Present()) {
    reply.error = root.Dump();
    return;
  }
  const std::string blocked = root["promptFeedback"]["blockReason"].Text();
  if (!blocked.empty()) {
    reply.refusal = "blocked: " + blocked;
    reply.finish = WireFinish::kRefusal;
    reply.ended = true;
  }
  const JsonNode candidate = root["candidates"].At(0);
  const JsonNode parts = candidate["content"]["parts"];
  for (size_t i = 0; i < parts.size(); ++i) {
    const JsonNode part = parts.At(i);
    (part["thought"].IsTrue() ? reply.reasoning : reply.text) +=
        part["text"].Text();
    const JsonNode arguments = part["functionCall"]["args"];
    if (arguments.IsObject() && reply.tool_arguments.empty()) {
      reply.tool_arguments = arguments.Dump();
    }
  }
  const WireFinish finish = FinishOf(candidate["finishReason"].Text());
  if (finish != WireFinish::kNone) {
    reply.finish = finish;
    reply.ended = true;
  }
  if (reply.model.empty()) reply.model = root["modelVersion"].Text();
  ReadUsage(root["usageMetadata"], reply);
}

void OnEvent(const SseEvent& event, WireReply& reply) {
  const auto document = JsonDocument::Parse(event.data);
  if (document) Read(document->root(), reply);
}

// Without `alt=sse` a stream is one array of chunks.
bool OnBody(std::string_view body, WireReply& reply) {
  const auto document = JsonDocument::Parse(body);
  if (!document) return false;
  const JsonNode root = document->root();
  if (root.IsObject()) {
    Read(root, reply);
    return true;
  }
  for (size_t i = 0; i < root.size(); ++i) Read(root.At(i), reply);
  return root.IsArray();
}

}  // namespace

const WireFormat& GeminiFormat() {
  static constexpr WireFormat kFormat{"gemini", Path, Body, OnEvent, OnBody};
  return kFormat;
}

}  // namespace treesmith
