// The program driven by a language model: a stub server, or a cassette.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): setenv is POSIX
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/file.h"
#include "engine/run_reader.h"
#include "testing/http/stub_llm_server.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr char kKey[] = "sk-test-5ecret5ecret5ecret";

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

std::string LastLine(const std::string& text) {
  const size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? -1 : begin));
}

// A script that fits y = factor * x; `factor` 2 is right.
std::string Script(const std::string& factor) {
  return R"py(import csv
import json
rows = list(csv.DictReader(open("input/train.csv")))
factor = )py" +
         factor + R"py(
loss = sum((float(r["y"]) - factor * float(r["x"])) ** 2 for r in rows)
rmse = (loss / len(rows)) ** 0.5
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        out.write(f'{row["id"]},{factor * float(row["x"])}\n')
)py";
}

StubAnswer Reply(const std::string& code) {
  return {.text = "Label: scale\n\nA line through zero.\n\n```python\n" + code +
                  "```\n",
          .input_tokens = 500,
          .output_tokens = 100};
}

// A whole search in five answers: a draft, one that crashes, its repair, two
// improvements.
StubAnswer Search(const StubRequest& request) {
  switch (request.serial) {
    case 0:
      return Reply(Script("1.5"));
    case 1:
      return Reply(Script("1.5 + missing"));
    case 2:
      return Reply(Script("1.0 + 0.75"));
    case 3:
      return Reply(Script("1.9"));
    default:
      break;
  }
  if (request.body.contains("write the report")) {
    return {.text = "# What was found\n\nA line through zero.\n",
            .input_tokens = 500,
            .output_tokens = 100};
  }
  return Reply(Script("2.0 + 0.001 * " + std::to_string(request.serial)));
}

class ModelRunTest : public ::testing::Test {
 protected:
  ModelRunTest() : folder_(*TemporaryFolder::Make("model_run_test")) {
    const fs::path task = At("double");
    EXPECT_TRUE(MakeFolders(task).ok());
    std::string train = "id,x,y\n";
    std::string test = "id,x\n";
    std::string sample = "id,y\n";
    for (int i = 0; i < 100; ++i) {
      const std::string id = std::to_string(i);
      const std::string x = std::to_string(i % 9);
      if (i < 80) {
        train += id + "," + x + "," + std::to_string(2 * (i % 9)) + "\n";
      } else {
        test += id + "," + x + "\n";
        sample += id + ",0\n";
      }
    }
    Write("double/train.csv", train);
    Write("double/test.csv", test);
    Write("double/sample_submission.csv", sample);
    Write("double/task.toml",
          "name = \"double\"\ngoal = \"Predict y from x.\"\n[data]\n"
          "train = \"train.csv\"\ntest = \"test.csv\"\n"
          "sample_submission = \"sample_submission.csv\"\n"
          "target = [\"y\"]\nid = [\"id\"]\n[metric]\nname = \"rmse\"\n");
    ::unsetenv("OPENAI_BASE_URL");  // NOLINT(concurrency-mt-unsafe)
    ::setenv("STUB_KEY", kKey, 1);  // NOLINT(concurrency-mt-unsafe)
    ::setenv("TREESMITH_HOME", folder_.path().c_str(), 1);  // NOLINT
  }

  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFile(At(name), text).ok());
  }
  fs::path At(const std::string& name) { return folder_.path() / name; }
  // Names the server as [models.stub].
  void Configure(const StubLlmServer& server, const std::string& more = "") {
    Write("config.toml",
          "[models.stub]\nprovider = \"compatible\"\nmodel = \"stub-model\"\n"
          "base_url = \"" +
              server.url() +
              "\"\nkey_env = \"STUB_KEY\"\nprice_input = 1\n"
              "price_output = 2\n" +
              more);
  }

  Ran Run(const std::string& words) {
    const fs::path err = At("stderr.txt");
    const std::string command = "cd '" + folder_.path().string() +
                                "' && '" TREESMITH_PROGRAM "' " + words +
                                " 2>'" + err.string() + "' </dev/null";
    Ran ran;
    std::FILE* pipe = ::popen(command.c_str(), "r");  // NOLINT(bugprone-*)
    if (pipe == nullptr) return ran;
    std::array<char, 4096> buffer{};
    size_t got = 0;
    while ((got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
      ran.out.append(buffer.data(), got);
    }
    const int status = ::pclose(pipe);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ran.err = *ReadFile(err);
    return ran;
  }
  std::string Canonical(const std::string& run) {
    return Run("show --canonical " + run).out;
  }

  TemporaryFolder folder_;
};

