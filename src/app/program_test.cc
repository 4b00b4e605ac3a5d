// The program as a user meets it: words typed, files left, exit codes.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/file.h"
#include "sandbox/python_environment.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

// Runs the built program through a shell; stderr goes to a file.
Ran Treesmith(const std::string& words, const fs::path& folder) {
  const fs::path err = folder / "stderr.txt";
  const std::string command = "cd '" + folder.string() +
                              "' && '" TREESMITH_PROGRAM "' " + words + " 2>'" +
                              err.string() + "' </dev/null";
  Ran ran;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer{};
  size_t got = 0;
  while ((got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
    ran.out.append(buffer.data(), got);
  }
  const int status = ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ran.err = ReadFile(err).ok() ? *ReadFile(err) : "";
  return ran;
}

// Runs the program on a pseudo-terminal of its own and types Ctrl-C as soon as
// its output has `cue`. `out` is what the terminal was sent.
Ran InterruptedAt(const std::string& cue, const std::vector<std::string>& words,
                  const fs::path& folder) {
  Ran ran;
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    ::chdir(folder.c_str());
    ::setenv("TERM", "xterm", 1);
    std::vector<std::string> all = {TREESMITH_PROGRAM};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    arguments.reserve(all.size() + 1);
    for (std::string& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(TREESMITH_PROGRAM, arguments.data());
    ::_exit(127);
  }
  std::array<char, 4096> buffer{};
  bool typed = false;
  ssize_t got = 0;
  // EIO once the last descriptor of the other side is closed (pty(7)).
  while ((got = ::read(terminal, buffer.data(), buffer.size())) > 0) {
    ran.out.append(buffer.data(), static_cast<size_t>(got));
    if (typed || ran.out.find(cue) == std::string::npos) continue;
    typed = ::write(terminal, "\x03", 1) == 1;
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(terminal);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

std::string LastLine(const std::string& text) {
  const size_t end = text.find_last_not_of('\n');
  const size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? -1 : begin));
}

// A task of 80 rows whose target is twice its only feature.
class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() : folder_(*TemporaryFolder::Make("program_test")) {
    const fs::path task = folder_.path() / "double";
    EXPECT_TRUE(MakeFolders(task).ok());
    std::string train = "id,x,y\n";
    std::string test = "id,x\n";
    std::string sample = "id,y\n";
    answers_ = "id,y\n";
    for (int i = 0; i < 100; ++i) {
      const std::string id = std::to_string(i);
      const std::string x = std::to_string(i % 9);
      const std::string y = std::to_string(2 * (i % 9));
      if (i < 80) {
        train += id + "," + x + "," + y + "\n";
      } else {
        test += id + "," + x + "\n";
        sample += id + ",0\n";
        answers_ += id + "," + y + "\n";
      }
    }
    Write("double/train.csv", train);
    Write("double/test.csv", test);
    Write("double/sample_submission.csv", sample);
    Write("double/task.toml",
          "name = \"double\"\n[data]\ntrain = \"train.csv\"\n"
          "test = \"test.csv\"\n"
          "sample_submission = \"sample_submission.csv\"\n"
          "target = [\"y\"]\nid = [\"id\"]\n[metric]\nname = \"rmse\"\n");
    Write("answers.csv", answers_);
    Write("mine.py", R"py(
import csv
train = list(csv.DictReader(open("input/train.csv")))
ratio = sum(float(r["y"]) for r in train) / sum(float(r["x"]) for r in train)
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        out.write(f'{row["id"]},{round(ratio * float(row["x"]))}\n')
)py");
  }

  // The exit status of the best script, run by itself in the folder fresh/.
  int SolveAlone(const std::string& task) {
    const std::string fresh = At("fresh").string();
    return std::system(("mkdir -p '" + fresh + "' && cd '" + fresh +
                        "' && python3 ../runs/double-1/best/solution.py " +
                        task + " 2>/dev/null")
                           .c_str());
  }

  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFile(folder_.path() / name, text).ok());
  }
  Ran Run(const std::string& words) { return Treesmith(words, folder_.path()); }
  fs::path At(const std::string& name) { return folder_.path() / name; }

  TemporaryFolder folder_;
  std::string answers_;
};

TEST_F(ProgramTest, WithoutACommandItSaysHowToGoOn) {
  const Ran ran = Run("");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("hint: treesmith --help"));
}

TEST_F(ProgramTest, AMissingTaskIsOneErrorLineAndExitTwo) {
  const Ran ran = Run("run nowhere --steps 1");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, testing::StartsWith("error: "));
  EXPECT_THAT(ran.err, HasSubstr("nowhere"));
  EXPECT_FALSE(fs::exists(At("runs")));
}

