#include "app/exec_command.h"

#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "base/file.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

// Answers every run alike and counts them.
class CannedSandbox : public Sandbox {
 public:
  explicit CannedSandbox(Result<ExecutionResult> answer)
      : answer_(std::move(answer)) {}
  Result<ExecutionResult> Run(const Job&, std::stop_token) override {
    ++runs;
    return answer_;
  }
  std::atomic<int> runs = 0;

 private:
  Result<ExecutionResult> answer_;
};

ExecutionResult Crash() {
  ExecutionResult result;
  result.outcome = {OutcomeKind::kCrash, "KeyError: 'hour'"};
  result.exit_code = 1;
  result.wall = std::chrono::milliseconds(250);
  result.output = "no hour\n";
  return result;
}

class RunExecTest : public testing::Test {
 protected:
  RunExecTest() {
    options_.script = folder_.path() / "a.py";
    EXPECT_TRUE(WriteFile(options_.script, "print(1)\n").ok());
  }
  int Exec(Sandbox& sandbox) {
    return RunExec(sandbox, options_, {}, out_, err_);
  }
  std::vector<Json> Lines() {
    std::vector<Json> lines;
    std::istringstream text(out_.str());
    for (std::string line; std::getline(text, line);) {
      lines.push_back(Json::parse(line));
    }
    return lines;
  }
  TemporaryFolder folder_ = *TemporaryFolder::Make("exec-test");
  ExecOptions options_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(RunExecTest, TheOutputAndTheEndAreShownApart) {
  CannedSandbox sandbox{Crash()};
  EXPECT_EQ(Exec(sandbox), 0);
  EXPECT_EQ(out_.str(), "no hour\n");
  EXPECT_EQ(err_.str(), "crash: KeyError: 'hour' (0.25 s, 0 MiB)\n");
}

TEST_F(RunExecTest, JsonHasThePromisedKeys) {
  CannedSandbox sandbox{Crash()};
  options_.json = true;
  EXPECT_EQ(Exec(sandbox), 0);
  ASSERT_EQ(Lines().size(), 1U);
  const Json line = Lines()[0];
  EXPECT_EQ(line["outcome"], "crash");
  EXPECT_EQ(line["exit_code"], 1);
  EXPECT_EQ(line["signal"], 0);
  EXPECT_EQ(line["seconds"], 0.25);
  EXPECT_EQ(line["output_tail"], "no hour\n");
}

TEST_F(RunExecTest, ARunWithoutFaultIsOk) {
  CannedSandbox sandbox{ExecutionResult{}};
  options_.json = true;
  Exec(sandbox);
  EXPECT_EQ(Lines()[0]["outcome"], "ok");
}

TEST_F(RunExecTest, RepeatGivesALineARunAndASummary) {
  CannedSandbox sandbox{Crash()};
  options_.json = true;
  options_.repeat = 5;
  options_.workers = 2;
  EXPECT_EQ(Exec(sandbox), 0);
  EXPECT_EQ(sandbox.runs, 5);
  ASSERT_EQ(Lines().size(), 6U);
  const Json summary = Lines()[5];
  EXPECT_EQ(summary["event"], "summary");
  EXPECT_EQ(summary["runs"], 5);
  EXPECT_EQ(summary["ok"], 0);
  EXPECT_EQ(summary["seconds"]["median"], 0.25);
  EXPECT_EQ(summary["seconds"]["p90"], 0.25);
  EXPECT_GT(summary["throughput"], 0);
}

TEST_F(RunExecTest, AScriptThatIsNotThereIsAUsageError) {
  CannedSandbox sandbox{ExecutionResult{}};
  options_.script = "/nowhere/a.py";
  EXPECT_EQ(Exec(sandbox), 2);
  EXPECT_EQ(err_.str(),
            "error: read /nowhere/a.py: No such file or directory\n");
  EXPECT_EQ(sandbox.runs, 0);
}

TEST_F(RunExecTest, ALackingEnvironmentIsSaidWithItsHint) {
  CannedSandbox sandbox{
      Error{ErrorKind::kEnvironment, "start the sandbox: no", "mend it"}};
  EXPECT_EQ(Exec(sandbox), 3);
  EXPECT_EQ(err_.str(), "error: start the sandbox: no\nhint: mend it\n");
}

}  // namespace
}  // namespace treesmith
