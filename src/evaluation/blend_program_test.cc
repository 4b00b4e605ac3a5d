// best/ensemble/run.py against the submission that the host made: same bytes.
#include "evaluation/blend_program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "evaluation/hidden_evaluator.h"
#include "table/byte_source.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// A ridge regression on whatever columns a table has, answered as ANSWER asks.
// Members differ by their RIDGE.
constexpr std::string_view kMember = R"py(
import csv, hashlib, json
import numpy as np

def read(path):
    if path.endswith(".jsonl"):
        return [json.loads(line) for line in open(path)]
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.endswith(".tsv") else ","))

def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return hashlib.md5(str(text).encode()).digest()[0] / 256

train, test = read("input/" + TRAIN), read("input/" + TEST)
train = [row for row in train if all(row[name] not in ("", None) for name in TARGET)]
names = [name for name in test[0] if name not in ID]

def matrix(rows):
    return np.nan_to_num(np.array([[number(row[name]) for name in names] for row in rows]))

x, x_test = matrix(train), matrix(test)
middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
x, x_test = ((np.c_[(part - middle) / spread, np.ones(len(part))]) for part in (x, x_test))

def fit(y):
    return x_test @ np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)

def write(name, columns, rows):
    with open("working/" + name, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*ID, *columns])
        for row, cells in zip(test, rows):
            writer.writerow([*(row.get(i, "") for i in ID), *cells])

classes = sorted({row[TARGET[0]] for row in train}, key=lambda c: (number(c), c))
hot = np.array([[row[TARGET[0]] == c for c in classes] for row in train], float)
if ANSWER == "value":
    y = np.array([[float(row[name]) for name in TARGET] for row in train])
    write("submission.csv", TARGET, np.maximum(fit(y), LEAST))
elif ANSWER == "order":
    write("submission.csv", TARGET, [[p] for p in np.round(fit(hot)[:, -1], 2)])
elif ANSWER == "scores":
    score = fit(hot @ np.arange(len(classes)))
    write("scores.csv", TARGET, [[s] for s in score])
    write("submission.csv", TARGET, [[classes[0]] for _ in test])
elif ANSWER == "list":
    best = np.argsort(-fit(hot), axis=1)[:, :3]
    write("submission.csv", TARGET, [[" ".join(classes[i] for i in row)] for row in best])
else:
    p = fit(hot).clip(1e-3, 1)
    p /= p.sum(axis=1, keepdims=True)
    if ANSWER == "columns":
        write("submission.csv", classes, p)
    else:
        if len(classes) > 2 and RIDGE > 100:  # a member that knows one less
            classes, p = classes[1:], p[:, 1:] / p[:, 1:].sum(axis=1, keepdims=True)
        write("probabilities.csv", classes, p)
        write("submission.csv", TARGET, [[classes[0]] for _ in test])
)py";

struct Case {
  const char* name;
  const char* metric;
  const char* answer;
  // Files of the task, by name, train first; a .gz is packed by the shell.
  std::vector<std::pair<std::string, std::string>> files;
  std::vector<std::string> target = {"y"};
  std::vector<std::string> id = {"id"};
  BlendSpace space = BlendSpace::kPlain;
};

// Two features, and what `label` makes of them; the id in `id`'s spelling.
using Label = std::function<std::string(int a, int b)>;
std::string Rows(int begin, int end, char delimiter, const Label& label,
                 const std::function<std::string(int)>& id) {
  std::string text;
  for (int i = begin; i < end; ++i) {
    const int a = (i * 7919) % 101;
    const int b = (i * 104729) % 53;
    if (id) text += id(i) + delimiter;
    text += std::to_string(a) + delimiter + std::to_string(b);
    if (label) text += delimiter + label(a, b);
    text += '\n';
  }
  return text;
}

std::string Plain(int i) { return std::to_string(i); }
std::string Odd(int i) { return "\"row, \"\"" + std::to_string(i) + "\"\"\""; }

std::vector<std::pair<std::string, std::string>> Csv(
    const Label& label, const std::string& sample_columns,
    const std::function<std::string(int)>& id = Plain) {
  std::string sample = sample_columns + "\n";
  const auto cells = std::ranges::count(sample_columns, ',');
  for (int i = 120; i < 160; ++i) {
    sample += id(i);
    for (int cell = 0; cell < cells; ++cell) sample += ",0.5";
    sample += '\n';
  }
  return {{"train.csv", "id,a,b,y\n" + Rows(0, 120, ',', label, id)},
          {"test.csv", "id,a,b\n" + Rows(120, 160, ',', nullptr, id)},
          {"sample_submission.csv", sample}};
}