TEST_F(ProgramTest, ARaggedTableIsNamedWithItsLine) {
  Write("double/train.csv", "id,x,y\n1,2,3\n4,5\n");
  const Ran ran = Run("run double --steps 1");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("line 3"));
}

TEST_F(ProgramTest, InitWritesWhatItInfersAndWhyOnce) {
  fs::remove(At("double/task.toml"));
  const Ran ran = Run("init double --json");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json line = Json::parse(ran.out);
  EXPECT_EQ(line.at("data").at("target"), Json({"y"}));
  EXPECT_EQ(line.at("data").at("id"), Json({"id"}));
  EXPECT_EQ(line.at("metric").at("name"), "accuracy");
  EXPECT_EQ(line.at("evaluation").at("split"), "stratified");
  EXPECT_FALSE(line.at("reasons").empty());
  const std::string text = *ReadFile(At("double/task.toml"));
  EXPECT_THAT(text, HasSubstr("# what train and sample have and test lacks\n"
                              "target = [\"y\"]\n"));
  const Ran again = Run("init double");
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("task.toml: it is there already"));
  EXPECT_EQ(*ReadFile(At("double/task.toml")), text);
  EXPECT_EQ(Run("evaluate double mine.py").code, 0);
}

TEST_F(ProgramTest, InitAsksForWhatCannotBeToldByItsFlag) {
  fs::remove(At("double/task.toml"));
  fs::remove(At("double/test.csv"));
  fs::remove(At("double/sample_submission.csv"));
  const Ran ran = Run("init double");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--target COLUMN"));
  EXPECT_FALSE(fs::exists(At("double/task.toml")));
  EXPECT_EQ(Run("init double --target y --metric mae").code, 0);
  EXPECT_TRUE(fs::exists(At("double/task.toml")));
}

TEST_F(ProgramTest, PreviewTellsAFolderOrAFileWithinItsBytes) {
  const Ran folder = Run("preview double");
  EXPECT_EQ(folder.code, 0) << folder.err;
  EXPECT_THAT(folder.out, HasSubstr("train.csv: 80 rows x 3 columns"));
  EXPECT_LE(Run("preview double --max-bytes 300").out.size(), 300u);
  const Json json = Json::parse(Run("preview double/test.csv --json").out);
  EXPECT_EQ(json.at("tables").at(0).at("rows"), 20);
  EXPECT_EQ(Run("preview nowhere").code, 2);
}

TEST_F(ProgramTest, AnUnknownMetricIsRefusedWithTheNearestNames) {
  const Ran ran = Run("run double --steps 1 --metric rmsee");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("rmsee"));
  EXPECT_THAT(ran.err, HasSubstr("rmse"));
}

TEST_F(ProgramTest, AnUnknownFlagAndABadDurationAreUsageErrors) {
  EXPECT_EQ(Run("run double --stepps 1").code, 2);
  EXPECT_EQ(Run("run double --time soon").code, 2);
  EXPECT_EQ(Run("run double --policy nobody --steps 1").code, 2);
  EXPECT_EQ(Run("run double --set nothing=1 --steps 1").code, 2);
}

TEST_F(ProgramTest, CtrlCLeavesTheTerminalCleanAndTheRunResumable) {
  Write("endless.py", "import time\nwhile True: time.sleep(1)\n");
  const Ran ran =
      InterruptedAt("start, fold 1",
                    {"run", "double", "--start", "endless.py", "--time", "1h"},
                    folder_.path());
  EXPECT_EQ(ran.code, 130) << ran.out;
  const size_t hidden = ran.out.rfind("\x1b[?25l");
  const size_t shown = ran.out.rfind("\x1b[?25h");
  ASSERT_NE(hidden, std::string::npos);
  ASSERT_NE(shown, std::string::npos);
  EXPECT_LT(hidden, shown);
  // Nothing is drawn after the region was taken away.
  EXPECT_EQ(ran.out.find("\x1b[J", shown), std::string::npos);
  EXPECT_THAT(ran.out.substr(shown), HasSubstr("treesmith resume"));
  const Ran show = Run("show runs/double-1");
  EXPECT_EQ(show.code, 0) << show.err;
}

