#include "llm/reply_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "llm/json_node.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename T>
Json Optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json UsageJson(const Usage& usage) {
  return {{"calls", usage.calls},
          {"in", usage.tokens_in},
          {"cached", usage.tokens_cached},
          {"out", usage.tokens_out},
          {"reasoning", usage.tokens_reasoning},
          {"ms", usage.time.count()},
          {"usd", Optional(usage.cost_usd)}};
}

Usage ReadUsage(JsonNode node) {
  const auto count = [&](const char* key) {
    return node[key].Integer().value_or(0);
  };
  return {.calls = count("calls"),
          .tokens_in = count("in"),
          .tokens_cached = count("cached"),
          .tokens_out = count("out"),
          .tokens_reasoning = count("reasoning"),
          .time = Milliseconds(count("ms")),
          .cost_usd = node["usd"].Number()};
}

Json ReplyJson(const LlmReply& reply) {
  return {{"text", reply.text},
          {"reasoning", reply.reasoning},
          {"finish", static_cast<int>(reply.finish)},
          {"structured", reply.structured},
          {"model", reply.model},
          {"usage", UsageJson(reply.usage)},
          {"estimated", reply.usage_estimated},
          {"hash", reply.request_hash.Hex()}};
}

LlmReply ReadReply(JsonNode node) {
  LlmReply reply;
  reply.text = node["text"].Text();
  reply.reasoning = node["reasoning"].Text();
  reply.finish = static_cast<LlmFinish>(
      std::clamp<int64_t>(node["finish"].Integer().value_or(0), 0,
                          static_cast<int64_t>(LlmFinish::kEmpty)));
  reply.structured = node["structured"].Text();
  reply.model = node["model"].Text();
  reply.usage = ReadUsage(node["usage"]);
  reply.usage_estimated = node["estimated"].IsTrue();
  reply.request_hash =
      Hash128::FromHex(node["hash"].Text()).value_or(Hash128{});
  return reply;
}

Json FailureJson(const LlmFailure& failure) {
  Json json = {{"kind", static_cast<int>(failure.kind)},
               {"message", failure.message},
               {"hint", failure.hint},
               {"status", failure.http_status},
               {"forbidden", failure.retry_forbidden},
               {"parameter", static_cast<int>(failure.parameter)},
               {"largest_output", Optional(failure.largest_output)},
               {"usage", UsageJson(failure.usage)}};
  if (failure.retry_after) {
    json["retry_after_ms"] = failure.retry_after->count();
  }
  return json;
}

LlmFailure ReadFailure(JsonNode node) {
  LlmFailure failure;
  failure.kind = static_cast<FailureKind>(
      std::clamp<int64_t>(node["kind"].Integer().value_or(0), 0,
                          static_cast<int64_t>(FailureKind::kUnreachable)));
  failure.message = node["message"].Text();
  failure.hint = node["hint"].Text();
  failure.http_status = static_cast<int>(node["status"].Integer().value_or(0));
  failure.retry_forbidden = node["forbidden"].IsTrue();
  failure.parameter = static_cast<Parameter>(
      std::clamp<int64_t>(node["parameter"].Integer().value_or(0), 0,
                          static_cast<int64_t>(Parameter::kOutputLimit)));
  if (const auto limit = node["largest_output"].Integer()) {
    failure.largest_output = static_cast<int>(*limit);
  }
  if (const auto wait = node["retry_after_ms"].Integer()) {
    failure.retry_after = Milliseconds(*wait);
  }
  failure.usage = ReadUsage(node["usage"]);
  return failure;
}

}  // namespace

std::string EncodeReply(const LlmReply& reply) {
  return Dump(ReplyJson(reply));
}

std::string EncodeOutcome(LlmOutcome& outcome) {
  if (const LlmReply* reply = outcome.reply()) {
    return Dump({{"reply", ReplyJson(*reply)}});
  }
  return Dump({{"failure", FailureJson(*outcome.failure())}});
}

Result<LlmReply> DecodeReply(std::string_view json) {
  const auto document = JsonDocument::Parse(json);
  if (!document || !document->root()["usage"].IsObject()) {
    return Failed("read a model's reply: not the JSON it should be");
  }
  return ReadReply(document->root());
}

Result<LlmOutcome> DecodeOutcome(std::string_view json) {
  const auto document = JsonDocument::Parse(json);
  const JsonNode root = document ? document->root() : JsonNode();
  if (root["reply"].IsObject()) {
    return LlmOutcome{.answer = ReadReply(root["reply"])};
  }
  if (root["failure"].IsObject()) {
    return LlmOutcome{.answer = ReadFailure(root["failure"])};
  }
  return Failed("read a model's answer: not the JSON it should be");
}

}  // namespace treesmith
