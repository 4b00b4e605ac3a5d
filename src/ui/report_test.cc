#include "ui/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "evaluation/portrait.h"
#include "testing/sample_run.h"
#include "ui/gain_table.h"
#include "ui/html.h"
#include "ui/run_facts.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

// A coder that tries to break out of every element its words may stand in.
class HostileCoder : public ScriptedCoder {
 public:
  static constexpr std::string_view kAttack =
      "</code></pre></script><script>alert(1)</script>\"'><img src=x>";
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token stop) override {
    TRY_ASSIGN(Candidate candidate, ScriptedCoder::Write(assignment, stop));
    candidate.plan = kAttack;
    candidate.change = kAttack;
    candidate.family = kAttack;
    candidate.script.code = "# " + std::string(kAttack) + "\nx = '''" +
                            std::string(kAttack) + "'''\n" +
                            std::string(kAttack) + candidate.script.code;
    return candidate;
  }
};

TEST(ReportTest, TellsTheTaskTheScoresTheTreeAndTheScript) {
  SampleRun run;
  run.options().evaluator.buggy_share = 0.4;
  const RunRecord record = run.Make();
  const std::string html = *ReportHtml(record);
  for (const char* part :
       {"<title>bikes - treesmith report</title>", "Metric rmsle",
        "Score over time", "<svg class=\"chart\"", "What was tried",
        "What went wrong", "The best script", "<svg class=\"tree\"",
        "The log of choices", "improve the best", "python3 "}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  EXPECT_EQ(Count(html, "<details id=\"node-"), record.state->tree().size());
}

TEST(ReportTest, TheRecipeOfTheBestScriptHoldsInAnyFolder) {
  SampleRun run;
  run.options().config.task_folder = "bikes";
  EXPECT_THAT(*ReportHtml(run.Make()),
              HasSubstr((std::filesystem::current_path() / "bikes").string()));
}

TEST(ReportTest, SaysWhatTheSelectionIsWorthWithItsError) {
  SampleRun run;
  run.options().evaluator.promised = 0.3125;
  EXPECT_THAT(*ReportHtml(run.Make()), HasSubstr("<b>0.3125 +- 0.01</b>"));
}

TEST(ReportTest, A27_NothingThatAScriptSaysBreaksOutOfItsElement) {
  SampleRun run;
  HostileCoder coder;
  run.options().config.task_name = std::string(HostileCoder::kAttack);
  run.options().config.hint = std::string(HostileCoder::kAttack);
  const std::string html = *ReportHtml(run.Make(&coder));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)"));
  EXPECT_EQ(Count(html, "<script"), 0U);
  EXPECT_EQ(Count(html, "<img"), 0U);
  EXPECT_EQ(Count(html, "</code></pre></script"), 0U);
}

TEST(ReportTest, A27_NeedsNoNetworkAndForbidsIt) {
  SampleRun run;
  const std::string html = *ReportHtml(run.Make());
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
}

TEST(ReportTest, RunWithoutAnyScoreStillHasAReport) {
  SampleRun run;
  run.options().evaluator.buggy_share = 1;
  const std::string html = *ReportHtml(run.Make());
  EXPECT_THAT(html, HasSubstr("no node is scored on every fold"));
  EXPECT_THAT(html, Not(HasSubstr("<svg class=\"chart\"")));
  EXPECT_THAT(html, HasSubstr("ValueError: scripted"));
}

TEST(ReportTest, SameRunGivesTheSameReport) {
  SampleRun run;
  const RunRecord record = run.Make();
  EXPECT_EQ(*ReportHtml(record), *ReportHtml(run.Read()));
}

TEST(ReportTest, ReportIsWrittenWhole) {
  SampleRun run;
  const RunRecord record = run.Make();
  ASSERT_TRUE(WriteReport(record, ReportOf(run.folder())).ok());
  EXPECT_EQ(*ReadFile(ReportOf(run.folder())), *ReportHtml(record));
}

TEST(ReportTest, ElementsThatOpenAreClosed) {
  SampleRun run;
  run.options().evaluator.buggy_share = 0.3;
  const std::string html = *ReportHtml(run.Make());
  for (const char* name : {"section", "table", "tr", "details", "svg", "dl",
                           "pre", "ul", "div", "summary", "dd"}) {
    const size_t opened = Count(html, std::string("<") + name + " ") +
                          Count(html, std::string("<") + name + ">");
    EXPECT_EQ(opened, Count(html, std::string("</") + name + ">")) << name;
  }
}

TEST(HtmlTest, MarkupAndControlCharactersAreMadeHarmless) {
  EXPECT_EQ(EscapeHtml("<a b='c' d=\"e\">&\x1b\x7f\n\t"),
            "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;\n\t");
}

TEST(HtmlTest, PythonIsColouredAndOtherwiseUnchanged) {
  EXPECT_EQ(
      HighlightPython("def f(x1): # no\n  return rb'a\\'' + 1.5e3 + xdef"),
      "<span class=\"k\">def</span> f(x1): <span class=\"c\"># no</span>"
      "\n  <span class=\"k\">return</span> "
      "<span class=\"s\">rb&#39;a\\&#39;&#39;</span> + "
      "<span class=\"n\">1.5e3</span> + xdef");
}

TEST(HtmlTest, StringThatIsNotClosedEndsWithItsLineOrTheText) {
  EXPECT_EQ(HighlightPython("'a\nb"), "<span class=\"s\">&#39;a</span>\nb");
  EXPECT_EQ(HighlightPython("'''a\n'b\\"),
            "<span class=\"s\">&#39;&#39;&#39;a\n&#39;b\\</span>");
}

