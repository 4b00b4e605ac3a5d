#include "ui/show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testing/sample_run.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

const ScreenTraits kPlain = {};

// The first node that is buggy, or is not.
NodeId FirstNode(const RunRecord& record, bool buggy) {
  const Tree& tree = record.state->tree();
  for (size_t i = 0; i < tree.size(); ++i) {
    const NodeId id = {static_cast<int64_t>(i)};
    if (tree.at(id).buggy() == buggy) return id;
  }
  ADD_FAILURE() << "no such node";
  return {0};
}

// A coder whose plan tries to command the terminal.
class RudeCoder : public ScriptedCoder {
 public:
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token stop) override {
    TRY_ASSIGN(Candidate candidate, ScriptedCoder::Write(assignment, stop));
    candidate.plan = "clear\x1b[2J the \x9b screen\r";
    candidate.change = "rude\x1b]0;title\x07";
    return candidate;
  }
};

CallEnded Call(const std::string& purpose, std::optional<double> usd) {
  CallEnded call;
  call.step = {0};
  call.purpose = purpose;
  call.model = "stub:model";
  call.request = HashBytes(purpose);
  call.usage.calls = 1;
  call.usage.tokens_in = 100;
  call.usage.tokens_out = 20;
  call.usage.cost_usd = usd;
  return call;
}

TEST(ShowTest, RunSaysWhyItEndedWhatIsBestAndWhatWasUsed) {
  SampleRun run;
  const RunRecord record = run.Make();
  const auto text = ShowRun(record, kPlain);
  ASSERT_TRUE(text.ok());
  const std::string best =
      std::to_string(record.state->tree().best().value().value);
  EXPECT_THAT(*text, HasSubstr("bikes  rmsle, minimize"));
  EXPECT_THAT(*text, HasSubstr("ended      all steps of the budget are used"));
  EXPECT_THAT(*text, HasSubstr("best       node " + best + ","));
  EXPECT_THAT(*text, HasSubstr("12 of 12 steps"));
  EXPECT_THAT(*text, HasSubstr("disk       "));
  EXPECT_THAT(*text, HasSubstr("chosen"));
  EXPECT_THAT(*text, Not(HasSubstr("\x1b")));
}

TEST(ShowTest, RunSaysWhatTheSelectionIsWorthWithItsError) {
  SampleRun run;
  run.options().evaluator.promised = 0.3125;
  const RunRecord record = run.Make();
  EXPECT_THAT(*ShowRun(record, kPlain),
              HasSubstr("promised   0.3125 +- 0.01: what the whole selection"));
  EXPECT_THAT(*ShowJson(record), HasSubstr("\"promised\":{\"score\":0.3125,"
                                           "\"standard_error\":0.01}"));
}

TEST(ShowTest, RunSaysHowManyNodesWentOnToTheRepeats) {
  SampleRun run;
  run.options().evaluator.repeats = 2;
  run.options().config.units = 6;
  run.options().config.budget.steps = 60;
  const auto text = ShowRun(run.Make(), kPlain);
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(*text, HasSubstr(" on 6 folds: repeats for contenders"));
}

TEST(FormatTest, DiskIsExtrapolatedOnceThereIsSomethingToTellFrom) {
  BudgetLimits budget;
  budget.steps = 100;
  const auto text = [&](int64_t steps) {
    return FormatDisk(4'200'000, budget, steps, std::chrono::seconds(1));
  };
  EXPECT_EQ(text(5), "4.2 MB");
  EXPECT_EQ(text(50), "4.2 MB of about 8.4 MB");
  EXPECT_EQ(text(100), "4.2 MB");
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(123'456'789), "123 MB");
}

TEST(ShowTest, A28_TheBestOfALossIsTheLowest) {
  SampleRun run;
  const RunRecord record = run.Make();
  const Node* lowest = nullptr;
  for (const NodeId id : record.state->tree().complete()) {
    const Node& node = record.state->tree().at(id);
    if (lowest == nullptr ||
        node.score->value.value() < lowest->score->value.value()) {
      lowest = &node;
    }
  }
  ASSERT_NE(lowest, nullptr);
  EXPECT_THAT(
      *ShowRun(record, kPlain),
      HasSubstr("best       node " + std::to_string(lowest->id.value) + ", "));
}

TEST(ShowTest, RunThatWasInterruptedSaysThatItHasNotEnded) {
  SampleRun run;
  run.Make();
  const RunRecord record = run.Append({{.body = Resumed{"{}"}}});
  EXPECT_THAT(*ShowRun(record, kPlain), HasSubstr("ended      it has not"));
}

