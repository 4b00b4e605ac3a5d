#include "sandbox/collect.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/unique_fd.h"

namespace treesmith {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;

UniqueFd OpenBeneath(int folder, const std::string& name) {
  open_how how{};
  // O_NONBLOCK: a FIFO must not hold us.
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
                RESOLVE_NO_XDEV;
  return UniqueFd(static_cast<int>(
      syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how)));
}

// Never copies more than the cap, whatever the size said.
Status CopyBytes(int from, int to, int64_t size, const std::string& target) {
  int64_t left = size;
  while (left > 0) {
    const ssize_t copied = copy_file_range(from, nullptr, to, nullptr,
                                           static_cast<size_t>(left), 0);
    if (copied > 0) {
      left -= copied;
      continue;
    }
    if (copied == 0) return {};
    if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP) {
      return ErrnoError("write", target);
    }
    break;
  }
  std::vector<char> chunk(left > 0 ? kChunkBytes : 0);
  while (left > 0) {
    const size_t want = std::min(chunk.size(), static_cast<size_t>(left));
    const ssize_t got = read(from, chunk.data(), want);
    if (got == 0) return {};
    if (got < 0) return ErrnoError("read", target);
    for (ssize_t written = 0; written < got;) {
      const ssize_t step =
          write(to, chunk.data() + written, static_cast<size_t>(got - written));
      if (step < 0) return ErrnoError("write", target);
      written += step;
    }
    left -= got;
  }
  return {};
}

Status Deliver(int from, int64_t size, const std::filesystem::path& target) {
  TRY(MakeFolders(target.parent_path()));
  const std::string partial = target.string() + ".partial";
  UniqueFd to(open(partial.c_str(),
                   O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                   0644));
  if (!to) return ErrnoError("write", target.string());
  Status status = CopyBytes(from, to.get(), size, target.string());
  to.Reset();
  if (status.ok() && rename(partial.c_str(), target.c_str()) != 0) {
    status = ErrnoError("write", target.string());
  }
  if (!status.ok()) unlink(partial.c_str());
  return status;
}

// Why the file is not taken; nothing: take it.
std::optional<std::string> Refusal(const UniqueFd& file, int open_errno,
                                   const WantedFile& wanted,
                                   struct stat* info) {
  if (!file) {
    if (open_errno == ELOOP) return "it lies behind a symbolic link";
    return std::generic_category().message(open_errno);
  }
  if (fstat(file.get(), info) != 0 || !S_ISREG(info->st_mode)) {
    return "it is no regular file";
  }
  if (info->st_size > wanted.max_bytes) {
    return "its " + std::to_string(info->st_size) +
           " bytes are over the cap of " + std::to_string(wanted.max_bytes);
  }
  return std::nullopt;
}

}  // namespace

std::string NotTaken(const std::string& name) {
  return "working/" + name + " was not taken: ";
}

Status ClearOutbox(const std::vector<WantedFile>& wanted,
                   const std::filesystem::path& outbox) {
  for (const WantedFile& file : wanted) {
    const std::filesystem::path target = outbox / file.name;
    std::error_code code;
    std::filesystem::remove(target, code);
    if (code) return ErrnoError("remove", target.string(), code.value());
  }
  return {};
}

Result<std::vector<std::string>> CollectFiles(
    int folder, const std::vector<WantedFile>& wanted,
    const std::filesystem::path& outbox) {
  std::vector<std::string> notes;
  for (const WantedFile& file : wanted) {
    const UniqueFd source = OpenBeneath(folder, "working/" + file.name);
    const int open_errno = errno;
    if (!source && (open_errno == ENOENT || open_errno == ENOTDIR)) continue;
    struct stat info{};
    if (const auto refusal = Refusal(source, open_errno, file, &info)) {
      notes.push_back(NotTaken(file.name) + *refusal);
      continue;
    }
    TRY(Deliver(source.get(), info.st_size, outbox / file.name));
  }
  return notes;
}

}  // namespace treesmith
