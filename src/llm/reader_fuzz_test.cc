// What reads a provider's bytes, under damage: streams, bodies, JSON in text.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "llm/failure.h"
#include "llm/json_node.h"
#include "llm/reply_json.h"
#include "llm/sse_parser.h"
#include "llm/structured.h"
#include "llm/wire_format.h"
#include "testing/mutate.h"

namespace treesmith {
namespace {

constexpr uint64_t kRounds = 3'000;

constexpr std::array<std::string_view, 12> kWords = {
    "data: ",       "\n\n", "event: error\n", "{",       "}", "[", "\"",
    "\xEF\xBB\xBF", "\\u",  "null,",          "1e99999", "\r"};

// One stream a format, as the vendors document them.
struct Sample {
  const WireFormat& (*format)();
  std::string stream;
  std::string body;
};
std::vector<Sample> Samples() {
  return {
      {OpenAiChatFormat,
       "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"Hel\"},"
       "\"index\":0}]}\n\n"
       "data: {\"choices\":[{\"delta\":{\"content\":\"lo\"},"
       "\"finish_reason\":\"stop\"}]}\n\n"
       "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
       "\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
       "{\"model\":\"m\",\"choices\":[{\"message\":{\"content\":\"Hello\"},"
       "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,"
       "\"completion_tokens\":2}}"},
      {OpenAiResponsesFormat,
       "event: response.output_text.delta\n"
       "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hello\"}\n\n"
       "event: response.completed\ndata: {\"type\":\"response.completed\","
       "\"response\":{\"status\":\"completed\",\"model\":\"m\",\"usage\":{"
       "\"input_tokens\":9,"
       "\"output_tokens\":2}}}\n\n",
       "{\"model\":\"m\",\"status\":\"completed\",\"output\":[{\"type\":"
       "\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hello\"}]"
       "}],\"usage\":{\"input_tokens\":9,\"output_tokens\":2}}"},
      {AnthropicFormat,
       "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
       "{\"model\":\"m\",\"usage\":{\"input_tokens\":9}}}\n\n"
       "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
       "\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n"
       "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":"
       "{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n"
       "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
       "{\"type\":\"message\",\"model\":\"m\",\"content\":[{\"type\":\"text\","
       "\"text\":\"Hello\"}],\"stop_reason\":\"end_turn\",\"usage\":"
       "{\"input_tokens\":9,\"output_tokens\":2}}"},
      {GeminiFormat,
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hello\"}]},"
       "\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9,"
       "\"candidatesTokenCount\":2}}\n\n",
       "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hello\"}]},"
       "\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9,"
       "\"candidatesTokenCount\":2}}"}};
}

std::vector<SseEvent> EventsIn(std::string_view bytes, Rng* cuts) {
  SseParser parser;
  std::vector<SseEvent> all;
  const auto take = [&](std::vector<SseEvent> events) {
    for (SseEvent& event : events) all.push_back(std::move(event));
  };
  while (!bytes.empty()) {
    const size_t piece =
        cuts == nullptr ? bytes.size() : 1 + cuts->Below(bytes.size());
    take(parser.Push(bytes.substr(0, piece)));
    bytes.remove_prefix(piece);
  }
  take(parser.Finish());
  return all;
}

WireReply ReadStream(const WireFormat& format, std::string_view bytes) {
  WireReply reply;
  for (const SseEvent& event : EventsIn(bytes, nullptr)) {
    format.on_event(event, reply);
  }
  return reply;
}

TEST(ReaderFuzzTest, TheSamplesThemselvesAreReadWhole) {
  for (const Sample& sample : Samples()) {
    const WireReply streamed = ReadStream(sample.format(), sample.stream);
    WireReply whole;
    EXPECT_TRUE(sample.format().on_body(sample.body, whole));
    for (const WireReply& reply : {streamed, whole}) {
      EXPECT_EQ(reply.text, "Hello") << sample.format().name;
      EXPECT_TRUE(reply.ended) << sample.format().name;
      ASSERT_TRUE(reply.usage);
      EXPECT_EQ(reply.usage->tokens_in, 9);
      EXPECT_EQ(reply.usage->tokens_out, 2);
    }
  }
}

// A damaged stream may say less or more, but its text comes out of its bytes
// and its cuts change nothing.
TEST(ReaderFuzzTest, DamagedStreamsAreReadToTheirEnd) {
  const std::vector<Sample> samples = Samples();
  int ended = 0;
  for (uint64_t round = 0; round < kRounds; ++round) {
    Rng rng(3, round, "stream");
    const Sample& sample = samples[rng.Below(samples.size())];
    const std::string bytes = Mutator(rng)(sample.stream, kWords);
    EXPECT_EQ(EventsIn(bytes, &rng), EventsIn(bytes, nullptr)) << round;
    const WireReply reply = ReadStream(sample.format(), bytes);
    EXPECT_LE(reply.text.size(), 3 * bytes.size()) << round;
    if (reply.ended) ++ended;
  }
  EXPECT_GT(ended, 500);
  EXPECT_LT(ended, static_cast<int>(kRounds));
}

TEST(ReaderFuzzTest, DamagedBodiesAreAnswersErrorsOrNeither) {
  const std::vector<Sample> samples = Samples();
  for (uint64_t round = 0; round < kRounds; ++round) {
    Rng rng(4, round, "body");
    const Sample& sample = samples[rng.Below(samples.size())];
    const std::string bytes = Mutator(rng)(sample.body, kWords);
    WireReply reply;
    if (!sample.format().on_body(bytes, reply)) {
      EXPECT_FALSE(reply.ended && reply.error.empty()) << bytes;
    }
    const LlmFailure failure =
        FailureFromStatus("m", 500, {}, bytes, Secret("sk-hidden-key"));
    EXPECT_EQ(failure.message.find('\n'), std::string::npos);
    (void)FailureFromErrorEvent("m", bytes, Secret());
  }
}

TEST(ReaderFuzzTest, WhatIsFoundInTextIsValidJsonOrNothing) {
  const std::string text =
      "Here it is:\n```json\n{\"finding\": \"The \\\"hour\\\" is missing, "
      "{so}\",\n \"metric\": -7E-370116, 'ok': True, \"list\": [1, 2.5, null,],"
      "}\n```\nI hope that helps.";
  int found = 0;
  for (uint64_t round = 0; round < kRounds; ++round) {
    Rng rng(5, round, "object");
    const std::string object = FindJsonObject(Mutator(rng)(text, kWords));
    if (object.empty()) continue;
    ++found;
    const auto document = JsonDocument::Parse(object);
    ASSERT_TRUE(document) << object;
    EXPECT_TRUE(document->root().IsObject());
    EXPECT_GT(document->root().size(), 0u);
  }
  EXPECT_GT(found, 1'000);
}

TEST(ReaderFuzzTest, KeptAnswersThatWereDamagedAreErrorsAndNoCrash) {
  LlmReply reply;
  reply.text = "```python\nprint(1)\n```";
  LlmOutcome outcome{.answer = reply};
  const std::string kept = EncodeOutcome(outcome);
  for (uint64_t round = 0; round < kRounds; ++round) {
    Rng rng(6, round, "kept");
    const std::string bytes = Mutator(rng)(kept, kWords);
    (void)DecodeReply(bytes);
    const Result<LlmOutcome> read = DecodeOutcome(bytes);
    if (read.ok()) continue;
    EXPECT_FALSE(read.error().message.empty());
  }
}

}  // namespace
}  // namespace treesmith
