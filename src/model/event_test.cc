#include "model/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// One event of every kind, each member away from its default.
std::vector<EventBody> OneOfEach() {
  NodeScore score;
  score.value = MetricValue(0.25, Direction::kMaximize);
  score.standard_error = 0.01;
  score.unit_values = {0.2, 0.3};
  score.over_parent = PairedGain{0.1, 0.02};
  score.over_ensemble = PairedGain{0.05, 0.01};
  score.partial = true;
  Usage usage{2, 100, 40, 30, 10, Milliseconds(5), std::nullopt};
  const Hash128 hash = HashBytes("x");
  const Outcome crash{OutcomeKind::kCrash, "KeyError: 'hour'"};
  Written written{{3},  "a plan", "draft.linear", "linear", "{\"a\":1}",
                  12.5, hash,     usage,          hash,     crash};
  FoldRun fold{{3}, 1,    crash, 3,    9,   Milliseconds(10), Milliseconds(11),
               123, 0.75, hash,  hash, hash};
  return {RunStarted{"{}", 42, hash, "{\"v\":1}", "{\"s\":1}"},
          Resumed{"{}"},
          FoldsCut{"{\"folds\":5}"},
          Proposed{{3}, {Operator::kCrossover, {{1}, {2}}, "why not"}},
          CallStarted{{3}, "draft", "a:m", 1, hash, 4000, 0.5},
          CallEnded{{3}, "draft", "a:m", 1, hash, hash, "429", usage, true},
          written,
          fold,
          Raced{{3}, 2, {1}, 0.04, true},
          Scored{{3}, score},
          NodeAdded{{3}, crash, score, "learnt", hash, hash},
          Refitted{{2}, crash, Milliseconds(13), hash, hash, "far away"},
          Steered{"{\"stop\":true}"},
          BudgetChanged{"{\"steps\":9}"},
          Finished{"steps", "{}"},
          Reviewed{{3}, "a finding", 0.5},
          Planned{"{\"train_share\":0.4}"},
          SearchEnded{"time"},
          Checked{{2}, {"canary", CheckVerdict::kLeak, "why"}}};
}

TEST(EventTest, EveryKindReadsBackAsItWasWritten) {
  const std::vector<EventBody> all = OneOfEach();
  ASSERT_EQ(all.size(), std::variant_size_v<EventBody>);
  for (const EventBody& body : all) {
    const std::string json = EncodeEvent(body);
    const auto back = DecodeEvent(EventKind(body), json);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->index(), body.index());
    EXPECT_EQ(EncodeEvent(*back), json);
  }
}

TEST(EventTest, ALogOfBeforeThereWereSealsIsRead) {
  const auto started = DecodeEvent(
      "RunStarted",
      R"({"config":"{}","seed":1,"task_digest":null,"versions":"{}"})");
  ASSERT_TRUE(started.ok()) << started.error().message;
  EXPECT_EQ(std::get<RunStarted>(*started).seals, "");
}

TEST(EventTest, AnUnknownKindIsAnErrorThatNamesIt) {
  const auto result = DecodeEvent("Teleported", "{}");
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr("Teleported"));
}

TEST(EventTest, AMissingKeyAndAnUnknownNameAreErrors) {
  EXPECT_FALSE(DecodeEvent("Proposed", "{}").ok());
  EXPECT_FALSE(
      DecodeEvent("Proposed",
                  R"({"step":1,"operator":"fly","parents":[],"why":""})")
          .ok());
  EXPECT_FALSE(DecodeEvent("Finished", "not json").ok());
}

TEST(EventTest, ALogOlderThanNormalFormsIsRead) {
  std::string json = EncodeEvent(Written{});
  const std::string form = "\"form\":null,";
  ASSERT_THAT(json, HasSubstr(form));
  json.erase(json.find(form), form.size());
  const auto back = DecodeEvent("Written", json);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_TRUE(std::get<Written>(*back).form.IsZero());
}

TEST(EventTest, A13_NanIsWrittenAsNullAndReadAsAbsent) {
  NodeScore score;
  score.value = MetricValue::Absent(Direction::kMinimize);
  const std::string json = EncodeEvent(NodeAdded{{0}, {}, score, "", {}, {}});
  EXPECT_THAT(json, HasSubstr("\"value\":null"));
  const auto back = DecodeEvent("NodeAdded", json);
  ASSERT_TRUE(back.ok());
  EXPECT_FALSE(std::get<NodeAdded>(*back).score->value.present());
}

TEST(EventTest, BytesThatAreNotUtf8DoNotStopTheLog) {
  const std::string json = EncodeEvent(Finished{"\xff", "{}"});
  EXPECT_TRUE(DecodeEvent("Finished", json).ok());
}

TEST(EventTest, CanonicalLeavesOutWhatTheClockSays) {
  for (const EventBody& body : OneOfEach()) {
    const auto line = CanonicalEvent(body);
    if (std::holds_alternative<Resumed>(body) ||
        std::holds_alternative<CallStarted>(body)) {
      EXPECT_FALSE(line.has_value());
      continue;
    }
    EXPECT_THAT(*line, Not(HasSubstr("_ms")));
    EXPECT_THAT(*line, Not(HasSubstr("peak_memory")));
  }
}

}  // namespace
}  // namespace treesmith
