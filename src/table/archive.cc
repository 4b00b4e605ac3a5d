#include "table/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/unique_fd.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

struct ArchiveCloser {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using ArchiveHandle = std::unique_ptr<archive, ArchiveCloser>;

constexpr size_t kBlockBytes = size_t{64} << 10;
constexpr size_t kNamesShown = 8;

Error ArchiveError(const fs::path& path, archive* handle) {
  const char* text = archive_error_string(handle);
  return BadInput("unpack " + path.string() + ": " +
                  (text != nullptr ? text : "damaged"));
}

Result<ArchiveHandle> OpenArchive(const fs::path& path) {
  ArchiveHandle handle(archive_read_new());
  archive_read_support_filter_all(handle.get());
  archive_read_support_format_zip(handle.get());
  archive_read_support_format_tar(handle.get());
  archive_read_support_format_7zip(handle.get());
  if (archive_read_open_filename(handle.get(), path.c_str(), kBlockBytes) !=
      ARCHIVE_OK) {
    return ArchiveError(path, handle.get());
  }
  return handle;
}

// False at the end.
Result<bool> NextEntry(const fs::path& path, archive* handle,
                       archive_entry** entry) {
  const int code = archive_read_next_header(handle, entry);
  if (code == ARCHIVE_EOF) return false;
  // A warning is a name in an unknown character set: the bytes will do.
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
    return ArchiveError(path, handle);
  }
  return true;
}

std::string EntryName(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  return name == nullptr ? "" : name;
}

// Why an entry is left out; empty: it is a file to take.
std::string Objection(archive_entry* entry, const std::string& name) {
  if (archive_entry_hardlink(entry) != nullptr ||
      archive_entry_filetype(entry) != AE_IFREG) {
    return "no regular file";
  }
  const fs::path path(name);
  // A backslash is a separator for those who pack on Windows.
  if (name.empty() || path.is_absolute() ||
      name.find('\\') != std::string::npos) {
    return "leaves the folder";
  }
  for (const fs::path& part : path) {
    if (part == "..") return "leaves the folder";
  }
  return path.filename().empty() ? "no name" : "";
}

// One archive into an empty folder of our own, within what is left.
class Unpacker {
 public:
  Unpacker(fs::path folder, const UnpackLimits& limits, int64_t archive_bytes)
      : folder_(std::move(folder)),
        limits_(limits),
        bytes_left_(
            std::max(limits.max_bytes, limits.max_ratio * archive_bytes)),
        entries_left_(limits.max_entries) {}

  // Files of an inner archive take its place: its own folder, its own name.
  Status Run(const fs::path& path, const fs::path& below, int depth) {
    TRY_ASSIGN(const ArchiveHandle handle, OpenArchive(path));
    std::vector<std::string> inner;
    archive_entry* entry = nullptr;
    while (true) {
      TRY_ASSIGN(const bool more, NextEntry(path, handle.get(), &entry));
      if (!more) break;
      if (--entries_left_ < 0) return TooLarge(path, "entries");
      if (archive_entry_filetype(entry) == AE_IFDIR) continue;
      const std::string name = EntryName(entry);
      if (const std::string why = Objection(entry, name); !why.empty()) {
        unpacked_.skipped.push_back(std::string(name).append(": ").append(why));
        continue;
      }
      const fs::path relative = (below / name).lexically_normal();
      TRY(Write(path, handle.get(), folder_ / relative));
      if (IsArchiveName(name) && depth < limits_.max_depth) {
        inner.push_back(relative.string());
      } else {
        unpacked_.files.push_back(relative.string());
      }
    }
    for (const std::string& name : inner) {
      const fs::path packed = folder_ / name;
      TRY(Run(packed, fs::path(name).parent_path(), depth + 1));
      std::error_code ignored;
      fs::remove(packed, ignored);
    }
    return {};
  }

  Unpacked& unpacked() { return unpacked_; }

 private:
  static Error TooLarge(const fs::path& path, const char* what) {
    return BadInput("unpack " + path.string() + ": too many " + what +
                        " for an archive of data",
                    "unpack it yourself if you trust it");
  }

