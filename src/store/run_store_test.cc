#include "store/run_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "base/compress.h"
#include "base/file.h"
#include "base/rng.h"

namespace treesmith {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Mode = RunStore::Mode;
using Sharing = RunStore::Sharing;

Event Steer(const std::string& command) { return {.body = Steered{command}}; }

std::vector<std::string> Commands(RunStore& store) {
  std::vector<std::string> commands;
  const Status status = store.ForEachEvent([&](const Event& event) -> Status {
    commands.push_back(std::get<Steered>(event.body).command);
    return {};
  });
  EXPECT_TRUE(status.ok()) << status.error().message;
  return commands;
}

// Statements that only a test or a newer version would run.
void Execute(const std::filesystem::path& path, const char* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
}

class RunStoreTest : public ::testing::Test {
 protected:
  RunStore Create(Sharing sharing = Sharing::kAuto) {
    Result<RunStore> store = RunStore::Create(path_, sharing);
    if (!store) ADD_FAILURE() << store.error().message;
    return *std::move(store);
  }
  Error OpenError(Mode mode = Mode::kReadWrite) {
    const Result<RunStore> store = RunStore::Open(path_, mode);
    return store.ok() ? Error{.message = "opened"} : store.error();
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make("store");
  std::filesystem::path path_ = folder_.path() / "run.db";
};

TEST_F(RunStoreTest, EventsComeBackInOrderWithTheirNumbersAndTimes) {
  RunStore store = Create();
  std::vector<Event> first = {Steer("a"), Steer("b")};
  first[1].elapsed = std::chrono::milliseconds(1234);
  std::vector<Event> second = {Steer("c")};
  ASSERT_TRUE(store.Append(first).ok());
  ASSERT_TRUE(store.Append(second).ok());

  std::vector<std::pair<int64_t, int64_t>> seen;
  ASSERT_TRUE(store
                  .ForEachEvent([&](const Event& event) -> Status {
                    seen.emplace_back(event.seq, event.elapsed.count());
                    return {};
                  })
                  .ok());
  EXPECT_THAT(
      seen, ElementsAre(std::pair(1, 0), std::pair(2, 1234), std::pair(3, 0)));
  EXPECT_EQ(second[0].seq, 3);
  EXPECT_THAT(Commands(store), ElementsAre("a", "b", "c"));
}

TEST_F(RunStoreTest, ReadingStartsWhereItIsAskedToAndStopsAtAnError) {
  RunStore store = Create();
  std::vector<Event> events = {Steer("a"), Steer("b"), Steer("c")};
  ASSERT_TRUE(store.Append(events).ok());

  std::vector<int64_t> seen;
  const Status status = store.ForEachEvent(
      [&](const Event& event) -> Status {
        seen.push_back(event.seq);
        return Failed("enough");
      },
      2);
  EXPECT_EQ(status.error().message, "enough");
  EXPECT_THAT(seen, ElementsAre(2));
}

TEST_F(RunStoreTest, NumbersGoOnAfterReopening) {
  std::vector<Event> events = {Steer("a")};
  ASSERT_TRUE(Create().Append(events).ok());
  RunStore store = *RunStore::Open(path_, Mode::kReadWrite);
  events = {Steer("b")};
  ASSERT_TRUE(store.Append(events).ok());
  EXPECT_EQ(events[0].seq, 2);
  EXPECT_THAT(Commands(store), ElementsAre("a", "b"));
}

TEST_F(RunStoreTest, BlobsOfEveryKindComeBackAsTheyWere) {
  RunStore store = Create();
  const std::string empty;
  const std::string small("\0\xff short", 8);
  const std::string large(100'000, 'x');
  const std::string packed_text = std::string(5'000, 'y') + "end";
  const std::string packed = Compress(packed_text);
  const std::vector<Blob> blobs = {
      {HashBytes(empty), empty},
      {HashBytes(small), small},
      {HashBytes(large), large},
      {HashBytes(packed_text), packed, Blob::Codec::kZstd}};
  ASSERT_TRUE(store.Append({}, blobs).ok());
  for (const std::string& text : {empty, small, large, packed_text}) {
    EXPECT_EQ(*store.ReadBlob(HashBytes(text)), text);
  }
  EXPECT_LT(store.bytes_on_disk(), 100'000);
}

TEST_F(RunStoreTest, ABlobIsKeptOnce) {
  RunStore store = Create();
  // Not compressible, so that its size would show.
  Rng rng(1);
  std::string text(200'000, '\0');
  for (char& c : text) c = static_cast<char>(rng.Next());
  const std::vector<Blob> blobs = {{HashBytes(text), text},
                                   {HashBytes(text), text}};
  ASSERT_TRUE(store.Append({}, blobs).ok());
  ASSERT_TRUE(store.Append({}, blobs).ok());
  EXPECT_LT(store.bytes_on_disk(), 300'000);
}

TEST_F(RunStoreTest, AnAbsentBlobIsAnError) {
  RunStore store = Create();
  EXPECT_FALSE(*store.HasBlob(HashBytes("x")));
  EXPECT_THAT(store.ReadBlob(HashBytes("x")).error().message,
              HasSubstr("not in the store"));
}

TEST_F(RunStoreTest, AChangedBlobIsFoundOut) {
  const std::string text = "the script";
  const std::vector<Blob> blobs = {{HashBytes(text), text}};
  ASSERT_TRUE(Create().Append({}, blobs).ok());
  Execute(path_, "UPDATE blob SET bytes=CAST('another' AS BLOB)");
  RunStore store = *RunStore::Open(path_, Mode::kReadOnly);
  EXPECT_THAT(store.ReadBlob(HashBytes(text)).error().message,
              HasSubstr("damaged"));
}

TEST_F(RunStoreTest, AMissingEventIsFoundOut) {
  std::vector<Event> events = {Steer("a"), Steer("b"), Steer("c")};
  ASSERT_TRUE(Create().Append(events).ok());
  Execute(path_, "DELETE FROM event WHERE seq=2");
  RunStore store = *RunStore::Open(path_, Mode::kReadOnly);
  const Status status =
      store.ForEachEvent([](const Event&) -> Status { return {}; });
  EXPECT_THAT(status.error().message, HasSubstr("event 2 is missing"));
}

TEST_F(RunStoreTest, AnEventThatCannotBeReadIsNamed) {
  std::vector<Event> events = {Steer("a")};
  ASSERT_TRUE(Create().Append(events).ok());
  Execute(path_, "UPDATE event SET kind='Teleported'");
  RunStore store = *RunStore::Open(path_, Mode::kReadOnly);
  const Status status =
      store.ForEachEvent([](const Event&) -> Status { return {}; });
  EXPECT_THAT(status.error().message, HasSubstr("event 1: read event Tele"));
}

TEST_F(RunStoreTest, CreateRefusesAFileThatExists) {
  ASSERT_TRUE(WriteFile(path_, "precious").ok());
  const Error error = RunStore::Create(path_).error();
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_EQ(*ReadFile(path_), "precious");
}

TEST_F(RunStoreTest, CreateClearsWhatAKilledCreateLeft) {
  ASSERT_TRUE(WriteFile(path_.string() + ".new", "half a file").ok());
  std::vector<Event> events = {Steer("a")};
  EXPECT_TRUE(Create().Append(events).ok());
}

TEST_F(RunStoreTest, WhatIsNoRunIsRefusedAndLeftAsItIs) {
  const std::string text =
      "A text of more than a hundred bytes, for SQLite "
      "looks at the first page before it says what it "
      "thinks of it, and this is no page of a database.";
  ASSERT_TRUE(WriteFile(path_, text).ok());
  const Error error = OpenError();
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_EQ(error.message, "open " + path_.string() + ": not a treesmith run");
  EXPECT_EQ(*ReadFile(path_), text);
}

TEST_F(RunStoreTest, AnotherProgramsDatabaseIsRefusedAndLeftAsItIs) {
  Execute(path_, "CREATE TABLE t(x)");
  const std::string before = *ReadFile(path_);
  EXPECT_EQ(OpenError().message,
            "open " + path_.string() + ": not a treesmith run");
  EXPECT_EQ(*ReadFile(path_), before);
}

TEST_F(RunStoreTest, AMissingFileIsBadInputAndIsNotMade) {
  EXPECT_EQ(OpenError().kind, ErrorKind::kBadInput);
  EXPECT_EQ(OpenError(Mode::kReadOnly).message,
            "open " + path_.string() + ": no such file");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(RunStoreTest, ALogOfAnOlderVersionIsReadAsItIsAndMigratedByAWriter) {
  {
    RunStore store = Create();
    std::vector<Event> events = {Steer("a")};
    ASSERT_TRUE(store.Append(events).ok());
  }
  Execute(path_, "PRAGMA user_version=1");
  for (const Mode mode : {Mode::kReadOnly, Mode::kReadWrite, Mode::kReadOnly}) {
    auto store = RunStore::Open(path_, mode);
    ASSERT_TRUE(store.ok()) << store.error().message;
    EXPECT_EQ(*store->LastSeq(), 1);
  }
}

TEST_F(RunStoreTest, ALogOfANewerVersionIsRefused) {
  {
    const RunStore store = Create();
  }
  Execute(path_, "PRAGMA user_version=99");
  for (const Mode mode : {Mode::kReadWrite, Mode::kReadOnly}) {
    const Error error = OpenError(mode);
    EXPECT_EQ(error.kind, ErrorKind::kBadInput);
    EXPECT_THAT(error.message, HasSubstr("newer version (log format 99"));
    EXPECT_FALSE(error.hint.empty());
  }
}

TEST_F(RunStoreTest, AReaderSeesWhatTheWriterHasWrittenSoFar) {
  RunStore writer = Create();
  std::vector<Event> events = {Steer("a")};
  ASSERT_TRUE(writer.Append(events).ok());
  RunStore reader = *RunStore::Open(path_, Mode::kReadOnly);
  EXPECT_THAT(Commands(reader), ElementsAre("a"));
  events = {Steer("b")};
  ASSERT_TRUE(writer.Append(events).ok());
  EXPECT_THAT(Commands(reader), ElementsAre("a", "b"));
  EXPECT_EQ(*reader.LastSeq(), 2);
}

TEST_F(RunStoreTest, AReaderInTheMiddleOfTheLogDoesNotStopTheWriter) {
  RunStore writer = Create();
  std::vector<Event> events = {Steer("a")};
  ASSERT_TRUE(writer.Append(events).ok());
  RunStore reader = *RunStore::Open(path_, Mode::kReadOnly);
  const Status status = reader.ForEachEvent([&](const Event&) -> Status {
    std::vector<Event> more = {Steer("b")};
    return writer.Append(more);
  });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(Commands(reader), ElementsAre("a", "b"));
}

TEST_F(RunStoreTest, AloneOnTheFileReadersGetTheSnapshot) {
  RunStore writer = Create(Sharing::kExclusive);
  std::vector<Event> events = {Steer("a")};
  ASSERT_TRUE(writer.Append(events, {}, Durability::kSynced).ok());
  EXPECT_TRUE(writer.exclusive());
  EXPECT_FALSE(std::filesystem::exists(path_.string() + "-shm"));
  EXPECT_THAT(OpenError(Mode::kReadOnly).message, HasSubstr("locked"));

  ASSERT_TRUE(writer.WriteSnapshot().ok());
  events = {Steer("b")};
  ASSERT_TRUE(writer.Append(events).ok());
  RunStore reader = *RunStore::Open(path_, Mode::kReadOnly);
  EXPECT_THAT(Commands(reader), ElementsAre("a"));
  ASSERT_TRUE(writer.WriteSnapshot().ok());
  reader = *RunStore::Open(path_, Mode::kReadOnly);
  EXPECT_THAT(Commands(reader), ElementsAre("a", "b"));
}

TEST_F(RunStoreTest, TheFileItselfIsReadOnceTheWriterIsGone) {
  {
    RunStore writer = Create(Sharing::kExclusive);
    ASSERT_TRUE(writer.WriteSnapshot().ok());
    std::vector<Event> events = {Steer("a")};
    ASSERT_TRUE(writer.Append(events).ok());
  }
  RunStore reader = *RunStore::Open(path_, Mode::kReadOnly);
  EXPECT_THAT(Commands(reader), ElementsAre("a"));
}

// Lets no file of this process grow beyond `bytes` while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST_F(RunStoreTest, AFullDiskIsToldAndLosesNothingThatWasAcknowledged) {
  RunStore store = Create();
  std::vector<std::string> acknowledged;
  Error error;
  {
    const FileSizeLimit limit(100'000);
    for (int i = 0; i < 1000 && error.message.empty(); ++i) {
      std::vector<Event> events = {Steer(std::to_string(i))};
      const Status status = store.Append(events);
      if (status.ok()) {
        acknowledged.push_back(std::to_string(i));
      } else {
        error = status.error();
        EXPECT_EQ(events[0].seq, 0);
      }
    }
    EXPECT_EQ(error.kind, ErrorKind::kFull) << error.message;
    EXPECT_FALSE(error.hint.empty());
    EXPECT_EQ(Commands(store), acknowledged);
    RunStore reader = *RunStore::Open(path_, Mode::kReadOnly);
    EXPECT_EQ(Commands(reader), acknowledged);
  }
  // Space was made: the same store goes on.
  std::vector<Event> events = {Steer("more")};
  ASSERT_TRUE(store.Append(events).ok());
  acknowledged.emplace_back("more");
  EXPECT_EQ(Commands(store), acknowledged);
}

TEST_F(RunStoreTest, ABlobTooLargeForTheDiskLeavesNoPartOfItself) {
  RunStore store = Create();
  Rng rng(2);
  std::string text(500'000, '\0');
  for (char& c : text) c = static_cast<char>(rng.Next());
  std::vector<Event> events = {Steer("a")};
  const std::vector<Blob> blobs = {{HashBytes(text), text}};
  {
    const FileSizeLimit limit(100'000);
    EXPECT_EQ(store.Append(events, blobs).error().kind, ErrorKind::kFull);
  }
  EXPECT_FALSE(*store.HasBlob(HashBytes(text)));
  EXPECT_THAT(Commands(store), ElementsAre());
  ASSERT_TRUE(store.Append(events, blobs).ok());
  EXPECT_EQ(*store.ReadBlob(HashBytes(text)), text);
}

}  // namespace
}  // namespace treesmith
