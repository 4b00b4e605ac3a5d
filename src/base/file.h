// Whole files in and out.
//
// Errors name the act, the path and the cause. A file that another program may
// read is written beside its place and renamed, so it is whole or absent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"

namespace treesmith {

Result<std::string> ReadFile(const std::filesystem::path& path);

// HashBytes of the file's content, read piece by piece.
struct FileDigest {
  int64_t bytes = 0;
  Hash128 hash;
  bool operator==(const FileDigest&) const = default;
};
Result<FileDigest> DigestFile(const std::filesystem::path& path);

// Writes a new file or replaces one, by rename; the old content stays when it
// fails. `sync`: on the disk before the rename (for what must outlive a power
// cut).
enum class Sync { kNo, kYes };
Status WriteFile(const std::filesystem::path& path, std::string_view content,
                 Sync sync = Sync::kNo);
// Returns when the content of an existing file has reached the disk.
Status SyncFile(const std::filesystem::path& path);

// Like mkdir -p.
Status MakeFolders(const std::filesystem::path& path);

// A new empty folder below the system's (or TMPDIR's) temporary folder, removed
// with all it holds when the object dies.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> Make(std::string_view name);
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path);
  std::filesystem::path path_;
};

}  // namespace treesmith
