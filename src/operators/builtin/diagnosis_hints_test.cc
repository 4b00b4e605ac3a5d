#include "operators/builtin/diagnosis_hints.h"

#include <gtest/gtest.h>

#include "testing/sample_facts.h"

namespace treesmith {
namespace {

TEST(DiagnosisHintsTest, ATailThatComesOutTooLowAsksForLossesThatWeighIt) {
  const DiagnosisHints hints = ReadDiagnosis(
      SampleTable(),
      "score 3 (error 0.1), by fold: 3 3.1\n"
      "by true value, lowest fifth first (mean error, bias): 1 / 0.1; "
      "1 / 0; 1 / 0; 1 / 0; 9 / -8;\n");
  EXPECT_NEAR(hints.bias_high, -8.0 / 9, 1e-9);
  EXPECT_GT(hints.Bonus("objective.tweedie"), 0);
  EXPECT_LT(hints.Bonus("clean.trim-target"), 0);
  EXPECT_EQ(hints.Bonus("encode.counts"), 0);
}

TEST(DiagnosisHintsTest, FoldsThatDifferMoveWhatCarriesOverUp) {
  const DiagnosisHints hints =
      ReadDiagnosis(SampleTable(), "score 3 (error 0.1), by fold: 2 4\n");
  EXPECT_GT(hints.Bonus("clean.scale-in-groups"), 0);
}

TEST(DiagnosisHintsTest, UnseenValuesMoveTheirChangesUp) {
  const DiagnosisHints hints = ReadDiagnosis(
      SampleTable(), "unseen values of town: 5 % of rows, 14 % of the error\n");
  EXPECT_GT(hints.Bonus("columns.drop-unseen"), 0);
  EXPECT_GT(hints.Bonus("encode.target-oof"), 0);
}

TEST(DiagnosisHintsTest, ErrorThatGrowsWithTimeMovesTrendsUp) {
  const auto bonus = [](const std::string& line) {
    return ReadDiagnosis(SampleTable(), "by day, oldest fifth first " + line)
        .Bonus("base.additive");
  };
  EXPECT_GT(bonus("(mean error, bias): 1 / 0; 1 / 0.2; 1.1 / 0; 2 / -1.9;"), 0);
  EXPECT_GT(bonus("(mean error): 1; 1; 1.1; 2;"), 0);
  EXPECT_EQ(bonus("(mean error, bias): 2 / 0; 1 / 0; 1 / 0; 1.1 / 0;"), 0);
}

TEST(DiagnosisHintsTest, NoDiagnosisChangesNothing) {
  const DiagnosisHints hints = ReadDiagnosis(SampleTable(), "");
  for (const char* label : {"target.raw", "encode.counts", "seeds.more"}) {
    EXPECT_EQ(hints.Bonus(label), 0);
  }
}

}  // namespace
}  // namespace treesmith