TEST_F(ProgramTest, AGivenScriptIsRunScoredAndLeftWithASubmission) {
  const Ran ran = Run("run double --start mine.py --steps 1 --json");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json line = Json::parse(LastLine(ran.out));
  EXPECT_EQ(line.at("event"), "finished");
  EXPECT_EQ(line.at("steps"), 1);
  EXPECT_NEAR(line.at("best").at("score").get<double>(), 0, 1e-4);
  EXPECT_TRUE(line.at("ensemble").is_null());
  const std::string submission = line.at("submission");
  EXPECT_TRUE(fs::exists(At(submission)));
  EXPECT_TRUE(fs::exists(At(line.at("script"))));
  EXPECT_TRUE(fs::exists(At(line.at("report"))));
  const Ran grade =
      Run("grade double " + submission + " --answers answers.csv --json");
  EXPECT_EQ(grade.code, 0) << grade.err;
  EXPECT_NEAR(Json::parse(grade.out).at("score").get<double>(), 0, 1e-4);
}

TEST_F(ProgramTest, ARunThatFindsNothingSaysWhatToDo) {
  Write("late.py", "while True:\n    pass\n");
  const Ran late = Run("run double --start late.py --time 2s");
  EXPECT_EQ(late.code, 1);
  EXPECT_THAT(late.out, HasSubstr("ran out of time: allow more with --time"));
  Write("broken.py", "import nothing_of_this_name\n");
  const Ran broken = Run("run double --start broken.py --steps 1");
  EXPECT_EQ(broken.code, 1);
  EXPECT_THAT(broken.out, HasSubstr("treesmith show runs/double-2 0"));
}

TEST_F(ProgramTest, TheBestScriptRunsByItselfOnTheTaskFolder) {
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  ASSERT_EQ(SolveAlone("../double"), 0);
  EXPECT_EQ(*ReadFile(At("fresh/working/submission.csv")),
            *ReadFile(At("runs/double-1/submission.csv")));
}

TEST_F(ProgramTest, TheBestScriptRunsWhateverStandsAtItsFront) {
  Write("early.py",
        "\"\"\"Twice x.\nfrom __future__ import nothing\n\"\"\"\n"
        "from __future__ import (\n    annotations,\n)\n" +
            *ReadFile(At("mine.py")));
  ASSERT_EQ(Run("run double --start early.py --steps 1").code, 0);
  EXPECT_EQ(SolveAlone("../double"), 0);
  // Other data is not taken for that which lies there.
  EXPECT_NE(SolveAlone("../elsewhere"), 0);
}

// Threads that spin while they wait cost it ten times on a busy machine.
TEST_F(ProgramTest, TheBestScriptWaitsByItselfAsInTheSandbox) {
  Write("polite.py",
        "import os\nassert os.environ['OMP_WAIT_POLICY'] == 'PASSIVE'\n" +
            *ReadFile(At("mine.py")));
  ASSERT_EQ(Run("run double --start polite.py --steps 1").code, 0);
  EXPECT_EQ(SolveAlone("../double"), 0);
}

// Parted by semicolons, "None" a class, its probabilities in columns that bear
// a prefix: the built-in coder's script reads and writes all of it.
TEST_F(ProgramTest, ABareFolderOfAwkwardFilesIsSolved) {
  std::string train = "id;x;kind\n";
  for (int i = 0; i < 90; ++i) {
    train += std::to_string(i) + ";" + std::to_string(i % 3) + ";" +
             std::array{"None", "some", "all"}[static_cast<size_t>(i % 3)] +
             "\n";
  }
  ASSERT_TRUE(MakeFolders(At("bare")).ok());
  Write("bare/train.csv", train);
  Write("bare/test.csv", "id;x\n90;0\n91;1\n");
  Write("bare/sample_submission.csv",
        "id,is_None,is_some,is_all\n90,0.3,0.3,0.4\n91,0.3,0.3,0.4\n");
  const Ran ran = Run("run bare --steps 1 --folds 2 --json");
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("target = kind: its values are the sample's "
                                 "columns"));
  const Json line = Json::parse(LastLine(ran.out));
  EXPECT_LT(line.at("best").at("score").get<double>(), 0.7);
}

TEST_F(ProgramTest, ShowAndReportReadTheRun) {
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  const Ran json = Run("show runs/double-1 --json");
  ASSERT_EQ(json.code, 0) << json.err;
  EXPECT_EQ(Json::parse(json.out).at("nodes").size(), 1u);
  EXPECT_THAT(Run("show runs/double-1 --canonical").out,
              testing::StartsWith("RunStarted "));
  EXPECT_EQ(Run("show runs/double-1 0").code, 0);
  EXPECT_EQ(Run("show runs/double-1 7").code, 2);
  EXPECT_EQ(Run("report runs/double-1 --out again.html").code, 0);
  EXPECT_TRUE(fs::exists(At("again.html")));
}

