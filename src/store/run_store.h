// RunStore: the log and the blobs of one run, in one SQLite file (run.db).
//
// The events are the run (docs/events.md): they are only appended, in
// transactions that are written whole or not at all, and state is what a fold
// over them gives. After kill -9 everything that Append acknowledged is there;
// after a power cut at most the last moments are lost, never the file, and
// never what was appended with kSynced.
//
// SQLite's write-ahead log does not work on network file systems; there, and
// where it fails to open, the store locks the file for itself and says so
// (exclusive()): readers then open the snapshot that WriteSnapshot leaves.
//
// One thread at a time per RunStore. Another thread or process opens its own,
// read-only; a writer and any number of readers do not wait for one another.
// Who may write is settled by RunLock (store/run_lock.h), not here.
//
// Errors: BadInput for what is no run, or one of a newer version; kFull when
// the disk, a quota or a limit of the file's size is reached.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "model/event.h"

namespace treesmith {

// A content to keep under its hash.
struct Blob {
  // HashBytes of the content itself, also when `bytes` is compressed.
  Hash128 hash;
  std::string_view bytes;
  // kZstd: a worker has compressed it already (base/compress.h). kPlain: the
  // store does, where it pays.
  enum class Codec { kPlain = 0, kZstd = 1 } codec = Codec::kPlain;
};

// kSynced also outlives a power cut: for what was paid for (CallEnded).
enum class Durability { kProcess, kSynced };

class RunStore {
 public:
  enum class Mode { kReadWrite, kReadOnly };
  // kAuto: shared, unless the file system cannot.
  enum class Sharing { kAuto, kExclusive };

  // A new, empty log: whole or absent. BadInput when `path` exists.
  static Result<RunStore> Create(const std::filesystem::path& path,
                                 Sharing sharing = Sharing::kAuto);
  // kReadOnly while a writer has the file for itself: the snapshot.
  static Result<RunStore> Open(const std::filesystem::path& path, Mode mode,
                               Sharing sharing = Sharing::kAuto);
  RunStore(RunStore&& other) noexcept;
  RunStore& operator=(RunStore&& other) noexcept;
  ~RunStore();

  // Writes blobs and events in one transaction and gives the events their
  // `seq`. A blob that is already there costs a look-up. When it fails nothing
  // was written, the events have no seq, and the store can be used on.
  // REQUIRES: opened kReadWrite
  Status Append(std::span<Event> events, std::span<const Blob> blobs = {},
                Durability durability = Durability::kProcess);

  // Calls `visit` for every event from `from_seq` on, in order; stops at its
  // first error and returns it. Fails when an event is unreadable or missing.
  Status ForEachEvent(const std::function<Status(const Event&)>& visit,
                      int64_t from_seq = 1);
  // The seq of the newest event; 0 when there is none.
  Result<int64_t> LastSeq();

  // The content, decompressed and checked against its hash. Fails when there is
  // none.
  Result<std::string> ReadBlob(const Hash128& hash);
  Result<bool> HasBlob(const Hash128& hash);

  // Of run.db and what SQLite keeps beside it.
  [[nodiscard]] int64_t bytes_on_disk() const;
  // The file cannot be read by others while this is open.
  [[nodiscard]] bool exclusive() const;
  // Writes all there is now to SnapshotPath(path), by rename.
  Status WriteSnapshot();
  static std::filesystem::path SnapshotPath(const std::filesystem::path& path);

 private:
  struct Impl;
  explicit RunStore(std::unique_ptr<Impl> impl);
  static Result<RunStore> OpenWriter(const std::filesystem::path& path,
                                     Sharing sharing);
  static Result<RunStore> OpenReader(const std::filesystem::path& path);
  static Result<RunStore> OpenWith(
      const std::filesystem::path& path, const std::string& name, int flags,
      int patience_ms, const std::function<Status(Impl&)>& configure);
  std::unique_ptr<Impl> impl_;
};

}  // namespace treesmith
