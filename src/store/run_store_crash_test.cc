// What is left of a log after a kill or a torn write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/file.h"
#include "base/rng.h"
#include "base/unique_fd.h"
#include "store/run_store.h"

namespace treesmith {
namespace {

using Mode = RunStore::Mode;

// Every eighth is large and does not shrink, so that a few dozen steps fill the
// write-ahead log and the file is written as well.
std::string Content(int i) {
  if (i % 8 == 7) {
    std::string text(1'500'000, '\0');
    Rng rng(static_cast<uint64_t>(i));
    for (char& c : text) c = static_cast<char>(rng.Next());
    return text;
  }
  return "script " + std::to_string(i) +
         std::string(static_cast<size_t>(i), '.');
}

// Transaction i: one blob and two events that name it.
Status AppendStep(RunStore& store, int i) {
  const std::string text = Content(i);
  const std::vector<Blob> blobs = {{HashBytes(text), text}};
  std::vector<Event> events(2);
  for (Event& event : events) event.body = Steered{std::to_string(i)};
  return store.Append(events, blobs,
                      i % 5 == 0 ? Durability::kSynced : Durability::kProcess);
}

// The number of whole steps in the log. Fails the test when there is a half
// step, a step out of place, or a step without its blob.
int StepsIn(RunStore& store) {
  int events = 0;
  const Status status = store.ForEachEvent([&](const Event& event) -> Status {
    const int step = events++ / 2;
    EXPECT_EQ(std::get<Steered>(event.body).command, std::to_string(step));
    const std::string text = Content(step);
    const Result<std::string> blob = store.ReadBlob(HashBytes(text));
    EXPECT_TRUE(blob.ok() && *blob == text);
    return {};
  });
  EXPECT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(events % 2, 0);
  return events / 2;
}

// Appends steps for ever and writes a byte to `progress` after each that was
// acknowledged.
[[noreturn]] void WriteUntilKilled(RunStore store, int first, int progress) {
  for (int i = first;; ++i) {
    if (!AppendStep(store, i).ok()) ::_exit(1);
    if (::write(progress, "s", 1) != 1) ::_exit(2);
  }
}

// Opens or makes `path`, has a child write, kills it after it has acknowledged
// at least `steps` more, and returns how many it had acknowledged in all.
int KillAfter(const std::filesystem::path& path, int before, int steps) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    Result<RunStore> store = before == 0
                                 ? RunStore::Create(path)
                                 : RunStore::Open(path, Mode::kReadWrite);
    if (!store.ok()) ::_exit(3);
    WriteUntilKilled(*std::move(store), before, writer.get());
  }
  writer.Reset();
  int acknowledged = before;
  char byte = 0;
  while (acknowledged < before + steps && ::read(reader.get(), &byte, 1) == 1) {
    ++acknowledged;
  }
  ::kill(child, SIGKILL);
  // What it had written to the pipe before it died counts.
  while (::read(reader.get(), &byte, 1) == 1) ++acknowledged;
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
  return acknowledged;
}

TEST(RunStoreCrashTest, A2_AKillLosesNothingThatWasAcknowledged) {
  Rng rng(7);
  for (int run = 0; run < 5; ++run) {
    const TemporaryFolder folder = *TemporaryFolder::Make("crash");
    const std::filesystem::path path = folder.path() / "run.db";
    int steps = 0;
    // The same log is killed and gone on with several times.
    for (int kill = 0; kill < 4; ++kill) {
      const int more = 1 + static_cast<int>(rng.Below(60));
      const int acknowledged = KillAfter(path, steps, more);
      Result<RunStore> store = RunStore::Open(path, Mode::kReadWrite);
      ASSERT_TRUE(store.ok()) << store.error().message;
      steps = StepsIn(*store);
      // The last one may have been written and not yet acknowledged.
      ASSERT_GE(steps, acknowledged);
      ASSERT_LE(steps, acknowledged + 1);
    }
  }
}

TEST(RunStoreCrashTest, AReaderOpensWhatAKilledWriterLeft) {
  const TemporaryFolder folder = *TemporaryFolder::Make("crash");
  const std::filesystem::path path = folder.path() / "run.db";
  const int acknowledged = KillAfter(path, 0, 20);
  Result<RunStore> store = RunStore::Open(path, Mode::kReadOnly);
  ASSERT_TRUE(store.ok()) << store.error().message;
  EXPECT_GE(StepsIn(*store), acknowledged);
}

// A log as a power cut may leave it: the file and its write-ahead
// log, the newest part of which is torn.
class TornLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path path = folder_.path() / "whole.db";
    RunStore store = *RunStore::Create(path);
    for (int i = 0; i < kSteps; ++i) {
      ASSERT_TRUE(AppendStep(store, i).ok());
    }
    file_ = *ReadFile(path);
    wal_ = *ReadFile(path.string() + "-wal");
  }

  // How many steps are read with `wal` in the write-ahead log's place.
  int StepsWith(const std::string& wal) {
    const TemporaryFolder folder = *TemporaryFolder::Make("torn");
    const std::filesystem::path path = folder.path() / "run.db";
    EXPECT_TRUE(WriteFile(path, file_).ok());
    EXPECT_TRUE(WriteFile(path.string() + "-wal", wal).ok());
    Result<RunStore> store = RunStore::Open(path, Mode::kReadWrite);
    EXPECT_TRUE(store.ok()) << store.error().message;
    if (!store.ok()) return -1;
    const int steps = StepsIn(*store);
    // And it can be gone on with.
    EXPECT_TRUE(AppendStep(*store, steps).ok());
    EXPECT_EQ(StepsIn(*store), steps + 1);
    return steps;
  }

  // Few enough to leave the file as it was made.
  static constexpr int kSteps = 14;
  TemporaryFolder folder_ = *TemporaryFolder::Make("torn");
  std::string file_;
  std::string wal_;
};

TEST_F(TornLogTest, TheWholeLogIsRead) { EXPECT_EQ(StepsWith(wal_), kSteps); }

TEST_F(TornLogTest, ACutLogGivesTheStepsBeforeTheCut) {
  Rng rng(11);
  int previous = kSteps;
  std::vector<size_t> cuts(30);
  for (size_t& cut : cuts) cut = rng.Below(wal_.size());
  std::ranges::sort(cuts, std::greater());
  for (const size_t cut : cuts) {
    const int steps = StepsWith(wal_.substr(0, cut));
    ASSERT_LE(steps, previous);
    previous = steps;
  }
  EXPECT_LE(previous, kSteps / 2);
  // Nothing more is lost than what was cut off.
  EXPECT_EQ(StepsWith(wal_.substr(0, wal_.size() - 1)), kSteps - 1);
}

TEST_F(TornLogTest, AFlippedByteHidesItsStepAndWhatFollows) {
  Rng rng(13);
  for (int trial = 0; trial < 20; ++trial) {
    std::string torn = wal_;
    const size_t place = rng.Below(torn.size());
    torn[place] = static_cast<char>(torn[place] ^ (1 << rng.Below(8)));
    ASSERT_LT(StepsWith(torn), kSteps) << "byte " << place;
  }
}

TEST_F(TornLogTest, AnUnwrittenTailOfZerosIsIgnored) {
  Rng rng(17);
  for (int trial = 0; trial < 20; ++trial) {
    std::string torn = wal_;
    const size_t place = rng.Below(torn.size());
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(place), torn.end(),
              '\0');
    ASSERT_LE(StepsWith(torn), kSteps) << "byte " << place;
  }
}

}  // namespace
}  // namespace treesmith