// All that a run leaves: files, and what is packed in the log.
std::string EverythingIn(const fs::path& folder) {
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) all += *ReadFile(entry.path());
  }
  const auto record = ReadRun(folder / "runs" / "double-1");
  for (const Event& event : record->events) {
    all += EncodeEvent(event.body);
    const auto* call = std::get_if<CallEnded>(&event.body);
    if (call != nullptr && !call->reply.IsZero()) {
      all += *record->store->ReadBlob(call->reply);
    }
  }
  return all;
}

constexpr char kSerial[] =
    "run double --coder stub --workers 1 --requests 1 --warm-start none "
    "--policy aide --set num_drafts=2 --set debug_prob=1 --json ";

// Without the configuration, which names the cassette.
std::string Events(const std::string& canonical) {
  return canonical.substr(canonical.find('\n') + 1);
}

TEST_F(ModelRunTest, A25_ARecordedSearchReplaysBitForBitWithoutAServer) {
  Ran first;
  {
    const StubLlmServer server(Search);
    Configure(server);
    first = Run(std::string(kSerial) + "--steps 5 --record calls.jsonl");
    ASSERT_EQ(first.code, 0) << first.err;
    EXPECT_EQ(server.requests().size(), 6u);  // with the report
  }
  const Ran again =
      Run(std::string(kSerial) + "--steps 5 --replay calls.jsonl");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(Events(Canonical("runs/double-2")),
            Events(Canonical("runs/double-1")));
  const Json one = Json::parse(LastLine(first.out));
  const Json two = Json::parse(LastLine(again.out));
  EXPECT_EQ(one["best"], two["best"]);
  EXPECT_EQ(one["tokens"], 3600);
  EXPECT_EQ(two["tokens"], 3600);
  EXPECT_NEAR(two["cost_usd"].get<double>(), 6 * (500 + 200) / 1e6, 1e-12);
  EXPECT_THAT(*ReadFile(At("runs/double-2/report.md")),
              HasSubstr("A line through zero."));
  EXPECT_EQ(*ReadFile(At("runs/double-1/submission.csv")),
            *ReadFile(At("runs/double-2/submission.csv")));
}

TEST_F(ModelRunTest, ACachedSearchAsksNobodyTheSecondTime) {
  const StubLlmServer server(Search);
  Configure(server);
  const std::string words = std::string(kSerial) + "--steps 5 --cache answers";
  const Ran first = Run(words);
  ASSERT_EQ(first.code, 0) << first.err;
  const size_t asked = server.requests().size();
  // Free answers fit into a budget that no call fits into.
  const Ran again = Run(words + " --max-tokens 1");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(server.requests().size(), asked);
  const Json one = Json::parse(LastLine(first.out));
  const Json two = Json::parse(LastLine(again.out));
  EXPECT_EQ(two["reason"], "steps");
  EXPECT_EQ(one["best"], two["best"]);
  EXPECT_EQ(two["tokens"], 0);
  EXPECT_EQ(two["cost_usd"], 0);
  EXPECT_THAT(Run("show --cost runs/double-2").out,
              HasSubstr("answers from the cache (--cache): 6;"));
  EXPECT_THAT(EverythingIn(folder_.path()), Not(HasSubstr("5ecret5ecret")));
  EXPECT_EQ(Run("run double --coder stub --cache answers --record x").code, 2);
}

TEST_F(ModelRunTest, NobodyAtTheAddressEndsTheRunSoonAndInOrder) {
  {
    const StubLlmServer server(Search);
    Configure(server);
  }
  const Ran ran =
      Run("run double --coder stub --workers 1 --folds 1 --steps 4 --json");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json end = Json::parse(LastLine(ran.out));
  EXPECT_EQ(end["reason"], "model unreachable");
  EXPECT_EQ(Run("grade double runs/double-1/submission.csv").code, 0);
  const size_t told = ran.err.find("no connection");
  EXPECT_NE(told, std::string::npos);
  EXPECT_EQ(ran.err.find("no connection", told + 1), std::string::npos)
      << ran.err;
}

