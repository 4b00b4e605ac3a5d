#include "sandbox/classify.h"

#include <gtest/gtest.h>

#include <csignal>

namespace treesmith {
namespace {

constexpr const char* kKeyError =
    "Traceback (most recent call last):\n"
    "  File \"/job/solution.py\", line 3, in <module>\n"
    "    x['hour']\n"
    "KeyError: 'hour'\n";

Outcome Of(const Evidence& evidence) { return Classify(evidence, Limits{}); }

TEST(ClassifyTest, ExitCodeZeroIsFineWhateverWasPrinted) {
  EXPECT_TRUE(Of({.output = kKeyError}).scored());
}

TEST(ClassifyTest, ACrashShowsItsExceptionLine) {
  const Outcome outcome = Of({.exit_code = 1, .output = kKeyError});
  EXPECT_EQ(outcome.kind, OutcomeKind::kCrash);
  EXPECT_EQ(outcome.detail, "KeyError: 'hour'");
}

TEST(ClassifyTest, ASyntaxErrorHasNoTracebackAndIsFound) {
  EXPECT_EQ(ExceptionLine("  File \"/job/solution.py\", line 1\n    x = = 3\n"
                          "        ^\nSyntaxError: invalid syntax\n"),
            "SyntaxError: invalid syntax");
}

TEST(ClassifyTest, TheLastExceptionOfAChainCounts) {
  EXPECT_EQ(ExceptionLine(std::string(kKeyError) +
                          "\nDuring handling of the above exception, another "
                          "exception occurred:\n\n"
                          "Traceback (most recent call last):\n"
                          "  File \"x.py\", line 9, in <module>\n"
                          "ValueError: no hour\n"),
            "ValueError: no hour");
}

TEST(ClassifyTest, AnExceptionOfAnyNameEndsItsTraceback) {
  EXPECT_EQ(ExceptionLine("Traceback (most recent call last):\n"
                          "  File \"x.py\", line 9, in <module>\n"
                          "my.Trouble: here\nbye\n"),
            "my.Trouble: here");
}

TEST(ClassifyTest, AnExitWithATextShowsIt) {
  const Outcome outcome = Of({.exit_code = 2, .output = "a\nno data\n\n"});
  EXPECT_EQ(outcome.detail, "exit code 2: no data");
}

TEST(ClassifyTest, AMemoryErrorIsMemory) {
  const Outcome outcome =
      Of({.exit_code = 1,
          .output = "Traceback (most recent call last):\n  File\n"
                    "numpy.core._exceptions._ArrayMemoryError: Unable\n"});
  EXPECT_EQ(outcome.kind, OutcomeKind::kMemory);
}

TEST(ClassifyTest, AKilledWorkerExplainsAHang) {
  const Outcome outcome =
      Of({.ended_by = EndedBy::kWallLimit, .memory_kills = 1});
  EXPECT_EQ(outcome.kind, OutcomeKind::kMemory);
  EXPECT_EQ(outcome.detail, "over the memory limit of 4 GiB");
}

TEST(ClassifyTest, AFullDiskIsToldByItsErrorNumber) {
  const Outcome outcome =
      Of({.exit_code = 1,
          .output = "OSError: [Errno 28] No space left on device\n"});
  EXPECT_EQ(outcome.kind, OutcomeKind::kDisk);
}

TEST(ClassifyTest, AFatalSignalOfItsOwnIsACrashAndAStrayOneIsNot) {
  EXPECT_EQ(Of({.signal = SIGSEGV}).kind, OutcomeKind::kCrash);
  EXPECT_EQ(Of({.signal = SIGKILL}).kind, OutcomeKind::kKilled);
}

TEST(ClassifyTest, AFewRefusedForksDoNotExplainATimeout) {
  EXPECT_EQ(Of({.ended_by = EndedBy::kWallLimit, .refused_forks = 2}).kind,
            OutcomeKind::kTimeout);
  EXPECT_EQ(Of({.ended_by = EndedBy::kWallLimit, .refused_forks = 5000}).kind,
            OutcomeKind::kProcesses);
}

TEST(ClassifyTest, ALongDetailIsCutBetweenCharacters) {
  std::string line = "ValueError: ";
  while (line.size() < 499) line += "x";
  const Outcome outcome = Of({.exit_code = 1, .output = line + "éé\n"});
  EXPECT_EQ(outcome.detail, line);
}

}  // namespace
}  // namespace treesmith
