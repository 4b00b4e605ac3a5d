#include "store/run_store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/compress.h"
#include "base/file.h"
#include "store/file_system.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// "trsm" in the header of every run.db, so that file(1) and we can tell it.
constexpr int kApplicationId = 0x7472736d;

// kMigrations[i] brings a file of format i to format i + 1; the format is the
// file's user_version. Only ever append.
constexpr std::array<const char*, 4> kMigrations = {
    "CREATE TABLE event(seq INTEGER PRIMARY KEY, elapsed INTEGER NOT NULL,"
    " kind TEXT NOT NULL, body TEXT NOT NULL);"
    "CREATE TABLE blob(hash BLOB PRIMARY KEY, codec INTEGER NOT NULL,"
    " bytes BLOB NOT NULL);",
    // The kind Reviewed.
    "",
    // The kinds Planned and SearchEnded.
    "",
    // The kind Checked.
    ""};
constexpr int kFormat = static_cast<int>(kMigrations.size());
// The tables have been as they are since this format; later ones only know more
// kinds of events.
constexpr int kOldestReadable = 1;

// A commit writes whole pages, and events are a few hundred bytes, so a small
// page keeps what is written near to what was asked for (pages of 4096 write
// almost twice as much); a blob takes a call a page, so the smallest is slower
// than this (bench/store_log.cc).
constexpr int kPageBytes = 1024;
// The log is copied into the file when it has grown to this: often enough to
// be small, seldom enough that pages written many times are copied once.
constexpr int kCheckpointPages = 8 * 1024 * 1024 / kPageBytes;
// A writer may meet a reader that recovers the log after a kill.
constexpr int kWriterPatienceMs = 5000;
// A reader that meets a writer which has the file for itself soon gives up.
constexpr int kReaderPatienceMs = 200;
// Below this, what zstd saves is less than a page.
constexpr size_t kWorthCompressing = 200;

bool IsFull(const SQLite::Exception& error, int system_errno) {
  const int code = error.getErrorCode() & 0xff;
  if (code == SQLITE_FULL) return true;
  if (code != SQLITE_IOERR) return false;
  return error.getExtendedErrorCode() == SQLITE_IOERR_SHMSIZE ||
         system_errno == ENOSPC || system_errno == EDQUOT ||
         system_errno == EFBIG;
}

Error ToError(const std::string& act, const fs::path& path,
              const SQLite::Exception& error, int system_errno) {
  const std::string start = act + " " + path.string() + ": ";
  if (IsFull(error, system_errno)) {
    return {ErrorKind::kFull, start + "no space left",
            "free some space, then `treesmith resume`"};
  }
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_NOTADB:
      return BadInput(start + "not a treesmith run");
    case SQLITE_CORRUPT:
      return BadInput(start + "the file is damaged");
    case SQLITE_BUSY:
      return Failed(start + "locked by another process");
    default:
      return Failed(start + error.what());
  }
}

int64_t FileBytes(const fs::path& path) {
  std::error_code code;
  const auto size = fs::file_size(path, code);
  return code ? 0 : static_cast<int64_t>(size);
}

fs::path Beside(const fs::path& path, const char* ending) {
  fs::path other = path;
  other += ending;
  return other;
}

std::array<unsigned char, 16> KeyOf(const Hash128& hash) {
  std::array<unsigned char, 16> key{};
  for (size_t i = 0; i < 8; ++i) {
    key.at(i) = static_cast<unsigned char>(hash.high >> (56 - 8 * i));
    key.at(8 + i) = static_cast<unsigned char>(hash.low >> (56 - 8 * i));
  }
  return key;
}

