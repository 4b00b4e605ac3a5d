// A real peer: llama.cpp's own server with a tiny model of random weights
// (tools/llama-server). Skipped where tools/setup llama has not been run.
//
// What it answers is noise, so what is tested is everything else: the protocol,
// streams, limits, JSON schemas, and that a run ends well whatever comes.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): setenv is POSIX
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/unique_fd.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Json = nlohmann::json;

const fs::path kPython = TREESMITH_SOURCE "/build/llama/bin/python";
const fs::path kTask = TREESMITH_SOURCE "/examples/bikeshare";

// Serves until it is destroyed.
class LlamaServer {
 public:
  LlamaServer() {
    int in[2];
    int out[2];
    EXPECT_EQ(::pipe2(in, O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
    const std::string script = TREESMITH_SOURCE "/tools/llama-server";
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      const int quiet = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
      ::dup2(quiet, STDERR_FILENO);
      // An environment is found by the name that its python is called by.
      ::execl(kPython.c_str(), kPython.c_str(), script.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    stdin_ = UniqueFd(in[1]);
    const UniqueFd reader(out[0]);
    char byte = 0;
    while (::read(reader.get(), &byte, 1) == 1 && byte != '\n') url_ += byte;
  }
  ~LlamaServer() {
    stdin_.Reset();
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  LlamaServer(const LlamaServer&) = delete;
  LlamaServer& operator=(const LlamaServer&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  pid_t child_ = -1;
  UniqueFd stdin_;
  std::string url_;
};

class LlamaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kPython)) {
      GTEST_SKIP() << "no llama.cpp here: tools/setup llama brings it";
    }
    server_.emplace();
    ASSERT_THAT(server_->url(), HasSubstr("http://127.0.0.1:"));
    ASSERT_TRUE(WriteFile(folder_.path() / "config.toml",
                          "[models.noise]\nprovider = \"llamacpp\"\n"
                          "base_url = \"" +
                              server_->url() +
                              "/v1\"\ncontext_tokens = 16384\n"
                              "max_output_tokens = 60\n")
                    .ok());
    ::setenv("TREESMITH_HOME", folder_.path().c_str(), 1);  // NOLINT
  }

  std::string Run(const std::string& words, int& code) {
    const std::string command = "cd '" + folder_.path().string() +
                                "' && '" TREESMITH_PROGRAM "' " + words +
                                " 2>stderr.txt </dev/null";
    std::string out;
    std::FILE* pipe = ::popen(command.c_str(), "r");  // NOLINT(bugprone-*)
    std::array<char, 4096> buffer{};
    size_t got = 0;
    while ((got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
      out.append(buffer.data(), got);
    }
    const int status = ::pclose(pipe);
    code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out;
  }
  std::string Errors() { return *ReadFile(folder_.path() / "stderr.txt"); }

  TemporaryFolder folder_ = *TemporaryFolder::Make("llama_test");
  std::optional<LlamaServer> server_;
};

bool Works(const Json& report, const std::string& name) {
  for (const Json& check : report["checks"]) {
    if (check["name"] == name) return check["ok"].get<bool>();
  }
  return false;
}

TEST_F(LlamaTest, DoctorFindsStreamsUsageAndSchemaAndNoTools) {
  int code = -1;
  const Json report = Json::parse(Run("doctor --model noise --json", code));
  EXPECT_EQ(code, 0) << Errors();
  EXPECT_TRUE(Works(report, "answers")) << report;
  EXPECT_TRUE(Works(report, "streaming")) << report;
  EXPECT_TRUE(Works(report, "usage figures")) << report;
  EXPECT_TRUE(Works(report, "JSON schema")) << report;
  // It is told to call and nothing makes it.
  EXPECT_FALSE(Works(report, "tools")) << report;
}

TEST_F(LlamaTest, ASearchDrivenByNoiseEndsWithAValidSubmission) {
  int code = -1;
  const std::string out = Run("run '" + kTask.string() +
                                  "' --coder noise --steps 8 --workers 1 "
                                  "--seed 1 --folds 1 --json",
                              code);
  ASSERT_EQ(code, 0) << Errors();
  const size_t last = out.rfind('\n', out.size() - 2);
  const Json end = Json::parse(out.substr(last + 1));
  EXPECT_EQ(end["steps"], 8);
  // Seven steps asked at least once; every token is booked.
  EXPECT_GT(end["tokens"].get<int64_t>(), 7 * 500);
  EXPECT_TRUE(end["cost_usd"].is_null());
  Run("grade '" + kTask.string() + "' '" +
          end["submission"].get<std::string>() + "'",
      code);
  EXPECT_EQ(code, 0) << Errors();
}

}  // namespace
}  // namespace treesmith
