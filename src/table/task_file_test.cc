#include "table/task_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace treesmith {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::pair<std::string, std::string> ErrorOf(std::string_view text) {
  const auto task = ParseTaskFile(text, ".");
  if (task.ok()) return {};
  return {task.error().message, task.error().hint};
}

TEST(ParseTaskFileTest, ReadsEveryKey) {
  const auto task = ParseTaskFile(R"(
name = "bikes"
goal = "Count."
[data]
train = "train.csv.gz"
test = "test.csv"
sample_submission = "sample.csv"
extra = ["weather.csv"]
target = "count"
id = ["day", "hour"]
[metric]
name = "custom"
direction = "maximize"
script = "metric.py"
[evaluation]
mode = "reported"
folds = 3
split = "time:day"
command = "make score"
[limits]
script_timeout = "90s"
memory = "1.5GiB"
)",
                                  "/tasks/bikes");
  ASSERT_TRUE(task.ok()) << task.error().message;
  EXPECT_EQ(task->folder, "/tasks/bikes");
  EXPECT_EQ(task->name, "bikes");
  EXPECT_EQ(task->goal, "Count.");
  EXPECT_EQ(task->train, "train.csv.gz");
  EXPECT_EQ(task->test, "test.csv");
  EXPECT_EQ(task->sample_submission, "sample.csv");
  EXPECT_THAT(task->extra, ElementsAre("weather.csv"));
  EXPECT_THAT(task->target, ElementsAre("count"));
  EXPECT_THAT(task->id, ElementsAre("day", "hour"));
  EXPECT_EQ(task->metric, "custom");
  EXPECT_EQ(task->direction, Direction::kMaximize);
  EXPECT_EQ(task->metric_script, "metric.py");
  EXPECT_EQ(task->mode, EvaluationMode::kReported);
  EXPECT_EQ(task->folds, 3);
  EXPECT_EQ(task->split, "time:day");
  EXPECT_EQ(task->command, "make score");
  EXPECT_EQ(task->script_timeout, std::chrono::seconds(90));
  EXPECT_EQ(task->memory_bytes, int64_t{3} << 29);
}

TEST(ParseTaskFileTest, ReadsBackWhatTaskFileTextWrites) {
  Task task;
  task.folder = "/none";
  task.name = "a \"b\"\n\\";
  task.goal = "two\nlines";
  task.train = "train.csv";
  task.target = {"y", "z"};
  task.metric = "rmse";
  task.folds = 4;
  task.split = "group:x";
  task.memory_bytes = int64_t{3} << 30;
  task.script_timeout = std::chrono::minutes(15);
  const std::string text = TaskFileText(task);
  EXPECT_NE(text.find("script_timeout = \"15m\""), std::string::npos) << text;
  const auto back = ParseTaskFile(text, "/none");
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(TaskFileText(*back), text);
  EXPECT_EQ(back->name, task.name);
  EXPECT_EQ(back->goal, task.goal);
  EXPECT_EQ(back->memory_bytes, task.memory_bytes);
}

TEST(ParseTaskFileTest, TellsAnEmptyListOfExtraFilesFromNone) {
  const auto none = ParseTaskFile("[data]\n", ".");
  const auto empty = ParseTaskFile("[data]\nextra = []\n", ".");
  ASSERT_TRUE(none.ok() && empty.ok());
  EXPECT_FALSE(none->extra_stated);
  EXPECT_TRUE(empty->extra_stated);
  EXPECT_EQ(TaskFileText(*none).find("extra"), std::string::npos);
  EXPECT_NE(TaskFileText(*empty).find("extra = []\n"), std::string::npos);
}

TEST(ParseTaskFileTest, OffersTheNearestKeyForAnUnknownOne) {
  EXPECT_EQ(ErrorOf("[data]\ntarget = \"y\"\ntrian = \"a.csv\"\n"),
            std::pair(std::string("read task.toml: line 3: trian is no key of "
                                  "[data]"),
                      std::string("did you mean train?")));
  EXPECT_EQ(ErrorOf("[metrics]\nname = \"rmse\"\n"),
            std::pair(std::string("read task.toml: line 1: metrics is no key"),
                      std::string("did you mean metric?")));
}

