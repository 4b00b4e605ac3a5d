// What goes out, format by format; what comes in is in wire_client_test.cc.
#include "llm/wire_format.h"

#include <gtest/gtest.h>

#include "llm/json_node.h"

namespace treesmith {
namespace {

LlmRequest Question() {
  return {.system = "sys",
          .prefix = "stable ",
          .tail = "changing",
          .measured = " took 3 s",
          .turns = {{LlmRole::kAssistant, "bad"}, {LlmRole::kUser, "why"}},
          .max_output_tokens = 1000,
          .temperature = 0.5};
}

JsonDocument Body(const WireFormat& format, const WireOptions& options) {
  auto document = JsonDocument::Parse(format.body(Question(), options));
  EXPECT_TRUE(document);
  return *std::move(document);
}

TEST(WireFormatTest, ChatPutsWhatChangesLast) {
  const JsonDocument body = Body(OpenAiChatFormat(), {.model = "m"});
  const JsonNode messages = body.root()["messages"];
  ASSERT_EQ(messages.size(), 4);
  EXPECT_EQ(messages.At(0)["role"].Text(), "system");
  EXPECT_EQ(messages.At(1)["content"].Text(), "stable changing took 3 s");
  EXPECT_EQ(messages.At(2)["role"].Text(), "assistant");
  EXPECT_EQ(messages.At(3)["content"].Text(), "why");
  EXPECT_EQ(body.root()["max_tokens"].Integer(), 1000);
  EXPECT_EQ(body.root()["temperature"].Number(), 0.5);
  EXPECT_TRUE(body.root()["stream_options"]["include_usage"].IsTrue());
}

TEST(WireFormatTest, WhatAModelRejectsIsLeftOut) {
  const WireOptions options{.model = "m",
                            .stream = false,
                            .temperature = false,
                            .system_role = false,
                            .max_completion_tokens = true,
                            .largest_output = 600};
  const JsonDocument chat = Body(OpenAiChatFormat(), options);
  EXPECT_FALSE(chat.root()["temperature"].Present());
  EXPECT_FALSE(chat.root()["stream"].Present());
  EXPECT_FALSE(chat.root()["max_tokens"].Present());
  EXPECT_EQ(chat.root()["max_completion_tokens"].Integer(), 600);
  EXPECT_EQ(chat.root()["messages"].At(0)["content"].Text(),
            "sys\n\nstable changing took 3 s");
  const JsonDocument responses = Body(OpenAiResponsesFormat(), options);
  EXPECT_FALSE(responses.root()["instructions"].Present());
  EXPECT_FALSE(responses.root()["temperature"].Present());
  const JsonDocument gemini = Body(GeminiFormat(), options);
  EXPECT_FALSE(gemini.root()["systemInstruction"].Present());
  EXPECT_FALSE(gemini.root()["generationConfig"]["temperature"].Present());
}

TEST(WireFormatTest, AnAnswersRoomIsWhatTheContextLeaves) {
  LlmRequest request = Question();
  request.prefix = std::string(9000, 'p');
  EXPECT_EQ(OutputLimit(request, {.model = "m", .context_tokens = 3500}), 492);
  EXPECT_EQ(OutputLimit(request, {.model = "m", .context_tokens = 100}), 256);
  EXPECT_EQ(OutputLimit(request, {.model = "m", .context_tokens = 9000}), 1000);
}

TEST(WireFormatTest, AnthropicMarksTheStablePartsForItsCache) {
  const JsonDocument body = Body(AnthropicFormat(), {.model = "m"});
  EXPECT_TRUE(body.root()["system"].At(0)["cache_control"].Present());
  const JsonNode content = body.root()["messages"].At(0)["content"];
  ASSERT_EQ(content.size(), 2);
  EXPECT_EQ(content.At(0)["text"].Text(), "stable ");
  EXPECT_TRUE(content.At(0)["cache_control"].Present());
  EXPECT_FALSE(content.At(1)["cache_control"].Present());
}

TEST(WireFormatTest, GeminiNamesModelAndStreamInThePath) {
  EXPECT_EQ(GeminiFormat().path({.model = "g"}),
            "/models/g:streamGenerateContent?alt=sse");
  EXPECT_EQ(GeminiFormat().path({.model = "g", .stream = false}),
            "/models/g:generateContent");
}

TEST(WireFormatTest, ResponsesKeepNothingAtTheProvider) {
  const JsonDocument body = Body(OpenAiResponsesFormat(), {.model = "m"});
  EXPECT_EQ(body.root()["store"].Dump(), "false");
  EXPECT_EQ(body.root()["input"].At(0)["content"].Text(),
            "stable changing took 3 s");
}

TEST(WireFormatTest, OpenRoutersPriceOfACallIsTaken) {
  WireReply reply;
  OpenAiChatFormat().on_event(
      {"", R"({"choices":[],"usage":{"prompt_tokens":3,)"
           R"("completion_tokens":1,"cost":0.00042}})"},
      reply);
  EXPECT_EQ(reply.cost_usd, 0.00042);
}

TEST(WireFormatTest, BrokenEventsAreSkipped) {
  for (const WireFormat* format :
       {&OpenAiChatFormat(), &OpenAiResponsesFormat(), &AnthropicFormat(),
        &GeminiFormat()}) {
    WireReply reply;
    for (const char* data : {"", "{", "[]", "null", "1", "{\"choices\":{}}",
                             "{\"candidates\":[1]}", "{\"type\":3}"}) {
      format->on_event({"", data}, reply);
    }
    EXPECT_FALSE(reply.ended) << format->name;
    EXPECT_EQ(reply.text, "") << format->name;
  }
}

}  // namespace
}  // namespace treesmith
