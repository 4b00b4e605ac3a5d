#include "testing/http/stub_wire.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace treesmith {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::ignore);
}

std::string Event(const std::string& name, const std::string& data) {
  return (name.empty() ? "" : "event: " + name + "\n") + "data: " + data +
         "\n\n";
}

// JSON text whose string may hold invalid UTF-8, which no JSON library writes:
// a mark stands for it until the end.
constexpr std::string_view kMark = "@@RAW@@";

std::string WithRaw(const Json& json, const std::string& raw) {
  std::string text = Dump(json);
  std::string escaped;
  for (const char c : raw) {
    if (c == '"' || c == '\\') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      escaped += c;
    }
  }
  const size_t at = text.find(kMark);
  if (at != std::string::npos) text.replace(at, kMark.size(), escaped);
  return text;
}

std::vector<std::string> Split(const std::string& text, int pieces) {
  std::vector<std::string> parts;
  const size_t count = static_cast<size_t>(std::max(pieces, 1));
  const size_t size = std::max<size_t>(1, (text.size() + count - 1) / count);
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.size(), at + size);
    // Servers hold a character back until its last byte is there.
    while (end < text.size() &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      ++end;
    }
    parts.push_back(text.substr(at, end - at));
    at = end;
  }
  return parts;
}

bool AsTool(const StubRequest& request, const StubAnswer& answer) {
  return request.wants_tool && !answer.json.empty();
}
std::string TextOf(const StubRequest& request, const StubAnswer& answer) {
  return AsTool(request, answer) || answer.json.empty() ? answer.text
                                                        : answer.json;
}

// --- OpenAI chat ------------------------------------------------------------

Json ChatUsage(const StubAnswer& a) {
  return {{"prompt_tokens", a.input_tokens},
          {"completion_tokens", a.output_tokens},
          {"total_tokens", a.input_tokens + a.output_tokens},
          {"prompt_tokens_details", {{"cached_tokens", a.cached_tokens}}},
          {"completion_tokens_details",
           {{"reasoning_tokens", a.reasoning_tokens}}}};
}

std::string ChatReason(const StubRequest& request, const StubAnswer& a) {
  if (a.stop == "refusal") return "content_filter";
  if (a.stop == "stop" && AsTool(request, a)) return "tool_calls";
  return a.stop;
}

Json ChatChunk(const Json& delta, const Json& reason) {
  return {{"id", "chatcmpl-1"},
          {"object", "chat.completion.chunk"},
          {"model", "stub-model"},
          {"choices",
           Json::array(
               {{{"index", 0}, {"delta", delta}, {"finish_reason", reason}}})}};
}

Json ChatTool(const StubRequest& request, const std::string& arguments) {
  return Json::array(
      {{{"index", 0},
        {"id", "call_1"},
        {"type", "function"},
        {"function",
         {{"name", request.tool_name}, {"arguments", arguments}}}}});
}

std::vector<std::string> ChatStream(const StubRequest& request,
                                    const StubAnswer& a) {
  std::vector<std::string> events;
  events.push_back(Event(
      "", Dump(ChatChunk({{"role", "assistant"}, {"content", ""}}, nullptr))));
  for (const auto& part : Split(a.reasoning, a.pieces)) {
    events.push_back(Event(
        "", WithRaw(ChatChunk({{"reasoning_content", kMark}}, nullptr), part)));
  }
  for (const auto& part : Split(TextOf(request, a), a.pieces)) {
    events.push_back(
        Event("", WithRaw(ChatChunk({{"content", kMark}}, nullptr), part)));
  }
  if (AsTool(request, a)) {
    for (const auto& part : Split(a.json, a.pieces)) {
      events.push_back(Event(
          "",
          Dump(ChatChunk({{"tool_calls", ChatTool(request, part)}}, nullptr))));
    }
  }
  if (a.fault == StubFault::kNoEnd) return events;
  events.push_back(
      Event("", Dump(ChatChunk(Json::object(), ChatReason(request, a)))));
  if (a.tell_usage) {
    events.push_back(Event("", Dump({{"id", "chatcmpl-1"},
                                     {"object", "chat.completion.chunk"},
                                     {"choices", Json::array()},
                                     {"usage", ChatUsage(a)}})));
  }
  events.push_back(Event("", "[DONE]"));
  return events;
}