  Status Write(const fs::path& path, archive* handle, const fs::path& target) {
    TRY(MakeFolders(target.parent_path()));
    const UniqueFd fd(
        ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd) {
      // The same name twice: the first one stays.
      if (errno == EEXIST) return {};
      return ErrnoError("write", target.string());
    }
    std::array<char, kBlockBytes> block{};
    while (true) {
      const la_ssize_t count =
          archive_read_data(handle, block.data(), block.size());
      if (count < 0) return ArchiveError(path, handle);
      if (count == 0) return {};
      bytes_left_ -= count;
      if (bytes_left_ < 0) return TooLarge(path, "bytes");
      TRY(WriteAll(fd.get(), block.data(), static_cast<size_t>(count), target));
    }
  }

  static Status WriteAll(int fd, const char* data, size_t size,
                         const fs::path& target) {
    while (size > 0) {
      const ssize_t count = ::write(fd, data, size);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return ErrnoError("write", target.string());
      data += count;
      size -= static_cast<size_t>(count);
    }
    return {};
  }

  fs::path folder_;
  const UnpackLimits& limits_;
  int64_t bytes_left_;
  int64_t entries_left_;
  Unpacked unpacked_;
};

// A folder beside the target, so that a rename moves a file; removed at the
// end.
class StagingFolder {
 public:
  static Result<StagingFolder> Make(const fs::path& folder) {
    std::string name = (folder / ".unpacking-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      return ErrnoError("unpack into", folder.string());
    }
    return StagingFolder(name);
  }
  StagingFolder(StagingFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})) {}
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;
  StagingFolder& operator=(StagingFolder&&) = delete;
  ~StagingFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  explicit StagingFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// Folders on the way must be real ones: a link that lies in the user's folder
// must not carry a file elsewhere.
bool MakeRealFolders(const fs::path& folder, const fs::path& relative) {
  fs::path at = folder;
  for (const fs::path& part : relative) {
    at /= part;
    if (::mkdir(at.c_str(), 0755) != 0 && errno != EEXIST) return false;
    struct stat info{};
    if (::lstat(at.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return false;
  }
  return true;
}

// Moves what was unpacked to its place; what lies there already stays.
void MoveIntoPlace(const fs::path& from, const fs::path& to,
                   Unpacked& unpacked) {
  std::vector<std::string> moved;
  for (const std::string& name : unpacked.files) {
    if (!MakeRealFolders(to, fs::path(name).parent_path())) {
      unpacked.skipped.push_back(name + ": its folder is no folder");
      continue;
    }
    // link, not rename: it never replaces.
    if (::link((from / name).c_str(), (to / name).c_str()) != 0) {
      unpacked.skipped.push_back(
          name + ": " +
          (errno == EEXIST ? "lies there already"
                           : std::generic_category().message(errno)));
      continue;
    }
    moved.push_back(name);
  }
  unpacked.files = std::move(moved);
}

}  // namespace

bool IsArchiveName(const fs::path& path) {
  std::string name = path.filename().string();
  std::ranges::transform(name, name.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32)
                                : static_cast<char>(c);
  });
  static constexpr std::array<std::string_view, 7> kEndings = {
      ".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z"};
  return std::ranges::any_of(
      kEndings, [&](std::string_view end) { return name.ends_with(end); });
}

Result<Unpacked> UnpackArchive(const fs::path& archive, const fs::path& folder,
                               const UnpackLimits& limits) {
  std::error_code error;
  const auto size = static_cast<int64_t>(fs::file_size(archive, error));
  if (error) {
    return BadInput("unpack " + archive.string() + ": " + error.message());
  }
  TRY_ASSIGN(const StagingFolder staging, StagingFolder::Make(folder));
  Unpacker unpacker(staging.path(), limits, size);
  TRY(unpacker.Run(archive, {}, 1));
  MoveIntoPlace(staging.path(), folder, unpacker.unpacked());
  return std::move(unpacker.unpacked());
}

std::string DescribeArchive(const fs::path& archive) {
  const Result<ArchiveHandle> handle = OpenArchive(archive);
  if (!handle.ok()) return handle.error().message;
  constexpr int64_t kMaxListed = 10'000;
  int64_t count = 0;
  std::string names;
  archive_entry* entry = nullptr;
  while (count < kMaxListed) {
    const Result<bool> more = NextEntry(archive, handle->get(), &entry);
    if (!more.ok()) return more.error().message;
    if (!*more) break;
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    if (static_cast<size_t>(count) < kNamesShown) {
      names += (names.empty() ? "" : ", ") + EntryName(entry).substr(0, 60);
    }
    ++count;
  }
  if (static_cast<size_t>(count) > kNamesShown) names += ", ...";
  return std::to_string(count) + (count == 1 ? " file: " : " files: ") + names;
}

}  // namespace treesmith