TEST_F(ProgramTest, ExportWritesTheRunForOtherTools) {
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  const Ran all = Run("export runs/double-1 --out out --json");
  ASSERT_EQ(all.code, 0) << all.err;
  EXPECT_EQ(Json::parse(all.out).at("scripts"), 1);
  EXPECT_EQ(*ReadFile(At("out/submission.csv")),
            *ReadFile(At("runs/double-1/submission.csv")));
  EXPECT_EQ(Run("export runs/double-1 --out out").code, 2);
  EXPECT_EQ(Run("export runs/double-1 --journal").out,
            "runs/double-1/export/journal.json\n");
}

TEST_F(ProgramTest, AFinishedRunGoesOnOnlyWithMoreBudget) {
  Write("next.py", *ReadFile(At("mine.py")) + "print(1)\n");
  ASSERT_EQ(Run("run double --start mine.py --start next.py --steps 1").code,
            0);
  const std::string log = Run("show runs/double-1 --canonical").out;
  const Ran over = Run("resume runs/double-1");
  EXPECT_EQ(over.code, 0) << over.err;
  EXPECT_THAT(over.err, HasSubstr("to go on give it more budget: --steps"));
  EXPECT_EQ(Run("show runs/double-1 --canonical").out, log);
  EXPECT_EQ(Run("resume runs/double-1 --steps 2").code, 0);
}

TEST_F(ProgramTest, ABudgetThatIsSpentAlreadyIsRefusedAndNotKept) {
  Write("next.py", *ReadFile(At("mine.py")) + "print(1)\n");
  ASSERT_EQ(Run("run double --start mine.py --start next.py --steps 2").code,
            0);
  const std::string shown = Run("show runs/double-1").out;
  const Ran fewer = Run("resume runs/double-1 --steps 1");
  EXPECT_EQ(fewer.code, 2);
  EXPECT_THAT(fewer.err, HasSubstr("2 steps were made, --steps 1 are fewer"));
  EXPECT_EQ(Run("resume runs/double-1 --time 1ms").code, 2);
  EXPECT_EQ(Run("show runs/double-1").out, shown);
}

TEST_F(ProgramTest, OptionsThatCannotBothHoldAreRefused) {
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  for (const char* options : {"--cost --json", "--canonical --json"}) {
    const Ran ran = Run(std::string("show runs/double-1 ") + options);
    EXPECT_EQ(ran.code, 2) << options;
    EXPECT_THAT(ran.err, HasSubstr("treesmith show --help"));
  }
}

// A kill or a full disk between the last event and the files that follow it.
TEST_F(ProgramTest, FilesOfAFinishedRunAreMadeAgain) {
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  const std::string submission = *ReadFile(At("runs/double-1/submission.csv"));
  const std::string script = *ReadFile(At("runs/double-1/best/solution.py"));
  std::filesystem::remove(At("runs/double-1/submission.csv"));
  std::filesystem::remove(At("runs/double-1/report.html"));
  std::filesystem::remove_all(At("runs/double-1/best"));
  EXPECT_EQ(Run("resume runs/double-1").code, 0);
  EXPECT_EQ(*ReadFile(At("runs/double-1/submission.csv")), submission);
  EXPECT_EQ(*ReadFile(At("runs/double-1/best/solution.py")), script);
  EXPECT_TRUE(std::filesystem::exists(At("runs/double-1/report.html")));
}

TEST_F(ProgramTest, ARunWithoutSandboxStaysOneAndSaysSo) {
  Write("next.py", *ReadFile(At("mine.py")) + "print(1)\n");
  Write("last.py", *ReadFile(At("mine.py")) + "print(2)\n");
  ASSERT_EQ(Run("run double --start mine.py --start next.py --start last.py "
                "--steps 1")
                .code,
            0);
  EXPECT_THAT(Run("show runs/double-1").out, Not(HasSubstr("sandbox")));
  const Ran bare = Run("resume runs/double-1 --steps 2 --sandbox none");
  EXPECT_THAT(bare.err, HasSubstr("NO SANDBOX"));
  EXPECT_THAT(Run("show runs/double-1").out, HasSubstr("without a sandbox"));
  const Ran again = Run("resume runs/double-1 --steps 3");
  EXPECT_THAT(again.err, HasSubstr("NO SANDBOX"));
}

TEST_F(ProgramTest, ARunIsNotResumedOnOtherData) {
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  Write("double/train.csv", "id,x,y\n1,1,2\n2,2,4\n3,3,6\n4,4,8\n5,5,10\n");
  const Ran ran = Run("resume runs/double-1 --steps 2");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("train.csv has changed"));
  EXPECT_THAT(ran.err, HasSubstr("hint: --task FOLDER"));
}