// src/app/testdata/search.jsonl was recorded by this test with
// TREESMITH_RECORD=1, from the stub server.
TEST_F(ModelRunTest, TheCommittedCassetteOfAWholeSearchReplays) {
  const fs::path cassette = TREESMITH_TESTDATA "/search.jsonl";
  if (std::getenv("TREESMITH_RECORD") != nullptr) {  // NOLINT
    const StubLlmServer server(Search);
    Configure(server);
    fs::remove(cassette);
    ASSERT_EQ(Run(std::string(kSerial) + "--steps 6 --out recorded --record " +
                  cassette.string())
                  .code,
              0);
  }
  Write("config.toml",
        "[models.stub]\nprovider = \"compatible\"\n"
        "model = \"stub-model\"\n");
  ::unsetenv("STUB_KEY");  // NOLINT(concurrency-mt-unsafe)
  const Ran ran =
      Run(std::string(kSerial) + "--steps 6 --replay " + cassette.string());
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json end = Json::parse(LastLine(ran.out));
  EXPECT_EQ(end["steps"], 6);
  EXPECT_EQ(end["tokens"], 4200);
  // y = 2.004 x, with x uniform on 0 to 8.
  EXPECT_NEAR(end["best"]["score"].get<double>(), 0.004 * 4.7, 0.001);
  const auto record = ReadRun(At("runs/double-1"));
  ASSERT_TRUE(record.ok());
  const Tree& tree = record->state->tree();
  EXPECT_EQ(tree.at({1}).outcome.kind, OutcomeKind::kCrash);
  EXPECT_EQ(tree.at({2}).op, Operator::kDebug);
  EXPECT_EQ(tree.at({3}).op, Operator::kImprove);
  EXPECT_EQ(tree.at({5}).plan, "A line through zero.");
}

TEST_F(ModelRunTest, TheFirstDraftIsTheBuiltinsAndAQuotaEndsTheRunInOrder) {
  const StubLlmServer server([](const StubRequest&) {
    return StubAnswer{.status = 429,
                      .error = "You exceeded your current quota",
                      .error_type = "insufficient_quota",
                      .error_code = "insufficient_quota"};
  });
  Configure(server);
  const Ran ran =
      Run("run double --coder stub --workers 1 --folds 1 --steps 4 --json");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json end = Json::parse(LastLine(ran.out));
  EXPECT_EQ(end["reason"], "quota");
  EXPECT_TRUE(fs::exists(At("runs/double-1/submission.csv")));
  EXPECT_EQ(Run("grade double runs/double-1/submission.csv").code, 0);
}

TEST_F(ModelRunTest, TokensAreNeverPassed) {
  const StubLlmServer server([](const StubRequest& request) {
    return Reply(Script("1." + std::to_string(request.serial)));
  });
  Configure(server, "max_output_tokens = 2000\n");
  const Ran ran =
      Run("run double --coder stub --workers 1 --steps 50 --json "
          "--warm-start none --max-tokens 20000 --folds 1");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json end = Json::parse(LastLine(ran.out));
  EXPECT_EQ(end["reason"], "tokens");
  EXPECT_LE(end["tokens"].get<int64_t>(), 20000);
  EXPECT_GT(end["tokens"].get<int64_t>(), 0);
  const std::string costs = Run("show --cost runs/double-1").out;
  EXPECT_THAT(costs, HasSubstr("compatible:stub-model"));
  EXPECT_THAT(costs, HasSubstr("draft"));
}

TEST_F(ModelRunTest, AKeyInTheEnvironmentIsAHintAndNeverACall) {
  const StubLlmServer server(Search);
  ::setenv("OPENAI_API_KEY", kKey, 1);                   // NOLINT
  ::setenv("OPENAI_BASE_URL", server.url().c_str(), 1);  // NOLINT
  const Ran ran = Run("run double --steps 1 --workers 1 --folds 1");
  ::unsetenv("OPENAI_API_KEY");   // NOLINT
  ::unsetenv("OPENAI_BASE_URL");  // NOLINT
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("hint: OPENAI_API_KEY is set: --coder"));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(ModelRunTest, KeysReachNoFileAndNoScreen) {
  // A server that shows the key in answers and in errors.
  const StubLlmServer server([](const StubRequest& request) {
    if (request.serial % 2 == 0) {
      StubAnswer answer = Reply(Script("1.5"));
      answer.text += "Your key is " + std::string(kKey) + ".\n";
      return answer;
    }
    return StubAnswer{.status = 401,
                      .error = std::string("Incorrect API key: ") + kKey,
                      .error_type = "invalid_request_error",
                      .error_code = "invalid_api_key"};
  });
  Configure(server);
  const Ran ran = Run(std::string(kSerial) + "--steps 3 --record calls.jsonl");
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("error: "));
  ASSERT_EQ(server.requests().front().headers.at("authorization"),
            std::string("Bearer ") + kKey);
  EXPECT_THAT(ran.err + ran.out, Not(HasSubstr("5ecret5ecret")));
  EXPECT_THAT(EverythingIn(folder_.path()), Not(HasSubstr("5ecret5ecret")));
}