TEST(ParseTaskFileTest, NamesTheLineOfAValueOfAWrongTypeOrRange) {
  EXPECT_EQ(ErrorOf("[data]\n\ntrain = 3\n").first,
            "read task.toml: line 3: train must be a text in quotes");
  EXPECT_EQ(ErrorOf("[data]\ntarget = [1]\n").first,
            "read task.toml: line 2: target must be a list of texts");
  EXPECT_EQ(ErrorOf("[evaluation]\nfolds = 0\n").first,
            "read task.toml: line 2: folds must be \"auto\" or a number from 1 "
            "to 100");
  EXPECT_EQ(ErrorOf("[evaluation]\nmode = \"open\"\n").second,
            "hidden, reported or command");
  EXPECT_EQ(ErrorOf("[metric]\ndirection = \"up\"\n").second,
            "minimize or maximize");
  EXPECT_EQ(ErrorOf("[limits]\nmemory = \"4 pounds\"\n").first,
            "read task.toml: line 2: memory is \"4 pounds\"");
  EXPECT_EQ(ErrorOf("[limits]\nmemory = \"3000000000GiB\"\n").first,
            "read task.toml: line 2: memory is \"3000000000GiB\"");
  EXPECT_EQ(ErrorOf("[limits]\nscript_timeout = \"9000000h\"\n").first,
            "read task.toml: line 2: script_timeout is \"9000000h\"");
  EXPECT_EQ(ErrorOf("data = 3\n").first,
            "read task.toml: line 1: data must be a table");
}

TEST(ParseTaskFileTest, NamesTheLineOfBrokenSyntax) {
  EXPECT_TRUE(ErrorOf("name = \"a\"\n[data\n")
                  .first.starts_with("read task.toml: line 2"));
}

TEST(ParseTaskFileTest, RefusesFilesOutsideTheFolder) {
  EXPECT_EQ(ErrorOf("[data]\ntrain = \"../secret.csv\"\n").first,
            "read task.toml: ../secret.csv lies outside the folder");
  EXPECT_EQ(ErrorOf("[data]\nextra = [\"/etc/passwd\"]\n").first,
            "read task.toml: /etc/passwd lies outside the folder");
}

TEST(ParseTaskFileTest, RefusesAnExtraNameThatScriptsCouldNotFind) {
  EXPECT_EQ(ErrorOf("[data]\ntrain = \"a.csv\"\nextra = [\"./b.csv\"]\n").first,
            "read task.toml: line 3: extra has \"./b.csv\", which is no plain "
            "name of a file");
  EXPECT_NE(ErrorOf("[data]\nextra = \"\"\n").first, "");
  EXPECT_NE(ErrorOf("[data]\nextra = [\"images/\"]\n").first, "");
}

class LoadTaskTest : public testing::Test {
 protected:
  LoadTaskTest() {
    Write("train.csv", "id,x,y\n1,5,0.5\n2,6,1.5\n3,7,2.5\n");
    Write("test.csv", "id,x\n4,5\n5,6\n");
    Write("sample_submission.csv", "id,y\n4,0\n5,0\n");
    Write("task.toml",
          "[data]\ntrain = \"train.csv\"\ntest = \"test.csv\"\n"
          "sample_submission = \"sample_submission.csv\"\ntarget = \"y\"\n"
          "id = \"id\"\n[metric]\nname = \"rmse\"\n");
  }
  void Write(const std::string& name, std::string_view text) {
    EXPECT_TRUE(WriteFile(folder_->path() / name, text).ok());
  }
  Result<Task> Load(const TaskOverrides& overrides = {}) {
    return LoadTask(folder_->path(), overrides);
  }
  std::string LoadError(const TaskOverrides& overrides = {}) {
    const auto task = Load(overrides);
    return task.ok() ? "" : task.error().message;
  }
  Result<TemporaryFolder> folder_ = TemporaryFolder::Make("task");
};