// A file: URI of an existing file that nobody changes.
std::string ImmutableUri(const fs::path& path) {
  std::string uri = "file:";
  for (const char c : fs::absolute(path).string()) {
    if (c == '?' || c == '#' || c == '%') {
      constexpr std::string_view kDigits = "0123456789abcdef";
      uri += '%';
      uri += kDigits[static_cast<unsigned char>(c) >> 4];
      uri += kDigits[static_cast<unsigned char>(c) & 15];
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

Status CheckFormat(SQLite::Database& db, const fs::path& path) {
  const std::string start = "open " + path.string() + ": ";
  if (db.execAndGet("PRAGMA application_id").getInt() != kApplicationId) {
    return BadInput(start + "not a treesmith run");
  }
  const int format = db.execAndGet("PRAGMA user_version").getInt();
  if (format > kFormat) {
    return BadInput(start + "written by a newer version (log format " +
                        std::to_string(format) + ", this one reads up to " +
                        std::to_string(kFormat) + ")",
                    "use the version of treesmith that wrote it");
  }
  return {};
}

// Brings the open file to kFormat, in one transaction.
void Migrate(SQLite::Database& db, int format) {
  SQLite::Transaction transaction(db);
  for (int i = format; i < kFormat; ++i) {
    db.exec(kMigrations.at(static_cast<size_t>(i)));
  }
  db.exec("PRAGMA application_id=" + std::to_string(kApplicationId));
  db.exec("PRAGMA user_version=" + std::to_string(kFormat));
  transaction.commit();
}

std::string_view TextOf(const SQLite::Column& column) {
  const char* text = column.getText();
  return {text, static_cast<size_t>(column.getBytes())};
}

}  // namespace

// --- the open file ----------------------------------------------------------

struct RunStore::Impl {
  Impl(fs::path file, const std::string& name, int flags, int patience_ms)
      : path(std::move(file)), db(name, flags, patience_ms) {}

  SQLite::Statement& Prepared(std::optional<SQLite::Statement>& slot,
                              const char* sql) {
    if (!slot) slot.emplace(db, sql);
    // Whatever it met the last time was reported then.
    slot->tryReset();
    return *slot;
  }
  void Run(std::optional<SQLite::Statement>& slot, const char* sql) {
    Prepared(slot, sql).exec();
  }
  Error ErrorOf(const std::string& act, const SQLite::Exception& error) {
    // sqlite3_system_errno is set for failed opens only; the library leaves
    // errno as the failed call set it.
    return ToError(act, path, error, errno);
  }

  int64_t QueryLastSeq() {
    return db.execAndGet("SELECT ifnull(max(seq), 0) FROM event").getInt64();
  }
  void SetDurability(Durability wanted);
  void Rollback();
  bool Has(const Hash128& hash);
  void Put(const Blob& blob);
  void Put(const Event& event);
  Result<std::string> Get(const Hash128& hash);

  fs::path path;
  SQLite::Database db;
  bool writable = false;
  bool exclusive = false;
  Durability durability = Durability::kProcess;
  int64_t last_seq = 0;

  std::optional<SQLite::Statement> begin;
  std::optional<SQLite::Statement> commit;
  std::optional<SQLite::Statement> has_blob;
  std::optional<SQLite::Statement> put_blob;
  std::optional<SQLite::Statement> get_blob;
  std::optional<SQLite::Statement> put_event;
};

void RunStore::Impl::SetDurability(Durability wanted) {
  if (durability == wanted) return;
  db.exec(wanted == Durability::kSynced ? "PRAGMA synchronous=FULL"
                                        : "PRAGMA synchronous=NORMAL");
  durability = wanted;
}

void RunStore::Impl::Rollback() {
  if (sqlite3_get_autocommit(db.getHandle()) != 0) return;
  // Cannot fail in a way that matters: what is not committed is not there.
  db.tryExec("ROLLBACK");
}

bool RunStore::Impl::Has(const Hash128& hash) {
  auto& query = Prepared(has_blob, "SELECT 1 FROM blob WHERE hash=?");
  const auto key = KeyOf(hash);
  query.bind(1, key.data(), static_cast<int>(key.size()));
  const bool found = query.executeStep();
  query.tryReset();
  return found;
}

void RunStore::Impl::Put(const Blob& blob) {
  CHECK(!blob.hash.IsZero());
  if (Has(blob.hash)) return;
  std::string packed;
  std::string_view bytes = blob.bytes;
  Blob::Codec codec = blob.codec;
  if (codec == Blob::Codec::kPlain) {
    CHECK(HashBytes(bytes) == blob.hash);
    if (bytes.size() >= kWorthCompressing) packed = Compress(bytes);
    if (!packed.empty() && packed.size() < bytes.size()) {
      bytes = packed;
      codec = Blob::Codec::kZstd;
    }
  }
  auto& insert = Prepared(
      put_blob, "INSERT INTO blob(hash, codec, bytes) VALUES(?, ?, ?)");
  const auto key = KeyOf(blob.hash);
  insert.bind(1, key.data(), static_cast<int>(key.size()));
  insert.bind(2, static_cast<int>(codec));
  // A null pointer would be NULL instead of an empty content.
  insert.bindNoCopy(3, bytes.empty() ? "" : bytes.data(),
                    static_cast<int>(bytes.size()));
  insert.exec();
}

void RunStore::Impl::Put(const Event& event) {
  auto& insert = Prepared(
      put_event,
      "INSERT INTO event(seq, elapsed, kind, body) VALUES(?, ?, ?, ?)");
  const std::string kind(EventKind(event.body));
  const std::string body = EncodeEvent(event.body);
  insert.bind(1, event.seq);
  insert.bind(2, static_cast<int64_t>(event.elapsed.count()));
  insert.bindNoCopy(3, kind);
  insert.bindNoCopy(4, body);
  insert.exec();
  insert.tryReset();
}

Result<std::string> RunStore::Impl::Get(const Hash128& hash) {
  const std::string start = "read blob " + hash.Hex() + ": ";
  auto& query =
      Prepared(get_blob, "SELECT codec, bytes FROM blob WHERE hash=?");
  const auto key = KeyOf(hash);
  query.bind(1, key.data(), static_cast<int>(key.size()));
  if (!query.executeStep()) return Failed(start + "not in the store");
  const auto codec = static_cast<Blob::Codec>(query.getColumn(0).getInt());
  std::string bytes = query.getColumn(1).getString();
  query.tryReset();
  if (codec == Blob::Codec::kZstd) {
    Result<std::string> plain = Decompress(bytes);
    if (!plain) return plain.error().Wrap("read blob " + hash.Hex());
    bytes = *std::move(plain);
  } else if (codec != Blob::Codec::kPlain) {
    return Failed(start + "a codec this version does not know");
  }
  if (HashBytes(bytes) != hash) return Failed(start + "damaged");
  return bytes;
}

// --- opening ----------------------------------------------------------------

RunStore::RunStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunStore::RunStore(RunStore&& other) noexcept = default;
RunStore& RunStore::operator=(RunStore&& other) noexcept = default;
RunStore::~RunStore() = default;

Result<RunStore> RunStore::Create(const fs::path& path, Sharing sharing) {
  std::error_code code;
  if (fs::exists(path, code)) {
    return BadInput("create " + path.string() + ": already exists");
  }
  // Built beside its place and renamed, so a run.db is never half made, and
  // reaches the disk in one go.
  const fs::path draft = Beside(path, ".new");
  for (const char* ending : {"", "-journal", "-wal"}) {
    fs::remove(Beside(draft, ending), code);
  }
  try {
    SQLite::Database db(draft.string(),
                        SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("PRAGMA page_size=" + std::to_string(kPageBytes));
    db.exec("PRAGMA synchronous=OFF");
    // With this a WAL needs no shared memory, which not all file systems have.
    db.exec("PRAGMA locking_mode=EXCLUSIVE");
    db.execAndGet("PRAGMA journal_mode=WAL");
    Migrate(db, 0);
  } catch (const SQLite::Exception& error) {
    return ToError("create", path, error, errno);
  }
  TRY(SyncFile(draft));
  fs::rename(draft, path, code);
  if (code) return ErrnoError("create", path.string(), code.value());
  return Open(path, Mode::kReadWrite, sharing);
}

Result<RunStore> RunStore::Open(const fs::path& path, Mode mode,
                                Sharing sharing) {
  std::error_code code;
  if (!fs::exists(path, code)) {
    return BadInput("open " + path.string() + ": no such file");
  }
  if (mode == Mode::kReadOnly) return OpenReader(path);
  if (sharing == Sharing::kExclusive || OnNetworkFileSystem(path)) {
    return OpenWriter(path, Sharing::kExclusive);
  }
  Result<RunStore> shared = OpenWriter(path, Sharing::kAuto);
  if (shared.ok() || shared.error().kind != ErrorKind::kFailed) return shared;
  // Memory cannot be shared here, though the kernel gives it a local name.
  Result<RunStore> alone = OpenWriter(path, Sharing::kExclusive);
  return alone.ok() ? std::move(alone) : std::move(shared);
}

Result<RunStore> RunStore::OpenWriter(const fs::path& path, Sharing sharing) {
  const auto open = [&](Impl& impl) -> Status {
    impl.writable = true;
    impl.exclusive = sharing == Sharing::kExclusive;
    if (impl.exclusive) impl.db.exec("PRAGMA locking_mode=EXCLUSIVE");
    // Before anything is written.
    TRY(CheckFormat(impl.db, path));
    impl.db.execAndGet("PRAGMA journal_mode=WAL");
    impl.db.exec("PRAGMA wal_autocheckpoint=" +
                 std::to_string(kCheckpointPages));
    impl.db.exec("PRAGMA synchronous=NORMAL");
    const int format = impl.db.execAndGet("PRAGMA user_version").getInt();
    if (format < kFormat) Migrate(impl.db, format);
    impl.last_seq = impl.QueryLastSeq();
    return {};
  };
  return OpenWith(path, path.string(), SQLite::OPEN_READWRITE,
                  kWriterPatienceMs, open);
}

Result<RunStore> RunStore::OpenReader(const fs::path& path) {
  const auto open = [&](Impl& impl) -> Status {
    TRY(CheckFormat(impl.db, path));
    const int format = impl.db.execAndGet("PRAGMA user_version").getInt();
    if (format < kOldestReadable) {
      return BadInput("open " + path.string() + ": written by an older version",
                      "`treesmith resume` brings it up to date");
    }
    impl.last_seq = impl.QueryLastSeq();
    return {};
  };
  Result<RunStore> store = OpenWith(path, path.string(), SQLite::OPEN_READONLY,
                                    kReaderPatienceMs, open);
  if (store.ok() || store.error().kind != ErrorKind::kFailed) return store;
  std::error_code code;
  const int still = SQLite::OPEN_READONLY | SQLite::OPEN_URI;
  if (const fs::path snapshot = SnapshotPath(path);
      fs::exists(snapshot, code)) {
    return OpenWith(path, ImmutableUri(snapshot), still, 0, open);
  }
  // A finished run in a folder that we may not write: nothing beside it.
  if (FileBytes(Beside(path, "-wal")) == 0) {
    return OpenWith(path, ImmutableUri(path), still, 0, open);
  }
  return store;
}

Result<RunStore> RunStore::OpenWith(
    const fs::path& path, const std::string& name, int flags, int patience_ms,
    const std::function<Status(Impl&)>& configure) {
  try {
    auto impl = std::make_unique<Impl>(path, name, flags, patience_ms);
    TRY(configure(*impl));
    return RunStore(std::move(impl));
  } catch (const SQLite::Exception& error) {
    return ToError("open", path, error, errno);
  }
}

// --- writing and reading ----------------------------------------------------

Status RunStore::Append(std::span<Event> events, std::span<const Blob> blobs,
                        Durability durability) {
  CHECK(impl_->writable);
  int64_t seq = impl_->last_seq;
  errno = 0;
  try {
    impl_->SetDurability(durability);
    impl_->Run(impl_->begin, "BEGIN IMMEDIATE");
    for (const Blob& blob : blobs) impl_->Put(blob);
    for (Event& event : events) {
      event.seq = ++seq;
      impl_->Put(event);
    }
    impl_->Run(impl_->commit, "COMMIT");
  } catch (const SQLite::Exception& error) {
    Error told = impl_->ErrorOf("append to", error);
    impl_->Rollback();
    for (Event& event : events) event.seq = 0;
    return told;
  }
  impl_->last_seq = seq;
  return {};
}

Status RunStore::ForEachEvent(const std::function<Status(const Event&)>& visit,
                              int64_t from_seq) {
  const std::string start = "read " + impl_->path.string() + ": ";
  int64_t expected = std::max<int64_t>(from_seq, 1);
  try {
    SQLite::Statement query(impl_->db,
                            "SELECT seq, elapsed, kind, body FROM event "
                            "WHERE seq>=? ORDER BY seq");
    query.bind(1, expected);
    for (; query.executeStep(); ++expected) {
      Event event;
      event.seq = query.getColumn(0).getInt64();
      if (event.seq != expected) {
        return Failed(start + "event " + std::to_string(expected) +
                      " is missing");
      }
      event.elapsed = std::chrono::milliseconds(query.getColumn(1).getInt64());
      Result<EventBody> body =
          DecodeEvent(TextOf(query.getColumn(2)), TextOf(query.getColumn(3)));
      if (!body) {
        return body.error().Wrap(start + "event " + std::to_string(expected));
      }
      event.body = *std::move(body);
      TRY(visit(event));
    }
  } catch (const SQLite::Exception& error) {
    return impl_->ErrorOf("read", error);
  }
  return {};
}

Result<int64_t> RunStore::LastSeq() {
  if (impl_->writable) return impl_->last_seq;
  try {
    return impl_->QueryLastSeq();
  } catch (const SQLite::Exception& error) {
    return impl_->ErrorOf("read", error);
  }
}

Result<std::string> RunStore::ReadBlob(const Hash128& hash) {
  try {
    return impl_->Get(hash);
  } catch (const SQLite::Exception& error) {
    return impl_->ErrorOf("read blob " + hash.Hex() + " of", error);
  }
}

Result<bool> RunStore::HasBlob(const Hash128& hash) {
  try {
    return impl_->Has(hash);
  } catch (const SQLite::Exception& error) {
    return impl_->ErrorOf("look up blob " + hash.Hex() + " in", error);
  }
}

int64_t RunStore::bytes_on_disk() const {
  int64_t total = 0;
  for (const char* ending : {"", "-wal", "-shm"}) {
    total += FileBytes(Beside(impl_->path, ending));
  }
  return total + FileBytes(SnapshotPath(impl_->path));
}

bool RunStore::exclusive() const { return impl_->exclusive; }

fs::path RunStore::SnapshotPath(const fs::path& path) {
  return Beside(path, ".snapshot");
}

Status RunStore::WriteSnapshot() {
  const fs::path draft = Beside(SnapshotPath(impl_->path), ".new");
  std::error_code code;
  fs::remove(draft, code);
  try {
    SQLite::Statement copy(impl_->db, "VACUUM INTO ?");
    copy.bind(1, draft.string());
    copy.exec();
  } catch (const SQLite::Exception& error) {
    Error told = impl_->ErrorOf("copy", error);
    fs::remove(draft, code);
    return told;
  }
  fs::rename(draft, SnapshotPath(impl_->path), code);
  if (code) {
    return ErrnoError("copy", SnapshotPath(impl_->path).string(), code.value());
  }
  return {};
}

}  // namespace treesmith