std::string ChatBody(const StubRequest& request, const StubAnswer& a) {
  Json message = {{"role", "assistant"}, {"content", kMark}};
  if (!a.reasoning.empty()) message["reasoning_content"] = a.reasoning;
  if (AsTool(request, a)) message["tool_calls"] = ChatTool(request, a.json);
  Json body = {
      {"id", "chatcmpl-1"},
      {"object", "chat.completion"},
      {"model", "stub-model"},
      {"choices", Json::array({{{"index", 0},
                                {"message", message},
                                {"finish_reason", ChatReason(request, a)}}})}};
  if (a.tell_usage) body["usage"] = ChatUsage(a);
  return WithRaw(body, TextOf(request, a));
}

// --- OpenAI responses
// ---------------------------------------------------------

Json ResponsesUsage(const StubAnswer& a) {
  return {{"input_tokens", a.input_tokens},
          {"input_tokens_details", {{"cached_tokens", a.cached_tokens}}},
          {"output_tokens", a.output_tokens},
          {"output_tokens_details", {{"reasoning_tokens", a.reasoning_tokens}}},
          {"total_tokens", a.input_tokens + a.output_tokens}};
}

Json ResponsesObject(const StubRequest& request, const StubAnswer& a) {
  const bool cut = a.stop == "length";
  Json output = Json::array();
  if (!a.reasoning.empty()) {
    output.push_back({{"type", "reasoning"},
                      {"summary", Json::array({{{"type", "summary_text"},
                                                {"text", a.reasoning}}})}});
  }
  Json part = {{"type", "output_text"}, {"text", kMark}};
  if (a.stop == "refusal") part = {{"type", "refusal"}, {"refusal", kMark}};
  output.push_back({{"type", "message"},
                    {"role", "assistant"},
                    {"content", Json::array({part})}});
  if (AsTool(request, a)) {
    output.push_back({{"type", "function_call"},
                      {"name", request.tool_name},
                      {"arguments", a.json}});
  }
  Json object = {{"id", "resp_1"},
                 {"object", "response"},
                 {"status", cut ? "incomplete" : "completed"},
                 {"model", "stub-model"},
                 {"output", output}};
  if (cut) object["incomplete_details"] = {{"reason", "max_output_tokens"}};
  if (a.tell_usage) object["usage"] = ResponsesUsage(a);
  return object;
}

std::vector<std::string> ResponsesStream(const StubRequest& request,
                                         const StubAnswer& a) {
  std::vector<std::string> events;
  events.push_back(Event(
      "response.created",
      Dump({{"type", "response.created"},
            {"response", {{"id", "resp_1"}, {"status", "in_progress"}}}})));
  const auto deltas = [&](const std::string& type, const std::string& text) {
    for (const auto& part : Split(text, a.pieces)) {
      events.push_back(
          Event(type, WithRaw({{"type", type}, {"delta", kMark}}, part)));
    }
  };
  deltas("response.reasoning_summary_text.delta", a.reasoning);
  deltas(a.stop == "refusal" ? "response.refusal.delta"
                             : "response.output_text.delta",
         TextOf(request, a));
  if (AsTool(request, a)) {
    deltas("response.function_call_arguments.delta", a.json);
  }
  if (a.fault == StubFault::kNoEnd) return events;
  const std::string type =
      a.stop == "length" ? "response.incomplete" : "response.completed";
  events.push_back(Event(
      type, WithRaw({{"type", type}, {"response", ResponsesObject(request, a)}},
                    TextOf(request, a))));
  return events;
}

// --- Anthropic
// ----------------------------------------------------------------

Json AnthropicUsage(const StubAnswer& a, int64_t output) {
  return {{"input_tokens", a.input_tokens - a.cached_tokens},
          {"cache_creation_input_tokens", 0},
          {"cache_read_input_tokens", a.cached_tokens},
          {"output_tokens", output}};
}

std::string AnthropicReason(const StubRequest& request, const StubAnswer& a) {
  if (a.stop == "length") return "max_tokens";
  if (a.stop == "refusal") return "refusal";
  return AsTool(request, a) ? "tool_use" : "end_turn";
}