TEST(ShowTest, NodeIsShownWhole) {
  SampleRun run;
  const RunRecord record = run.Make();
  const NodeId id = record.state->tree().best().value();
  const Node& node = record.state->tree().at(id);
  const auto text = ShowNode(record, id, kPlain);
  ASSERT_TRUE(text.ok());
  for (const std::string& part :
       {std::string(OperatorName(node.op)), node.plan, node.change,
        std::string("best  chosen"), std::string("fold 3"),
        std::string("mean of 3 units"), std::string("+- 0.01"),
        "print(" + std::to_string(node.step.value) + ")",
        std::string("why ")}) {
    EXPECT_THAT(*text, HasSubstr(part));
  }
}

TEST(ShowTest, BuggyNodeShowsItsClassAndItsOutput) {
  SampleRun run;
  run.options().evaluator.buggy_share = 0.5;
  const RunRecord record = run.Make();
  const auto text = ShowNode(record, FirstNode(record, true), kPlain);
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(*text, HasSubstr("outcome    crash: ValueError: scripted"));
  EXPECT_THAT(*text, HasSubstr("output\nran unit 0\n"));
}

TEST(ShowTest, WhatAModelWroteCannotCommandTheTerminal) {
  SampleRun run;
  RudeCoder coder;
  const RunRecord record = run.Make(&coder);
  const std::string text =
      *ShowRun(record, kPlain) +
      *ShowNode(record, record.state->tree().best().value(), kPlain);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\x07")));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
}

TEST(ShowTest, JsonHasTheKeysThatOthersRelyOn) {
  SampleRun run;
  run.options().evaluator.buggy_share = 0.5;
  const RunRecord record = run.Make();
  const Json json = Json::parse(*ShowJson(record));
  EXPECT_EQ(json["metric"], "rmsle");
  EXPECT_EQ(json["direction"], "minimize");
  EXPECT_EQ(json["best"], record.state->tree().best().value().value);
  ASSERT_EQ(json["nodes"].size(), record.state->tree().size());
  for (const Json& node : json["nodes"]) {
    for (const char* key :
         {"id", "step", "parents", "operator", "change", "outcome", "score",
          "partial", "seconds", "plan", "why"}) {
      EXPECT_TRUE(node.contains(key)) << key;
    }
    EXPECT_EQ(node["score"].is_null(), node["outcome"] != "scored");
  }
}

TEST(ShowTest, JsonOfANodeHoldsItsScript) {
  SampleRun run;
  const RunRecord record = run.Make();
  const Json json = Json::parse(*ShowNodeJson(record, {1}));
  EXPECT_EQ(json["id"], 1);
  EXPECT_EQ(json["script"], "print(1)\n");
}

TEST(ShowTest, EqualRunsHaveEqualCanonicalLogs) {
  SampleRun one;
  SampleRun two;
  const std::string log = ShowCanonical(one.Make());
  EXPECT_EQ(log, ShowCanonical(two.Make()));
  EXPECT_THAT(log, HasSubstr("NodeAdded"));
}

TEST(ShowTest, CostIsSummedByOperatorModelAndNode) {
  SampleRun run;
  run.Make();
  const RunRecord record = run.Append({{.body = Call("write", 0.5)},
                                       {.body = Call("write", 0.25)},
                                       {.body = Call("review", 0.125)}});
  const std::string text = ShowCost(record);
  EXPECT_THAT(text, ::testing::ContainsRegex("write +2 .*\\$0\\.7500"));
  EXPECT_THAT(text, ::testing::ContainsRegex("review +1 .*\\$0\\.1250"));
  EXPECT_THAT(text, ::testing::ContainsRegex("stub:model +3 .*\\$0\\.8750"));
  EXPECT_THAT(text, ::testing::ContainsRegex("node 0 +3 .*\\$0\\.8750"));
}

TEST(ShowTest, D23_UnknownCostStaysUnknown) {
  SampleRun run;
  run.Make();
  const RunRecord record =
      run.Append({{.body = Call("write", 0.5)}, {.body = Call("review", {})}});
  const std::string text = ShowCost(record);
  EXPECT_THAT(text, ::testing::ContainsRegex("write .*\\$0\\.5000"));
  EXPECT_THAT(text, ::testing::ContainsRegex("review .*unknown"));
  EXPECT_THAT(text, ::testing::ContainsRegex("all .*unknown"));
  EXPECT_TRUE(Json::parse(*ShowJson(record))["cost_usd"].is_null());
}