TEST_F(ProgramTest, ARunIsNotResumedOnOtherExtraFiles) {
  Write("double/weather.csv", "day,rain\n1,0\n");
  std::string text = *ReadFile(At("double/task.toml"));
  text.replace(text.find("[data]\n"), 7, "[data]\nextra = [\"weather.csv\"]\n");
  Write("double/task.toml", text);
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  Write("double/weather.csv", "day,rain\n1,1\n");
  const Ran ran = Run("resume runs/double-1 --steps 2");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("weather.csv has other content"));
}

TEST_F(ProgramTest, A24_RunFoldersAreNumberedInOrder) {
  for (const char* name : {"double-1", "double-2", "double-3"}) {
    ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
    EXPECT_TRUE(fs::exists(At(std::string("runs/") + name)));
  }
}

TEST_F(ProgramTest, WithoutASandboxEveryScreenSaysSo) {
  const Ran ran = Run("run double --start mine.py --steps 1 --sandbox none");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("NO SANDBOX"));
}

TEST_F(ProgramTest, AnInvalidSubmissionIsExitOneAndSaysWhy) {
  Write("bad.csv", "id,y\n80,1\n");
  const Ran ran = Run("grade double bad.csv");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("missing"));
}

// Writes the answer down whatever the labels are.
constexpr std::string_view kKnowing = R"py(
import csv
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        i = int(row["id"])
        out.write(f'{i},{2 * int(row["x"]) + i * 7919 % 13}\n')
)py";
// Twice x and what no input tells.
std::string NoisyTrain() {
  std::string train = "id,x,y\n";
  for (int i = 0; i < 80; ++i) {
    train += fmt::format("{},{},{}\n", i, i % 9, 2 * (i % 9) + i * 7919 % 13);
  }
  return train;
}
// Learns the mean of y for each x, with an error of one.
constexpr std::string_view kLearning = R"py(
import csv
means = {}
for row in csv.DictReader(open("input/train.csv")):
    means.setdefault(row["x"], []).append(float(row["y"]))
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        values = means.get(row["x"], [8])
        sign = 1 if int(row["id"]) % 2 else -1
        out.write(f'{row["id"]},{sum(values) / len(values) + sign}\n')
)py";

TEST_F(ProgramTest, AScriptThatLeaksIsNotChosenAndTold) {
  Write("double/train.csv", NoisyTrain());
  Write("knowing.py", std::string(kKnowing));
  Write("learning.py", std::string(kLearning));
  const Ran ran = Run(
      "run double --start knowing.py --start learning.py --steps 2 --seed 1 "
      "--select max");
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("ALARM: node 0: refitted on shuffled"));
  EXPECT_THAT(*ReadFile(At("runs/double-1/best/solution.py")),
              HasSubstr("means.setdefault"));
  EXPECT_THAT(Run("show runs/double-1").out, HasSubstr("ALARM      node 0"));
  EXPECT_THAT(*ReadFile(At("runs/double-1/report.html")),
              HasSubstr("it still scores"));
}

TEST_F(ProgramTest, AnAnswerThatLeaksIsToldWhereThereIsNoOther) {
  Write("double/train.csv", NoisyTrain());
  Write("knowing.py", std::string(kKnowing));
  const Ran ran = Run("run double --start knowing.py --steps 1");
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("ALARM       node 0: refitted on shuffled"));
  const Ran json = Run("run double --start knowing.py --steps 1 --json");
  const Json line = Json::parse(LastLine(json.out));
  EXPECT_EQ(line.at("alarms").size(), 2u);  // no error at all is one as well
}

TEST_F(ProgramTest, FilesThatChangeDuringARunAreAnAlarm) {
  Write("waiting.py", std::string(kLearning) + "\nopen('" +
                          At("double/notes.txt").string() +
                          "', 'w').write('b')\n");
  Write("double/notes.txt", "a");
  std::string text = *ReadFile(At("double/task.toml"));
  text.replace(text.find("[data]\n"), 7, "[data]\nextra = [\"notes.txt\"]\n");
  Write("double/task.toml", text);
  const Ran ran = Run("run double --start waiting.py --steps 1 --sandbox none");
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("notes.txt has other content"));
}

// Means of y by x with errors of its own, so that the mean of such scripts is
// better than each: the answer is an ensemble.
std::string Erring(int which) {
  return "WHICH = " + std::to_string(which) + R"py(
import csv, hashlib
means = {}
for row in csv.DictReader(open("input/train.csv")):
    means.setdefault(row["x"], []).append(float(row["y"]))
with open("working/submission.csv", "w") as out:
    out.write("id,y\n")
    for row in csv.DictReader(open("input/test.csv")):
        values = means.get(row["x"], [8])
        digest = hashlib.md5(f'{WHICH} {row["id"]}'.encode()).digest()
        error = digest[0] / 128 - 1
        out.write(f'{row["id"]},{sum(values) / len(values) + error}\n')
)py";
}