TEST(HtmlTest, ShellWordsAreQuoted) {
  EXPECT_EQ(ShellQuote("it's; rm"), "'it'\\''s; rm'");
}

// A scored node that gains `gain` over its parent.
Node Gaining(const std::string& change, double value, double gain) {
  Node node;
  node.change = change;
  node.score = NodeScore{};
  node.score->value = MetricValue(value, Direction::kMinimize);
  node.score->over_parent = PairedGain{gain, 0.5};
  return node;
}

TEST(GainTableTest, MeanGainItsErrorAndTheShareBetterAreOfComparedNodes) {
  Tree tree(Direction::kMinimize);
  tree.Add(Gaining("tune", 3, 1));
  tree.Add(Gaining("tune", 2, 3));
  tree.Add(Gaining("tune", 9, -1));
  Node crashed;
  crashed.change = "tune";
  crashed.outcome = {OutcomeKind::kCrash, "no"};
  tree.Add(crashed);
  const std::vector<ChangeGain> rows = GainsByChange(tree);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].tried, 4U);
  EXPECT_EQ(rows[0].scored, 3U);
  EXPECT_EQ(rows[0].better, 2U);
  EXPECT_EQ(rows[0].best->value, 1);
  EXPECT_DOUBLE_EQ(rows[0].gain->mean, 1);
  // Standard deviation 2 over three nodes.
  EXPECT_DOUBLE_EQ(rows[0].gain->standard_error, 2 / std::sqrt(3));
}

TEST(GainTableTest, LargestGainComesFirstAndWhatHasNoneLast) {
  Tree tree(Direction::kMinimize);
  Node draft;
  draft.change = "draft";
  draft.outcome = {OutcomeKind::kCrash, "no"};
  tree.Add(draft);
  tree.Add(Gaining("small", 3, 0.1));
  tree.Add(Gaining("large", 2, 0.9));
  std::vector<std::string> order;
  for (const ChangeGain& row : GainsByChange(tree)) order.push_back(row.change);
  EXPECT_EQ(order, (std::vector<std::string>{"large", "small", "draft"}));
  EXPECT_DOUBLE_EQ(GainsByChange(tree)[0].gain->standard_error, 0.5);
}

TEST(ReportTest, ThePicturesOfTheAnswerAreEscapedAndNeedNoNetwork) {
  Portrait portrait;
  portrait.calibrations = {{"y = <b>", {{0.2, 0.3, 70}, {0.6, 0.5, 70}}, 0.1}};
  portrait.residuals = {{"</svg><script>", true, {{1, -2, 0.5, 2, 90}}}};
  portrait.confusions = {{"y", {"<i>", "b"}, {{10, 20}, {3, 4}}}};
  SampleRun run;
  run.options().evaluator.portrait = EncodePortrait(portrait);
  const std::string html = *ReportHtml(run.Make());
  EXPECT_THAT(html, HasSubstr("Calibration of y = &lt;b&gt;: probabilities are "
                              "off by 0.1 on average"));
  EXPECT_THAT(html, HasSubstr("predicted 0.2, is 0.3 in 70 rows"));
  EXPECT_THAT(html, HasSubstr("Residuals of &lt;/svg&gt;&lt;script&gt;"));
  EXPECT_THAT(html, HasSubstr("predicted, log(1 + value)"));
  EXPECT_THAT(html, HasSubstr("&lt;i&gt;</th>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"r\" style=\"--p:40%\">20</td>"));
  EXPECT_THAT(html, testing::Not(HasSubstr("<script>")));
  EXPECT_THAT(html, testing::Not(HasSubstr("http://")));
  EXPECT_EQ(html, *ReportHtml(run.Read())) << "made again from the log";
}

TEST(ReportTest, WhatTheDataIsLikeIsReadFromTheLogAndEscaped) {
  Profile profile;
  profile.train_rows = 1000;
  profile.test_rows = 200;
  SumProfile& sum = profile.sums.emplace_back();
  sum.whole = "<b>";
  sum.parts = {"x", "y"};
  SampleRun run;
  run.options().profile = EncodeProfile(profile);
  const std::string html = *ReportHtml(run.Make());
  EXPECT_THAT(html, HasSubstr("<li>1000 rows of train, 200 of test"));
  EXPECT_THAT(html, HasSubstr("<li>x + y = &lt;b&gt; in every row</li>"));
}

TEST(ReportTest, ARunWithoutPredictionsHasNoPictures) {
  SampleRun run;
  EXPECT_THAT(*ReportHtml(run.Make()),
              testing::Not(HasSubstr("id=\"portrait\"")));
}

TEST(ReportTest, AlarmsComeFirstAndAreEscaped) {
  SampleRun run;
  run.Make();
  const auto at = [](Checked checked) {
    return Event{0, std::chrono::milliseconds(9000), std::move(checked)};
  };
  const RunRecord record = run.Append(
      {at({{2}, {"canary", CheckVerdict::kClear, "like chance"}}),
       at({{1}, {"copy", CheckVerdict::kSuspect, "column '<script>x'"}})});
  const std::string html = *ReportHtml(record);
  EXPECT_THAT(html, HasSubstr("Can the scores be trusted?"));
  EXPECT_THAT(html, HasSubstr("1 alarm."));
  EXPECT_THAT(html, HasSubstr("column &#39;&lt;script&gt;x&#39;"));
  EXPECT_LT(html.find("&lt;script&gt;x"), html.find("like chance"));
}

}  // namespace
}  // namespace treesmith