std::vector<std::string> AnthropicStream(const StubRequest& request,
                                         const StubAnswer& a) {
  std::vector<std::string> events;
  Json message = {{"id", "msg_1"},
                  {"type", "message"},
                  {"role", "assistant"},
                  {"model", "stub-model"},
                  {"content", Json::array()},
                  {"stop_reason", nullptr}};
  if (a.tell_usage) message["usage"] = AnthropicUsage(a, 1);
  events.push_back(Event("message_start", Dump({{"type", "message_start"},
                                                {"message", message}})));
  events.push_back(Event("ping", R"({"type": "ping"})"));
  int index = 0;
  const auto block = [&](const Json& start, const Json& delta,
                         const std::string& text) {
    events.push_back(
        Event("content_block_start", Dump({{"type", "content_block_start"},
                                           {"index", index},
                                           {"content_block", start}})));
    for (const auto& part : Split(text, a.pieces)) {
      events.push_back(
          Event("content_block_delta", WithRaw({{"type", "content_block_delta"},
                                                {"index", index},
                                                {"delta", delta}},
                                               part)));
    }
    events.push_back(
        Event("content_block_stop",
              Dump({{"type", "content_block_stop"}, {"index", index}})));
    ++index;
  };
  if (!a.reasoning.empty()) {
    block({{"type", "thinking"}, {"thinking", ""}},
          {{"type", "thinking_delta"}, {"thinking", kMark}}, a.reasoning);
  }
  if (!TextOf(request, a).empty()) {
    block({{"type", "text"}, {"text", ""}},
          {{"type", "text_delta"}, {"text", kMark}}, TextOf(request, a));
  }
  if (AsTool(request, a)) {
    block({{"type", "tool_use"},
           {"id", "toolu_1"},
           {"name", request.tool_name},
           {"input", Json::object()}},
          {{"type", "input_json_delta"}, {"partial_json", kMark}}, a.json);
  }
  if (a.fault == StubFault::kNoEnd) return events;
  Json delta = {{"type", "message_delta"},
                {"delta", {{"stop_reason", AnthropicReason(request, a)}}}};
  if (a.tell_usage) delta["usage"] = {{"output_tokens", a.output_tokens}};
  events.push_back(Event("message_delta", Dump(delta)));
  events.push_back(Event("message_stop", R"({"type": "message_stop"})"));
  return events;
}

std::string AnthropicBody(const StubRequest& request, const StubAnswer& a) {
  Json content = Json::array();
  if (!a.reasoning.empty()) {
    content.push_back({{"type", "thinking"}, {"thinking", a.reasoning}});
  }
  if (!TextOf(request, a).empty()) {
    content.push_back({{"type", "text"}, {"text", kMark}});
  }
  if (AsTool(request, a)) {
    content.push_back({{"type", "tool_use"},
                       {"id", "toolu_1"},
                       {"name", request.tool_name},
                       {"input", Json::parse(a.json, nullptr, false)}});
  }
  Json body = {
      {"id", "msg_1"},       {"type", "message"},
      {"role", "assistant"}, {"model", "stub-model"},
      {"content", content},  {"stop_reason", AnthropicReason(request, a)}};
  if (a.tell_usage) body["usage"] = AnthropicUsage(a, a.output_tokens);
  return WithRaw(body, TextOf(request, a));
}

// --- Gemini
// -------------------------------------------------------------------

Json GeminiChunk(const Json& parts, const Json& reason) {
  Json candidate = {{"content", {{"role", "model"}, {"parts", parts}}},
                    {"index", 0}};
  if (!reason.is_null()) candidate["finishReason"] = reason;
  return {{"candidates", Json::array({candidate})},
          {"modelVersion", "stub-model"}};
}

std::string GeminiReason(const StubAnswer& a) {
  if (a.stop == "length") return "MAX_TOKENS";
  return a.stop == "refusal" ? "SAFETY" : "STOP";
}

Json GeminiUsage(const StubAnswer& a) {
  return {{"promptTokenCount", a.input_tokens},
          {"cachedContentTokenCount", a.cached_tokens},
          {"candidatesTokenCount", a.output_tokens - a.reasoning_tokens},
          {"thoughtsTokenCount", a.reasoning_tokens},
          {"totalTokenCount", a.input_tokens + a.output_tokens}};
}

Json GeminiTail(const StubRequest& request, const StubAnswer& a,
                const Json& before) {
  Json parts = before;
  if (AsTool(request, a)) {
    parts.push_back({{"functionCall",
                      {{"name", request.tool_name},
                       {"args", Json::parse(a.json, nullptr, false)}}}});
  }
  if (parts.empty()) parts.push_back({{"text", ""}});
  Json chunk = GeminiChunk(parts, GeminiReason(a));
  if (a.tell_usage) chunk["usageMetadata"] = GeminiUsage(a);
  return chunk;
}