TEST(ShowTest, AnswersOfTheCacheAreToldAndCostNothing) {
  SampleRun run;
  run.Make();
  CallEnded cached = Call("write", 0.0);
  cached.usage = Usage{};
  cached.cached = true;
  const RunRecord record =
      run.Append({{.body = Call("write", 0.5)}, {.body = cached}});
  const std::string text = ShowCost(record);
  EXPECT_THAT(text, ::testing::ContainsRegex("write +1 .*\\$0\\.5000"));
  EXPECT_THAT(text, HasSubstr("answers from the cache (--cache): 1;"));
}

TEST(ShowTest, TheStoredProfileIsShown) {
  Profile profile;
  profile.train_rows = 1000;
  profile.test_rows = 200;
  SampleRun run;
  run.options().profile = EncodeProfile(profile);
  const RunRecord record = run.Make();
  EXPECT_THAT(*ShowRun(record, {}, 10),
              HasSubstr("data       1000 rows of train, 200 of test"));
  EXPECT_EQ(Json::parse(*ShowJson(record))["profile"],
            Json::parse(EncodeProfile(profile)));
  SampleRun older;
  EXPECT_TRUE(Json::parse(*ShowJson(older.Make()))["profile"].is_null());
}

TEST(ShowTest, CallThatNeverEndedIsBookedAtItsReservation) {
  SampleRun run;
  run.Make();
  const CallEnded ended = Call("write", 0.5);
  CallStarted seen;
  seen.step = ended.step;
  seen.purpose = ended.purpose;
  seen.model = ended.model;
  seen.request = ended.request;
  CallStarted lost = seen;
  lost.attempt = 1;
  lost.reserved_tokens = 900;
  lost.reserved_usd = 2;
  const RunRecord record =
      run.Append({{.body = seen}, {.body = ended}, {.body = lost}});
  EXPECT_THAT(ShowCost(record), HasSubstr("1 calls were sent"));
  EXPECT_THAT(ShowCost(record), HasSubstr("900 tokens, cost $2.0000"));
}

TEST(ShowTest, NodeThatDoesNotExistIsBadInputThatNamesTheRange) {
  SampleRun run;
  const RunRecord record = run.Make();
  for (const char* text : {"12", "-1", "x", "", "3x"}) {
    const auto node = ParseNode(record, text);
    ASSERT_FALSE(node.ok()) << text;
    EXPECT_EQ(node.error().kind, ErrorKind::kBadInput);
    EXPECT_THAT(node.error().message, HasSubstr("nodes 0 to 11"));
  }
  EXPECT_EQ(ParseNode(record, "11")->value, 11);
}

std::vector<Event> Checks() {
  const auto at = [](EventBody body) {
    return Event{0, std::chrono::milliseconds(9000), std::move(body)};
  };
  return {at(Checked{{1}, {"canary", CheckVerdict::kLeak, "it <b>knows</b>"}}),
          at(Checked{{2}, {"canary", CheckVerdict::kClear, "like chance"}}),
          at(Checked{{}, {"canary", CheckVerdict::kSkipped, "no time"}})};
}

TEST(ShowTest, EveryAlarmAndEveryCheckThatWasNotMadeIsTold) {
  SampleRun run;
  run.Make();
  const RunRecord record = run.Append(Checks());
  const std::string text = *ShowRun(record, {});
  EXPECT_THAT(text, HasSubstr("ALARM      node 1: it <b>knows</b>"));
  EXPECT_THAT(text, HasSubstr("unchecked  no time"));
  EXPECT_THAT(text, testing::Not(HasSubstr("like chance")));
  EXPECT_THAT(*ShowNode(record, {1}, {}), HasSubstr("ALARM      canary: it"));
  EXPECT_THAT(*ShowNode(record, {2}, {}),
              HasSubstr("checked    canary: like chance"));
  const auto json = nlohmann::json::parse(*ShowJson(record));
  ASSERT_EQ(json.at("checks").size(), 3u);
  EXPECT_EQ(json.at("checks")[0].at("verdict"), "leak");
  EXPECT_EQ(json.at("checks")[0].at("node"), 1);
  EXPECT_TRUE(json.at("checks")[2].at("node").is_null());
}

}  // namespace
}  // namespace treesmith