TEST_F(LoadTaskTest, TakesGoalAndNameFromTheFolder) {
  Write("description.md", "# Bikes\n");
  const auto task = Load();
  ASSERT_TRUE(task.ok()) << task.error().message;
  EXPECT_EQ(task->goal, "# Bikes\n");
  EXPECT_EQ(task->name, folder_->path().filename());
}

TEST_F(LoadTaskTest, LetsOverridesWin) {
  TaskOverrides overrides;
  overrides.metric = "mae";
  overrides.goal = "Mine";
  overrides.folds = 1;
  const auto task = Load(overrides);
  ASSERT_TRUE(task.ok()) << task.error().message;
  EXPECT_EQ(task->metric, "mae");
  EXPECT_EQ(task->goal, "Mine");
  EXPECT_EQ(task->folds, 1);
}

TEST_F(LoadTaskTest, SaysWhatDoesNotFit) {
  TaskOverrides overrides;
  overrides.target = {"z"};
  EXPECT_NE(LoadError(overrides).find('z'), std::string::npos);
  overrides = {};
  overrides.train = "none.csv";
  EXPECT_NE(LoadError(overrides).find("none.csv"), std::string::npos);
  Write("sample_submission.csv", "id,y\n4,0\n6,0\n");
  EXPECT_EQ(LoadError(),
            "match sample_submission.csv with test.csv: the test has no id 6");
}

TEST_F(LoadTaskTest, RefusesADirectionThatTheMetricContradicts) {
  auto task = Load();
  ASSERT_TRUE(task.ok());
  task->direction = Direction::kMaximize;
  const auto tables = LoadTables(*task);
  EXPECT_EQ(CheckTask(*task, *tables).error().message,
            "check metric rmse: it is to minimize, the task says maximize");
}

class ExtraFileTest : public LoadTaskTest {
 protected:
  std::string ErrorWith(const std::string& extra) {
    std::string text = *ReadFile(folder_->path() / "task.toml");
    text.insert(text.find("train ="), "extra = [\"" + extra + "\"]\n");
    Write("task.toml", text);
    return LoadError();
  }
};

TEST_F(ExtraFileTest, MayBeAnyOtherFile) {
  Write("notes.txt", "nothing");
  EXPECT_EQ(ErrorWith("notes.txt"), "");
}

TEST_F(ExtraFileTest, MustBeThere) {
  EXPECT_THAT(ErrorWith("notes.txt"), HasSubstr("notes.txt: no such file"));
}

TEST_F(ExtraFileTest, IsNotTheTrainingFile) {
  EXPECT_EQ(ErrorWith("train.csv"),
            "check extra train.csv: it is train.csv, of which scripts see what "
            "their fold shows");
}

TEST_F(ExtraFileTest, IsNotTheTest) {
  EXPECT_THAT(ErrorWith("test.csv"), HasSubstr("check extra test.csv"));
}

TEST_F(ExtraFileTest, IsNoPackedCopyUnderTheSameName) {
  Write("train.csv.gz", "whatever");
  EXPECT_THAT(ErrorWith("train.csv.gz"), HasSubstr("it is train.csv"));
}

TEST_F(ExtraFileTest, IsNoLinkToTheTrainingFile) {
  std::filesystem::create_symlink("train.csv", folder_->path() / "old.csv");
  EXPECT_THAT(ErrorWith("old.csv"), HasSubstr("it is train.csv"));
}

TEST_F(ExtraFileTest, IsNoSecondNameOfTheTrainingFile) {
  std::filesystem::create_hard_link(folder_->path() / "train.csv",
                                    folder_->path() / "old.csv");
  EXPECT_THAT(ErrorWith("old.csv"), HasSubstr("it is train.csv"));
}

TEST_F(LoadTaskTest, ChangesItsDigestWithTheDataOnly) {
  const auto task = Load();
  const auto before = DigestTask(*task);
  ASSERT_TRUE(before.ok());
  Write("notes.txt", "nothing");
  EXPECT_EQ(*DigestTask(*task), *before);
  Write("test.csv", "id,x\n4,5\n5,7\n");
  EXPECT_NE(*DigestTask(*task), *before);
}

}  // namespace
}  // namespace treesmith