std::vector<std::string> GeminiStream(const StubRequest& request,
                                      const StubAnswer& a) {
  std::vector<std::string> events;
  for (const auto& part : Split(a.reasoning, a.pieces)) {
    events.push_back(Event(
        "",
        WithRaw(GeminiChunk(Json::array({{{"text", kMark}, {"thought", true}}}),
                            nullptr),
                part)));
  }
  for (const auto& part : Split(TextOf(request, a), a.pieces)) {
    events.push_back(Event(
        "",
        WithRaw(GeminiChunk(Json::array({{{"text", kMark}}}), nullptr), part)));
  }
  if (a.fault == StubFault::kNoEnd) return events;
  events.push_back(Event("", Dump(GeminiTail(request, a, Json::array()))));
  return events;
}

std::string GeminiBody(const StubRequest& request, const StubAnswer& a) {
  Json parts = Json::array();
  if (!a.reasoning.empty()) {
    parts.push_back({{"text", a.reasoning}, {"thought", true}});
  }
  parts.push_back({{"text", kMark}});
  return WithRaw(GeminiTail(request, a, parts), TextOf(request, a));
}

std::string NameOfTool(const Json& body) {
  const Json tools = body.value("tools", Json::array());
  if (!tools.is_array() || tools.empty() || !tools[0].is_object()) return {};
  const Json& tool = tools[0];
  if (tool.contains("functionDeclarations")) {
    return tool["functionDeclarations"][0].value("name", "");
  }
  if (tool.contains("function")) return tool["function"].value("name", "");
  return tool.value("name", "");
}

bool WantsSchema(const Json& body) {
  return body.contains("response_format") || body.contains("output_config") ||
         (body.contains("text") && body["text"].contains("format")) ||
         (body.contains("generationConfig") &&
          body["generationConfig"].contains("responseMimeType"));
}

}  // namespace

bool ReadStubRequest(StubRequest& request) {
  const std::string path = request.path.substr(0, request.path.find('?'));
  const bool gemini_stream = path.ends_with(":streamGenerateContent");
  if (path.ends_with("/chat/completions")) {
    request.dialect = StubDialect::kOpenAiChat;
  } else if (path.ends_with("/responses")) {
    request.dialect = StubDialect::kOpenAiResponses;
  } else if (path.ends_with("/messages")) {
    request.dialect = StubDialect::kAnthropic;
  } else if (gemini_stream || path.ends_with(":generateContent")) {
    request.dialect = StubDialect::kGemini;
  } else {
    return false;
  }
  const Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object()) return true;
  request.stream = request.dialect == StubDialect::kGemini
                       ? gemini_stream
                       : body.value("stream", false);
  request.tool_name = NameOfTool(body);
  request.wants_tool = !request.tool_name.empty();
  request.wants_schema = WantsSchema(body);
  return true;
}

StubPayload WriteStubAnswer(const StubRequest& request,
                            const StubAnswer& answer) {
  if (answer.raw_body) return {"application/json", {*answer.raw_body}, false};
  const bool stream = request.stream && !answer.never_stream;
  StubPayload payload{
      stream ? "text/event-stream" : "application/json", {}, stream};
  switch (request.dialect) {
    case StubDialect::kOpenAiChat:
      payload.pieces =
          stream ? ChatStream(request, answer)
                 : std::vector<std::string>{ChatBody(request, answer)};
      break;
    case StubDialect::kOpenAiResponses:
      payload.pieces =
          stream
              ? ResponsesStream(request, answer)
              : std::vector<std::string>{WithRaw(
                    ResponsesObject(request, answer), TextOf(request, answer))};
      break;
    case StubDialect::kAnthropic:
      payload.pieces =
          stream ? AnthropicStream(request, answer)
                 : std::vector<std::string>{AnthropicBody(request, answer)};
      break;
    case StubDialect::kGemini:
      payload.pieces =
          stream ? GeminiStream(request, answer)
                 : std::vector<std::string>{GeminiBody(request, answer)};
      break;
  }
  return payload;
}

StubPayload WriteStubError(const StubRequest& request,
                           const StubAnswer& answer) {
  if (answer.raw_body) return {"application/json", {*answer.raw_body}, false};
  Json body;
  switch (request.dialect) {
    case StubDialect::kAnthropic:
      body = {
          {"type", "error"},
          {"error", {{"type", answer.error_type}, {"message", answer.error}}}};
      break;
    case StubDialect::kGemini:
      body = {{"error",
               {{"code", answer.status},
                {"message", answer.error},
                {"status", answer.error_type}}}};
      break;
    default:
      body = {{"error",
               {{"message", answer.error},
                {"type", answer.error_type},
                {"param", nullptr},
                {"code", answer.error_code}}}};
  }
  return {"application/json", {Dump(body)}, false};
}

}  // namespace treesmith