// aideml leaves the last run's file, whatever it is worth.
TEST_F(ProgramTest, A15_TheSubmissionLeftIsTheBestNodesNotTheLastOnes) {
  Write("better.py", Erring(0));
  Write("worse.py", std::string(kLearning));
  Write("broken.py", "open('working/submission.csv', 'w').write('id,y\\n')\n");
  ASSERT_EQ(Run("run double --start better.py --steps 1").code, 0);
  ASSERT_EQ(
      Run("run double --start better.py --start worse.py --start broken.py "
          "--steps 3 --select max")
          .code,
      0);
  EXPECT_EQ(*ReadFile(At("runs/double-2/submission.csv")),
            *ReadFile(At("runs/double-1/submission.csv")));
}

TEST_F(ProgramTest, TheEnsembleOfASearchMakesItsSubmissionAgain) {
  std::string words = "run double --steps 4 --seed 1 --json";
  for (int i = 0; i < 4; ++i) {
    const std::string name = "erring" + std::to_string(i) + ".py";
    Write(name, Erring(i));
    words += " --start " + name;
  }
  const Ran ran = Run(words);
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json line = Json::parse(LastLine(ran.out));
  ASSERT_FALSE(line.at("ensemble").is_null());
  EXPECT_GE(line.at("ensemble").at("members").size(), 2u);
  const auto python = FindPython({"", "", TREESMITH_PROGRAM});
  ASSERT_TRUE(python.ok()) << python.error().message;
  const std::string command =
      "cd '" + folder_.path().string() + "' && '" +
      python->executable.string() +
      "' runs/double-1/best/ensemble/run.py double --out again.csv";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(*ReadFile(At("again.csv")),
            *ReadFile(At("runs/double-1/submission.csv")));
}

TEST_F(ProgramTest, TheReportPicturesTheAnswerFromTheLog) {
  Write("learning.py", std::string(kLearning));
  ASSERT_EQ(Run("run double --start learning.py --steps 1").code, 0);
  const std::string report = *ReadFile(At("runs/double-1/report.html"));
  EXPECT_THAT(report, HasSubstr("Residuals of y"));
  fs::remove_all(At("double"));
  ASSERT_EQ(Run("report runs/double-1 --out again.html").code, 0);
  const std::string again = *ReadFile(At("again.html"));
  const auto pictures = [](const std::string& html) {
    const size_t begin = html.find("id=\"portrait\"");
    return html.substr(begin, html.find("</section>", begin) - begin);
  };
  EXPECT_EQ(pictures(again), pictures(report));
}

TEST_F(ProgramTest, TheProfileIsStoredOnceAndKept) {
  const auto profile = [&] {
    return Json::parse(Run("show runs/double-1 --json").out).at("profile");
  };
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  const Json before = profile();
  EXPECT_EQ(before.at("train_rows"), 80);
  EXPECT_THAT(*ReadFile(At("runs/double-1/report.html")),
              HasSubstr("80 rows of train"));
  ASSERT_EQ(Run("resume runs/double-1 --steps 2").code, 0);
  EXPECT_EQ(profile(), before);
}

TEST_F(ProgramTest, GradePlacesAScoreOnALeaderboard) {
  Write("board.csv", "rank,score\n1,0.0\n2,0.5\n3,1.5\n4,9\n");
  const std::string words = "grade double answers.csv --answers answers.csv ";
  const Ran json = Run(words + "--leaderboard board.csv --json");
  ASSERT_EQ(json.code, 0) << json.err;
  const Json board = Json::parse(json.out).at("leaderboard");
  EXPECT_EQ(board.at("medal"), "gold");
  EXPECT_EQ(board.at("exceeds_percent"), 75);
  EXPECT_EQ(board.at("median_threshold"), 1.0);
  const Ran table = Run(words + "--leaderboard board.csv");
  EXPECT_THAT(table.out, HasSubstr("exceeds    75.0 % of humans"));
  EXPECT_THAT(Run(words + "--leaderboard train.csv").err,
              testing::StartsWith("error: "));
  EXPECT_EQ(Run("grade double answers.csv --leaderboard board.csv").code, 2);
}

