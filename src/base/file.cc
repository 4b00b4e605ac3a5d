#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/leftovers.h"
#include "base/unique_fd.h"

namespace treesmith {
namespace {

// A name is taken only where a forked process counts on from the same number,
// or where somebody takes names on purpose.
constexpr int kNameAttempts = 1000;
// Holds nearly all of the files that have no size of their own.
constexpr size_t kUnsizedBytes = 4096;

Status WriteAll(int fd, std::string_view content, const std::string& name) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoError("write", name);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::string> ReadFile(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return ErrnoError("read", path.string());
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return ErrnoError("read", path.string());
  if (S_ISDIR(info.st_mode)) return ErrnoError("read", path.string(), EISDIR);
  std::string content;
  // One byte more than the size, so that a regular file ends in one read; the
  // kernel's own files (/proc, cgroups) say no size.
  size_t filled = 0;
  content.resize(info.st_size > 0 ? static_cast<size_t>(info.st_size) + 1
                                  : kUnsizedBytes);
  while (true) {
    const ssize_t got =
        ::read(fd.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read", path.string());
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    if (filled == content.size()) content.resize(content.size() * 2);
  }
  content.resize(filled);
  return content;
}

Status SyncFile(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return ErrnoError("sync", path.string());
  return {};
}

Result<FileDigest> DigestFile(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return ErrnoError("read", path.string());
  Hasher hasher;
  FileDigest digest;
  std::vector<char> piece(size_t{1} << 18);
  while (true) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read", path.string());
    if (got == 0) break;
    hasher.Add({piece.data(), static_cast<size_t>(got)});
    digest.bytes += got;
  }
  digest.hash = hasher.Digest();
  return digest;
}

Status WriteFile(const std::filesystem::path& path, std::string_view content,
                 Sync sync) {
  std::string name = path.string() + ".XXXXXX";
  const UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return ErrnoError("write", path.string());
  Status status = WriteAll(fd.get(), content, path.string());
  if (status.ok() && ::fchmod(fd.get(), 0644) != 0) {
    status = ErrnoError("write", path.string());
  }
  if (status.ok() && sync == Sync::kYes && ::fsync(fd.get()) != 0) {
    status = ErrnoError("sync", path.string());
  }
  if (status.ok() && ::rename(name.c_str(), path.c_str()) != 0) {
    status = ErrnoError("write", path.string());
  }
  if (!status.ok()) ::unlink(name.c_str());
  return status;
}

Status MakeFolders(const std::filesystem::path& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) return ErrnoError("make folder", path.string(), code.value());
  return {};
}

Result<TemporaryFolder> TemporaryFolder::Make(std::string_view name) {
  std::error_code code;
  const std::filesystem::path base = std::filesystem::temp_directory_path(code);
  if (code) return ErrnoError("find", "temporary folder", code.value());
  // The name says whose it is: of a killed process the next start removes it.
  for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
    const std::filesystem::path path =
        base / (LeftoverName() + "." + std::string(name));
    if (::mkdir(path.c_str(), S_IRWXU) == 0) return TemporaryFolder(path);
    if (errno != EEXIST) return ErrnoError("make folder", path.string());
  }
  return Failed("make folder in " + base.string() + ": all names are taken");
}

TemporaryFolder::TemporaryFolder(std::filesystem::path path)
    : path_(std::move(path)) {}
TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}
TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace treesmith