TEST_F(ModelRunTest, WhatCannotBeAskedIsRefusedBeforeARunIsMade) {
  const StubLlmServer server(Search);
  Configure(server);
  const std::pair<const char*, const char*> cases[] = {
      {"--coder nobody", "nobody is known to serve"},
      {"--coder openai:gpt-5", "OPENAI_API_KEY"},
      {"--coder stub --model-for dance=stub", "no such purpose"},
      {"--coder stub --memory-scope everything", "unknown scope"},
      {"--coder stub --prompts nowhere", "nowhere"},
      {"--coder stub --replay nowhere.jsonl", "nowhere.jsonl"},
      {"--coder llamacpp:x --max-cost 1", "its price is not known"},
      {"--max-tokens 1000", "the builtin coder asks no model"},
      {"--evaluation reported", "do not score themselves"}};
  for (const auto& [words, cause] : cases) {
    const Ran ran = Run("run double --steps 1 " + std::string(words));
    EXPECT_EQ(ran.code, 2) << words << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(cause)) << words;
  }
  EXPECT_FALSE(fs::exists(At("runs")));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(ModelRunTest, DoctorTellsWhatAModelCanDo) {
  const StubLlmServer server([](const StubRequest&) {
    return StubAnswer{.text = "ready", .json = "{\"ready\":true}"};
  });
  Configure(server);
  const Ran ran = Run("doctor --model stub --json");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json json = Json::parse(ran.out);
  EXPECT_EQ(json["model"], "compatible:stub-model");
  EXPECT_TRUE(json["ok"].get<bool>());
  EXPECT_GE(json["checks"].size(), 5u);
}

// --- reported mode -----------------------------------------------------------

TEST_F(ModelRunTest, A10_AReportedMetricIsReadByRulesAndElseByAModel) {
  const StubLlmServer server([](const StubRequest& request) {
    StubAnswer answer;
    if (request.wants_schema || request.wants_tool) {
      answer.json = R"({"finding":"It overshoots.","metric":9.5})";
      return answer;
    }
    switch (request.serial) {
      case 0:  // by the agreed line
        return Reply(Script("1.5") + "print(f'metric: {rmse}')\n");
      case 1:  // an integer in the file (A11)
        return Reply(Script("2") +
                     "json.dump({'metric': 0}, open('working/metric.json', "
                     "'w'))\n");
      case 2:  // in words of its own
        return Reply(Script("3") + "print('the error came to 9.5 in all')\n");
      default:  // no submission, and a metric that is none (A13, A15)
        return Reply("print('metric: nan')  # submission\n");
    }
  });
  Configure(server);
  const Ran ran =
      Run("run double --coder stub --preset aide --evaluation reported "
          "--workers 1 --steps 4 --json");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto record = ReadRun(At("runs/double-1"));
  ASSERT_TRUE(record.ok());
  const Tree& tree = record->state->tree();
  ASSERT_EQ(tree.size(), 4u);
  EXPECT_TRUE(tree.at({0}).score.has_value());
  EXPECT_EQ(tree.at({1}).score->value.value(), 0);
  EXPECT_EQ(tree.at({2}).score->value.value(), 9.5);
  EXPECT_EQ(tree.at({2}).finding, "It overshoots.");
  EXPECT_FALSE(tree.at({3}).score.has_value());
  EXPECT_EQ(tree.best(), NodeId{1});
  // The best node's own submission, not the last one's.
  EXPECT_THAT(*ReadFile(At("runs/double-1/submission.csv")),
              HasSubstr("80,16.0\n"));
}

}  // namespace
}  // namespace treesmith
