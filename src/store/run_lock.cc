#include "store/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace treesmith {
namespace {

// "process 4711", or "another process" where the file does not say.
std::string Holder(int fd) {
  std::string text(32, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  const size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || text.empty()) return "another process";
  return "process " + text.substr(0, digits);
}

}  // namespace

Result<RunLock> RunLock::Acquire(const std::filesystem::path& run_folder) {
  const std::string path = (run_folder / "run.lock").string();
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return ErrnoError("lock", run_folder.string());
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoError("lock", run_folder.string());
    return BadInput(
        "lock " + run_folder.string() + ": in use by " + Holder(fd.get()),
        "wait for it, end it, or start a new run");
  }
  const std::string text = std::to_string(::getpid()) + "\n";
  // Only the message to others depends on it, so a full disk is no reason to
  // refuse the lock.
  if (::ftruncate(fd.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t written =
        ::pwrite(fd.get(), text.data(), text.size(), 0);
  }
  return RunLock(std::move(fd));
}

}  // namespace treesmith