// Values over nine orders of magnitude.
std::string Wide(int a, int b) {
  return std::to_string(a % 3 == 0 ? b * 1e-6 : a * b * 1.0e4);
}
std::string Binary(int a, int b) { return a + b > 77 ? "1" : "0"; }
std::string Grade(int a, int b) { return std::to_string((a + b) / 52); }
std::string Word(int a, int b) {
  constexpr std::array<const char*, 3> kWords = {"\"x, y\"", "beta", "Alpha"};
  return kWords[static_cast<size_t>(((a + b) / 52) % 3)];
}

std::vector<Case> Cases() {
  std::vector<Case> cases = {
      {"Values", "rmse", "value", Csv(Wide, "id,y")},
      {"Logarithms", "rmsle", "value", Csv(Wide, "id,y", Odd)},
      {"Ranks", "auc", "order", Csv(Binary, "id,y")},
      {"LikeliestOfThree", "accuracy", "classes", Csv(Word, "id,y")},
      {"WeightsOfThree", "balanced_accuracy", "classes", Csv(Word, "id,y")},
      {"CutOfTwo", "f1", "classes", Csv(Binary, "id,y", Odd)},
      {"CutsOfScores", "qwk", "scores", Csv(Grade, "id,y")},
      {"CutOfRankedScores", "f1", "scores", Csv(Binary, "id,y")},
      {"ClassColumns", "logloss", "columns", Csv(Grade, "id,0,1,2")},
      {"Lists", "map@3", "list", Csv(Grade, "id,y")},
  };
  cases[1].space = BlendSpace::kLog1p;
  cases[2].space = BlendSpace::kRank;
  cases[7].space = BlendSpace::kRank;
  cases[9].files[2].second = "id,y\n120,0 1\n";
  for (int i = 121; i < 160; ++i) {
    cases[9].files[2].second += std::to_string(i) + ",0 1\n";
  }
  Case bare{"TabsWithoutIdsOrSample", "mae", "value", {}};
  bare.id = {};
  bare.files = {{"train.tsv", "a\tb\ty\n" + Rows(0, 120, '\t', Wide, nullptr)},
                {"test.tsv.gz", "a\tb\n" + Rows(120, 160, '\t', {}, nullptr)}};
  cases.push_back(bare);
  Case json{
      "JsonLines", "mae", "value", {{"train.jsonl", ""}, {"test.jsonl", ""}}};
  for (int i = 0; i < 160; ++i) {
    nlohmann::json row = {{"id", "k" + std::to_string(i)}, {"a", i % 13}};
    if (i < 120) row["y"] = i % 13 * 1.5;
    json.files[i < 120 ? 0 : 1].second += row.dump() + "\n";
  }
  cases.push_back(json);
  return cases;
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class BlendProgramTest : public ::testing::Test {
 protected:
  BlendProgramTest() : folder_(*TemporaryFolder::Make("blend_program")) {}

  void SetUp() override {
    auto python = FindPython(
        {"", "", fs::path(TREESMITH_SOURCE_DIR) / "build/release/treesmith"});
    ASSERT_TRUE(python.ok()) << python.error().message;
    python_ = python->executable;
    SandboxOptions options;
    options.python = *python;
    auto sandbox = MakeBubblewrapSandbox(options);
    ASSERT_TRUE(sandbox.ok()) << sandbox.error().message;
    sandbox_ = *std::move(sandbox);
  }

  static std::string Code(const Task& task, const std::string& answer,
                          double ridge) {
    const auto constant = [](const char* name, const nlohmann::json& value) {
      return std::string(name) + " = " + value.dump() + "\n";
    };
    return constant("TARGET", task.target) + constant("ID", task.id) +
           constant("TRAIN", UnpackedName(task.train)) +
           constant("TEST", UnpackedName(task.test)) +
           constant("LEAST", task.metric == "rmsle" ? 0 : -1e9) +
           constant("ANSWER", answer) + constant("RIDGE", ridge) +
           std::string(kMember);
  }

  // Blends three members and compares the two submissions.
  void Check(const Task& task, const std::string& answer, BlendSpace space) {
    auto hidden = OpenHiddenTask(task, 1);
    ASSERT_TRUE(hidden.ok()) << hidden.error().message;
    auto evaluator = HiddenEvaluator::Make(**hidden, *sandbox_, {});
    ASSERT_TRUE(evaluator.ok()) << evaluator.error().message;
    const fs::path ensemble = folder_.path() / "ensemble";
    ASSERT_TRUE(MakeFolders(ensemble).ok());
    BlendJob job;
    job.choice.space = space;
    job.choice.why = "Three members.";
    for (const auto& [weight, ridge] : std::vector<std::pair<double, double>>{
             {0.25, 1e-3}, {1.0 / 3, 30}, {0.4, 1000}}) {
      const NodeId node{static_cast<int64_t>(job.choice.members.size())};
      job.choice.members.push_back({node, weight});
      RefitJob refit;
      refit.script.code = Code(task, answer, ridge);
      refit.wall_limit = std::chrono::seconds(120);
      for (int unit = 0; unit < (*evaluator)->first_rung_units(); ++unit) {
        auto run =
            (*evaluator)->RunUnit({refit.script, unit, refit.wall_limit}, {});
        ASSERT_TRUE(run.ok()) << run.error().message;
        ASSERT_TRUE(run->value)
            << run->execution.outcome.detail << run->execution.output;
        refit.own.push_back(run->predictions);
      }
      auto result = (*evaluator)->Refit(refit, {});
      ASSERT_TRUE(result.ok()) << result.error().message;
      ASSERT_NE(result->predictions, "") << result->execution.outcome.detail;
      job.hidden.push_back(refit.own);
      job.test.push_back(result->predictions);
      ASSERT_TRUE(
          WriteFile(ensemble / MemberFile(node), refit.script.code).ok());
    }
    const auto blend = (*evaluator)->Blend(job, {});
    ASSERT_TRUE(blend.ok()) << blend.error().message;
    ASSERT_TRUE(WriteFile(ensemble / "run.py", blend->program).ok());
    EXPECT_EQ(RunProgram(task.folder), blend->submission);
  }

  std::string RunProgram(const fs::path& task) {
    const fs::path out = folder_.path() / "again.csv";
    const std::string command = "cd '" + folder_.path().string() + "' && '" +
                                python_.string() + "' ensemble/run.py '" +
                                task.string() + "' --out again.csv 2>errors";
    if (std::system(command.c_str()) != 0) {
      return "run.py failed:\n" + *ReadFile(folder_.path() / "errors");
    }
    return *ReadFile(out);
  }

  TemporaryFolder folder_;
  fs::path python_;
  std::unique_ptr<Sandbox> sandbox_;
};

class BlendProgramCases : public BlendProgramTest,
                          public ::testing::WithParamInterface<Case> {};

TEST_P(BlendProgramCases, WritesTheBytesOfTheHostsSubmission) {
  const Case& c = GetParam();
  Task task;
  task.folder = folder_.path() / "task";
  ASSERT_TRUE(MakeFolders(task.folder).ok());
  for (const auto& [name, text] : c.files) {
    ASSERT_TRUE(WriteFile(task.folder / fs::path(name).filename(), text).ok());
    if (!name.ends_with(".gz")) continue;
    const std::string pack =
        fmt::format("cd '{}' && gzip < {} > packed && mv packed {}",
                    task.folder.string(), name, name);
    ASSERT_EQ(std::system(pack.c_str()), 0);
  }
  task.name = c.name;
  task.train = c.files[0].first;
  task.test = c.files[1].first;
  if (c.files.size() > 2) task.sample_submission = c.files[2].first;
  task.target = c.target;
  task.id = c.id;
  task.metric = c.metric;
  task.folds = 2;
  Check(task, c.answer, c.space);
}

INSTANTIATE_TEST_SUITE_P(All, BlendProgramCases, ::testing::ValuesIn(Cases()),
                         [](const auto& test) {
                           return std::string(test.param.name);
                         });

// Real tables, small enough for a test; skipped where they are absent.
struct RealTask {
  const char* folder;
  const char* answer;
  BlendSpace space;
};
void PrintTo(const RealTask& task, std::ostream* out) { *out << task.folder; }

class BlendProgramOnRealData : public BlendProgramTest,
                               public ::testing::WithParamInterface<RealTask> {
};

TEST_P(BlendProgramOnRealData, WritesTheBytesOfTheHostsSubmission) {
  const char* root = std::getenv("TREESMITH_KAGGLE");
  const fs::path folder = fs::path(root != nullptr ? root
                                                   : TREESMITH_SOURCE_DIR
                                       "/../shared/data/kaggle") /
                          GetParam().folder;
  if (!fs::is_directory(folder)) GTEST_SKIP() << folder << " is not there";
  TaskOverrides overrides;
  overrides.folds = 2;
  const auto task = LoadTask(folder, overrides);
  ASSERT_TRUE(task.ok()) << task.error().message;
  Check(*task, GetParam().answer, GetParam().space);
}

INSTANTIATE_TEST_SUITE_P(
    All, BlendProgramOnRealData,
    ::testing::Values(
        RealTask{"bike-sharing-demand", "value", BlendSpace::kLog1p},
        RealTask{"playground-series-s3e3", "order", BlendSpace::kRank},
        RealTask{"spaceship-titanic", "classes", BlendSpace::kPlain},
        RealTask{"playground-series-s3e5", "scores", BlendSpace::kPlain}),
    [](const auto& test) {
      std::string name = test.param.folder;
      std::erase(name, '-');
      return name;
    });

}  // namespace
}  // namespace treesmith