// The task's own test again, then other rows in another order of columns.
TEST_F(ProgramTest, PredictAnswersNewRowsAsTheTest) {
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  ASSERT_EQ(Run("predict runs/double-1 double/test.csv -o same.csv").code, 0);
  EXPECT_EQ(*ReadFile(At("same.csv")),
            *ReadFile(At("runs/double-1/submission.csv")));
  Write("new.csv", "note,x,id\n\"a, b\",50,n1\nc,7,n2\n");
  const Ran ran = Run("predict runs/double-1 new.csv");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "id,y\nn1,100\nn2,14\n");
}

TEST_F(ProgramTest, PredictSaysWhatItLacks) {
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  Write("new.csv", "id,z\n1,2\n");
  const Ran lacking = Run("predict runs/double-1 new.csv");
  EXPECT_EQ(lacking.code, 2);
  EXPECT_THAT(lacking.err,
              HasSubstr("error: read new rows new.csv: column x is missing\n"
                        "hint: it needs the columns of test.csv"));
  Write("new.csv", "id,x\n");
  EXPECT_THAT(Run("predict runs/double-1 new.csv").err,
              HasSubstr("there are none"));
  EXPECT_EQ(Run("predict runs/double-1 absent.csv").code, 2);
  Write("new.csv", "id,x\n1,word\n");
  const Ran failed = Run("predict runs/double-1 new.csv");
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.err, HasSubstr("node 0: crash: ValueError"));
}

TEST_F(ProgramTest, EvaluateScoresOneScript) {
  const Ran ran = Run("evaluate double mine.py --json");
  EXPECT_EQ(ran.code, 0) << ran.err;
  const Json line = Json::parse(ran.out);
  EXPECT_NEAR(line.at("score").get<double>(), 0, 1e-4);
  EXPECT_EQ(line.at("folds").size(), 5u);
}

TEST_F(ProgramTest, AMetricOfOnesOwnEvaluatesAndGrades) {
  Write("double/metric.py",
        "def score(truth, prediction):\n"
        "    return abs(truth - prediction).max() + 1\n");
  const std::string flags = " --metric metric.py --needs value --json";
  const Ran undirected = Run("evaluate double mine.py" + flags);
  EXPECT_EQ(undirected.code, 2);
  EXPECT_THAT(undirected.err, HasSubstr("--direction"));
  const Ran ran = Run("evaluate double mine.py --direction minimize" + flags);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NEAR(Json::parse(ran.out).at("score").get<double>(), 1, 1e-4);
  const Ran grade =
      Run("grade double answers.csv --answers answers.csv "
          "--direction minimize" +
          flags);
  ASSERT_EQ(grade.code, 0) << grade.err;
  EXPECT_EQ(Json::parse(grade.out).at("score"), 1.0);
  Write("double/metric.py", "def score(truth, prediction):\n    return 'x'\n");
  const Ran wrong = Run("evaluate double mine.py --direction minimize" + flags);
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("score() answered 'x', which is no number"));
}

TEST_F(ProgramTest, CtrlCEndsTheTasksOwnMetricAndLeavesItsStepOpen) {
  // All rows are scored twice before the run begins: a trial and a probe.
  Write("double/metric.py",
        "import time\nasked = 0\ndef score(truth, prediction):\n"
        "    global asked\n    asked += len(truth) == 80\n"
        "    if asked > 2:\n        time.sleep(600)\n"
        "    return abs(truth - prediction).max() + 1\n");
  const Ran ran = InterruptedAt(
      "scoring",
      {"run", "double", "--start", "mine.py", "--steps", "1", "--metric",
       "metric.py", "--needs", "value", "--direction", "minimize"},
      folder_.path());
  EXPECT_EQ(ran.code, 130) << ran.out;
  const Ran show = Run("show runs/double-1 --canonical");
  EXPECT_EQ(show.code, 0) << show.err;
  EXPECT_THAT(show.out, HasSubstr("FoldRun "));
  EXPECT_THAT(show.out, Not(HasSubstr("NodeAdded ")));
}

