#include "ui/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "testing/sample_run.h"

namespace treesmith {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::json;

// A coder whose plan needs quoting, and would run in a spreadsheet.
class AwkwardCoder : public ScriptedCoder {
 public:
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token stop) override {
    TRY_ASSIGN(Candidate candidate, ScriptedCoder::Write(assignment, stop));
    candidate.plan = "=A1,\"two\"";
    return candidate;
  }
};

TEST(ExportTest, FolderHoldsScriptsNodesJournalAndSubmission) {
  SampleRun run;
  const RunRecord record = run.Make();
  const auto folder = run.folder() / "out";
  const auto exported = ExportRun(record, {}, folder, ExportPlace::kNewFolder);
  ASSERT_TRUE(exported.ok());
  EXPECT_EQ(exported->scripts, record.state->tree().size());
  EXPECT_THAT(exported->files, ElementsAre("scripts", "nodes.csv",
                                           "journal.json", "submission.csv"));
  EXPECT_EQ(*ReadFile(folder / "scripts" / "node-0003.py"), "print(3)\n");
  EXPECT_THAT(*ReadFile(folder / "submission.csv"), StartsWith("0."));
  EXPECT_EQ(*ReadFile(folder / "journal.json"), *AideJournal(record));
  EXPECT_EQ(*ReadFile(folder / "nodes.csv"), *NodesCsv(record));
}

TEST(ExportTest, FolderThatIsNotEmptyIsLeftAlone) {
  SampleRun run;
  const RunRecord record = run.Make();
  const auto exported =
      ExportRun(record, {}, run.folder(), ExportPlace::kNewFolder);
  ASSERT_FALSE(exported.ok());
  EXPECT_EQ(exported.error().kind, ErrorKind::kBadInput);
  EXPECT_FALSE(std::filesystem::exists(run.folder() / "nodes.csv"));
}

TEST(ExportTest, EveryRowOfTheCsvHasTheHeadersCells) {
  SampleRun run;
  run.options().evaluator.buggy_share = 0.4;
  const std::string csv = *NodesCsv(run.Make());
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  const auto cells = std::ranges::count(line, ',');
  size_t rows = 0;
  while (std::getline(lines, line)) {
    EXPECT_EQ(std::ranges::count(line, ','), cells) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 12U);
}

TEST(ExportTest, PartsAskedForAloneAreWrittenAndAgain) {
  SampleRun run;
  const RunRecord record = run.Make();
  const auto folder = run.folder() / "export";
  for (int times = 0; times < 2; ++times) {
    const auto exported = ExportRun(record, {.csv = true, .journal = true},
                                    folder, ExportPlace::kRunFolder);
    ASSERT_TRUE(exported.ok()) << exported.error().message;
    EXPECT_THAT(exported->files, ElementsAre("nodes.csv", "journal.json"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "scripts"));
}

TEST(ExportTest, TextInTheCsvIsQuotedAndIsNoFormula) {
  SampleRun run;
  AwkwardCoder coder;
  EXPECT_THAT(*NodesCsv(run.Make(&coder)), HasSubstr(",\"'=A1,\"\"two\"\"\","));
}

TEST(ExportTest, JournalHasAidesShape) {
  SampleRun run;
  run.options().evaluator.buggy_share = 0.4;
  const RunRecord record = run.Make();
  const Tree& tree = record.state->tree();
  const Json journal = Json::parse(*AideJournal(record));
  EXPECT_EQ(journal["__version"], "2");
  ASSERT_EQ(journal["nodes"].size(), tree.size());
  EXPECT_EQ(journal["node2parent"].size(), tree.size() - tree.drafts().size());
  for (size_t i = 0; i < tree.size(); ++i) {
    const Node& node = tree.at({static_cast<int64_t>(i)});
    const Json& json = journal["nodes"][i];
    EXPECT_EQ(json["step"], i);
    EXPECT_EQ(json["is_buggy"], node.buggy());
    EXPECT_EQ(json["metric"]["value"].is_null(), node.buggy());
    EXPECT_EQ(json["exc_type"],
              node.buggy() ? Json("ValueError") : Json(nullptr));
    if (node.parents.empty()) continue;
    EXPECT_EQ(journal["node2parent"][json["id"].get<std::string>()],
              journal["nodes"][node.parents.front().index()]["id"]);
  }
}

}  // namespace
}  // namespace treesmith