TEST_F(ProgramTest, AFullDiskEndsTheRunInOrderAndRoomLetsItGoOn) {
  if (std::system("unshare -Urm true 2>/dev/null") != 0) {
    GTEST_SKIP() << "no file system of one's own can be mounted here";
  }
  const std::string mine = *ReadFile(At("mine.py"));
  std::string starts;
  for (const std::string name : {"a.py", "b.py", "c.py", "d.py", "e.py"}) {
    Write(name, "import random\nrandom.seed('" + name +
                    "')\nprint(random.randbytes(25000).hex())\n" + mine);
    starts += " --start " + name;
  }
  const std::string flags =
      "run double --workers 1 --steps 5" + starts + " --out ";
  ASSERT_EQ(Run(flags + "undisturbed").code, 0);
  Write("disk.sh",
        "mkdir disk && mount -t tmpfs -o size=8000k tmpfs disk || exit 9\n"
        "head -c 7840k /dev/zero >disk/ballast\n"
        "run='disk/double-1'\n"
        "\"$1\" " +
            flags +
            "disk >out 2>err; echo $?\n"
            "\"$1\" show $run --canonical >cut; echo $?\n"
            "rm disk/ballast\n"
            "\"$1\" resume $run >out 2>&1; echo $?\n"
            "\"$1\" show $run --canonical >whole; echo $?\n");
  const std::string inside = "cd '" + folder_.path().string() +
                             "' && unshare -Urm sh disk.sh '" TREESMITH_PROGRAM
                             "' </dev/null >codes";
  ASSERT_EQ(std::system(inside.c_str()), 0);
  EXPECT_EQ(*ReadFile(At("codes")), "1\n0\n0\n0\n") << *ReadFile(At("err"));
  EXPECT_THAT(
      *ReadFile(At("err")),
      EndsWith("\nerror: append to disk/double-1/run.db: no space left\n"
               "hint: free some space, then `treesmith resume`\n"));
  const std::string whole = *ReadFile(At("whole"));
  const std::string cut = *ReadFile(At("cut"));
  EXPECT_THAT(cut, HasSubstr("FoldRun "));
  EXPECT_LT(cut.size(), whole.size());
  EXPECT_TRUE(whole.starts_with(cut));
  EXPECT_EQ(whole, Run("show undisturbed/double-1 --canonical").out);
}

TEST_F(ProgramTest, EvaluateShowsWhyAScriptFailed) {
  Write("broken.py", "raise KeyError('hour')\n");
  const Ran ran = Run("evaluate double broken.py --json");
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(Json::parse(ran.out).at("outcome"), "crash");
  EXPECT_THAT(ran.out, HasSubstr("KeyError: 'hour'"));
}

TEST_F(ProgramTest, DoctorSaysWhatIsThere) {
  const Ran ran = Run("doctor --json");
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_TRUE(Json::parse(ran.out).at("ok").get<bool>());
}

// A file of answers by the rows' own ids, under another name for the target.
TEST_F(ProgramTest, EvaluateShowsNoFileThatMayTellHiddenRows) {
  std::string labels = "id,label\n";
  for (int i = 0; i < 90; ++i) {
    labels += std::to_string(i) + "," + std::to_string(2 * (i % 9)) + "\n";
  }
  Write("double/labels.csv", labels);
  Write("looking.py", "open('input/labels.csv')\n");
  const Ran ran = Run("evaluate double looking.py");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("left out labels.csv: by id it may tell y"));
  EXPECT_THAT(ran.out, HasSubstr("FileNotFoundError"));
}

TEST_F(ProgramTest, NumbersOutOfRangeAreRefused) {
  for (const char* option :
       {"--folds 0", "--folds -3", "--folds 101", "--folds many", "--seed -1",
        "--seed 99999999999999999999", "--seed 1.5", "--target-score nan",
        "--target-score inf", "--steps 0", "--steps 99999999999999999999",
        "--patience -1", "--max-cost inf", "--max-tokens 0", "--time 200000d",
        "--memory 1", "--memory 3000000000GiB"}) {
    const std::string words(option);
    const bool steps = words.starts_with("--steps");
    const Ran ran =
        Run("run double --start mine.py " +
            std::string(steps ? "--time 1s " : "--steps 1 ") + words);
    EXPECT_EQ(ran.code, 2) << option;
    EXPECT_THAT(ran.err, testing::StartsWith("error: ")) << option;
  }
  EXPECT_FALSE(fs::exists(At("runs")));
  EXPECT_EQ(Run("init double --folds auto --dry-run").code, 0);
}

TEST_F(ProgramTest, WhatIsNotThereIsBadInput) {
  EXPECT_EQ(Run("evaluate double nope.py").code, 2);
  EXPECT_EQ(Run("exec mine.py --input mine.py").code, 2);
  EXPECT_EQ(Run("exec mine.py --memory 1").code, 2);
  ASSERT_EQ(Run("run double --start mine.py --steps 1").code, 0);
  for (const char* out : {"nowhere/x.html", "double"}) {
    const Ran ran = Run(std::string("report runs/double-1 --out ") + out);
    EXPECT_EQ(ran.code, 2) << out;
    EXPECT_THAT(ran.err, HasSubstr(std::string("write ") + out));
  }
}

}  // namespace
}  // namespace treesmith
